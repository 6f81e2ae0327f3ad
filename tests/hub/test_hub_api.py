"""The hub over a real socket: who comes in, what is taken, what is refused and how, what readers are told."""

from __future__ import annotations

import gzip
import logging
import socket
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from random import Random
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hub_kit import NOW, Box, counted_by_hand, figures_kept, figures_remade, kept
from hub_rig import HubThread, claim
from postgres_kit import Postgres
from shipment_kit import crossings, shipment

from edge.core.clock import ManualClock
from edge.core.timekeeping import to_ms
from edge.hub.bodies import MOST_SMALL_BYTES
from edge.hub.secrecy import fresh_nonce, hashed, nonce_holds
from edge.storage.hub.registry import CLAIM_MS, Registry
from edge.storage.hub.store import HubStore
from edge.upstream.keys import DeviceKey, enrol_message, token_message
from edge.upstream.wire import MEDIA_TYPE, encode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Self

    from edge.core.shipment import Shipment

SITE = "Main street"
AUTUMN = to_ms(datetime(2026, 10, 25, 1, tzinfo=timezone.utc))
SPRING = to_ms(datetime(2026, 3, 29, 1, tzinfo=timezone.utc))
READER = "a-token-of-a-reader-that-is-long"


class Hub:
    """A hub, and what is sent to it."""

    def __init__(self, url: str, clock: ManualClock, **limits: int) -> None:
        self.database, self.clock = url, clock
        self.code = claim(url, SITE, clock.utc_now())
        self.rig = HubThread(url, clock, **limits)

    def __enter__(self) -> Self:
        self.rig.__enter__()
        self.web = httpx.Client(base_url=self.rig.url, timeout=20)
        self.key = DeviceKey.fresh()
        return self

    def __exit__(self, *_: object) -> None:
        self.web.close()
        self.rig.__exit__()

    def enrol(self, key: DeviceKey | None = None, code: str | None = None, **over: str) -> httpx.Response:
        key, code = key or self.key, code or self.code
        body = {"code": code, "public_key": key.public, "name": "door", "version": "1.2"}
        body["signature"] = key.sign(enrol_message(code, key.public))
        return self.web.post("/v1/enrol", json=body | over)

    def enrolled(self) -> str:
        answer = self.enrol()
        assert answer.status_code == 201, answer.text
        return str(answer.json()["token"])

    def batch(self, sent: Shipment | bytes, token: str, **headers: str) -> httpx.Response:
        body = sent if isinstance(sent, bytes) else encode(replace(sent, device=self.key.device))
        usual = {"Authorization": f"Bearer {token}", "Content-Type": MEDIA_TYPE, "Content-Encoding": "gzip"}
        return self.web.post("/v1/batches", content=body, headers=usual | headers)

    def token(self, nonce: str | None = None, key: DeviceKey | None = None) -> httpx.Response:
        nonce = nonce or self.web.get("/v1/nonce").json()["nonce"]
        signature = (key or self.key).sign(token_message(self.key.device, nonce))
        return self.web.post("/v1/token", json={"device": self.key.device, "nonce": nonce, "signature": signature})

    def store(self) -> HubStore:
        return HubStore.open(self.database)

    def read(self, path: str, **asked: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
        answer = self.web.get(path, params=asked, headers={"Authorization": f"Bearer {READER}"})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def add_reader(self) -> None:
        store = self.store()
        Registry(store).add_reader("panel", hashed(READER), to_ms(NOW))
        store.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(utc=NOW)


@pytest.fixture
def hub(url: str, clock: ManualClock) -> Iterator[Hub]:
    with Hub(url, clock) as hub:
        yield hub


def refused(answer: httpx.Response, status: int, *words: str) -> None:
    """Refused in one sentence that holds these words."""
    assert answer.status_code == status, answer.text
    sentence = answer.json()["error"]
    assert sentence.endswith((".", "?"))
    assert "\n" not in sentence
    for word in words:
        assert word in sentence


def rows(hub: Hub) -> int:
    store = hub.store()
    try:
        return len(kept(store, hub.key.device))
    finally:
        store.close()


def test_a_device_comes_in_with_its_code_and_sends(hub: Hub) -> None:
    token = hub.enrolled()
    answer = hub.batch(crossings(20), token)
    assert answer.status_code == 200
    assert answer.json()["cursor"] == crossings(20).last_seq
    assert hub.batch(crossings(20), token).status_code == 200
    assert rows(hub) == 20


def test_a_code_is_good_once_and_again_for_who_used_it(hub: Hub) -> None:
    hub.enrolled()
    again = hub.enrol()
    assert (again.status_code, again.json()["site"]) == (200, SITE)
    # Capitals and dashes are a matter of taste; what is signed is what is sent.
    assert hub.enrol(code=hub.code.upper().replace("-", " ")).status_code == 200
    refused(hub.enrol(DeviceKey.fresh()), 409, "used by another device")
    refused(hub.enrol(code="none-such-code"), 404, "no such code")
    refused(hub.enrol(signature=DeviceKey.fresh().sign(b"other")), 403, "signature")
    refused(hub.enrol(public_key="AAAA"), 422, "public key")


def test_a_code_is_good_for_a_week(hub: Hub, clock: ManualClock) -> None:
    clock.advance(CLAIM_MS / 1000 + 1)
    refused(hub.enrol(), 404, "its time is over")


def test_the_token_before_is_good_until_the_new_one_is_used(hub: Hub) -> None:
    old = hub.enrolled()
    assert hub.batch(crossings(1), old).status_code == 200
    new = hub.token().json()["token"]
    assert hub.batch(crossings(1), old).status_code == 200
    assert hub.batch(crossings(1), new).status_code == 200
    refused(hub.batch(crossings(1), old), 401, "not known")
    assert hub.batch(crossings(1), new).status_code == 200


def test_a_nonce_is_ours_and_five_minutes_old_at_most(hub: Hub, clock: ManualClock) -> None:
    hub.enrolled()
    nonce = hub.web.get("/v1/nonce").json()["nonce"]
    refused(hub.token(nonce, DeviceKey.fresh()), 401, "signature")
    refused(hub.token("AAAA" * 10), 401, "nonce")
    assert hub.token(nonce).status_code == 200
    clock.advance(301)
    refused(hub.token(nonce), 401, "nonce")
    secret = b"s" * 32
    assert nonce_holds(secret, fresh_nonce(secret, 10**12), 10**12)
    assert not nonce_holds(b"another", fresh_nonce(secret, 10**12), 10**12)


def test_a_revoked_device_is_told_so_and_its_code_does_not_help(hub: Hub, clock: ManualClock) -> None:
    token = hub.enrolled()
    store = hub.store()
    Registry(store).revoke("door", to_ms(clock.utc_now()))
    store.close()
    refused(hub.batch(crossings(3), token), 403, "revoked")
    refused(hub.token(), 403, "revoked")
    refused(hub.enrol(), 403, "revoked")
    assert rows(hub) == 0
    code = claim(hub.database, SITE, clock.utc_now())
    assert hub.batch(crossings(3), hub.enrol(code=code).json()["token"]).status_code == 200


def bomb() -> bytes:
    return gzip.compress(b" " * (64 * 2**20), 9)


BAD = {
    "no gzip": (b"{}", 400), "no JSON": (gzip.compress(b"{"), 400), "not a batch": (gzip.compress(b"[]"), 400),
    "deep": (gzip.compress(b"[" * 90_000), 400), "nothing": (b"", 400), "a bomb": (bomb(), 400),
    "newer": (gzip.compress(b'{"v": 99}'), 415), "cut": (encode(crossings(50))[:-20], 400),
    "too big": (b"x" * (2**20 + 1), 413),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_batch_is_refused_and_leaves_nothing(hub: Hub, name: str) -> None:
    body, status = BAD[name]
    refused(hub.batch(body, hub.enrolled()), status)
    assert rows(hub) == 0


def test_bad_rows_are_refused_whole(hub: Hub) -> None:
    token = hub.enrolled()
    good = crossings(5)
    negative = replace(good, crossings=replace(good.crossings, at_ms=-good.crossings.at_ms))
    refused(hub.batch(negative, token), 400, "at_ms")
    refused(hub.batch(encode(replace(good, device="a" * 16)), token), 403, "another device")
    gap = hub.batch(replace(good, after_seq=3, last_seq=40, crossings=good.crossings.part(3, 40)), token)
    refused(gap, 409)
    assert gap.json()["cursor"] == -1
    refused(hub.batch(good, token, **{"Content-Type": "application/json"}), 415)
    refused(hub.batch(good, token, **{"Content-Encoding": "br"}), 415)
    refused(hub.batch(good, "x" * 43), 401)
    refused(hub.web.post("/v1/batches", content=encode(good)), 401, "token")
    assert rows(hub) == 0


def test_a_body_that_says_it_is_too_big_is_not_read(hub: Hub) -> None:
    token = hub.enrolled()
    with socket.create_connection(("127.0.0.1", hub.rig.port), 10) as line:
        head = f"POST /v1/batches HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {token}\r\n"
        line.sendall(f"{head}Content-Type: {MEDIA_TYPE}\r\nContent-Length: 99999999999\r\n\r\n".encode())
        assert line.recv(4096).startswith(b"HTTP/1.1 413")
    refused(hub.web.post("/v1/enrol", content=b"x" * (MOST_SMALL_BYTES + 1)), 413)
    refused(hub.web.post("/v1/enrol", content=iter([b"x" * 9000] * 3)), 413)


def test_a_body_that_does_not_end_is_given_up(url: str, clock: ManualClock) -> None:
    with Hub(url, clock, body_s=1) as hub:
        token = hub.enrolled()
        with socket.create_connection(("127.0.0.1", hub.rig.port), 10) as line:
            head = f"POST /v1/batches HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {token}\r\n"
            line.sendall(f"{head}Content-Type: {MEDIA_TYPE}\r\nContent-Length: 500\r\n\r\nabc".encode())
            assert line.recv(4096).startswith(b"HTTP/1.1 408")


def test_who_sends_too_often_waits_whichever_process_is_asked(url: str, clock: ManualClock) -> None:
    with Hub(url, clock, batches_a_minute=4) as hub, HubThread(url, clock, batches_a_minute=4) as other:
        token = hub.enrolled()
        for _ in range(2):
            assert hub.batch(crossings(1), token).status_code == 200
            assert hub.batch(b"no batch", token).status_code == 400
        for place in (hub.rig.url, other.url):
            with httpx.Client(base_url=place) as web:
                answer = web.post("/v1/batches", headers={"Authorization": f"Bearer {token}"})
            refused(answer, 429, "too many")
            assert 1 <= int(answer.headers["Retry-After"]) <= 15
        clock.advance(16)
        assert hub.batch(crossings(1), token).status_code == 200


def test_guessing_codes_is_slow(url: str, clock: ManualClock) -> None:
    with Hub(url, clock, enrolments_a_minute=3) as hub:
        for number in range(3):
            refused(hub.enrol(code=f"guess {number}"), 404)
        refused(hub.enrol(), 429, "too often")
        clock.advance(60)
        assert hub.enrol().status_code == 201


def test_nothing_secret_is_logged(hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    token = hub.enrolled()
    hub.batch(b"no batch", token)
    hub.batch(crossings(2), token)
    hub.web.get(f"/v1/sites?token={token}")
    told = caplog.text
    assert "POST /v1/batches 200" in told
    assert hub.key.device in told
    for secret in (token, hub.code, hub.key.public):
        assert secret not in "\n".join(row for row in told.splitlines() if "acm.hub" in row)


@pytest.mark.parametrize("around_ms", [AUTUMN, SPRING], ids=["25 hours", "23 hours"])
def test_readers_are_told_what_happened_by_the_shops_clock(hub: Hub, around_ms: int) -> None:
    box = Box(Random(7), around_ms, spread_ms=20 * 3_600_000)
    box.live(300)
    token = hub.enrolled()
    assert hub.batch(box.batch(0, box.rows[-1].seq), token).status_code == 200
    hub.add_reader()
    day = datetime.fromtimestamp(around_ms / 1000, timezone.utc).date()
    span = {"first": str(day - timedelta(days=3)), "last": str(day + timedelta(days=3))}
    by_hand = counted_by_hand(box)
    found: dict[tuple[int, int, str], int] = {}
    hours, after = [], ""
    while after is not None:
        page = hub.read("/v1/counts", by="hour", limit=7, after=after, **span)
        hours += page["counts"]
        after = page["next"]
    for hour in hours:
        number = (datetime.fromisoformat(hour["day"]) - datetime(1970, 1, 1)).days  # noqa: DTZ001 - days, not moments
        for what, count in (("in", hour["ins"]), ("out", hour["outs"])):
            key = (number, hour["hour"], what)
            found[key] = found.get(key, 0) + count
    assert {key: count for key, count in found.items() if count} == {
        key: count for key, count in by_hand.items() if key[2] in ("in", "out")
    }
    assert len({(hour["start"], hour["line"]) for hour in hours}) == len(hours)
    days = hub.read("/v1/counts", by="day", per="site", **span)["counts"]
    assert sum(one["ins"] for one in days) == sum(count for key, count in by_hand.items() if key[2] == "in")
    inside = hub.read("/v1/occupancy", by="hour", site=SITE, **span)["occupancy"]
    assert sum(one["day"] == str(day) for one in inside) == (25 if around_ms == AUTUMN else 23)
    changes = {"in": 1, "out": -1, "change": 1, "stay_ds": 0}
    assert inside[-1]["inside"] == sum(changes[key[2]] * count for key, count in by_hand.items())
    stays = hub.read("/v1/stays", per="zone", **span)["stays"]
    mine = [row.values[1] for row in box.rows if row.kind == "zone_stays"]
    assert sum(one["stays"] for one in stays) == len(mine)
    assert sum(one["stays"] * one["mean_s"] for one in stays) == pytest.approx(sum(mine) / 10, rel=0.01)


def test_readers_are_told_how_devices_do(hub: Hub) -> None:
    box = Box(Random(1), AUTUMN)
    box.live(60)
    assert hub.batch(box.batch(0, box.rows[-1].seq), hub.enrolled()).status_code == 200
    hub.add_reader()
    (site,) = hub.read("/v1/sites")["sites"]
    assert site == {"name": SITE, "time_zone": "Europe/Berlin", "day_starts_h": 0, "devices": 1}
    (device,) = hub.read("/v1/devices", site=SITE)["devices"]
    assert (device["id"], device["name"], device["waiting"]) == (hub.key.device, "door", 71_500)
    assert datetime.fromisoformat(device["seen"].replace("Z", "+00:00")) == NOW
    mine = [row for row in box.rows if row.kind == "notices"]
    first = hub.read(f"/v1/devices/{hub.key.device}/notices", limit=2)
    rest = hub.read(f"/v1/devices/{hub.key.device}/notices", after=first["next"])
    assert len(first["notices"]) == 2
    assert len(first["notices"] + rest["notices"]) == len(mine)
    times = [one["at"] for one in first["notices"] + rest["notices"]]
    assert times == sorted(times, reverse=True)


def test_who_reads_needs_a_readers_token_and_sound_questions(hub: Hub) -> None:
    hub.add_reader()
    refused(hub.web.get("/v1/sites"), 401, "token")
    refused(hub.web.get("/v1/sites", headers={"Authorization": f"Bearer {hub.enrolled()}"}), 401)
    mine = {"Authorization": f"Bearer {READER}"}
    for path, asked, status in (
        ("/v1/counts", {"first": "x", "last": "2026-01-01"}, 422),
        ("/v1/counts", {"first": "2026-01-02", "last": "2026-01-01"}, 422),
        ("/v1/counts", {"first": "2026-01-02", "last": "2026-01-02", "after": "////"}, 422),
        ("/v1/occupancy", {"first": "2026-01-02", "last": "2026-01-02", "site": "none"}, 404),
        ("/v1/devices/none/notices", {}, 404), ("/nothing", {}, 404),
    ):  # fmt: skip
        refused(hub.web.get(path, params=asked, headers=mine), status)
    assert hub.web.get("/v1/counts", headers=mine).json() == {"counts": [], "next": None}, "of the last week"
    refused(hub.web.put("/v1/sites"), 405)


def test_the_page_explains_everything_and_loads_nothing(hub: Hub) -> None:
    page = hub.web.get("/docs").text
    described = hub.web.get("/openapi.json").json()
    for path in described["paths"]:
        assert path in page
    assert "src=" not in page
    assert "http://" not in page
    assert "https://" not in page


def test_a_hub_whose_database_is_away_says_so_and_comes_back(clock: ManualClock) -> None:
    with Postgres() as server, Hub(server.database(), clock) as hub:
        token = hub.enrolled()
        assert hub.batch(crossings(5), token).status_code == 200
        server.crash()
        for answer in (hub.batch(crossings(5), token), hub.web.get("/health"), hub.enrol()):
            refused(answer, 503)
            assert answer.headers["Retry-After"] == "5"
        server.start()
        more = shipment(crossings(5).last_seq, crossings(5).last_seq + 5)
        assert hub.batch(more, token).status_code == 200
        store = hub.store()
        assert len(kept(store, hub.key.device)) == 5
        assert figures_kept(store) == figures_remade(store)
        store.close()


