"""Video files whose every picture tells its number (see ``streams.picture``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
from streams import HIGH_PX, WIDE_PX, jpeg, picture

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def write_clip(path: Path, pictures: int, fps: float = 10.0) -> Path:
    """An .avi (MJPEG) or .mp4 (MPEG-4) with evenly spaced pictures."""
    fourcc = "MJPG" if path.suffix == ".avi" else "mp4v"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*fourcc), fps, (WIDE_PX, HIGH_PX))
    assert writer.isOpened()
    for number in range(pictures):
        writer.write(picture(number))
    writer.release()
    return path


def write_uneven(path: Path, times_ms: Sequence[int]) -> Path:
    """A Matroska file (MJPEG) whose pictures were taken at these times, as a phone or recorder writes them."""
    track = _box(0xD7, b"\x01") + _box(0x73C5, b"\x01") + _box(0x83, b"\x01") + _box(0x86, b"V_MJPEG")
    track += _box(0xE0, _box(0xB0, WIDE_PX.to_bytes(2, "big")) + _box(0xBA, HIGH_PX.to_bytes(2, "big")))
    blocks = b"".join(
        _box(0xA3, b"\x81" + time_ms.to_bytes(2, "big") + b"\x80" + jpeg(picture(number)))
        for number, time_ms in enumerate(times_ms)
    )
    info = _box(0x1549A966, _box(0x2AD7B1, (1_000_000).to_bytes(3, "big")))
    segment = info + _box(0x1654AE6B, _box(0xAE, track)) + _box(0x1F43B675, _box(0xE7, b"\x00") + blocks)
    path.write_bytes(_box(0x1A45DFA3, _box(0x4282, b"matroska")) + _box(0x18538067, segment))
    return path


def _box(name: int, body: bytes) -> bytes:
    """One EBML element; its length takes eight bytes."""
    return name.to_bytes((name.bit_length() + 7) // 8, "big") + (1 << 56 | len(body)).to_bytes(8, "big") + body
