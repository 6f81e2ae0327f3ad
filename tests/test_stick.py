"""Batches that go to the hub on a stick: nothing is lost, nothing is noted before the receipts are back."""

from __future__ import annotations

import os
import zipfile
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from fake_hub import FakeHub, rows_of
from hypothesis import given, settings
from hypothesis import strategies as st
from storage_kit import MONDAY, Box, visit

from edge.cli import main
from edge.core.errors import InputError
from edge.core.shipment import Receipt, Verdict
from edge.storage.outbox import Outbox
from edge.storage.sending import Progress
from edge.upstream.parcel import Manifest, Receipts, read_parcel, read_receipts, write_parcel, write_receipts
from edge.upstream.wire import decode

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Told = pytest.CaptureFixture[str]


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """A box with 30 visits, of which the hub has some by older times."""
    (tmp_path / "state").mkdir()
    (tmp_path / "acm.toml").write_text('[upstream]\nurl = "http://127.0.0.1:9"\nenabled = true\n', encoding="utf-8")
    box = Box(tmp_path / "state" / "records.db")
    box.start().append([record for _ in range(10) for record in visit(box.wait(1.0), 5.0)])
    box.reboot(MONDAY + timedelta(hours=1), synced=False)
    assert box.store is not None
    box.store.append([record for _ in range(20) for record in visit(box.wait(1.0), 5.0)])
    box.store.note_sent(Progress(cursor=60))
    box.synced = True
    box.step_clock(7200.0)
    box.look()
    box.store.append(visit(box.wait(1.0), 5.0))
    box.stop()
    return box


def words(box: Box) -> list[str]:
    folder = box.path.parent.parent
    control = folder / "none.sock"
    return ["--config", str(folder / "acm.toml"), "--state", str(box.path.parent), "--control", str(control)]


def progress(box: Box) -> Progress:
    with Outbox(box.path, "") as outbox:
        return replace(outbox.progress(), told="")


def at_the_hub(parcel: Path, hub: FakeHub) -> Path:
    manifest, bodies = read_parcel(parcel)
    receipts = tuple(hub.take(decode(body)) for body in bodies)
    file = parcel.with_suffix(".receipts")
    file.write_bytes(write_receipts(Receipts(manifest, receipts)))
    return file


def test_there_and_back(box: Box, tmp_path: Path, capsys: Told) -> None:
    parcel = tmp_path / "stick.acm"
    before = progress(box)
    assert main(["sync", "--export", str(parcel), *words(box)]) == 0
    assert "63 rows in 2 batches" in capsys.readouterr().out
    assert progress(box) == before, "nobody has said that the hub has it"
    manifest, bodies = read_parcel(parcel)
    batches = [decode(body) for body in bodies]
    assert [(batch.revised, batch.rows) for batch in batches] == [(True, 30), (False, 33)]
    assert {batch.device for batch in batches} == {manifest.device}
    hub = FakeHub()
    hub.cursors[manifest.device, manifest.epoch] = 60
    receipts = at_the_hub(parcel, hub)
    assert len(hub.everything) == 63
    assert main(["sync", "--import", str(receipts), *words(box)]) == 0
    assert "it has rows up to 93" in capsys.readouterr().out
    assert progress(box) == Progress(cursor=93, revised=1)
    with Outbox(box.path, "") as outbox:
        assert outbox.backlog(outbox.progress()).rows == 0
    rows = {seq: row for batch in batches for seq, row in rows_of(batch).items()}
    assert hub.everything == rows


def test_the_same_stick_twice_does_no_harm(box: Box, tmp_path: Path) -> None:
    parcel, hub = tmp_path / "stick.acm", FakeHub()
    assert main(["sync", "--export", str(parcel), *words(box)]) == 0
    manifest, _ = read_parcel(parcel)
    hub.cursors[manifest.device, manifest.epoch] = 60
    at_the_hub(parcel, hub)
    rows = dict(hub.everything)
    receipts = at_the_hub(parcel, hub)
    assert hub.everything == rows
    for _ in range(2):
        assert main(["sync", "--import", str(receipts), *words(box)]) == 0
    assert progress(box).cursor == 93


def test_rows_the_hub_does_not_take_are_set_aside(box: Box, tmp_path: Path) -> None:
    parcel, hub = tmp_path / "stick.acm", FakeHub(dislikes={91: "of a line nobody knows"})
    assert main(["sync", "--export", str(parcel), *words(box)]) == 0
    manifest, _ = read_parcel(parcel)
    hub.cursors[manifest.device, manifest.epoch] = 60
    assert main(["sync", "--import", str(at_the_hub(parcel, hub)), *words(box)]) == 0
    with Outbox(box.path, "") as outbox:
        assert outbox.set_aside() == [(91, "of a line nobody knows")]


def test_what_the_hub_did_not_take_is_still_to_be_sent(box: Box, tmp_path: Path, capsys: Told) -> None:
    parcel = tmp_path / "stick.acm"
    assert main(["sync", "--export", str(parcel), *words(box)]) == 0
    # A hub that has nothing of this box yet: rows before these are missing there.
    receipts = at_the_hub(parcel, FakeHub())
    assert main(["sync", "--import", str(receipts), *words(box)]) == 1
    assert "rows before these are missing" in capsys.readouterr().out
    assert progress(box) == Progress(cursor=60)


def test_receipts_of_others_are_refused(box: Box, tmp_path: Path, capsys: Told) -> None:
    parcel = tmp_path / "stick.acm"
    assert main(["sync", "--export", str(parcel), *words(box)]) == 0
    manifest, _ = read_parcel(parcel)
    file = tmp_path / "receipts"
    accepted = (Receipt(Verdict.ACCEPTED, 93),)
    for other, said in (
        (replace(manifest, device="zzzzzzzzzzzzzzzz"), "is about the device zzzzzzzzzzzzzzzz"),
        (replace(manifest, epoch="00"), "about other records (epoch 00"),
    ):
        file.write_bytes(write_receipts(Receipts(other, accepted)))
        assert main(["sync", "--import", str(file), *words(box)]) == 2
        assert said in capsys.readouterr().err
    assert progress(box).cursor == 60


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["sync", "--export", "{0}/nowhere/x"], "there is no folder"),
        (["sync", "--import", "{0}/acm.toml"], "is no file of receipts"),
        (["sync", "--import", "{0}/none"], "cannot be read"),
        (["sync", "--now"], "acm run is not running"),
        (["sync"], "one of the arguments"),
        (["sync", "--export", "{0}/x", "--now"], "not allowed with"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(box: Box, capsys: Told, asked: list[str], said: str) -> None:
    folder = box.path.parent.parent
    assert main([*(word.format(folder) for word in asked), *words(box)]) != 0
    assert said in capsys.readouterr().err


def test_status_by_the_records_alone(box: Box, capsys: Told) -> None:
    assert main(["sync", "--status", *words(box)]) == 0
    assert capsys.readouterr().out.startswith("not running; 33 rows wait, the oldest of 2026-11-2")


def parcel_of(path: Path, bodies: list[bytes]) -> Path:
    with path.open("wb") as stream:
        assert write_parcel(stream, Manifest("d", "e", 3, 5), bodies) == len(bodies)
    return path


@given(st.lists(st.binary(max_size=200), max_size=12))
@settings(max_examples=50, deadline=None)
def test_a_parcel_gives_back_what_went_in(tmp_path_factory: pytest.TempPathFactory, bodies: list[bytes]) -> None:
    manifest, found = read_parcel(parcel_of(tmp_path_factory.mktemp("parcel") / "p", bodies))
    assert manifest == Manifest("d", "e", 3, 5)
    assert list(found) == bodies


def read_all(path: Path) -> None:
    _, bodies = read_parcel(path)
    list(bodies)


@given(data=st.data())
@settings(max_examples=150, deadline=None)
@pytest.mark.parametrize("kind", ["parcel", "receipts"])
def test_a_damaged_file_is_told_or_read_and_never_anything_else(
    tmp_path_factory: pytest.TempPathFactory, kind: str, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("damaged") / "p"
    read: Callable[[Path], object] = read_all if kind == "parcel" else read_receipts
    if kind == "parcel":
        parcel_of(path, [os.urandom(40), b"x" * 90])
    else:
        path.write_bytes(write_receipts(Receipts(Manifest("d", "e"), (Receipt(Verdict.ACCEPTED, 5),))))
    whole = bytearray(path.read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), min_size=1, max_size=4)):
        whole[place] = data.draw(st.integers(0, 255))
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
    with suppress(InputError):
        read(path)


def test_a_parcel_that_would_fill_memory_is_refused(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as parcel:
        parcel.writestr("000001.batch", b"0" * 50_000_000)
        told = '{"format":"acm-parcel-v1","device":"d","epoch":"e","revised":0,"made_ms":0,"batches":1}'
        parcel.writestr(zipfile.ZipInfo("manifest.json"), told)
    with pytest.raises(InputError, match="is no parcel"):
        read_all(bomb)
