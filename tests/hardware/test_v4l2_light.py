"""What a V4L2 driver tells of its exposure, and when it is believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import pytest

from edge.core.frame import Exposure
from edge.hardware.v4l2_light import V4l2Light

if TYPE_CHECKING:
    from collections.abc import Callable


class Driver:
    """A camera's driver; ``exposure`` and ``gain`` are told for the n-th time of asking."""

    def __init__(self, exposure: Callable[[int], float], gain: Callable[[int], float] = lambda _: -1.0) -> None:
        self._told = {cv2.CAP_PROP_EXPOSURE: exposure, cv2.CAP_PROP_GAIN: gain}
        self.asked = dict.fromkeys(self._told, 0)

    def get(self, propId: int) -> float:  # noqa: N803 - OpenCV's name
        self.asked[propId] += 1
        return self._told[propId](self.asked[propId])


def told(driver: Driver, seconds: float) -> list[Exposure | None]:
    light = V4l2Light()
    return [light(driver, 100 + number / 10) for number in range(round(10 * seconds))]


def test_exposure_is_asked_for_once_a_second_and_told_in_seconds() -> None:
    driver = Driver(lambda asked: 100.0 * asked, lambda _: 4.0)
    seen = told(driver, 5.0)
    assert set(driver.asked.values()) == {5}
    assert seen[:10] == [None] * 10
    assert [exposure.exposure_s for exposure in seen[10::10] if exposure] == pytest.approx([0.02, 0.03, 0.04, 0.05])
    assert [exposure.demand for exposure in seen[10::10] if exposure] == pytest.approx([0.08, 0.12, 0.16, 0.20])


def test_a_driver_that_tells_the_same_for_ever_is_not_believed() -> None:
    assert set(told(Driver(lambda _: 156.0, lambda _: 64.0), 30.0)) == {None}


def test_a_driver_that_tells_nothing_is_no_trouble() -> None:
    for nothing in (-1.0, 0.0):
        assert set(told(Driver(lambda _, value=nothing: value), 5.0)) == {None}


def test_gain_alone_may_move_and_is_at_least_one() -> None:
    seen = told(Driver(lambda _: 200.0, lambda asked: float(asked - 1)), 4.0)
    assert seen[15] == Exposure(0.02, 1.0)
    assert seen[35] == Exposure(0.02, 3.0)


def test_a_value_that_came_back_is_believed() -> None:
    seen = told(Driver(lambda asked: 200.0 if asked == 3 else 100.0), 5.0)
    assert seen[19] is None
    assert seen[20:] == [Exposure(0.02, 1.0)] * 10 + [Exposure(0.01, 1.0)] * 20
