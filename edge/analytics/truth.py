"""Compares what was counted with what really happened: right, false and missed crossings, line by line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.core.model import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# People who note crossings by eye agree to about half a second; twice that still tells two people apart.
TOLERANCE_S = 1.0

Crossing = tuple[float, Direction]
"""When (seconds into the video) and which way."""


@dataclass(frozen=True, slots=True)
class LineVerdict:
    """How well one line was counted. ``false`` was counted and did not happen, ``missed`` the other way round."""

    line: str
    right: int
    false: tuple[Crossing, ...]
    missed: tuple[Crossing, ...]

    @property
    def precision(self) -> float:
        """Share of the counted crossings that happened, 0..1 (1 if none was counted)."""
        told = self.right + len(self.false)
        return self.right / told if told else 1.0

    @property
    def recall(self) -> float:
        """Share of the real crossings that were counted, 0..1 (1 if there was none)."""
        real = self.right + len(self.missed)
        return self.right / real if real else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 0..1 (1 if nothing happened and nothing was counted)."""
        wrong = len(self.false) + len(self.missed)
        return 2 * self.right / (2 * self.right + wrong) if self.right or wrong else 1.0


def judge(
    line: str, told: Iterable[Crossing], real: Iterable[Crossing], tolerance_s: float = TOLERANCE_S
) -> LineVerdict:
    """Pair counted crossings with real ones, each at most once, within ``tolerance_s`` and of the same direction."""
    told, real = list(told), list(real)
    right = 0
    false: list[Crossing] = []
    missed: list[Crossing] = []
    for direction in Direction:
        told_s = sorted(t_s for t_s, way in told if way is direction)
        real_s = sorted(t_s for t_s, way in real if way is direction)
        pairs, told_left, real_left = _paired(told_s, real_s, tolerance_s)
        right += pairs
        false += [(t_s, direction) for t_s in told_left]
        missed += [(t_s, direction) for t_s in real_left]
    return LineVerdict(line, right, tuple(sorted(false)), tuple(sorted(missed)))


def together(verdicts: Sequence[LineVerdict], name: str = "all lines") -> LineVerdict:
    """One verdict over several lines."""
    return LineVerdict(
        name,
        sum(v.right for v in verdicts),
        tuple(crossing for v in verdicts for crossing in v.false),
        tuple(crossing for v in verdicts for crossing in v.missed),
    )


def _paired(told_s: list[float], real_s: list[float], tolerance_s: float) -> tuple[int, list[float], list[float]]:
    """Most pairs possible between two sorted lists; the rest of either.

    All windows are equally wide, so the earliest of both sides may always be paired when it can: exchanging any other
    choice for it never loses a pair.
    """
    pairs = i = j = 0
    told_left: list[float] = []
    real_left: list[float] = []
    while i < len(told_s) and j < len(real_s):
        late_s = told_s[i] - real_s[j]
        # Times come from decimal text: a hair over the tolerance is rounding.
        if abs(late_s) <= tolerance_s + 1e-9:
            pairs, i, j = pairs + 1, i + 1, j + 1
        elif late_s > 0:
            real_left.append(real_s[j])
            j += 1
        else:
            told_left.append(told_s[i])
            i += 1
    return pairs, told_left + told_s[i:], real_left + real_s[j:]
