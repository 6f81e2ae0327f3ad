"""Writes pictures into a video file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2

from edge.core.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    import numpy as np
    from numpy.typing import NDArray
    from typing_extensions import Self


# The parts of an .mp4 begin with their size in 4 bytes, where 1 says that it stands in the 8 after the part's name.
LONG_SIZE, SMALLEST_BOX = 1, 8


class ClipWriter:
    """An .mp4 (MPEG-4 part 2, which every build of OpenCV can write) of pictures of one size.

    The first picture decides the size; others are refused with ``ValueError``. Raises ``InputError`` when the path is
    not one OpenCV can write a video to. ``close`` may be called twice. ``shown`` is what messages call the file.
    """

    def __init__(self, path: Path, fps: float, shown: Path | None = None) -> None:
        self._shown = shown or path
        if path.suffix.lower() != ".mp4":
            raise InputError(f"{self._shown} must end in .mp4: that is the video format written.")
        if not _in_letters(path):
            raise InputError(f"{str(self._shown)!r} cannot be a video's name: it is not UTF-8; name another file.")
        if path.is_dir() or not path.parent.is_dir():
            raise InputError(f"{self._shown} is not a place for a video; name a file in a folder that exists.")
        self._path = path
        self._fps = fps
        self._size: tuple[int, int] | None = None
        self._writer: cv2.VideoWriter | None = None
        self._closed = False

    def write(self, image: NDArray[np.uint8]) -> None:
        """Append a picture (height x width x 3, uint8, BGR)."""
        if self._closed:
            raise ValueError("the clip is closed")
        size = (int(image.shape[1]), int(image.shape[0]))
        if self._writer is None:
            self._size = size
            self._writer = self._opened(size)
        if size != self._size:
            raise ValueError(f"a picture of {size} in a clip of {self._size}")
        self._writer.write(image)

    def close(self) -> None:
        """Finish the file. Raises ``InputError`` if it did not become whole, as on a full disk."""
        self._closed = True
        if self._writer is None:
            return
        self._writer.release()
        self._writer = None
        if not _indexed(self._path):
            raise InputError(f"{self._shown} could not be written to its end; make room on the disk.")

    def _opened(self, size: tuple[int, int]) -> cv2.VideoWriter:
        fourcc = cv2.VideoWriter.fourcc(*"mp4v")
        writer = cv2.VideoWriter(str(self._path), fourcc, self._fps, size)
        if not writer.isOpened():
            raise InputError(f"{self._shown} cannot be written as a video; name a place you may write to.")
        return writer

    def __enter__(self) -> Self:
        """The file is made with the first picture."""
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        """Finish the file; what broke before is told rather than what became of the file."""
        try:
            self.close()
        except InputError:
            if kind is None:
                raise


def _in_letters(path: Path) -> bool:
    """Whether the name is UTF-8; OpenCV dies of any other."""
    try:
        str(path.absolute()).encode()
    except UnicodeEncodeError:
        return False
    return True


def _indexed(path: Path) -> bool:
    """Whether an .mp4 has its index. It is written last, and OpenCV does not tell when it cannot write."""
    place, end = 0, path.stat().st_size
    with path.open("rb") as file:
        while place < end:
            file.seek(place)
            size, kind = int.from_bytes(file.read(4), "big"), file.read(4)
            if size == LONG_SIZE:
                size = int.from_bytes(file.read(8), "big")
            if kind == b"moov":
                return place + size <= end
            if size < SMALLEST_BOX:
                return False
            place += size
    return False
