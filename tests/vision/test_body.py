"""What a box says about a body."""

from __future__ import annotations

import pytest

from edge.core.model import Box
from edge.vision.body import body_size, edge_margin, plausible

ASPECT = 4 / 3


def upright(left: float, top: float, width: float, height: float) -> Box:
    return Box(left, top, left + width, top + height)


def test_a_whole_body_is_as_big_as_it_is_high() -> None:
    assert body_size(upright(0.4, 0.2, 0.12, 0.5), ASPECT) == pytest.approx(0.5)


def test_a_cut_off_body_is_told_by_its_breadth() -> None:
    assert body_size(upright(0.4, 0.8, 0.15, 0.2), ASPECT) == pytest.approx(2 * 0.15 * ASPECT)


def test_the_size_is_never_nothing() -> None:
    assert body_size(Box(0.5, 0.5, 0.5, 0.5), ASPECT) > 0


def test_the_margin_grows_with_the_body() -> None:
    assert edge_margin(0.05) == pytest.approx(0.01)
    assert edge_margin(0.8) == pytest.approx(0.032)


@pytest.mark.parametrize(
    ("box", "can_be"),
    [
        (upright(0.4, 0.2, 0.12, 0.5), True),
        (upright(0.4, 0.3, 0.30, 0.3), True),
        (upright(0.2, 0.3, 0.60, 0.3), False),
        (upright(0.4, 0.8, 0.30, 0.2), True),
        (upright(0.2, 0.8, 0.60, 0.2), False),
        (upright(0.4, 0.2, 0.0, 0.5), False),
        (upright(0.4, 0.2, 0.1, 0.0), False),
        (Box(0.6, 0.6, 0.4, 0.9), False),
    ],
    ids=["whole", "arms out", "row of people", "cut", "too broad even cut", "no breadth", "no height", "inside out"],
)
def test_what_can_be_a_person(box: Box, *, can_be: bool) -> None:
    assert plausible(box, ASPECT) is can_be
