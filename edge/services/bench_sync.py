"""What sending upstream costs: rows a second from a device's disk to the hub's, against the database's own COPY."""

from __future__ import annotations

import json
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

# At least, at most, at most, at most.
COPY_BUDGET, BYTES_BUDGET, RSS_BUDGET_MB, CHIME_BUDGET = 0.40, 10.0, 200.0, 1.10


@dataclass(frozen=True, slots=True)
class Round:
    """A device's backlog sent to a hub, and the same rows copied by the database alone, one after the other."""

    rows: int
    sent_s: float
    copy_s: float

    @property
    def share(self) -> float:
        """Rows a second of one device, in shares of COPY's."""
        return self.copy_s / self.sent_s


@dataclass(frozen=True, slots=True)
class ChimeTimes:
    """Milliseconds from a picture to its chime: the median, the bad case (95 %), and of how many."""

    usual_ms: float
    bad_ms: float
    count: int


@dataclass(frozen=True, slots=True)
class Chimes:
    """How late a chime comes while nothing waits, and while a backlog waits for the network and is then sent."""

    plain: ChimeTimes
    backlog: ChimeTimes
    backlog_rows: int

    @property
    def share(self) -> float:
        """The bad case with a backlog, in shares of that without."""
        return self.backlog.bad_ms / self.plain.bad_ms if self.plain.bad_ms else 0.0


@dataclass(frozen=True, slots=True)
class SyncReport:
    """All figures of one run. ``wire_bytes`` are those of a crossing in batches of 500."""

    rounds: Sequence[Round]
    wire_bytes: float
    hub_rss_mb: float
    chimes: Chimes | None = None

    @property
    def share(self) -> float:
        """What one device and the hub reach of the database's own speed; the median of the rounds."""
        return median(one.share for one in self.rounds)

    @property
    def checks(self) -> list[tuple[str, float, float, bool]]:
        """Each budgeted figure: what it is, how much, the bound, whether the bound is kept."""
        most = [("bytes of a crossing on the wire", self.wire_bytes, BYTES_BUDGET),
                ("hub's peak memory, MB", self.hub_rss_mb, RSS_BUDGET_MB)]  # fmt: skip
        if self.chimes is not None:
            most.append(("chime with backlog / without, 95 %", self.chimes.share, CHIME_BUDGET))
        return [
            ("rows a second / COPY's", self.share, COPY_BUDGET, self.share >= COPY_BUDGET),
            *((name, figure, bound, figure <= bound) for name, figure, bound in most),
        ]

    @property
    def within(self) -> bool:
        """Whether every budget is kept."""
        return all(kept for *_, kept in self.checks)

    def json(self) -> str:
        """For a program."""
        told: dict[str, Any] = {
            "rows": self.rounds[0].rows,
            "drain_s": round(self._drain_s, 3),
            "rows_per_second": round(self.rounds[0].rows / self._drain_s),
            "copy_rows_per_second": round(self.rounds[0].rows / self._copy_s),
            "share_of_copy": round(self.share, 3),
            "bytes_per_crossing": round(self.wire_bytes, 2),
            "hub_rss_mb": round(self.hub_rss_mb, 1),
            "budgets": {
                "share_of_copy": COPY_BUDGET, "bytes_per_crossing": BYTES_BUDGET, "hub_rss_mb": RSS_BUDGET_MB,
                "chime_share": CHIME_BUDGET,
            },
            "within": self.within,
        }  # fmt: skip
        if self.chimes is not None:
            told["chime_ms"] = {
                name: {"p50": round(times.usual_ms, 3), "p95": round(times.bad_ms, 3), "count": times.count}
                for name, times in (("plain", self.chimes.plain), ("backlog", self.chimes.backlog))
            } | {"share": round(self.chimes.share, 3), "backlog_rows": self.chimes.backlog_rows}
        return json.dumps(told, indent=1) + "\n"

    def text(self) -> str:
        """For a person."""
        rows = self.rounds[0].rows
        sent = ((self._drain_s, "sent"), (self._copy_s, "bare COPY"))
        lines = [f"{rows} crossings (30 days) of a device, through a hub to PostgreSQL; medians of {len(self.rounds)}"]
        lines += [
            f"  {name:<12}{seconds:8.2f} s {rows / seconds:10,.0f} rows/s {self._copy_s / seconds:8.2f} of COPY"
            for seconds, name in sent
        ]
        if self.chimes is not None:
            plain, backlog = self.chimes.plain, self.chimes.backlog
            lines.append(
                f"  a chime {plain.usual_ms:.1f} ms after its picture (95 %: {plain.bad_ms:.1f}), with "
                f"{self.chimes.backlog_rows} rows waiting {backlog.usual_ms:.1f} ms (95 %: {backlog.bad_ms:.1f})"
            )
        lines.append(f"{'':2}{'':<40}{'measured':>10}{'budget':>10}")
        lines += [
            f"  {name:<40}{figure:>10.3f}{bound:>10.3f}  {'ok' if kept else 'missed'}"
            for name, figure, bound, kept in self.checks
        ]
        return "\n".join(lines) + "\n"

    @property
    def _drain_s(self) -> float:
        return median(one.sent_s for one in self.rounds)

    @property
    def _copy_s(self) -> float:
        return median(one.copy_s for one in self.rounds)
