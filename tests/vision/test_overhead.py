"""Counting from straight above: whole pictures of simulated people through the eye and the scene."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.analytics.scene import Scene
from edge.core.frame import Frame
from edge.core.model import Direction, Mount, Tripwire
from edge.hardware.sim import SimCamera, Walker
from edge.vision.background import Background, Difference
from edge.vision.blobs import BlobFinder, people_in
from edge.vision.overhead import OverheadEye
from edge.vision.shadows import Look, look, shadow_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

LINE = Tripwire("door", (0.0, 0.5), (1.0, 0.5))
# The camera has found its exposure and the floor is known.
READY_S = 6.0
CLOTHES = [(60, 50, 160), (30, 30, 30), (200, 200, 210), (110, 90, 80)]


def through(at_s: float, x: float = 0.5, *, down: bool = True, pace: float = 0.7, breadth: float = 0.25) -> Walker:
    """Straight through the picture at ``pace`` frame heights a second."""
    first, last = (-0.2, 1.2) if down else (1.2, -0.2)
    return Walker("somebody", ((at_s, x, first), (at_s + 1.4 / pace, x, last)), breadth)


def counted(frames: Iterable[Frame]) -> tuple[int, int]:
    eye, scene = OverheadEye(), None
    for frame in frames:
        scene = scene or Scene([LINE], (), frame.aspect)
        scene.update(eye.see(frame))
    assert scene is not None
    return scene.totals["door"][Direction.IN], scene.totals["door"][Direction.OUT]


def filmed(walkers: list[Walker], **how: float) -> Iterable[Frame]:
    camera = SimCamera(walkers, mount=Mount.OVERHEAD, **{"noise": 3.0, **how})  # type: ignore[arg-type]
    while (frame := camera.read()) is not None:
        yield frame


@pytest.mark.parametrize("fps", [10.0, 5.0])
@pytest.mark.parametrize("uneven", [0.0, 0.8])
def test_one_each_way(fps: float, uneven: float) -> None:
    assert counted(filmed([through(READY_S)], fps=fps, uneven=uneven)) == (1, 0)
    assert counted(filmed([through(READY_S, down=False)], fps=fps, uneven=uneven)) == (0, 1)


@pytest.mark.parametrize("colour", CLOTHES)
def test_two_abreast_and_two_who_meet(colour: tuple[int, int, int]) -> None:
    abreast = [replace(through(READY_S, 0.33), colour=colour), replace(through(READY_S + 0.1, 0.67), colour=colour)]
    assert counted(filmed(abreast)) == (2, 0)
    meeting = [through(READY_S, 0.33), through(READY_S, 0.67, down=False)]
    assert counted(filmed([replace(walker, colour=colour) for walker in meeting])) == (1, 1)


def test_a_file_close_behind_each_other_once_the_size_is_known() -> None:
    alone = [through(READY_S + 3.2 * k) for k in range(6)]
    file = [through(READY_S + 20 + 0.45 * k) for k in range(4)]
    assert counted(filmed(alone + file)) == (10, 0)


def test_a_runner() -> None:
    assert counted(filmed([through(READY_S, pace=2.0)])) == (1, 0)


@pytest.mark.parametrize("breadth", [0.15, 0.45])
def test_high_and_low_mounts(breadth: float) -> None:
    walkers = [through(READY_S, breadth=breadth), through(READY_S + 4, down=False, breadth=breadth)]
    assert counted(filmed(walkers)) == (1, 1)


def test_who_turns_round_on_the_line_counts_nothing() -> None:
    way = ((6.0, 0.5, -0.2), (7.0, 0.5, 0.5), (8.0, 0.5, 0.5), (9.0, 0.5, -0.2))
    assert counted(filmed([Walker("hesitant", way, 0.25)])) == (0, 0)


def test_an_empty_floor_with_a_noisy_sensor_counts_nothing() -> None:
    assert counted(filmed([], noise=8.0, duration_s=60.0, fps=5.0)) == (0, 0)


def test_light_going_on_and_off_counts_nothing() -> None:
    def lit() -> Iterable[Frame]:
        for frame in filmed([], duration_s=30.0, fps=5.0):
            bright = 1.0 if int(frame.t_s / 7) % 2 else 0.45
            yield replace(frame, image=(frame.image * bright).astype(np.uint8))

    assert counted(lit()) == (0, 0)


def floor_of(grey: int, t_s: float) -> Frame:
    return Frame(np.full((120, 160, 3), grey, np.uint8), t_s)


def test_who_stands_still_becomes_scenery_and_leaves_no_ghost() -> None:
    background = Background()
    for k in range(40):
        background.compare(floor_of(120, k / 5))
    with_him = floor_of(120, 0).image.copy()
    with_him[40:80, 60:100] = 20
    seen = [background.compare(Frame(with_him, 8 + k / 5)).strange[60, 80] for k in range(60)]
    assert seen[0] == 255
    assert seen[-1] == 0
    gone = background.compare(floor_of(120, 20.2))
    assert not gone.strange.any()


def test_a_picture_of_another_size_begins_anew() -> None:
    background = Background()
    for k in range(20):
        background.compare(floor_of(120, k / 5))
    told = background.compare(Frame(np.zeros((240, 400, 3), np.uint8), 4.2))
    assert told.strange.shape == (120, 200)
    assert not told.settled


def test_looks() -> None:
    chance = np.random.default_rng(1)
    even = chance.normal(0, 0.02, 500).astype(np.float32)
    assert look(even + np.float32(0.2)) is Look.LIGHT
    assert look(even - np.float32(0.9)) is Look.SHADOW
    assert look(chance.normal(0, 0.9, 500).astype(np.float32)) is Look.BODY


def test_the_shadow_in_a_blob_is_its_commonest_dark() -> None:
    brighter = np.concatenate([np.full(300, -1.2), np.full(200, 0.6)]).astype(np.float32)
    assert shadow_in(brighter).sum() == 300
    assert not shadow_in(np.full(100, 0.5, np.float32)).any()


@pytest.mark.parametrize(
    ("share", "known", "people"), [(1.0, 0, 1), (1.6, 0, 1), (1.75, 0, 2), (1.5, 2, 2), (1.2, 2, 1), (3.1, 0, 3)]
)
def test_people_in_a_blob(share: float, known: int, people: int) -> None:
    assert people_in(share, known) == people


def difference(mask: NDArray[np.uint8], brighter: NDArray[np.float32]) -> Difference:
    return Difference(mask, mask, brighter, settled=True)


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.floats(0.0, 1.0), st.floats(0.004, 0.2), st.booleans())
def test_any_mask_gives_sound_boxes(seed: int, filled: float, area: float, known: bool) -> None:  # noqa: FBT001 - drawn
    chance = np.random.default_rng(seed)
    coarse = (chance.random((12, 16)) < filled).astype(np.uint8) * 255
    mask = np.kron(coarse, np.ones((10, 10), np.uint8))
    brighter = np.kron(chance.normal(0, 1, (12, 16)), np.ones((10, 10))).astype(np.float32)
    for blob in BlobFinder(difference(mask, brighter), area, known_size=known).find([(0.5, 0.5)]):
        box = blob.detection.box
        assert 0 <= box.left < box.right <= 1
        assert 0 <= box.top < box.bottom <= 1
        assert 0 < blob.detection.score <= 1
        assert blob.area > 0


def test_nothing_is_kept_of_who_ends_while_the_light_changes() -> None:
    eye = OverheadEye()
    sizes = eye._size  # noqa: SLF001 - what is kept is the matter
    noted = 0
    for frame in filmed([through(READY_S)], duration_s=14.0):
        # The exposure hunts from the moment he leaves until long after he is forgotten.
        restless = frame.t_s > READY_S + 1.2 and frame.t_s < 12 and int(frame.t_s * 5) % 2
        eye.see(replace(frame, image=(frame.image * (0.6 if restless else 1.0)).astype(np.uint8)))
        noted = max(noted, sizes.following)
    assert noted == 1
    assert sizes.following == 0
