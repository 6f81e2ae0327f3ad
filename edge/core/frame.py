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
    ``lux`` how bright the camera takes the scene to be, ``limit`` the most seconds times gain its automatic exposure
    goes to, ``luma`` the picture's mean brightness from 0 to 1 as displayed (not linear).
    """

    exposure_s: float | None = None
    gain: float | None = None
    lux: float | None = None
    limit: float | None = None
    luma: float | None = None

    @property
    def demand(self) -> float | None:
        """Exposure time by gain, in seconds: the more, the darker the scene. None if either is not told."""
        return None if self.exposure_s is None or self.gain is None else self.exposure_s * self.gain


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
