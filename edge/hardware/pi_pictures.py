"""What libcamera gives with an exposure: planar pictures, facts, and the sensor's modes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from edge.core.frame import Exposure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

# How broad the big and the small picture are; how high follows from the sensor.
MAIN_PX, LORES_PX = 1280, 640
MICROS = 1_000_000


@dataclass(frozen=True, slots=True)
class Sizes:
    """Width and height of the big and the small picture."""

    main: tuple[int, int]
    lores: tuple[int, int]


def exposure_of(told: Mapping[str, Any]) -> Exposure:
    """The facts of an exposure, out of libcamera's metadata."""
    micros, analogue = told.get("ExposureTime"), told.get("AnalogueGain")
    return Exposure(
        exposure_s=None if micros is None else micros / MICROS,
        gain=None if analogue is None else float(analogue) * float(told.get("DigitalGain", 1.0)),
        lux=told.get("Lux"),
    )


def yuv420_as_bgr(yuv: NDArray[np.uint8], wide: int, high: int) -> NDArray[np.uint8]:
    """A planar YUV picture, 1.5 x ``high`` rows that may be longer than ``wide``, as height x width x 3 BGR."""
    stride = yuv.shape[1]
    if stride != wide:
        luma = yuv[:high, :wide]
        # Both colours follow, each of half the height and with rows half as long, padded as well.
        colours = yuv[high : high * 3 // 2].reshape(2, high // 2, stride // 2)[:, :, : wide // 2]
        yuv = np.concatenate((luma.ravel(), colours.ravel())).reshape(high * 3 // 2, wide)
    return np.asarray(cv2.cvtColor(yuv, cv2.COLOR_YUV2BGR_I420), dtype=np.uint8)


def grey_as_bgr(luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A grey picture as height x width x 3."""
    return np.asarray(cv2.cvtColor(luma, cv2.COLOR_GRAY2BGR), dtype=np.uint8)


def whole_view(modes: list[dict[str, Any]], fps: float) -> dict[str, Any] | None:
    """The sensor's mode with the fewest pixels of those that show the most of the view and are fast enough."""
    fast = [mode for mode in modes if mode.get("fps", 0.0) >= fps]
    if not fast:
        return None
    most = max(_area(mode["crop_limits"][2:]) for mode in fast)
    # Modes differ by a few pixels at the edge.
    whole = [mode for mode in fast if _area(mode["crop_limits"][2:]) >= 0.98 * most]
    return min(whole, key=lambda mode: _area(mode["size"]))


def _area(size: tuple[int, int]) -> int:
    return size[0] * size[1]


def sizes_for(sensor: tuple[int, int]) -> Sizes:
    """Both pictures in the sensor's own shape, with even sides."""
    wide, high = sensor
    main, lores = (
        (width, round(width * high / wide / 2) * 2) for width in (min(MAIN_PX, wide), min(LORES_PX, wide))
    )
    return Sizes(main, lores)
