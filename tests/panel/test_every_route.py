"""Every route there is, also those that come: who gets at it, with what, and where made-up names lead.

Routes are read off the application itself, calls of the API off its own description. What is open to strangers, and
what somebody who only looks may fetch, is named here; whatever is not named has to be refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from fastapi.routing import APIRoute
from panel.box import HOME, PASSWORD, Box, Browser, box, form_key, sign_in

from edge.panel.api.routes import PLACE
from edge.panel.app import base_app
from edge.panel.auth.rights import SCOPES, Role
from edge.panel.gate import SAFE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OPEN = {
    "/sign-in", "/claim/{code}", "/enter/{code}", "/display/key/{token}", "/manifest.webmanifest", "/sw.js", "/offline",
}  # fmt: skip
# Beside the API, what a viewer may fetch; the wall shows what a viewer may see.
VIEWERS = {
    "/statistics/{sheet}/{figure}.csv", "/reports/files/{key}/{name}", "/pictures", "/display", "/display/now",
}  # fmt: skip
FORMS = {"/sign-in", "/sign-out", "/claim/{code}"}
# Tells what happens for as long as somebody listens.
ENDLESS = f"{PLACE}/events"
OUTSIDE = (
    "..%2f..%2f..%2f..%2fetc%2fpasswd", "%2e%2e%2facm.toml", "..%2facm.toml", "....//....//etc/passwd",
    "%2fetc%2fpasswd", "..%5c..%5cacm.toml", "..%2foverrides.toml", "panel.db", "acm.toml%00.wav",
    "%c0%ae%c0%ae%c0%afpasswd", "~root",
)  # fmt: skip
INSIDE_OF_FILES = (b"root:", b"SQLite format", b"[site]", b"[camera")
NO_SOUNDS = {
    "page.wav": b"<html><script>alert(1)</script></html>", "picture.wav": b"<svg onload='alert(1)'/>",
    "program.wav": b"\x7fELF" + bytes(200), "bomb.wav": b"PK\x03\x04" + bytes(200), "empty.wav": b"",
    "wave.wav": b"RIFF" + bytes(4) + b"AVI " + bytes(200), "settings.toml": b"[site]\nname = 'mine'\n",
}  # fmt: skip


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    with box(tmp_path_factory.mktemp("shop")) as shop:
        yield shop


@pytest.fixture(autouse=True)
def _a_while_later(shop: Box) -> None:
    """Whoever called often may call again."""
    shop.clock.advance(60.0)


def places(shop: Box) -> list[tuple[str, str]]:
    """Every route beside the API: method and place."""
    found = []
    for one in base_app(shop.panel).routes:
        # Newer versions of the framework keep a router that was taken in as a whole.
        routes = getattr(one, "original_router", None)
        found += [one] if routes is None else list(routes.routes)
    return [(method, one.path) for one in found if isinstance(one, APIRoute) for method in sorted(one.methods)]


def operations(shop: Box) -> list[tuple[str, str]]:
    """Every call of the API, by its description."""
    told = shop.token("read").get(f"{PLACE}/openapi.json").json()
    return [(method.upper(), PLACE + path) for path, ways in told["paths"].items() for method in ways]


def filled(place: str, value: str = "1") -> str:
    """An address of a route, with the same word for each of its blanks."""
    start, brace, rest = place.partition("{")
    return place if not brace else start + value + filled(rest.partition("}")[2], value)


def called(browser: Browser, method: str, place: str, **headers: str) -> int:
    how: dict[str, Any] = {} if method in SAFE else {"json": {}}
    return browser.send(method, place, headers=headers, **how).status_code


def test_strangers_get_at_nothing_that_is_not_named_here(shop: Box) -> None:
    stranger = shop.browser()
    assert {place for _, place in places(shop)} >= OPEN
    for method, place in places(shop):
        code = called(stranger, method, filled(place))
        assert place in OPEN or code in (303, 401), (method, place, code)
    for method, place in operations(shop):
        assert called(stranger, method, filled(place)) == 401, (method, place)


def test_who_only_looks_gets_at_nothing_that_is_not_named_here(shop: Box) -> None:
    viewer = shop.signed_in("Vera", Role.VIEWER)
    csrf = shop.csrf(viewer)
    for method, place in places(shop):
        if place not in OPEN | FORMS | VIEWERS:
            assert called(viewer, method, filled(place), **{"X-CSRF-Token": csrf}) in (403, 404), (method, place)
    for method, place in operations(shop):
        if method not in SAFE:
            assert called(viewer, method, filled(place), **{"X-CSRF-Token": csrf}) == 403, (method, place)


@pytest.mark.parametrize("scope", SCOPES)
def test_a_token_changes_nothing_it_was_not_made_for(shop: Box, scope: str) -> None:
    program = shop.token(scope)
    may = {"chime": ("/chime",), "relay": ("/relays",), "settings": ("/settings", "/sounds")}.get(scope, ())
    for method, place in operations(shop):
        if place == ENDLESS and "read" in scope:
            continue
        shop.clock.advance(1.0)
        code = called(program, method, filled(place))
        if scope == "display" or (method not in SAFE and not place.startswith(tuple(PLACE + name for name in may))):
            assert code == 403, (scope, method, place, code)
        else:
            assert code != 401
    for method, place in places(shop):
        if place not in OPEN:
            assert called(program, method, filled(place)) in (303, 401), (scope, method, place)


def test_nothing_is_changed_for_a_page_of_another_site(shop: Box) -> None:
    """Not for its origin, not without what our page was told, and not by a link."""
    owner = shop.signed_in("Olga")
    csrf = shop.csrf(owner)
    changing = [(method, place) for method, place in [*places(shop), *operations(shop)] if method not in SAFE]
    assert len(changing) >= 8
    for method, place in changing:
        shop.clock.advance(10.0)
        for origin in ("http://evil.example", "null", HOME.replace("http:", "https:") + ".evil.example"):
            assert called(owner, method, filled(place), Origin=origin, **{"X-CSRF-Token": csrf}) == 403, (place, origin)
        if place.startswith(PLACE):
            assert called(owner, method, filled(place)) == 403, place
            assert called(owner, method, filled(place), **{"X-CSRF-Token": "0" * len(csrf)}) == 403, place
        for stale in ({}, {"csrf": ""}, {"csrf": csrf[::-1]}):
            if place in FORMS:
                answer = owner.send(method, filled(place), data=stale)
                assert answer.status_code in (400, 403, 404), (place, stale)
        # What a link or a picture of another site can do: nothing is changed by looking.
        if ("GET", place) not in [*places(shop), *operations(shop)]:
            assert called(owner, "GET", filled(place)) in (404, 405), place
    assert owner.get(f"{PLACE}/status").status_code == 200, "still signed in"


@pytest.mark.parametrize("outside", OUTSIDE)
def test_no_name_in_an_address_leads_to_a_file(shop: Box, outside: str) -> None:
    owner = shop.signed_in(f"Owner {OUTSIDE.index(outside)}")
    for method, place in [*places(shop), *operations(shop)]:
        if method != "GET" or "{" not in place:
            continue
        answer = owner.get(filled(place, outside))
        assert answer.status_code < 500, (place, outside)
        assert not any(inside in answer.content for inside in INSIDE_OF_FILES), (place, outside)
    for place in ("/static/", "/_nicegui/", f"{PLACE}/../", "/manage/files/sound/../"):
        answer = owner.get(place + outside)
        assert answer.status_code in (303, 400, 403, 404, 405), (place, outside)
        assert not any(inside in answer.content for inside in INSIDE_OF_FILES), (place, outside)


@pytest.mark.parametrize("name", NO_SOUNDS)
def test_what_is_no_sound_is_not_kept_by_the_api(shop: Box, name: str) -> None:
    program = shop.token("settings")
    answer = program.post(f"{PLACE}/sounds?name={name}", content=NO_SOUNDS[name])
    assert answer.status_code == 400, answer.text
    assert list(shop.panel.settings.files.overrides.parent.rglob(f"{name.partition('.')[0]}*")) == []


def test_an_upload_that_does_not_end_is_cut_off(shop: Box) -> None:
    program = shop.token("settings")

    async def endless() -> Any:  # noqa: ANN401 - an iterator of bytes
        for _ in range(400):
            yield bytes(100_000)

    answer = program.post(f"{PLACE}/sounds?name=long.wav", content=endless())
    assert answer.status_code in (400, 413), answer.text
    assert program.post(f"{PLACE}/sounds?name=long.wav", headers={"Content-Length": "99999999"}).status_code == 413
    assert list(shop.panel.settings.files.overrides.parent.rglob("long*")) == []


def test_claiming_a_box_takes_no_session_that_was_slipped_in(tmp_path: Path) -> None:
    with box(tmp_path) as fresh:
        fresh.user("Eve", Role.VIEWER)
        eve, victim = fresh.browser(), fresh.browser()
        sign_in(eve, "Eve")
        slipped = eve.cookies["acm_session"]
        for way in ("claim", "enter"):
            code = fresh.panel.doorman.claim_code() if way == "claim" else fresh.panel.doorman.guest_code()
            headers = {"Cookie": f"acm_session={slipped}"}
            if way == "claim":
                key = form_key(victim.get(f"/claim/{code}"))
                form = {"csrf": key, "name": "Ada", "password": PASSWORD, "again": PASSWORD}
                answer = victim.post(f"/claim/{code}", data=form,
                                     headers={"Cookie": f"acm_form={key}; acm_session={slipped}"})  # fmt: skip
            else:
                answer = victim.get(f"/enter/{code}", headers=headers)
            assert answer.status_code == 303
            made = victim.cookies["acm_session"]
            assert made != slipped
            assert eve.get("/manage/files/settings").status_code in (401, 403), "she is what she was"


def test_trying_codes_and_tokens_without_end_is_cut_off(tmp_path: Path) -> None:
    with box(tmp_path) as fresh:
        fresh.user("Ada")
        for place in ("/claim/{}", "/display/key/acm_{}"):
            fresh.clock.advance(60.0)
            guesser = fresh.browser()
            codes = [guesser.get(place.format(number)).status_code for number in range(340)]
            assert set(codes[:300]) <= {303, 403, 404}, place
            assert codes[-1] == 429, place
        fresh.clock.advance(60.0)
        codes = [fresh.browser(Authorization=f"Bearer acm_{number}").get(f"{PLACE}/status").status_code
                 for number in range(340)]  # fmt: skip
        assert set(codes[:300]) == {401}
        assert codes[-1] == 429
