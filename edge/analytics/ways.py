"""Ways people walked, many at once, as arrays: where nobody in particular was, and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from edge.core.model import Point


@dataclass(frozen=True, slots=True)
class Ways:
    """Some walks. ``at_ms``: when each began (UTC, ms since 1970); ``steps``: how many places each has.

    The places of all walks stand one after the other: ``after_s`` since the walk began, ``x`` and ``y`` in fractions
    of the picture.
    """

    at_ms: NDArray[np.int64]
    steps: NDArray[np.int64]
    after_s: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]

    def __len__(self) -> int:
        """How many walks."""
        return len(self.at_ms)

    @property
    def firsts(self) -> NDArray[np.int64]:
        """The place of each walk's first step."""
        found: NDArray[np.int64] = np.cumsum(self.steps) - self.steps
        return found

    @property
    def owner(self) -> NDArray[np.int64]:
        """Which walk each step belongs to."""
        return np.repeat(np.arange(len(self)), self.steps)

    @classmethod
    def of(cls, walks: Sequence[tuple[int, Sequence[tuple[float, float, float]]]]) -> Ways:
        """From walks as they are told: when each began in ms, and its steps (after_s, x, y)."""
        steps = np.array([step for _, some in walks for step in some], dtype=np.float64).reshape(-1, 3)
        return cls(
            np.array([at_ms for at_ms, _ in walks], dtype=np.int64),
            np.array([len(some) for _, some in walks], dtype=np.int64),
            steps[:, 0], steps[:, 1], steps[:, 2],
        )  # fmt: skip


def within(x: NDArray[np.float64], y: NDArray[np.float64], corners: Sequence[Point]) -> NDArray[np.bool_]:
    """Which places lie in a polygon: the even-odd rule of ``geometry.inside_polygon``, for many at once."""
    inside = np.zeros(len(x), dtype=np.bool_)
    ax, ay = corners[-1]
    for bx, by in corners:
        if ay != by:
            inside ^= ((ay > y) != (by > y)) & (x < (bx - ax) * (y - ay) / (by - ay) + ax)
        ax, ay = bx, by
    return inside
