"""``acm hub`` as people use it: looking after sites, devices and readers, files from a stick, processes that end."""

from __future__ import annotations

import os
import re
import signal
import socket
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from hub_kit import kept, opened
from hub_rig import HubProcess
from shipment_kit import DEVICE, EPOCH, crossings

from edge.cli import main
from edge.core.shipment import Verdict
from edge.storage.hub.store import HubStore
from edge.upstream.parcel import Manifest, read_receipts, write_parcel
from edge.upstream.wire import encode

if TYPE_CHECKING:
    from postgres_kit import Postgres


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/folder/hub.db"


def told(database: str, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit code, what was written, and what went wrong."""
    code = main(["hub", *words, "--database", database])
    out, err = capsys.readouterr()
    return code, out, err


def test_a_site_a_device_and_a_reader_from_first_to_last(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "add one: acm hub site add" in told(database, capsys, "site", "list")[1]
    assert told(database, capsys, "site", "add", "Main street", "--zone", "Europe/Paris", "--day-starts", "5")[0] == 0
    assert re.search(r"Main street +Europe/Paris +5 +0\n", told(database, capsys, "site", "list")[1])
    code, out, _ = told(database, capsys, "device", "claim", "Main street")
    assert code == 0
    assert re.fullmatch(r"[a-z2-9]{4}(-[a-z2-9]{4}){3}\n", out)
    assert told(database, capsys, "site", "change", "Main street", "--zone", "Asia/Kathmandu")[0] == 0
    token = told(database, capsys, "reader", "add", "till")[1].strip()
    assert len(token) == 43
    assert re.search(r"^till +\d{4}-", told(database, capsys, "reader", "list")[1], re.MULTILINE)
    assert token not in told(database, capsys, "reader", "list")[1]
    assert told(database, capsys, "reader", "remove", "till")[0] == 0
    assert "There is no reader" in told(database, capsys, "reader", "list")[1]
    assert told(database, capsys, "retention", "3")[1].startswith("0 rows")
    assert told(database, capsys, "rebuild")[0] == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("site", "add", "x", "--zone", "Europe/Berln"), "did you mean Europe/Berlin?"),
        (("device", "claim", "nowhere"), "There is no site 'nowhere'"),
        (("device", "revoke", "nothing"), "There is no device 'nothing'"),
        (("reader", "remove", "nobody"), "There is no reader 'nobody'"),
        (("retention", "0"), "whole number from 1"),
        (("import", "/nothing.zip"), "nothing.zip"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(
    database: str, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], sentence: str
) -> None:
    code, _, err = told(database, capsys, *words)
    assert code == 2
    assert sentence in err


def test_two_of_one_name_are_refused(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    for kind in ("site", "reader"):
        assert told(database, capsys, kind, "add", "x")[0] == 0
        code, _, err = told(database, capsys, kind, "add", "x")
        assert (code, "already" in err) == (2, True)


def test_a_file_from_a_stick_is_taken_once_however_often(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "folder").mkdir()
    opened(database).close()
    first, second = crossings(30), crossings(20, seed=1, after_seq=crossings(30).last_seq)
    file = tmp_path / "door.parcel"
    with file.open("wb") as stream:
        write_parcel(stream, Manifest(DEVICE, EPOCH), [encode(first), encode(second)])
    for _ in range(2):
        assert told(database, capsys, "import", str(file))[0] == 0
        receipts = read_receipts(tmp_path / "door.parcel.receipts").receipts
        assert [receipt.verdict for receipt in receipts] == [Verdict.ACCEPTED] * 2
        assert receipts[-1].cursor == second.last_seq
    with file.open("wb") as stream:
        write_parcel(stream, Manifest(DEVICE, EPOCH), [encode(first)[:-9], encode(replace(second, after_seq=0))])
    code, out, _ = told(database, capsys, "import", str(file))
    assert code == 1
    assert out.startswith(f"1 of 2 batches of {DEVICE} were taken")
    store = HubStore.open(database)
    assert len(kept(store)) == 50
    store.close()


def test_a_process_that_ends_is_replaced_and_a_stop_is_orderly(tmp_path: Path, postgres: Postgres) -> None:
    with HubProcess(tmp_path, postgres.database(), more="processes = 2") as hub:
        assert httpx.get(f"{hub.url}/health").text == "ok\n"
        assert hub.process is not None
        before = children(hub.process.pid)
        assert len(before) == 2
        os.kill(before[0], signal.SIGKILL)
        end_s = time.monotonic() + 20
        while len(now := children(hub.process.pid)) < 2 or before[0] in now:
            assert time.monotonic() < end_s
            with suppress(httpx.TransportError):
                # A connection that waited for the one that was killed.
                assert httpx.get(f"{hub.url}/health", timeout=10).text == "ok\n"
        start_s = time.monotonic()
        hub.stop()
        assert time.monotonic() - start_s < 7
        assert "has stopped" in hub.said


def test_a_connection_that_asks_nothing_is_closed_by_itself(tmp_path: Path, postgres: Postgres) -> None:
    with HubProcess(tmp_path, postgres.database()) as hub:
        line = socket.create_connection(("127.0.0.1", hub.port), 5)
        line.sendall(b"GET /health HTTP/1.1\r\nX-Slow: " + b"x" * 40_000)
        answered = line.recv(4096)
        line.close()
        # A header without an end is refused for its size, long before it is for its time.
        assert answered.startswith((b"HTTP/1.1 400", b"HTTP/1.1 431"))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--port", "1", "--host", "192.0.2.1"), "cannot listen at 192.0.2.1, port 1"),
        (("--certificate", "/nothing.pem", "--key", "/nothing.pem"), "/nothing.pem: cannot be used"),
        (("--certificate", "/nothing.pem"), "a certificate needs its key"),
        (("--broker", "http://broker/"), "broker"),
    ],
)
def test_a_hub_that_cannot_start_says_why(
    database: str, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], sentence: str
) -> None:
    code, _, err = told(database, capsys, *words)
    assert code == 2
    assert sentence in err


def children(pid: int) -> list[int]:
    """The processes that a process started, and that are still there."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    return sorted(int(child) for child in found)
