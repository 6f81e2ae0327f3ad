"""The nouns of counting."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.core.frame import Frame
from edge.core.model import Box, Direction, Sighting, Track

sides = st.tuples(st.floats(0, 0.9), st.floats(0.01, 0.9))
boxes = st.builds(lambda x, y: Box(x[0], y[0], x[0] + x[1], y[0] + y[1]), sides, sides)


def test_a_box_knows_its_parts() -> None:
    box = Box(0.2, 0.1, 0.4, 0.7)
    assert (box.width, box.height) == pytest.approx((0.2, 0.6))
    assert box.centre == pytest.approx((0.3, 0.4))
    assert box.foot == pytest.approx((0.3, 0.7))


@pytest.mark.parametrize(
    ("other", "iou"),
    [
        (Box(0.0, 0.0, 0.4, 0.4), 1.0),
        (Box(0.2, 0.0, 0.6, 0.4), 1 / 3),
        (Box(0.1, 0.1, 0.3, 0.3), 0.25),
        (Box(0.4, 0.0, 0.8, 0.4), 0.0),
        (Box(0.6, 0.6, 0.8, 0.8), 0.0),
        (Box(0.2, 0.2, 0.2, 0.2), 0.0),
    ],
)
def test_overlap(other: Box, iou: float) -> None:
    assert Box(0.0, 0.0, 0.4, 0.4).iou(other) == pytest.approx(iou)


@settings(derandomize=True, deadline=None)
@given(boxes, boxes)
def test_overlap_is_mutual_and_a_share(one: Box, other: Box) -> None:
    assert one.iou(other) == pytest.approx(other.iou(one))
    assert 0.0 <= one.iou(other) <= 1.0 + 1e-9
    assert one.iou(one) == pytest.approx(1.0)


def test_the_other_way() -> None:
    assert Direction.IN.opposite is Direction.OUT
    assert Direction.OUT.opposite is Direction.IN


def test_a_box_cannot_be_changed() -> None:
    box = Box(0.0, 0.0, 1.0, 1.0)
    with pytest.raises(FrozenInstanceError):
        box.left = 0.5  # type: ignore[misc]


def test_neither_a_track_nor_a_sighting_holds_a_picture() -> None:
    names = {field.name for noun in (Track, Sighting) for field in fields(noun)}
    assert not names & {"image", "frame", "crop", "pixels"}


def test_a_frame_knows_its_measures() -> None:
    frame = Frame(np.zeros((480, 640, 3), np.uint8), t_s=1.5, index=7)
    assert (frame.width_px, frame.height_px) == (640, 480)
    assert frame.aspect == pytest.approx(4 / 3)
