"""The motion gate, on pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from edge.core.frame import Frame
from edge.vision.gate import GateSettings, MotionGate

if TYPE_CHECKING:
    from numpy.typing import NDArray

LOOK_ANYWAY_S = GateSettings().look_anyway_s


def shop(light: int = 0) -> NDArray[np.int16]:
    """An empty shop, a little textured."""
    rng = np.random.default_rng(1)
    coarse = rng.integers(60, 160, (12, 16)).repeat(40, 0).repeat(40, 1)
    return (coarse[..., None] + np.zeros(3, np.int64) + light).astype(np.int16)


def taken(scene: NDArray[np.int16], t_s: float, noise: float = 2.0) -> Frame:
    """A picture of it with the sensor's noise."""
    rng = np.random.default_rng(int(t_s * 1000))
    return Frame(np.clip(scene + rng.normal(0, noise, scene.shape), 0, 255).astype(np.uint8), t_s)


def with_person(scene: NDArray[np.int16], x: int, wide: int = 40, high: int = 120) -> NDArray[np.int16]:
    scene = scene.copy()
    scene[250 : 250 + high, x : x + wide] = 220
    return scene


def settled(gate: MotionGate, until_s: float = 5.0) -> list[float]:
    """Show the empty shop; the times at which the gate opened."""
    times = [k / 10 for k in range(round(until_s * 10))]
    return [t_s for t_s in times if gate.open(taken(shop(), t_s), busy=False)]


def test_an_empty_shop_is_looked_at_once_in_a_while() -> None:
    looked = settled(MotionGate(), 10.0)
    assert looked[0] == 0.0
    assert np.diff(looked) == pytest.approx(LOOK_ANYWAY_S, abs=0.11)


def test_the_wait_is_in_seconds_whatever_the_frame_rate() -> None:
    gate = MotionGate()
    times = [0.0, 0.4, 1.1, 1.3, 2.2, 2.3, 4.1, 4.3, 7.0, 7.1]
    looked = [t_s for t_s in times if gate.open(taken(shop(), t_s), busy=False)]
    assert looked == [0.0, 2.2, 4.3, 7.0]


@pytest.mark.parametrize(("wide", "high"), [(40, 120), (20, 60)])
def test_somebody_coming_in_opens_it_at_once(wide: int, high: int) -> None:
    gate = MotionGate()
    settled(gate, 4.5)
    assert not gate.open(taken(shop(), 4.5), busy=False)
    assert gate.open(taken(with_person(shop(), 300, wide, high), 4.6), busy=False)


def test_a_followed_person_keeps_it_open() -> None:
    gate = MotionGate()
    settled(gate, 4.5)
    assert all(gate.open(taken(shop(), 4.5 + k / 10), busy=True) for k in range(5))


def test_a_moved_chair_becomes_the_shop() -> None:
    gate = MotionGate()
    settled(gate, 4.5)
    moved = with_person(shop(), 300)
    times = [4.5 + k / 2 for k in range(120)]
    looked = [t_s for t_s in times if gate.open(taken(moved, t_s), busy=False)]
    late = [t_s for t_s in looked if t_s > 45]
    assert looked[:3] == times[:3]
    assert len(late) <= (times[-1] - 45) / LOOK_ANYWAY_S + 1


def test_the_light_going_on_is_got_over_in_one_frame() -> None:
    gate = MotionGate()
    settled(gate, 4.5)
    bright = shop(light=60)
    assert gate.open(taken(bright, 4.5), busy=False)
    assert not gate.open(taken(bright, 4.6), busy=False)


def test_another_size_of_picture_starts_afresh() -> None:
    gate = MotionGate()
    settled(gate, 1.0)
    assert gate.open(Frame(np.full((240, 640, 3), 90, np.uint8), 1.0), busy=False)


def test_a_narrow_picture_and_a_tiny_one_are_taken() -> None:
    gate = MotionGate()
    assert gate.open(Frame(np.zeros((400, 2, 3), np.uint8), 0.0), busy=False)
    assert gate.open(Frame(np.zeros((1, 1, 3), np.uint8), 0.1), busy=False)
