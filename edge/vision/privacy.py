"""Makes people in a picture unrecognisable before it is shown to anybody.

Whoever was found is covered, glimpses and those only remembered included; whom the detector does not find at all it
cannot cover. Where not even that may happen there is no picture (``privacy_lock``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from edge.core.model import Box

    Image = NDArray[np.uint8]

# Hair, hands and a late box reach over the edge: parts of the box's own breadth and height.
SPARE_WIDE, SPARE_HIGH = 0.2, 0.1
# So many patches over a person's breadth: a gait can be seen, a face or a print on a shirt cannot.
PATCHES = 5
BLACK = (16, 16, 16)
# Frames narrower than this show no more than a few pixels of anybody.
LEAST_PX = 2


def hidden(image: Image, boxes: Iterable[Box], how: str) -> Image:
    """A copy of ``image`` (height x width x 3, uint8, BGR) with people covered: ``how`` is blur, black or clear.

    Boxes are in fractions of the picture. ``ValueError`` for another way.
    """
    if how not in ("blur", "black", "clear"):
        raise ValueError(f"no way to hide people: {how!r}")
    covered = image.copy()
    for box in boxes if how != "clear" else ():
        patch = _patch(covered, box)
        if min(patch.shape[:2]) < LEAST_PX:
            continue
        patch[:] = BLACK if how == "black" else _coarse(patch)
    return covered


def _patch(image: Image, box: Box) -> Image:
    """The part of a picture somebody is in, with some more around it."""
    high, wide = image.shape[:2]
    spare_x, spare_y = SPARE_WIDE * box.width, SPARE_HIGH * box.height
    left, right = (round(min(1.0, max(0.0, x)) * wide) for x in (box.left - spare_x, box.right + spare_x))
    top, bottom = (round(min(1.0, max(0.0, y)) * high) for y in (box.top - spare_y, box.bottom + spare_y))
    return image[top:bottom, left:right]


def _coarse(patch: Image) -> Image:
    """The same with nothing finer than a fifth of a person's breadth in it."""
    high, wide = patch.shape[:2]
    rows = max(1, round(PATCHES * high / wide))
    small = cv2.resize(patch, (PATCHES, min(rows, 4 * PATCHES)), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (wide, high), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
