"""How light a picture is, and people against the light."""

from __future__ import annotations

import numpy as np
import pytest

from edge.core.frame import Frame
from edge.core.model import Box
from edge.vision.backlight import picture_light


def test_a_dark_person_before_a_bright_door() -> None:
    image = np.full((480, 640, 3), 204, dtype=np.uint8)
    image[:, 480:] = 255
    image[120:400, 200:280] = 51
    person = Box(200 / 640, 120 / 480, 280 / 640, 400 / 480)
    luma, burnt, inner, around = picture_light(Frame(image, 0.0), [person])
    assert burnt == pytest.approx(0.25)
    assert inner == pytest.approx(0.2)
    assert around == pytest.approx(0.8)
    assert luma == pytest.approx(image.mean() / 255, abs=0.01)


def test_nobody_and_somebody_who_fills_the_picture() -> None:
    frame = Frame(np.full((48, 64, 3), 100, dtype=np.uint8), 0.0)
    assert picture_light(frame, [])[2:] == (None, None)
    assert picture_light(frame, [Box(0.0, 0.0, 1.0, 1.0)])[2:] == (None, None)
