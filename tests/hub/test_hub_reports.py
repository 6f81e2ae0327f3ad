"""Reports over a real socket: what a device may send, what is refused and how, and what readers fetch."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hub_kit import NOW, SITE, opened
from hub_rig import HubThread
from shipment_kit import DEVICE, crossings

from edge.core.clock import ManualClock
from edge.core.reportfile import MOST_REPORT_BYTES
from edge.core.timekeeping import to_ms
from edge.hub.secrecy import hashed
from edge.storage.hub.registry import Registry
from edge.storage.hub.store import HubStore
from edge.upstream.wire import MEDIA_TYPE, encode

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN, READER = "a-token-of-a-device-that-is-long", "a-token-of-a-reader-that-is-long"
PDF, PNG = b"%PDF-1.7\n%\xe2\xe3", b"\x89PNG\r\n\x1a\n rest"
WEEK = {
    "report": "Weekly 'für' alle", "every": "week", "first": "2026-11-16", "last": "2026-11-22",
    "file": "report-2026-W47.pdf",
}  # fmt: skip


@dataclass
class Hub:
    """A hub that knows a device and a reader, and how they ask."""

    database: str
    clock: ManualClock
    web: httpx.Client

    def send(self, body: Any = PDF, token: str = TOKEN, kind: str = "application/octet-stream",  # noqa: ANN401 - as httpx
             **over: str | None) -> httpx.Response:  # fmt: skip
        asked = {key: value for key, value in (WEEK | over).items() if value is not None}
        headers = {"Authorization": f"Bearer {token}", "Content-Type": kind}
        return self.web.put("/v1/reports", params=asked, content=body, headers=headers)

    def batch(self) -> httpx.Response:
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": MEDIA_TYPE, "Content-Encoding": "gzip"}
        return self.web.post("/v1/batches", content=encode(crossings(3)), headers=headers)

    def get(self, path: str, token: str = READER, **asked: Any) -> httpx.Response:  # noqa: ANN401 - as above
        return self.web.get(path, params=asked, headers={"Authorization": f"Bearer {token}"})

    def files(self, **asked: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - as above
        answer = self.get("/v1/reports", **asked)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["files"]
        return found


def known(url: str) -> None:
    store = opened(url)
    registry = Registry(store)
    registry.add_token(DEVICE, hashed(TOKEN), to_ms(NOW))
    registry.add_reader("panel", hashed(READER), to_ms(NOW))
    store.close()


@pytest.fixture
def limits() -> dict[str, int]:
    return {}


@pytest.fixture
def hub(url: str, limits: dict[str, int]) -> Iterator[Hub]:
    known(url)
    clock = ManualClock(utc=NOW)
    with HubThread(url, clock, **limits) as rig, httpx.Client(base_url=rig.url, timeout=20) as web:
        yield Hub(url, clock, web)


def refused(answer: httpx.Response, status: int, *words: str) -> None:
    """Refused in one sentence that holds these words."""
    assert answer.status_code == status, answer.text
    sentence = answer.json()["error"]
    assert sentence.endswith(".")
    assert "\n" not in sentence
    for word in words:
        assert word in sentence


def test_a_file_goes_from_the_device_to_the_reader(hub: Hub) -> None:
    answer = hub.send()
    assert (answer.status_code, answer.content) == (204, b"")
    (one,) = hub.files()
    told = {"device": DEVICE, "device_name": DEVICE, "site": SITE, "size_bytes": len(PDF)}
    assert one.pop("sent") == "2026-11-25T12:00:00Z"
    assert {key: value for key, value in one.items() if key != "number"} == WEEK | told
    fetched = hub.get(f"/v1/reports/{DEVICE}/{one['number']}/file")
    assert fetched.content == PDF
    assert fetched.headers["content-type"] == "application/pdf"
    assert fetched.headers["content-disposition"] == 'attachment; filename="report-2026-W47.pdf"'
    assert fetched.headers["x-content-type-options"] == "nosniff"


def test_the_same_again_takes_its_place(hub: Hub) -> None:
    for body in (PDF, PDF, b"%PDF-2"):
        assert hub.send(body).status_code == 204
    (one,) = hub.files()
    assert hub.get(f"/v1/reports/{DEVICE}/{one['number']}/file").content == b"%PDF-2"


def test_every_kind_and_as_much_as_may_be(hub: Hub) -> None:
    bodies = {"a.xlsx": b"PK\x03\x04", "a-csv.zip": b"PK\x03\x04", "a_b.csv": b"\xef\xbb\xbfday,in", "a.b.json": b"{}",
              "A-1.png": PNG, "big.pdf": PDF.ljust(MOST_REPORT_BYTES, b"x")}  # fmt: skip
    for file, body in bodies.items():
        assert hub.send(body, file=file).status_code == 204, file
    assert {one["file"]: one["size_bytes"] for one in hub.files()} == {key: len(body) for key, body in bodies.items()}
    refused(hub.send(PDF.ljust(MOST_REPORT_BYTES + 1, b"x")), 413, "too big")
    refused(hub.send(iter([PDF.ljust(2**20, b"x")] * 11)), 413, "too big")


UNFIT = {
    "no report": {"report": None}, "an empty report": {"report": ""}, "a long report": {"report": "x" * 41},
    "a report nobody sees": {"report": "a\u202eb"}, "a NUL": {"report": "a\0b"}, "a space": {"report": " "},
    "no every": {"every": None}, "every year": {"every": "year"}, "no first": {"first": None},
    "no last": {"last": None},
    "no day": {"first": "2026-11-31"}, "words": {"last": "yesterday"}, "backwards": {"last": "2026-11-15"},
    "too far": {"last": "2026-12-18"}, "long ago": {"first": "1999-12-31", "last": "1999-12-31"},
    "no file": {"file": None}, "a folder": {"file": "a/b.pdf"}, "up": {"file": "../b.pdf"},
    "two dots": {"file": "a..pdf"},
    "a program": {"file": "a.exe"}, "hidden": {"file": ".a.pdf"}, "a page": {"file": "a.html"},
    "quotes": {"file": 'a".pdf'},
    "a line": {"file": "a.pdf\n"}, "a long file": {"file": f"{'a' * 122}.pdf"}, "letters": {"file": "Bericht-März.pdf"},
}  # fmt: skip


@pytest.mark.parametrize("name", UNFIT)
def test_what_will_not_do_is_told_and_not_kept(hub: Hub, name: str) -> None:
    refused(hub.send(**UNFIT[name]), 422)
    assert hub.files() == []


@pytest.mark.parametrize(("file", "body"), [
    ("a.pdf", b"<html>"), ("a.xlsx", PDF), ("a.zip", b"Rar!"), ("a.png", b"GIF89a"), ("a.csv", b""), ("a.pdf", b"%PDF"),
])  # fmt: skip
def test_what_is_not_what_it_is_called_is_not_kept(hub: Hub, file: str, body: bytes) -> None:
    refused(hub.send(body, file=file), 422, file[2:])
    assert hub.files() == []


def test_the_furthest_days_that_will_do(hub: Hub) -> None:
    assert hub.send(last="2026-12-17").status_code == 204
    assert hub.send(first="2026-11-22", every="day").status_code == 204


def test_who_may_not_send_is_told_so(hub: Hub) -> None:
    refused(hub.send(token="x" * 43), 401, "not known")
    refused(hub.web.put("/v1/reports", params=WEEK, content=PDF), 401, "token")
    # Neither learns a stranger what would have been wrong, nor does a reader's token do.
    refused(hub.send(token="x" * 43, every="year"), 401)
    refused(hub.send(token=READER), 401)
    refused(hub.send(kind="application/pdf"), 415, "application/octet-stream")
    store = HubStore.open(hub.database)
    Registry(store).revoke(DEVICE, to_ms(NOW))
    store.close()
    refused(hub.send(), 403, "revoked")
    assert hub.files() == []


def test_who_may_not_read_is_told_so(hub: Hub) -> None:
    hub.send()
    (one,) = hub.files()
    place = f"/v1/reports/{DEVICE}/{one['number']}/file"
    for token in (TOKEN, "x" * 43):
        refused(hub.get("/v1/reports", token=token), 401)
        refused(hub.get(place, token=token), 401)
    for gone in (f"{DEVICE}/1", f"nobody/{one['number']}", f"a%00b/{one['number']}"):
        refused(hub.get(f"/v1/reports/{gone}/file"), 404, "no such file")
    refused(hub.get(f"/v1/reports/{DEVICE}/..%2f/file"), 404)
    refused(hub.get(f"/v1/reports/{DEVICE}/x/file"), 422)
    refused(hub.get(f"/v1/reports/{DEVICE}/{2**53}/file"), 422)


def test_a_list_goes_on_and_is_of_a_site(hub: Hub) -> None:
    for number in range(5):
        hub.clock.advance(1)
        assert hub.send(file=f"{number}.pdf").status_code == 204
    first = hub.get("/v1/reports", limit=3).json()
    rest = hub.get("/v1/reports", limit=3, after=first["next"]).json()
    assert [one["file"] for one in first["files"] + rest["files"]] == [f"{n}.pdf" for n in range(4, -1, -1)]
    assert rest["next"] is None
    assert len(hub.files(site=SITE)) == 5
    assert hub.files(site="nowhere") == []
    refused(hub.get("/v1/reports", after="bm8="), 422)


@pytest.mark.parametrize("limits", [{"batches_a_minute": 4}])
@pytest.mark.parametrize("batches", [0, 2])
def test_a_report_is_paid_from_the_purse_of_batches(hub: Hub, batches: int) -> None:
    """Whatever becomes of it; and who has sent no batch yet has no endless one."""
    for _ in range(batches):
        assert hub.batch().status_code == 200
    for number in range(4 - batches):
        assert hub.send(PDF if number else b"none").status_code == (204 if number else 422)
    answer = hub.send()
    refused(answer, 429)
    assert 1 <= int(answer.headers["Retry-After"]) <= 15
    if batches:
        refused(hub.batch(), 429)
    hub.clock.advance(16)
    assert hub.send().status_code == 204


@pytest.mark.parametrize("limits", [{"body_s": 1}])
def test_a_body_that_does_not_end_is_given_up(hub: Hub) -> None:
    asked = "report=a&every=day&first=2026-11-16&last=2026-11-16&file=a.pdf"
    place = hub.web.base_url
    with socket.create_connection((place.host, place.port or 80), 10) as line:
        head = f"PUT /v1/reports?{asked} HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {TOKEN}\r\n"
        line.sendall(f"{head}Content-Type: application/octet-stream\r\nContent-Length: 500\r\n\r\n%PDF-".encode())
        assert line.recv(4096).startswith(b"HTTP/1.1 408")
    with socket.create_connection((place.host, place.port or 80), 10) as line:
        line.sendall(f"{head}Content-Type: application/octet-stream\r\nContent-Length: 99999999999\r\n\r\n".encode())
        assert line.recv(4096).startswith(b"HTTP/1.1 413")
