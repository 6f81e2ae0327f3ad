"""The picture itself, apart from the other words so that a room that must never hold one can be kept from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Exposure:
    """How hard the camera had to try for a picture; None for what it does not tell.

    ``exposure_s`` is how long it was exposed, ``gain`` how many times it was amplified (analogue times digital),
    ``lux`` how bright the camera takes the scene to be.
    """

    exposure_s: float | None = None
    gain: float | None = None
    lux: float | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture: ``image`` is height x width x 3, uint8, BGR (grey cameras repeat the channel).

    ``exposure`` is what the camera tells of the picture's light, None if it tells nothing.
    """

    image: NDArray[np.uint8]
    t_s: float
    index: int = 0
    exposure: Exposure | None = None

    @property
    def width_px(self) -> int:
        """Picture width."""
        return int(self.image.shape[1])

    @property
    def height_px(self) -> int:
        """Picture height."""
        return int(self.image.shape[0])

    @property
    def aspect(self) -> float:
        """Width over height."""
        return self.width_px / self.height_px
