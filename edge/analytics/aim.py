"""How well a camera is aimed at a line: a score out of 100, and why it is not 100. Pure.

It is told from what the last minutes showed (``aimlog.AimLog``), by rules that hold at any door: they speak of bodies,
shares of people, the pixels the detector gets, degrees; never of pixels of one camera or places in one picture. Each
reason is an id with the value it was found by and what would do, so that whoever shows it words it in any language.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from statistics import median
from typing import TYPE_CHECKING

from edge.analytics.standpoint import standpoint
from edge.core.model import Mount

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge.analytics.standpoint import Spot

# Fewer people tell more about themselves than about the camera.
LEAST_PASSERS = 5
# The detector is given pictures so many pixels high.
DETECTOR_PX = 300
# COCO calls what covers less than 32x32 pixels small, and detectors of this kind find few of those; a person is 2.5
# times as high as broad, so that is 50 px. At 80 px people are found as well as they get.
SMALL_PX, ENOUGH_PX = 50.0, 80.0
# A body that fills the picture has its head or its feet outside whenever it moves.
LARGE_BODY, FITTING_BODY = 1.0, 0.75
# The foot says where somebody stands; a side on which it is mostly hidden places people by guess.
FEW_FEET, MANY_FEET = 0.4, 0.85
# Who is first seen on the line itself has no side to come from: one in twenty happens at any door (behind others).
MANY_BORN, FEW_BORN = 0.4, 0.05
# Past the end of the line nobody is counted.
MANY_BESIDE, FEW_BESIDE = 0.3, 0.03
# A quarter of the picture burnt out, or people a quarter as bright as what is around them, is against the light;
# sunlight on a floor burns out a few per cent, and dark clothes are half as bright as a wall.
BURNT, CLEAR = 0.25, 0.04
SHADE, LIT = 0.25, 0.5
# Below this mean brightness automatic exposure has given out (as for day and night).
DARK_LUMA, BRIGHT_LUMA = 0.08, 0.2
# Boxes are upright: a leaning body's box holds a tenth more of something else from 6 degrees on, and half at 25.
MUCH_ROLL, LITTLE_ROLL = 25.0, 6.0
# Seen from eye level people hide each other; from half a metre above the heads a second one behind is seen.
LOW_M, HIGH_ENOUGH_M = 1.6, 2.2
# People from the side are 2 to 3 times as high as broad, from above as long as broad (up to 1.6 with arms and bags).
SQUARE, UPRIGHT = 1.3, 2.0
WRONG_MOUNT_SCORE = 20


class AimReason(str, Enum):
    """What takes points off. The values are ids for whoever words them."""

    FEET_HIDDEN_IN = "feet-hidden-in"
    FEET_HIDDEN_OUT = "feet-hidden-out"
    TOO_SMALL = "too-small"
    TOO_LARGE = "too-large"
    BORN_AT_LINE = "born-at-line"
    LINE_TOO_SHORT = "line-too-short"
    BACKLIGHT = "backlight"
    DARK = "dark"
    ROLLED = "rolled"
    TOO_LOW = "too-low"
    WRONG_MOUNT = "wrong-mount"


@dataclass(frozen=True, slots=True)
class Light:
    """The light of some pictures, 0..1 as displayed: mean, share burnt out, and people against what is around them."""

    luma: float
    burnt: float = 0.0
    person: float | None = None
    around: float | None = None


@dataclass(frozen=True, slots=True)
class Passer:
    """Somebody who passed. ``sights`` of either side (1: in, -1: out): with feet seen, and all.

    ``shape`` is height by breadth of the whole body, None if it was never seen whole; ``spots`` where it was.
    """

    t_s: float
    near: bool
    born_at_line: bool
    size: float
    shape: float | None
    sights: dict[int, tuple[int, int]]
    spots: tuple[Spot, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of one camera at one line. ``passed_beside`` are refusals for passing beside the line's end."""

    mount: Mount
    aspect: float
    passers: tuple[Passer, ...]
    passed_beside: int = 0
    light: Light | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: ``lost`` points of ``weight``; ``value`` is what was found, ``good`` from where on nothing is lost.

    Shares are 0..1, sizes in pixels of the detector's 300, angles in degrees, heights in metres.
    """

    id: AimReason
    lost: float
    weight: float
    value: float
    good: float


@dataclass(frozen=True, slots=True)
class Aim:
    """The score, None while ``people`` are fewer than ``needed``; reasons, the worst first; and what was measured."""

    score: int | None
    reasons: tuple[Reason, ...]
    people: int
    needed: int = LEAST_PASSERS


def aim(seen: Seen) -> Aim:
    """How well a camera is aimed at a line."""
    near = [passer for passer in seen.passers if passer.near]
    if len(near) < LEAST_PASSERS:
        return Aim(None, tuple(_light(seen)), len(near))
    found = [reason for rule in RULES for reason in rule(seen, near)]
    reasons = sorted((reason for reason in found if reason.lost >= 1), key=lambda reason: -reason.lost)
    score = round(max(0.0, 100 - sum(reason.lost for reason in reasons)))
    if any(reason.id is AimReason.WRONG_MOUNT for reason in reasons):
        score = min(score, WRONG_MOUNT_SCORE)
    return Aim(score, tuple(reasons), len(near))


def usual_body(seen: Seen) -> float | None:
    """How big people usually are, in frame heights; None before anybody passed."""
    return median(passer.size for passer in seen.passers) if seen.passers else None


def _reason(which: AimReason, weight: float, value: float, bad: float, good: float) -> Reason:
    """Nothing is lost from ``good`` on, all of the weight at ``bad``, and between them in proportion."""
    part = min(1.0, max(0.0, (good - value) / (good - bad)))
    return Reason(which, weight * part, weight, value, good)


def _feet(seen: Seen, near: Sequence[Passer]) -> list[Reason]:
    if seen.mount is Mount.OVERHEAD:
        return []
    found = []
    for side, which in ((1, AimReason.FEET_HIDDEN_IN), (-1, AimReason.FEET_HIDDEN_OUT)):
        sights = sum(passer.sights.get(side, (0, 0))[1] for passer in near)
        feet = sum(passer.sights.get(side, (0, 0))[0] for passer in near)
        # Nobody is ever seen on that side: the line lies at the picture's edge or behind the door.
        found.append(_reason(which, 15, feet / sights if sights else 0.0, FEW_FEET, MANY_FEET))
    return found


def _size(seen: Seen, near: Sequence[Passer]) -> list[Reason]:
    size = median(passer.size for passer in near)
    if seen.mount is Mount.OVERHEAD:
        return []
    small = _reason(AimReason.TOO_SMALL, 25, size * DETECTOR_PX, SMALL_PX, ENOUGH_PX)
    large = _reason(AimReason.TOO_LARGE, 15, size * DETECTOR_PX, LARGE_BODY * DETECTOR_PX, FITTING_BODY * DETECTOR_PX)
    return [small, large]


def _births(_: Seen, near: Sequence[Passer]) -> list[Reason]:
    born = sum(passer.born_at_line for passer in near) / len(near)
    return [_reason(AimReason.BORN_AT_LINE, 20, born, MANY_BORN, FEW_BORN)]


def _beside(seen: Seen, near: Sequence[Passer]) -> list[Reason]:
    share = seen.passed_beside / (len(near) + seen.passed_beside)
    return [_reason(AimReason.LINE_TOO_SHORT, 10, share, MANY_BESIDE, FEW_BESIDE)]


def _light(seen: Seen, _: Sequence[Passer] = ()) -> list[Reason]:
    light = seen.light
    if light is None:
        return []
    found = [_reason(AimReason.DARK, 15, light.luma, DARK_LUMA, BRIGHT_LUMA)]
    against = [_reason(AimReason.BACKLIGHT, 15, light.burnt, BURNT, CLEAR)]
    if light.person is not None and light.around:
        against.append(_reason(AimReason.BACKLIGHT, 15, light.person / light.around, SHADE, LIT))
    found.append(max(against, key=lambda reason: reason.lost))
    return [reason for reason in found if reason.lost >= 1]


def _standing(seen: Seen, _: Sequence[Passer]) -> list[Reason]:
    """Tilt and height of the camera, from how big people are where."""
    if seen.mount is Mount.OVERHEAD:
        return []
    spots = [spot for passer in seen.passers for spot in passer.spots]
    stands = standpoint(spots, seen.aspect)
    found = []
    if stands.roll_deg is not None:
        found.append(_reason(AimReason.ROLLED, 15, abs(stands.roll_deg), MUCH_ROLL, LITTLE_ROLL))
    if stands.height_m is not None:
        found.append(_reason(AimReason.TOO_LOW, 10, stands.height_m, LOW_M, HIGH_ENOUGH_M))
    return found


def _mount(seen: Seen, near: Sequence[Passer]) -> list[Reason]:
    """Whether people look as they do from the other mount."""
    shapes = [passer.shape for passer in near if passer.shape is not None]
    if len(shapes) < LEAST_PASSERS:
        return []
    shape = median(shapes)
    wrong = shape > UPRIGHT if seen.mount is Mount.OVERHEAD else shape < SQUARE
    good = SQUARE if seen.mount is Mount.OVERHEAD else UPRIGHT
    return [Reason(AimReason.WRONG_MOUNT, 80, 80, shape, good)] if wrong else []


RULES: tuple[Callable[[Seen, Sequence[Passer]], list[Reason]], ...] = (
    _mount, _feet, _size, _births, _beside, _light, _standing,
)  # fmt: skip
