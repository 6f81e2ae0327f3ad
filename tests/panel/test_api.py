"""The REST interface: what it tells, page by page, to whom; and what may be asked by which role and token."""

from __future__ import annotations

import io
import json
import wave
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from panel.box import NOON, SETTINGS, Box, Browser, box
from storage_kit import Box as Recorder
from storage_kit import visit

from edge.core.masking import MASK
from edge.panel.api.routes import PLACE
from edge.panel.auth.rights import SCOPES, Right, Role, rights_of
from edge.storage.records import Heat, ZoneStay

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from edge.storage.records import Record

# Every call, and the right it needs.
CALLS = [
    ("GET", "/status", None, Right.SEE),
    ("GET", "/counts", None, Right.SEE),
    ("GET", "/occupancy", None, Right.SEE),
    ("GET", "/visits", None, Right.SEE),
    ("GET", "/flow", None, Right.SEE),
    ("GET", "/stays", None, Right.SEE),
    ("GET", "/density", None, Right.SEE),
    ("GET", "/zones", None, Right.SEE),
    ("GET", "/heat?camera=door", None, Right.SEE),
    ("GET", "/relays", None, Right.SEE),
    ("POST", "/relays/lamp", {"turn": "on"}, Right.SWITCH),
    ("POST", "/chime", {}, Right.RING),
    ("GET", "/sounds", None, Right.RING),
    ("POST", "/sounds?name=x", None, Right.SET),
    ("GET", "/settings", None, Right.SET),
    ("PATCH", "/settings", {"edits": [{"place": ["sound", "volume"], "value": 0.5}]}, Right.SET),
    ("GET", "/settings/changes", None, Right.SET),
    ("POST", "/settings/changes/4711/revert", None, Right.SET),
]
# A door with a zone and a secret in its address, and a password.
SHOP = (
    SETTINGS.replace('"sim"', '"rtsp://ada:lovelace@10.0.0.9/live?key=hidden"')
    + '[[camera.zone]]\nname = "shelf"\ncorners = [[0.1, 0.1], [0.5, 0.1], [0.5, 0.5]]\n'
    + '[mqtt]\nenabled = true\nhost = "broker"\nuser = "ada"\npassword = "lovelace"\n'
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    folder = tmp_path_factory.mktemp("shop")
    record(folder)
    with box(folder, SHOP) as shop:
        yield shop


def record(folder: Path) -> None:
    """Forty people in the four hours before noon, each for ten minutes, and two the day before."""
    recorder = Recorder(folder / "records.db", clock=NOON - timedelta(days=2))
    store = recorder.start()
    store.append(sorted_rows(86_400.0, 2, 60.0))
    start_s, end_s = (48 - 4) * 3600.0, 48 * 3600.0 - 60.0
    recorder.wait(2 * 86_400.0)
    recorder.look()
    store.append(sorted_rows(start_s, 40, 330.0))
    store.append([ZoneStay(end_s, "door", "till", 45.0)] * 3)
    store.append([Heat(end_s, "door", 3600.0, 3, (0.0, 1.5, 0.0, 0.0, 0.0, 12.0))])
    recorder.stop()


def sorted_rows(start_s: float, people: int, apart_s: float) -> list[Record]:
    rows = [row for number in range(people) for row in visit(start_s + apart_s * number, 600.0)]
    return sorted(rows, key=lambda row: row.uptime_s)


def called(browser: Browser, method: str, path: str, body: object, csrf: str = "") -> int:
    how = {} if body is None else {"json": body}
    return browser.send(method, PLACE + path, headers={"X-CSRF-Token": csrf} if csrf else {}, **how).status_code


@pytest.mark.parametrize("role", list(Role))
def test_a_role_may_do_what_it_may_and_nothing_else(shop: Box, role: Role) -> None:
    browser = shop.signed_in(f"user {role.value}", role)
    csrf = shop.csrf(browser)
    for method, path, body, right in CALLS:
        code = called(browser, method, path, body, csrf)
        # The counter is not there: whoever may ask is told so.
        assert (code == 403) == (right not in role.rights), (method, path, code)
        if method != "GET":
            assert called(browser, method, path, body) == 403, "a call without what only our page knows"
            assert called(browser, method, path, body, "guessed") == 403


@pytest.mark.parametrize("scope", SCOPES)
def test_a_token_may_do_what_it_was_made_for(shop: Box, scope: str) -> None:
    program = shop.token(scope)
    for method, path, body, right in CALLS:
        code = called(program, method, path, body)
        assert (code == 403) == (right not in rights_of(frozenset({scope}))), (scope, path, code)


def test_a_token_ends_and_is_no_way_into_the_pages(shop: Box) -> None:
    program = shop.token("read", "settings", days=1)
    assert program.get("/").headers["location"] == "/sign-in?to=/"
    assert program.get(f"{PLACE}/status").status_code == 200
    for wrong in ("Bearer acm_wrong", "Bearer", "Basic QWRhOnBhc3M="):
        assert shop.browser(Authorization=wrong).get(f"{PLACE}/status").status_code == 401, wrong
    before = shop.clock.utc_now()
    shop.clock.set_utc(before + timedelta(days=2))
    assert program.get(f"{PLACE}/status").status_code == 401
    shop.clock.set_utc(before)


def test_counts_come_by_the_hour_and_day_page_by_page(shop: Box) -> None:
    program = shop.token("read")
    today = program.get(f"{PLACE}/counts").json()
    assert sum(row["ins"] for row in today["items"]) == 40
    assert {row["line"] for row in today["items"]} == {"entrance"}
    days = program.get(f"{PLACE}/counts", params={"by": "day", "from": "2026-11-24", "to": "2026-11-25"}).json()
    told = [(row["day"], row["ins"], row["outs"]) for row in days["items"]]
    assert told == [("2026-11-24", 2, 2), ("2026-11-25", 40, 40)]
    found, after = [], 0
    while after is not None:
        page = program.get(f"{PLACE}/counts", params={"limit": 2, "after": after}).json()
        assert len(page["items"]) <= 2
        found += page["items"]
        after = page["next"]
    assert found == today["items"]


def test_levels_and_visits_come_page_by_page(shop: Box) -> None:
    program = shop.token("read")
    levels = program.get(f"{PLACE}/occupancy", params={"by": "day"}).json()
    assert levels["inside"] is None, "the counter is not there"
    assert levels["items"][0]["peak"] == 2
    visits, after = [], 0
    while after is not None:
        page = program.get(f"{PLACE}/visits", params={"limit": 17, "after": after}).json()
        visits += page["items"]
        after = page["next"]
    assert len(visits) == 42
    assert {visit["stay_s"] for visit in visits} == {600.0}
    assert [visit["seq"] for visit in visits] == sorted({visit["seq"] for visit in visits})


def test_flow_density_and_stays_are_those_of_the_records(shop: Box) -> None:
    program = shop.token("read")
    days = {"from": "2026-11-24", "to": "2026-11-25"}
    flow = program.get(f"{PLACE}/flow", params=days).json()["items"]
    told = [(part["first"], part["ins"], part["outs"]) for part in flow]
    assert told == [("2026-11-24", 2, 2), ("2026-11-25", 40, 40)]
    hours = program.get(f"{PLACE}/flow", params={"by": "hour", "limit": 24}).json()
    assert len(hours["items"]) == 24, "also those in which nobody came"
    assert sum(part["ins"] for part in hours["items"]) == 40
    assert hours["next"] is None
    assert not any(part["ins"] for part in program.get(f"{PLACE}/flow", params={"line": "no such"}).json()["items"])
    density = program.get(f"{PLACE}/density", params=days).json()
    assert [sum(row) for row in density["ins"]] == [0, 2, 40, 0, 0, 0, 0]
    assert density["days"] == [0, 1, 1, 0, 0, 0, 0]
    stays = program.get(f"{PLACE}/stays", params={**days, "limit": 1}).json()
    assert (stays["together"]["count"], stays["together"]["mean_s"], stays["next"]) == (42, 600.0, 1)


def test_zones_and_where_people_stood(shop: Box) -> None:
    program = shop.token("read")
    days = {"from": "2026-11-24", "to": "2026-11-25"}
    zones = {zone["zone"]: zone for zone in program.get(f"{PLACE}/zones", params=days).json()["items"]}
    assert zones["shelf"]["corners"][0] == [0.1, 0.1]
    assert zones["shelf"]["stays"] == {"count": 0, "mean_s": None, "median_s": None, "nine_of_ten_s": None}
    assert zones["till"]["corners"] is None, "it is no longer drawn"
    assert (zones["till"]["stays"]["count"], zones["till"]["stays"]["mean_s"]) == (3, 45.0)
    heat = program.get(f"{PLACE}/heat", params={**days, "camera": "door"}).json()
    assert (heat["rows"], heat["columns"], heat["person_seconds"]) == (2, 3, [[0.0, 1.5, 0.0], [0.0, 0.0, 12.0]])
    before = program.get(f"{PLACE}/heat", params={"camera": "door", "from": "2026-10-01", "to": "2026-10-02"}).json()
    assert (before["rows"], before["person_seconds"]) == (0, [])
    assert "no camera" in program.get(f"{PLACE}/heat", params={"camera": "attic"}).json()["error"]
    assert program.get(f"{PLACE}/heat").status_code == 422


def patched(program: Browser, edits: list[list[object]], mark: str | None = None, **query: str) -> httpx.Response:
    told = {"edits": [{"place": place, "value": value} for place, value in edits]}
    headers = {} if mark is None else {"If-Match": mark}
    return program.send("PATCH", f"{PLACE}/settings", json=told, headers=headers, params=query)


def test_settings_are_told_without_secrets_and_changed_by_one_at_a_time(shop: Box) -> None:
    program = shop.token("settings")
    answer = program.get(f"{PLACE}/settings")
    assert "lovelace" not in answer.text
    assert "hidden" not in answer.text
    assert answer.json()["settings"]["mqtt"]["password"] == MASK
    assert answer.json()["settings"]["camera"][0]["source"] == "rtsp://***@10.0.0.9/live?key=***"
    mark, quieter = answer.headers["ETag"], [["sound", "volume"], 0.25]
    shown = patched(program, [quieter], dry_run="true")
    assert shown.json() == {
        "dry_run": True, "changed": [{"place": "sound.volume", "before": 0.8, "after": 0.25}], "waiting": [],
    }  # fmt: skip
    assert not shop.files.overrides.exists(), "it was only asked"
    assert patched(program, [quieter]).status_code == 428
    made = patched(program, [quieter, [["mqtt", "password"], "a new one"]], mark)
    assert made.status_code == 200
    assert "a new one" not in made.text
    assert shop.panel.settings.config.sound.volume == 0.25
    late = patched(program, [[["sound", "volume"], 0.9]], mark)
    assert late.status_code == 412, "somebody was faster"
    assert shop.panel.settings.config.sound.volume == 0.25
    assert patched(program, [[["sound", "volume"], 0.9]], made.headers["ETag"]).status_code == 200
    assert "a new one" not in program.get(f"{PLACE}/settings").text
    changes = program.get(f"{PLACE}/settings/changes", params={"limit": 1}).json()
    assert changes["items"][0]["changed"] == [{"place": "sound.volume", "before": 0.25, "after": 0.9}]
    first = program.get(f"{PLACE}/settings/changes", params={"after": changes["next"]}).json()["items"][0]
    assert "a new one" not in json.dumps(first)
    for number, volume in ((changes["items"][0]["number"], 0.25), (first["number"], 0.8)):
        path = f"{PLACE}/settings/changes/{number}/revert"
        assert program.send("POST", path, headers={"If-Match": mark}).status_code == 412
        assert program.post(path).status_code == 200
        assert shop.panel.settings.config.sound.volume == volume
    assert "nothing that undoes" in program.post(f"{PLACE}/settings/changes/4711/revert").json()["error"]
    for edits in ([[["mqtt", "password"], "secret-one"]], [[["mqtt", "password"], "secret-two"]],
                  [[["mqtt"], {"user": "bob", "password": "secret-three"}]], [[["mqtt"], None]]):  # fmt: skip
        assert patched(program, edits, "*").status_code == 200
    kept = repr(shop.panel.store.audit.latest(10))
    assert "bob" in kept
    assert "secret-" not in kept, "what the panel keeps of changes holds no password"


def test_sounds_are_listed_and_taken_with_the_checks_of_an_upload(shop: Box) -> None:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(bytes(3200))
    program = shop.token("chime", "settings")

    def add(name: str, data: bytes) -> httpx.Response:
        return program.post(f"{PLACE}/sounds", params={"name": name}, content=data)

    assert add("../Our welcome", file.getvalue()).json() == {"name": "Our-welcome.wav", "own": True}
    told = program.get(f"{PLACE}/sounds").json()
    assert told[0] == {"name": "Our-welcome.wav", "own": True}
    assert {"name": "bell", "own": False} in told
    for name, data, why in (("our-welcome.wav", file.getvalue(), "already"), ("x", b"RIFFno", "no sound"),
                            ("big", bytes(6_000_001), "too big")):  # fmt: skip
        answer = add(name.replace("our", "Our"), data)
        assert answer.status_code == 400
        assert why in answer.json()["error"]
    assert shop.token("chime").post(f"{PLACE}/sounds?name=x", content=file.getvalue()).status_code == 403


@pytest.mark.parametrize(
    ("edits", "why"),
    [
        ([[["sound", "volume"], 7]], "loudness from 0 to 1"),
        ([[["sound", "volum"], 1]], "volume"),
        ([[["sound", "volume"], 0.2], [["sound", "volume", "left"], 1]], "no table"),
        ([[["camera", "door"], 7]], "has to be a table"),
        ([[["camera"], 7], [["camera", "door", "fps"], 5]], "no list of tables"),
        ([[["camera", "door", "fps"], [None]]], "null"),
        ([[["a\n]b"], {"": [{"x": "\0"}]}]], "no such setting"),
        ([[["site", "name"], "\ud800"]], "half a character"),
        ([[["site", "name"], [[[[[[[[[["deep"]]]]]]]]]]]], "nested"),
        ([], "edits"),
    ],
)
def test_a_change_that_makes_no_sense_changes_nothing(shop: Box, edits: list[list[object]], why: str) -> None:
    told = json.dumps({"edits": [{"place": place, "value": value} for place, value in edits]})
    headers = {"If-Match": "*", "Content-Type": "application/json"}
    before = shop.panel.settings.mark
    answer = shop.token("settings").send("PATCH", f"{PLACE}/settings", content=told, headers=headers)
    assert answer.status_code in (400, 422)
    assert why in answer.json()["error"]
    assert shop.panel.settings.mark == before


@pytest.mark.parametrize(
    "query",
    ["from=2026-11-26&to=2026-11-25", "from=0001-01-01", "from=2020-01-01", "to=9999-12-31", "by=minute", "limit=0",
     "limit=100000", "after=-1", "from=yesterday", "after=99999999999999999999"],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_a_sentence(shop: Box, query: str) -> None:
    answer = shop.token("read").get(f"{PLACE}/counts?{query}")
    assert answer.status_code in (400, 422)
    assert answer.json()["error"]


def test_it_describes_itself_and_every_call_in_it_is_tried_here(shop: Box) -> None:
    told = shop.token("read").get(f"{PLACE}/openapi.json").json()
    assert told["openapi"].startswith("3.")
    paths = told["paths"].items()
    described = {
        (method.upper(), path.replace("{name}", "lamp").replace("{number}", "4711"))
        for path, ways in paths for method in ways
    }  # fmt: skip
    assert described == {(method, path.partition("?")[0]) for method, path, _, _ in CALLS} | {("GET", "/events")}
    assert json.dumps(told).count("acm_") == 1


def test_the_counter_that_is_not_there_is_told(shop: Box) -> None:
    program = shop.token("read", "relay", "chime")
    status = program.get(f"{PLACE}/status").json()
    assert status["counter"] is None
    assert status["health"]["level"] == "bad"
    for path, body in (("/relays/lamp", {"turn": "on"}), ("/chime", {})):
        answer = program.post(PLACE + path, json=body)
        assert answer.status_code == 503
        assert "is not running" in answer.json()["error"]
    assert program.post(f"{PLACE}/relays/lamp", json={"turn": "explode"}).status_code == 422
    assert program.post(f"{PLACE}/relays/lamp", json={"turn": "on", "more": 1}).status_code == 422
    assert program.post(f"{PLACE}/relays/lamp", content=b"{").status_code == 422
    assert program.get(f"{PLACE}/nothing").json()["error"] == "Not Found"


def test_records_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    with box(tmp_path) as empty:
        answer = empty.token("read").get(f"{PLACE}/counts")
        assert answer.status_code == 503
        assert "there are no records" in answer.json()["error"]


def test_who_calls_too_often_is_told_to_wait(tmp_path: Path) -> None:
    with box(tmp_path) as slow:
        program = slow.token("read")
        codes = [program.get(f"{PLACE}/status").status_code for _ in range(70)]
        assert codes == [200] * 60 + [429] * 10
        slow.clock.advance(1)
        assert program.get(f"{PLACE}/status").status_code == 200
