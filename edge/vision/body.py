"""What a box says about a body: how big it is, whether it is cut off, whether it can be a person at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edge.core.model import Box

# A standing person is about 2.5 times as high as broad; arms and a detector's margin make it 2.
BREADTHS_HIGH = 2.0
# A detector's box ends up to four per cent of the body short of the edge that cuts it (and one of the picture).
CUT_BODIES, CUT_LEAST = 0.04, 0.01
# Head and shoulders cut by the lower edge are up to about twice as broad as high; a whole body never is.
BROADEST_CUT, BROADEST_WHOLE = 2.5, 1.5


def body_size(box: Box, aspect: float) -> float:
    """A body's size in frame heights: the greater of its height and twice its breadth.

    Somebody cut off by an edge or a counter keeps a breadth that tells how big the whole is.
    """
    return max(box.height, BREADTHS_HIGH * box.width * aspect, 1e-6)


def edge_margin(size: float) -> float:
    """How near the picture's edge a box of a body of this size must end to count as cut off by it."""
    return max(CUT_LEAST, CUT_BODIES * size)


def plausible(box: Box, aspect: float) -> bool:
    """Whether a box has the shape of one person: a row of people or a van is too broad."""
    if box.height <= 0 or box.width <= 0:
        return False
    margin = edge_margin(box.height)
    whole = box.top > margin and box.bottom < 1 - margin
    return box.width * aspect / box.height <= (BROADEST_WHOLE if whole else BROADEST_CUT)
