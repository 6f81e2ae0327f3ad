"""What the box is linked with: forms made of the schema, and how each does, by what the counter tells."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from panel.box import SETTINGS, box

from edge.config.change import Edit
from edge.config.load import config_from
from edge.host.control_wire import NotRunningError
from edge.panel.actions import NotAllowedError
from edge.panel.actions_linked import Linked
from edge.panel.auth.rights import Right, Role
from edge.panel.auth.visitor import Visitor
from edge.panel.form_of import Kind, asked_of, edits_of
from edge.panel.linked import LINKS, OFF, Link, Standing, links, standing

if TYPE_CHECKING:
    from pathlib import Path

BROKER = '[mqtt]\nenabled = true\nhost = "broker"\nuser = "ada"\npassword = "lovelace"\ncommands = ["chime"]\n'
HUB = '[upstream]\nenabled = true\nurl = "https://hub.example.org"\n'
UPSTREAM, MQTT, MAIL = LINKS


def test_a_table_is_a_form_that_never_shows_a_secret() -> None:
    table = config_from(SETTINGS + BROKER, "x").mqtt
    asked = {one.key: one for one in asked_of(table)}
    assert asked["password"] == asked["password"].__class__(
        "password", Kind.SECRET, "", 'a password of up to 200 characters, or ""', is_set=True
    )
    kinds = {key: one.kind for key, one in asked.items()}
    assert (kinds["enabled"], kinds["port"], kinds["host"], kinds["commands"]) == (
        Kind.SWITCH, Kind.NUMBER, Kind.TEXT, Kind.LIST,
    )  # fmt: skip
    assert (asked["enabled"].value, asked["port"].value, asked["commands"].value) == ("true", "0", "chime")
    transport = {one.key: one for one in asked_of(config_from(SETTINGS, "x").upstream)}["transport"]
    assert (transport.kind, transport.options) == (Kind.CHOICE, ("http", "mqtt"))
    assert "lovelace" not in repr(asked)


def test_only_what_was_typed_anew_is_an_edit() -> None:
    table = config_from(SETTINGS + BROKER, "x").mqtt
    as_it_is = {one.key: one.value for one in asked_of(table)}
    assert edits_of("mqtt", table, as_it_is) == []
    assert edits_of("mqtt", table, {}) == []
    typed = {**as_it_is, "enabled": "false", "port": " 1884 ", "commands": "chime, relay:lamp ,", "password": "new"}
    assert edits_of("mqtt", table, typed) == [
        Edit(("mqtt", "enabled"), value=False), Edit(("mqtt", "port"), 1884), Edit(("mqtt", "password"), "new"),
        Edit(("mqtt", "commands"), ["chime", "relay:lamp"]),
    ]  # fmt: skip
    assert edits_of("mqtt", table, {"port": "many"}) == [Edit(("mqtt", "port"), "many")], "the schema tells"
    upstream = config_from(SETTINGS, "x").upstream
    assert edits_of("upstream", upstream, {"interval_s": "7,5"}) == [Edit(("upstream", "interval_s"), 7.5)]


def test_a_list_names_what_has_a_card_and_what_is_not_there_yet_is_left_out() -> None:
    config = config_from(SETTINGS, "x")
    assert [link.table for link in links(config)] == ["upstream", "mqtt", "mail"]
    assert all(key in type(config).model_fields[link.table].default.__class__.model_fields
               for link in LINKS for key in link.first)  # fmt: skip
    assert Link("weather") not in links(config)


def hub(**more: object) -> dict[str, Any]:
    return {"upstream": {"state": "running", "why": "", "waiting": 0, **more}}


@pytest.mark.parametrize(
    ("link", "settings", "status", "expected"),
    [
        (MQTT, "", {}, OFF),
        (UPSTREAM, "", hub(), OFF),
        (MAIL, "", {}, OFF),
        (MAIL, '[mail]\nhost = "m"\nsender = "a@b.org"\n', None, Standing("good", "linked.mail_set")),
        (MQTT, BROKER, None, Standing("warn", "linked.unknown")),
        (MQTT, BROKER, {}, Standing("warn", "linked.at_start")),
        (MQTT, BROKER, {"broker": {"state": "connected", "why": ""}}, Standing("good", "linked.connected")),
        (MQTT, BROKER, {"broker": {"state": "away", "why": "no"}}, Standing("bad", "linked.away", "no")),
        (UPSTREAM, HUB, {}, Standing("warn", "linked.at_start")),
        (UPSTREAM, HUB, hub(waiting=3), Standing("good", "linked.running", "", 3)),
        (UPSTREAM, HUB, hub(state="failing", why="x"), Standing("bad", "linked.failing", "x")),
        (UPSTREAM, HUB, hub(state="refused", why="x"), Standing("bad", "linked.refused", "x")),
        (UPSTREAM, HUB, hub(state="closed"), Standing("warn", "linked.not_yet", "closed")),
    ],
)
def test_how_a_link_does(link: Link, settings: str, status: dict[str, Any] | None, expected: Standing) -> None:
    assert standing(link, config_from(SETTINGS + settings, "x"), status) == expected


def test_trying_is_for_owners_and_says_that_the_counter_is_not_there(tmp_path: Path) -> None:
    with box(tmp_path, SETTINGS + BROKER) as shop:
        linked = Linked(shop.panel)
        technician = Visitor("Tim", Role.TECHNICIAN.rights, "here")
        owner = Visitor("Ada", frozenset(Right), "here")
        words = shop.panel.languages.get("en")
        for link in (UPSTREAM, MQTT):
            with pytest.raises(NotAllowedError):
                asyncio.run(linked.try_link(technician, link))
            with pytest.raises(NotRunningError):
                asyncio.run(linked.try_link(owner, link))
        with pytest.raises(NotAllowedError):
            asyncio.run(linked.try_mail(technician, "a@b.org", words))
        with pytest.raises(NotRunningError):
            asyncio.run(linked.try_mail(owner, "a@b.org", words))
