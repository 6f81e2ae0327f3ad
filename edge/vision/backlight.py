"""How light a picture is, and whether people in it stand against the light. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.core.frame import Frame
    from edge.core.model import Box

# Every so many pixels each way are enough; so bright is burnt out.
STRIDE = 4
BURNT = 250
# Around a body: as much again on either side. The inner half of a box is body, not what is between legs and arms.
INNER = 0.25


def picture_light(frame: Frame, people: Sequence[Box]) -> tuple[float, float, float | None, float | None]:
    """Mean brightness, share burnt out, brightness of people and of what is around them, 0..1 as displayed.

    The last two are None without people.
    """
    grey = frame.image[::STRIDE, ::STRIDE].mean(axis=2)
    inner, around = np.zeros(grey.shape, dtype=np.bool_), np.zeros(grey.shape, dtype=np.bool_)
    body = np.zeros(grey.shape, dtype=np.bool_)
    for box in people:
        inner |= _mask(box, -INNER, grey.shape)
        body |= _mask(box, 0.0, grey.shape)
        around |= _mask(box, 1.0, grey.shape)
    around &= ~body
    both = bool(inner.any() and around.any())
    return (
        float(grey.mean()) / 255,
        float((grey >= BURNT).mean()),
        float(grey[inner].mean()) / 255 if both else None,
        float(grey[around].mean()) / 255 if both else None,
    )


def _mask(box: Box, wider: float, shape: tuple[int, ...]) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """The cells of a box made wider by a part of its breadth on either side; made smaller all round below 0."""
    rows, columns = shape[0], shape[1]
    more_x, more_y = wider * box.width, min(0.0, wider) * box.height
    mask = np.zeros((rows, columns), dtype=np.bool_)
    top, bottom = (round(part * rows) for part in (box.top - more_y, box.bottom + more_y))
    left, right = (round(part * columns) for part in (box.left - more_x, box.right + more_x))
    mask[max(0, top) : max(0, bottom), max(0, left) : max(0, right)] = True
    return mask
