"""How a camera stands, from how big people are where they are seen whole. Pure.

On a level floor a body's height in the picture grows in proportion to how far its feet are below the horizon, and is
to that distance as the person's height to the camera's (Criminisi, Reid and Zisserman, Single view metrology,
International Journal of Computer Vision 40, 2000; people for rulers: Lv, Zhao and Nevatia, IEEE Transactions on Pattern
Analysis 28, 2006). So a plane fitted through sizes gives both: the way it rises most is how far the camera is turned
about its axis, how steeply it rises how high the camera hangs. Lenses that bend straight lines spoil this at the
picture's edges only.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, degrees, hypot
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

Spot = tuple[float, float, float]
"""Where feet were (fractions of the picture), and the body's height in frame heights."""

# Men and women, children and hats: the mean of a shop's visitors is near enough.
PERSON_M = 1.68
LEAST_SPOTS = 40
# People who all walk on one line across or along the picture tell of that line only (standard deviations).
LEAST_SPREAD = 0.07
# A slope counts when it is so many times its own uncertainty.
SURE = 3.0


@dataclass(frozen=True, slots=True)
class Standpoint:
    """How far a camera is turned about its axis (degrees, clockwise above 0) and how high it hangs; None if unknown."""

    roll_deg: float | None = None
    height_m: float | None = None


def standpoint(spots: Sequence[Spot], aspect: float) -> Standpoint:
    """Tell it from spots; ``aspect`` is the picture's width by its height."""
    if len(spots) < LEAST_SPOTS:
        return Standpoint()
    x, y, size = np.asarray(spots, dtype=np.float64).T
    x = x * aspect
    spread_x, spread_y = float(x.std()), float(y.std())
    if spread_y < LEAST_SPREAD:
        return Standpoint()
    plane = np.stack([np.ones_like(x), y, x if spread_x >= LEAST_SPREAD else np.zeros_like(x)], axis=1)
    fit, _, rank, _ = np.linalg.lstsq(plane, size, rcond=None)
    rest = size - plane @ fit
    error = float(np.sqrt((rest**2).sum() / max(1, len(spots) - int(rank))))
    _, by_y, by_x = (float(part) for part in fit)
    if by_y <= SURE * error / (spread_y * len(spots) ** 0.5):
        return Standpoint()
    roll = degrees(atan2(by_x, by_y)) if spread_x >= LEAST_SPREAD else None
    return Standpoint(roll, PERSON_M / hypot(by_x, by_y))
