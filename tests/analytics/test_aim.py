"""How well a camera is aimed: a good aim scores high, each fault takes points off and is named, at any door."""

from __future__ import annotations

from dataclasses import replace
from math import cos, radians, sin
from random import Random
from typing import TYPE_CHECKING

import pytest

from edge.analytics.aim import Aim, AimReason, Light, Seen, aim
from edge.analytics.aimlog import KEEP_S, MOST_PASSERS, AimLog
from edge.analytics.scene import Scene
from edge.analytics.standpoint import PERSON_M, standpoint
from edge.core.events import RejectReason, TrackRejected
from edge.core.model import Anchor, Box, Mount, Sighting, Track, Tripwire

if TYPE_CHECKING:
    from collections.abc import Callable

ASPECT = 4 / 3
DOOR = Tripwire("door", (0.05, 0.6), (0.95, 0.6))
DAYLIGHT = Light(0.45, 0.01, 0.4, 0.5)
# A door 2.5 m high seen from inside: a person's height by how far down the feet are.
HORIZON, SLOPE = 0.1, PERSON_M / 2.5


def upright(_: float, y: float) -> float:
    return SLOPE * (y - HORIZON)


def turned(x: float, y: float, turn: float) -> float:
    return SLOPE * ((y - HORIZON) * cos(turn) + (x * ASPECT - 0.66) * sin(turn))


def passed(
    log: AimLog,
    dice: Random,
    number: int,
    size: Callable[[float, float], float] = upright,
    start: float = 0.45,
    end: float = 0.85,
    breadth: float = 0.4,
    feet: Callable[[float], bool] = lambda _: True,
) -> float:
    """Somebody walks from one height of the picture to another, in two seconds; returns when that was over."""
    x, drift = dice.uniform(0.2, 0.8), dice.uniform(-0.1, 0.1)
    begins = number * 5.0
    for step in range(21):
        t_s, y = begins + step / 10, start + (end - start) * step / 20
        stands_x = x + drift * step / 20
        height = size(stands_x, y) * (1 + dice.gauss(0, 0.03))
        half = breadth * height / 2 / ASPECT
        box = Box(max(0.0, stands_x - half), max(0.0, y - height), min(1.0, stands_x + half), y)
        anchor = Anchor.FOOT if feet(y) else Anchor.ASIDE
        track = Track(number, box, 0.9, t_s, begins, True, height, (stands_x, y), anchor)  # noqa: FBT003 - observed
        log.saw(Sighting(t_s, (track,)))
    log.saw(Sighting(begins + 3, (), (number,)))
    return begins + 3


def scored(number: int = 40, mount: Mount = Mount.OBLIQUE, light: Light | None = DAYLIGHT, **knobs: object) -> Aim:
    dice, log, now_t_s = Random(4), AimLog(DOOR, mount, ASPECT), 0.0
    for person in range(1, number + 1):
        now_t_s = passed(log, dice, person, **knobs)  # type: ignore[arg-type]
    if light is not None:
        log.note_light(now_t_s, light)
    return aim(log.seen(now_t_s))


def reasons(found: Aim) -> list[AimReason]:
    return [reason.id for reason in found.reasons]


def test_a_good_aim() -> None:
    found = scored()
    assert found.score is not None
    assert found.score >= 95
    assert found.people == 40


def test_too_few_people_are_no_score() -> None:
    found = scored(4)
    assert (found.score, found.people, found.needed) == (None, 4, 5)
    assert reasons(scored(4, light=Light(0.02))) == [AimReason.DARK], "what is known at once is told at once"


FAULTS: dict[AimReason, dict[str, object]] = {
    AimReason.FEET_HIDDEN_IN: {"feet": lambda y: y < 0.6},
    AimReason.FEET_HIDDEN_OUT: {"feet": lambda y: y > 0.6},
    AimReason.TOO_SMALL: {"size": lambda _, y: 0.3 * upright(0, y)},
    AimReason.TOO_LARGE: {"size": lambda _, __: 1.0},
    AimReason.BORN_AT_LINE: {"start": 0.6},
    AimReason.BACKLIGHT: {"light": replace(DAYLIGHT, burnt=0.3)},
    AimReason.DARK: {"light": replace(DAYLIGHT, luma=0.05)},
    AimReason.ROLLED: {"size": lambda x, y: turned(x, y, radians(20))},
    AimReason.TOO_LOW: {"size": lambda _, y: PERSON_M / 1.5 * (y - 0.3)},
    AimReason.WRONG_MOUNT: {"breadth": 0.95},
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_named_first_and_takes_points_off(fault: AimReason) -> None:
    found = scored(**FAULTS[fault])  # type: ignore[arg-type]
    assert found.score is not None
    assert found.score <= 90
    assert reasons(found)[0] is fault
    worst = found.reasons[0]
    assert 0 < worst.lost <= worst.weight
    assert all(a.lost >= b.lost for a, b in zip(found.reasons, found.reasons[1:], strict=False))


def test_people_against_the_light() -> None:
    found = scored(light=Light(0.5, 0.0, 0.1, 0.6))
    assert reasons(found) == [AimReason.BACKLIGHT]
    assert found.reasons[0].value == pytest.approx(1 / 6)


def test_a_line_that_is_too_short() -> None:
    seen = _seen()
    assert AimReason.LINE_TOO_SHORT in reasons(aim(replace(seen, passed_beside=20)))
    assert AimReason.LINE_TOO_SHORT not in reasons(aim(replace(seen, passed_beside=1)))


def test_from_above() -> None:
    """Boxes as broad as long are right there; upright ones are those of the other mount."""
    right = scored(mount=Mount.OVERHEAD, breadth=0.9)
    assert right.score is not None
    assert right.score >= 95
    wrong = scored(mount=Mount.OVERHEAD)
    assert (reasons(wrong)[0], wrong.score) == (AimReason.WRONG_MOUNT, 20)


def test_nobody_on_one_side_is_no_sight_of_feet_there() -> None:
    found = scored(start=0.3, end=0.5, size=lambda _, __: 0.35)
    assert reasons(found)[0] is AimReason.FEET_HIDDEN_IN


@pytest.mark.parametrize("height_m", [1.5, 2.5, 4.0])
@pytest.mark.parametrize("roll_deg", [-15.0, 0.0, 8.0])
def test_how_a_camera_stands(height_m: float, roll_deg: float) -> None:
    """Within a tenth and two degrees, from people of different heights in a picture that trembles."""
    dice = Random(7)
    slope, turn = PERSON_M / height_m, radians(roll_deg)
    spots = []
    for _ in range(200):
        x, y = dice.uniform(0.1, 0.9), dice.uniform(0.5, 0.9)
        size = slope * ((y + 0.2) * cos(turn) + (x * ASPECT - 0.66) * sin(turn))
        spots.append((x, y, size * (1 + dice.gauss(0, 0.05))))
    found = standpoint(spots, ASPECT)
    assert found.height_m == pytest.approx(height_m, rel=0.1)
    assert found.roll_deg == pytest.approx(roll_deg, abs=3)


def test_what_cannot_be_known_of_a_camera_is_not_told() -> None:
    line = [(0.1 + place / 250, 0.6, 0.3) for place in range(200)]
    column = [(0.5, 0.5 + place / 500, 0.3 + place / 1000) for place in range(200)]
    assert standpoint(line, ASPECT) == standpoint(line[:9], ASPECT)
    assert standpoint(line, ASPECT).height_m is None
    assert standpoint(column, ASPECT).roll_deg is None
    dice = Random(2)
    noise = [(dice.random(), dice.random(), dice.uniform(0.2, 0.6)) for _ in range(60)]
    assert standpoint(noise, ASPECT).height_m is None, "sizes that follow nothing"


def test_what_is_long_ago_is_forgotten() -> None:
    dice, log = Random(1), AimLog(DOOR, Mount.OBLIQUE, ASPECT)
    for person in range(1, 2 * MOST_PASSERS):
        now_t_s = passed(log, dice, person)
    seen = log.seen(now_t_s)
    assert len(seen.passers) <= MOST_PASSERS
    assert all(passer.t_s >= now_t_s - KEEP_S for passer in seen.passers)
    assert log.seen(now_t_s + KEEP_S + 1).passers == ()


def test_refusals_and_lights_are_noted() -> None:
    log = AimLog(DOOR, Mount.OBLIQUE, ASPECT)
    beside = TrackRejected(1.0, "door", 1, RejectReason.PASSED_BESIDE)
    others = [replace(beside, line="other"), replace(beside, reason=RejectReason.TURNED_BACK)]
    log.saw(Sighting(1.0, ()), [beside, *others])
    log.note_light(1.0, Light(0.4, 0.0))
    log.note_light(2.0, Light(0.2, 0.1, 0.3, 0.4))
    seen = log.seen(3.0)
    assert seen.passed_beside == 1
    assert seen.light == Light(pytest.approx(0.3), 0.05, 0.3, 0.4)
    assert log.seen(5000.0).light is None


def test_whoever_passes_far_from_the_line_says_nothing_of_it() -> None:
    found = scored(start=0.1, end=0.15)
    assert (found.score, found.people) == (None, 0)


def _seen() -> Seen:
    dice, log, now_t_s = Random(4), AimLog(DOOR, Mount.OBLIQUE, ASPECT), 0.0
    for person in range(1, 31):
        now_t_s = passed(log, dice, person)
    return log.seen(now_t_s)


def test_shown_what_a_scene_is_shown() -> None:
    scene, log = Scene([DOOR], (), ASPECT), AimLog(DOOR, Mount.OBLIQUE, ASPECT)
    for step in range(30):
        y = 0.4 + step / 60
        box = Box(0.45, y - 0.3, 0.55, y)
        track = Track(1, box, 0.9, step / 10, 0.0, True, 0.3, (0.5, y), Anchor.FOOT)  # noqa: FBT003 - observed
        sighting = Sighting(step / 10, (track,))
        log.saw(sighting, scene.update(sighting))
    log.saw(Sighting(9.0, (), (1,)))
    (passer,) = log.seen(9.0).passers
    assert passer.near
    assert not passer.born_at_line
    assert set(passer.sights) == {1, -1}
    assert all(feet == every for feet, every in passer.sights.values())
