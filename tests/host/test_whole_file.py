"""A file appears whole or not at all, and a place that will not do is told before the work."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from edge.core.errors import InputError
from edge.host.whole_file import WholeFile


def test_it_appears_only_when_done(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text("old")
    with WholeFile(path, "--events") as whole:
        whole.part.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_what_breaks_off_leaves_no_trace(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    with pytest.raises(ZeroDivisionError), WholeFile(path, "--events") as whole:
        whole.part.write_text(str(1 / 0))
    assert list(tmp_path.iterdir()) == []
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt), WholeFile(path, "--events"):
        raise KeyboardInterrupt
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_part_is_hidden_and_keeps_the_ending(tmp_path: Path) -> None:
    whole = WholeFile(tmp_path / "film.mp4", "--render")
    assert whole.part.parent == tmp_path
    assert whole.part.name.startswith(".film.")
    assert whole.part.suffix == ".mp4"
    whole.drop()
    whole.drop()


def test_a_name_without_a_folder_is_in_this_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with WholeFile(Path("events.jsonl"), "--events") as whole:
        whole.part.write_text("x")
    assert (tmp_path / "events.jsonl").read_text() == "x"


def test_a_device_or_pipe_is_written_and_not_replaced(tmp_path: Path) -> None:
    with WholeFile(Path(os.devnull), "--events") as whole:
        whole.part.write_text("x")
    assert Path(os.devnull).is_char_device()
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    end = os.open(pipe, os.O_RDWR)
    try:
        with WholeFile(pipe, "--events") as whole:
            whole.part.write_text("x")
        assert os.read(end, 9) == b"x"
        assert pipe.is_fifo()
        WholeFile(pipe, "--events").drop()
        assert pipe.is_fifo()
    finally:
        os.close(end)


def refusal(path: Path) -> str:
    with pytest.raises(InputError, match="--events: ") as told:
        WholeFile(path, "--events")
    assert "\n" not in str(told.value)
    return str(told.value)


def test_places_that_will_not_do(tmp_path: Path) -> None:
    assert "is a folder" in refusal(tmp_path)
    assert "there is no folder" in refusal(tmp_path / "no" / "e.jsonl")
    (tmp_path / "file").write_text("")
    assert "there is no folder" in refusal(tmp_path / "file" / "e.jsonl")
    assert "cannot be written" in refusal(tmp_path / ("long" * 80 + ".jsonl"))
    assert "cannot be written" in refusal(Path("/proc/no-such-file"))
    assert "its name cannot be one" in refusal(tmp_path / "nul\0byte")
    assert "is a folder" in refusal(Path())
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    with WholeFile(Path("/dev/full"), "--events") as full, pytest.raises(InputError, match="No space left"):
        full.write_text("x" * 100_000)
    with WholeFile(tmp_path / "e.jsonl", "--events") as whole:
        whole.write_text("grüezi\n")
    assert (tmp_path / "e.jsonl").read_bytes() == "grüezi\n".encode()
