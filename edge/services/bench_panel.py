"""What the panel costs counting: the sample clip counted alone, and with a panel that is flooded, hung and killed."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from statistics import fmean
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# At most, at most.
CHIME_BUDGET, RSS_BUDGET_MB = 1.10, 200.0
ALONE, FLOODED = "alone", "flooded"

# In and out at each line.
Counts = dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Called:
    """What callers got: bytes of the first page with all it needs, and how often each status was answered.

    0 stands for calls that were not answered at all. ``viewers`` had their page open to the end.
    """

    page_bytes: int = 0
    answers: Mapping[str, int] = field(default_factory=dict)
    for_s: float = 0.0
    viewers: int = 0

    @property
    def a_second(self) -> float:
        """Calls a second."""
        return sum(self.answers.values()) / self.for_s if self.for_s else 0.0


@dataclass(frozen=True, slots=True)
class Pass:
    """The clip counted once in real time. ``bad_ms``: how late a chime came in the bad case (95 %)."""

    what: str
    counts: Counts
    usual_ms: float
    bad_ms: float
    chimes: int
    panel_rss_mb: float = 0.0
    called: Called = field(default_factory=Called)


@dataclass(frozen=True, slots=True)
class PanelReport:
    """All figures of one run. ``truth``: what is counted in the clip when nothing is in a hurry."""

    truth: Counts
    passes: Sequence[Pass]

    @property
    def lost(self) -> int:
        """By how many all passes together are off the truth."""
        return sum(
            abs(told - true)
            for one in self.passes
            for line, counts in self.truth.items()
            for told, true in zip(one.counts.get(line, (0, 0)), counts, strict=True)
        )

    def share(self, what: str) -> float:
        """The bad case of chimes in passes of a kind, in shares of that alone."""
        alone, beside = self._bad_ms(ALONE), self._bad_ms(what)
        return beside / alone if alone else 0.0

    @property
    def checks(self) -> list[tuple[str, float, float]]:
        """Each budgeted figure: what it is, how much, at most how much."""
        kinds = [kind for kind in dict.fromkeys(one.what for one in self.passes) if kind != ALONE]
        return [
            ("counts off the clip's, all passes", float(self.lost), 0.0),
            *((f"chime {kind} / alone, 95 %", self.share(kind), CHIME_BUDGET) for kind in kinds),
            ("panel's peak memory, MB", max((one.panel_rss_mb for one in self.passes), default=0.0), RSS_BUDGET_MB),
        ]

    @property
    def within(self) -> bool:
        """Whether every budget is kept."""
        return all(figure <= bound for _, figure, bound in self.checks)

    def json(self) -> str:
        """For a program."""
        told: dict[str, Any] = {
            "truth": self.truth,
            "passes": [{**asdict(one), "calls_a_second": round(one.called.a_second, 1)} for one in self.passes],
            "checks": {name: {"measured": round(figure, 3), "most": bound} for name, figure, bound in self.checks},
            "within": self.within,
        }
        return json.dumps(told, indent=1) + "\n"

    def text(self) -> str:
        """For a person."""
        lines = [f"The sample clip has {_told(self.truth)}; counted in real time, once a row"]
        for one in self.passes:
            lines.append(
                f"  {one.what:<16}{_told(one.counts)}; a chime {one.usual_ms:.1f} ms after its picture "
                f"(95 %: {one.bad_ms:.1f}, of {one.chimes})"
            )
            if one.called.for_s:
                lines.append(f"{'':18}{_answered(one.called)}, {one.panel_rss_mb:.0f} MB")
        page = max((one.called.page_bytes for one in self.passes), default=0)
        lines.append(f"  the first page, with all it needs, is {page / 1000:.0f} kB on the wire")
        lines.append(f"{'':2}{'':<40}{'measured':>10}{'at most':>10}")
        lines += [
            f"  {name:<40}{figure:>10.3f}{bound:>10.3f}  {'ok' if figure <= bound else 'missed'}"
            for name, figure, bound in self.checks
        ]
        return "\n".join(lines) + "\n"

    def _bad_ms(self, what: str) -> float:
        return fmean(one.bad_ms for one in self.passes if one.what == what)


def _told(counts: Counts) -> str:
    """All lines together."""
    return f"in {sum(count for count, _ in counts.values())}, out {sum(count for _, count in counts.values())}"


def _answered(called: Called) -> str:
    answers = ", ".join(f"{count} x {code}" for code, count in sorted(called.answers.items()))
    return f"{called.viewers} viewers, {called.a_second:.0f} calls a second ({answers})"
