"""How light a scene is, by whatever its camera tells. Pure.

A camera's automatic exposure hides the light: it makes every scene's picture equally bright as long as it can. What
is left of the light is the brightness divided by what it took to get it. Cameras of a Pi say it themselves, in lux.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING

from edge.core.frame import Exposure

if TYPE_CHECKING:
    from edge.core.frame import Frame

# From a picture's brightness as displayed to light (the usual gamma).
GAMMA = 2.2
# A mean brightness below the first, and automatic exposure gave out; above the second it copes. Between them lies a
# factor of 2.5 in light, so that what is hardly day is not night at once.
DARK_LUMA, BRIGHT_LUMA = 0.20, 0.30
DAY_FACTOR = 2.5
# So near its limit automatic exposure is at it: cameras round.
AT_LIMIT = 0.9
# Every so many pixels each way are enough for a mean.
STRIDE = 8


class Seen(Enum):
    """What one picture says about the light."""

    DARK = "too dark to see"
    BRIGHT = "light enough"
    BETWEEN = "between light and dark"


def exposure_of(frame: Frame) -> Exposure:
    """What the camera told of a frame, with the picture's own mean brightness."""
    told = frame.exposure or Exposure()
    if told.luma is not None:
        return told
    return replace(told, luma=float(frame.image[::STRIDE, ::STRIDE].mean()) / 255)


def light(exposure: Exposure) -> float | None:
    """The scene's light in a unit of the camera's own, so that only ratios mean something. None if nothing is told."""
    if exposure.lux is not None:
        return exposure.lux
    linear = None if exposure.luma is None else exposure.luma**GAMMA
    if not exposure.demand:
        return linear
    return (1.0 if linear is None else linear) / exposure.demand


def tells_light(exposure: Exposure) -> bool:
    """Whether the light shows in what is told, or automatic exposure hides it until it gives out."""
    return exposure.lux is not None or bool(exposure.demand)


def tells_darkness(exposure: Exposure) -> bool:
    """Whether dark can be told from an exposure that is still on its way up."""
    return exposure.lux is not None or (bool(exposure.demand) and exposure.limit is not None)


def seen(exposure: Exposure, night_lux: float) -> Seen:
    """What a picture says about the light."""
    if exposure.lux is not None:
        if exposure.lux < night_lux:
            return Seen.DARK
        return Seen.BRIGHT if exposure.lux >= DAY_FACTOR * night_lux else Seen.BETWEEN
    luma, demand, limit = exposure.luma, exposure.demand, exposure.limit
    if demand is not None and limit is not None and luma is None:
        at_limit = demand >= AT_LIMIT * limit
        return Seen.DARK if at_limit else Seen.BRIGHT if demand * DAY_FACTOR <= limit else Seen.BETWEEN
    if luma is None:
        return Seen.BETWEEN
    may_give_out = demand is None or limit is None or demand >= AT_LIMIT * limit
    if luma < DARK_LUMA and may_give_out:
        return Seen.DARK
    return Seen.BRIGHT if luma >= BRIGHT_LUMA else Seen.BETWEEN
