"""Tells the outcome of a replay: as sentences for a person, or as one JSON object for a program."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.analytics.truth import TOLERANCE_S, LineVerdict, judge, together
from edge.core.model import Direction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.analytics.truth import Crossing
    from edge.services.replay import Outcome


@dataclass(frozen=True, slots=True)
class Report:
    """A replay's outcome with, if the truth is known, the verdict on each line."""

    video: str
    outcome: Outcome
    verdicts: tuple[LineVerdict, ...] = ()
    explain: bool = False

    def text(self) -> str:
        """For a person: totals, verdicts, and why tracks were not counted."""
        outcome = self.outcome
        rows = [f"{self.video}: {outcome.frames} pictures looked at, the last at {outcome.t_s:.1f} s"]
        wide = max(len(name) for name in outcome.totals)
        for name, total in outcome.totals.items():
            rows.append(f"  {name:<{wide}}  in {total[Direction.IN]:>3}  out {total[Direction.OUT]:>3}")
        if self.explain:
            rows += self._reasons()
        if self.verdicts:
            rows += self._verdicts()
        return "\n".join(rows) + "\n"

    def json(self) -> str:
        """For a program."""
        outcome = self.outcome
        known = {verdict.line: verdict for verdict in self.verdicts}
        lines: list[dict[str, object]] = []
        for name, total in outcome.totals.items():
            row: dict[str, object] = {"name": name, "in": total[Direction.IN], "out": total[Direction.OUT]}
            if name in known:
                row["truth"] = _verdict_row(known[name])
            lines.append(row)
        told: dict[str, object] = {
            "video": self.video,
            "frames": outcome.frames,
            "last_t": round(outcome.t_s, 3),
            "inside": outcome.inside,
            "lines": lines,
        }
        if self.explain:
            told["rejected"] = [
                {"t": round(r.t_s, 3), "line": r.line, "track": r.track_id, "reason": r.reason.value}
                for r in sorted(outcome.rejected, key=lambda r: (r.t_s, r.line, r.track_id))
            ]
        return json.dumps(told, ensure_ascii=False, indent=1) + "\n"

    def _reasons(self) -> list[str]:
        rejected = sorted(self.outcome.rejected, key=lambda r: (r.t_s, r.line, r.track_id))
        if not rejected:
            return ["Every track that came to a line was counted."]
        return ["Not counted:"] + [
            f"  {r.t_s:7.1f} s  {r.line}  track {r.track_id}: {r.reason.value}" for r in rejected
        ]

    def _verdicts(self) -> list[str]:
        rows = [f"Against the truth, give or take {TOLERANCE_S:g} s:"]
        for verdict in self.verdicts:
            rows.append(_verdict_line(verdict))
            rows += [f"    false:  {_listed(verdict.false)}"] if verdict.false else []
            rows += [f"    missed: {_listed(verdict.missed)}"] if verdict.missed else []
        if len(self.verdicts) > 1:
            rows.append(_verdict_line(together(self.verdicts)))
        return rows


def verdicts(outcome: Outcome, truth: Sequence[tuple[str, Sequence[Crossing]]]) -> tuple[LineVerdict, ...]:
    """One verdict for every line of which the true crossings are known."""
    return tuple(
        judge(name, ((event.t_s, event.direction) for event in outcome.crossings if event.line == name), crossings)
        for name, crossings in truth
    )


def _verdict_line(verdict: LineVerdict) -> str:
    real = verdict.right + len(verdict.missed)
    return (
        f"  {verdict.line}: right {verdict.right} of {real}, false {len(verdict.false)}, missed {len(verdict.missed)}, "
        f"F1 {verdict.f1:.3f}"
    )


def _listed(crossings: Sequence[Crossing]) -> str:
    return ", ".join(f"{t_s:.1f} s {direction.value}" for t_s, direction in crossings)


def _verdict_row(verdict: LineVerdict) -> dict[str, object]:
    return {
        "right": verdict.right,
        "false": [{"t": round(t_s, 3), "direction": way.value} for t_s, way in verdict.false],
        "missed": [{"t": round(t_s, 3), "direction": way.value} for t_s, way in verdict.missed],
        "precision": round(verdict.precision, 4),
        "recall": round(verdict.recall, 4),
        "f1": round(verdict.f1, 4),
    }
