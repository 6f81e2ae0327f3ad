"""Clips play, keep to one size, and say so when the disk has no room for them."""

from __future__ import annotations

import resource
from contextlib import contextmanager
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from streams import HIGH_PX, WIDE_PX, number_of, picture

from edge.core.errors import InputError
from edge.recording.clip import ClipWriter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def numbers_in(path: Path) -> list[int]:
    video, numbers = cv2.VideoCapture(str(path)), []
    while (read := video.read())[0]:
        numbers.append(number_of(np.asarray(read[1])))
    return numbers


@pytest.mark.parametrize("fps", [1.0, 7.5, 10.0, 29.97])
def test_a_clip_plays_as_it_was_written(tmp_path: Path, fps: float) -> None:
    path = tmp_path / "clip.mp4"
    with ClipWriter(path, fps) as clip:
        for number in range(25):
            clip.write(picture(number))
    video = cv2.VideoCapture(str(path))
    assert video.get(cv2.CAP_PROP_FPS) == pytest.approx(fps, rel=0.01)
    assert (video.get(cv2.CAP_PROP_FRAME_WIDTH), video.get(cv2.CAP_PROP_FRAME_HEIGHT)) == (WIDE_PX, HIGH_PX)
    assert numbers_in(path) == [n % 20 for n in range(25)]


def test_a_clip_keeps_its_size(tmp_path: Path) -> None:
    with ClipWriter(tmp_path / "out.mp4", 10.0) as clip:
        clip.write(np.zeros((48, 64, 3), dtype=np.uint8))
        with pytest.raises(ValueError, match="clip of"):
            clip.write(np.zeros((64, 48, 3), dtype=np.uint8))


def test_a_clip_without_pictures_is_no_file(tmp_path: Path) -> None:
    with ClipWriter(tmp_path / "out.mp4", 10.0):
        pass
    assert list(tmp_path.iterdir()) == []


def test_closing_twice_is_legal(tmp_path: Path) -> None:
    clip = ClipWriter(tmp_path / "out.mp4", 10.0)
    clip.write(picture(1))
    clip.close()
    clip.close()
    with pytest.raises(ValueError, match="closed"):
        clip.write(picture(2))
    assert numbers_in(tmp_path / "out.mp4") == [1]


@pytest.mark.parametrize("name", ["clip.avi", "clip", "no/such/folder/clip.mp4", "taken.mp4", "odd\udcff.mp4"])
def test_a_clip_is_refused_where_none_can_be(tmp_path: Path, name: str) -> None:
    (tmp_path / "taken.mp4").mkdir()
    with pytest.raises(InputError) as told:
        ClipWriter(tmp_path / name, 10.0)
    assert "\n" not in str(told.value)


@contextmanager
def room_for(size_bytes: int) -> Iterator[None]:
    """As on a disk that is nearly full, no file can grow beyond this."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def grain(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (240, 320, 3), dtype=np.uint8)


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    clip = ClipWriter(tmp_path / "out.mp4", 10.0)
    with room_for(200_000):
        for number in range(40):
            clip.write(grain(number))
        with pytest.raises(InputError, match=r"out\.mp4 could not be written to its end"):
            clip.close()
    clip.close()


def test_a_disk_that_is_full_at_the_very_end_is_told(tmp_path: Path) -> None:
    for name in ("whole.mp4", "cut.mp4"):
        clip = ClipWriter(tmp_path / name, 10.0)
        for number in range(40):
            clip.write(grain(number))
        if name == "whole.mp4":
            clip.close()
    with room_for((tmp_path / "whole.mp4").stat().st_size - 20), pytest.raises(InputError, match=r"cut\.mp4"):
        clip.close()


def test_what_broke_before_is_told_rather_than_the_disk(tmp_path: Path) -> None:
    def break_off() -> None:
        with ClipWriter(tmp_path / "out.mp4", 10.0) as clip:
            for number in range(40):
                clip.write(grain(number))
            raise KeyError

    with room_for(200_000), pytest.raises(KeyError):
        break_off()
