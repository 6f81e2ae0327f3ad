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


class ClipWriter:
    """An .mp4 (MPEG-4 part 2, which every build of OpenCV can write) of pictures of one size.

    The first picture decides the size; others are refused with ``ValueError``. Raises ``InputError`` when the path is
    not one OpenCV can write a video to. ``close`` may be called twice.
    """

    def __init__(self, path: Path, fps: float) -> None:
        if path.suffix.lower() != ".mp4":
            raise InputError(f"{path.name} must end in .mp4: that is the video format written.")
        if path.is_dir() or not path.parent.is_dir():
            raise InputError(f"{path} is not a place for a video; name a file in a folder that exists.")
        self._path = path
        self._fps = fps
        self._size: tuple[int, int] | None = None
        self._writer: cv2.VideoWriter | None = None

    def write(self, image: NDArray[np.uint8]) -> None:
        """Append a picture (height x width x 3, uint8, BGR)."""
        size = (int(image.shape[1]), int(image.shape[0]))
        if self._writer is None:
            self._size = size
            self._writer = self._opened(size)
        if size != self._size:
            raise ValueError(f"a picture of {size} in a clip of {self._size}")
        self._writer.write(image)

    def close(self) -> None:
        """Finish the file."""
        if self._writer is not None:
            self._writer.release()

    def _opened(self, size: tuple[int, int]) -> cv2.VideoWriter:
        fourcc = cv2.VideoWriter.fourcc(*"mp4v")
        writer = cv2.VideoWriter(str(self._path), fourcc, self._fps, size)
        if not writer.isOpened():
            raise InputError(f"{self._path} cannot be written as a video; name a place you may write to.")
        return writer

    def __enter__(self) -> Self:
        """The file is made with the first picture."""
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        """Finish the file."""
        self.close()
