"""Fitting a picture to a model's input: size, channel order and the numbers the input stands for; and boxes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from edge.core.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edge.vision.tensor import TensorSpec

PADDING = 114
_CHANNELS = 3
_STEPS = {"uint8": (0, 255), "int8": (-128, 127)}


@dataclass(frozen=True, slots=True)
class Pixels:
    """What the network was trained on: (pixel - ``mean``) / ``std``, channels in the order ``RGB`` or ``BGR``."""

    mean: float = 127.5
    std: float = 127.5
    channels: str = "RGB"


class Fit:
    """Prepares pictures for one input tensor. Its buffers are reused: a result is good until the next call."""

    def __init__(self, spec: TensorSpec, pixels: Pixels, *, letterbox: bool) -> None:
        """Take the input's description (``1 x height x width x 3``). Raises ModelError for any other input."""
        self.width_px, self.height_px = input_size_px(spec)
        self._letterbox = letterbox
        self._bgr = pixels.channels == "BGR"
        self._table = _table(spec, pixels)
        shape = (self.height_px, self.width_px, _CHANNELS)
        self._sized: NDArray[np.uint8] = np.full(shape, PADDING, np.uint8)
        self._coloured = self._sized if self._bgr else np.empty(shape, np.uint8)
        self._tensor: NDArray[Any] = self._coloured
        if self._table is not None:
            self._tensor = np.empty(shape, self._table.dtype)
        self._seen = (0, 0)
        self._window = (0, 0, self.width_px, self.height_px)
        self._target = self._sized

    def prepare(self, image: NDArray[np.uint8]) -> NDArray[Any]:
        """Turn a BGR picture (height x width x 3, uint8) into the tensor, 1 x height x width x 3."""
        if self._letterbox:
            self._aim(image.shape[0], image.shape[1])
        width, height = self._window[2:]
        cv2.resize(image, (width, height), dst=self._target, interpolation=cv2.INTER_LINEAR)
        if not self._bgr:
            cv2.cvtColor(self._sized, cv2.COLOR_BGR2RGB, dst=self._coloured)
        if self._table is not None:
            cv2.LUT(self._coloured, self._table, dst=self._tensor)
        return self._tensor[None]

    def to_picture(self, boxes: NDArray[np.float32], image_shape: tuple[int, ...]) -> NDArray[np.float32]:
        """Map boxes (N x 4: left, top, right, bottom) from shares of the input to shares of the picture."""
        if not self._letterbox:
            return boxes
        self._aim(image_shape[0], image_shape[1])
        left, top, width, height = self._window
        boxes = boxes * np.array((self.width_px, self.height_px) * 2, np.float32)
        boxes -= np.array((left, top) * 2, np.float32)
        boxes /= np.array((width, height) * 2, np.float32)
        return boxes

    def _aim(self, height_px: int, width_px: int) -> None:
        """Find where a picture of this size goes: centred, aspect kept, the rest padded."""
        if self._seen == (height_px, width_px):
            return
        self._seen = (height_px, width_px)
        scale = min(self.width_px / width_px, self.height_px / height_px)
        width = min(self.width_px, max(1, round(width_px * scale)))
        height = min(self.height_px, max(1, round(height_px * scale)))
        left, top = (self.width_px - width) // 2, (self.height_px - height) // 2
        self._window = (left, top, width, height)
        self._sized.fill(PADDING)
        self._target = self._sized[top : top + height, left : left + width]


def input_size_px(spec: TensorSpec) -> tuple[int, int]:
    """Width and height of a picture input. Raises ModelError with the rest of a sentence about the file."""
    shape = spec.shape
    if len(shape) != 4 or shape[0] != 1 or shape[3] != _CHANNELS or min(shape) < 1:  # noqa: PLR2004
        raise ModelError(f"its input is {spec}; a detector's input is 1 x height x width x 3 (one picture, NHWC)")
    if spec.dtype not in {"float32", *_STEPS}:
        raise ModelError(f"its input is {spec}; the numbers may be uint8, int8 or float32")
    return shape[2], shape[1]


def _table(spec: TensorSpec, pixels: Pixels) -> NDArray[Any] | None:
    """Give what each of the 256 pixel values becomes in the tensor, or None when pixels go in as they are."""
    values = (np.arange(256) - pixels.mean) / pixels.std
    if spec.dtype == "float32":
        return values.astype(np.float32)
    least, most = _STEPS[spec.dtype]
    # Without quantisation numbers the file leaves one reading: pixel 0 is the lowest step.
    stored = values / spec.scale + spec.zero_point if spec.scale else np.arange(256) + float(least)
    table: NDArray[np.float64] = np.clip(np.rint(stored), least, most)
    # One step is what rounding the zero point costs; raw pixels are what such models are fed everywhere.
    if np.abs(table - least - np.arange(256)).max() <= 1:
        table = np.arange(256.0) + least
        if spec.dtype == "uint8":
            return None
    return table.astype(np.uint8) if spec.dtype == "uint8" else table.astype(np.int8)
