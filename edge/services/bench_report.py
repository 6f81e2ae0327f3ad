"""The bench's figures beside their budgets, and the comparison with the runtime's own benchmark program."""

from __future__ import annotations

import json
import shutil
import subprocess
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from edge.services.bench_device import CHIME_BUDGET_MS

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.services.bench import Costs
    from edge.services.bench_device import DeviceCosts

OVERHEAD_BUDGET = 0.30
GATED_BUDGET = 0.10
RSS_BUDGET_MB = 250.0
ROUNDS, RUNS = 3, 20
BENCHMARK_TIMEOUT_S = 120.0


@dataclass(frozen=True, slots=True)
class InvokeComparison:
    """Our network run against the runtime's own benchmark, milliseconds; ``reason`` when there is none."""

    ours_ms: float | None = None
    theirs_ms: float | None = None
    reason: str | None = None

    @property
    def share(self) -> float | None:
        """Ours in shares of theirs."""
        return None if self.ours_ms is None or not self.theirs_ms else self.ours_ms / self.theirs_ms


@dataclass(frozen=True, slots=True)
class BenchReport:
    """All figures of one run."""

    costs: Costs
    peak_rss_mb: float
    invoke: InvokeComparison
    video: str
    device: DeviceCosts | None = None

    @property
    def checks(self) -> list[tuple[str, float, float]]:
        """Each budgeted figure: what it is, how much, at most how much."""
        checks = [
            ("all but reading and Invoke / Invoke", self.costs.overhead_share, OVERHEAD_BUDGET),
            ("gated empty frame / full frame", self.costs.gated_share, GATED_BUDGET),
            ("peak memory, MB", self.peak_rss_mb, RSS_BUDGET_MB),
        ]
        if self.device is not None:
            checks.append(("picture to chime but Invoke, 95 %, ms", self.device.chime_bad_ms, CHIME_BUDGET_MS))
        return checks

    @property
    def within(self) -> bool:
        """Whether every budget is kept."""
        return all(figure <= most for _, figure, most in self.checks)

    def json(self) -> str:
        """For a program."""
        costs = self.costs
        told: dict[str, Any] = {
            "video": self.video,
            "frames": costs.frames,
            "stages_ms": {stage: round(ms, 4) for stage, ms in costs.stages_ms.items()},
            "overhead_share": round(costs.overhead_share, 4),
            "gated_ms": round(costs.gated_ms, 4),
            "gated_share": round(costs.gated_share, 4),
            "empty_share": round(costs.empty_share, 4),
            "fps": {str(threads): round(fps, 2) for threads, fps in costs.fps.items()},
            "peak_rss_mb": round(self.peak_rss_mb, 1),
            "invoke": {
                "ours_ms": _rounded(self.invoke.ours_ms),
                "litert_benchmark_ms": _rounded(self.invoke.theirs_ms),
                "share": _rounded(self.invoke.share),
                "reason": self.invoke.reason,
            },
            "budgets": {
                "overhead_share": OVERHEAD_BUDGET, "gated_share": GATED_BUDGET, "peak_rss_mb": RSS_BUDGET_MB,
                "chime_p95_ms": CHIME_BUDGET_MS,
            },
            "within": self.within,
        }
        if self.device is not None:
            told["chime_ms"] = {
                "p50": _rounded(self.device.chime_ms), "p95": _rounded(self.device.chime_bad_ms),
                "count": self.device.chimes,
            }  # fmt: skip
            told["written_bytes_per_crossing"] = round(self.device.crossing_bytes)
        return json.dumps(told, indent=1, ensure_ascii=False) + "\n"

    def text(self) -> str:
        """For a person."""
        costs = self.costs
        invoke_ms = costs.stages_ms["invoke"]
        rows = [f"{self.video}: {costs.frames} frames of 640x480, one thread, medians"]
        rows += [f"  {stage:<8}{ms:9.3f} ms{ms / invoke_ms:9.1%} of invoke" for stage, ms in costs.stages_ms.items()]
        rows.append("  frames a second: " + ", ".join(f"{fps:.1f} with {n} threads" for n, fps in costs.fps.items()))
        rows.append(
            f"  gated empty frame {costs.gated_ms:.3f} ms; an empty shop costs {costs.empty_share:.1%} of a full one"
        )
        rows.append(f"  {self._invoke_text()}")
        if self.device is not None:
            rows.append(
                f"  a chime {self.device.chime_ms:.1f} ms after its picture, the network left out;"
                f" {self.device.crossing_bytes:.0f} bytes written to the disk for a crossing alone"
            )
        rows.append(f"{'':2}{'':<40}{'measured':>10}{'budget':>10}")
        for name, figure, most in self.checks:
            rows.append(f"  {name:<40}{figure:>10.3f}{most:>10.3f}  {'ok' if figure <= most else 'over'}")
        return "\n".join(rows) + "\n"

    def _invoke_text(self) -> str:
        told = self.invoke
        if told.share is None:
            return f"not compared with litert-benchmark: {told.reason}"
        return f"Invoke alone {told.ours_ms:.2f} ms, litert-benchmark {told.theirs_ms:.2f} ms: {told.share:.2f} of it"


def compared_invoke(model: Path, invoke: Callable[[], object], now_ns: Callable[[], int]) -> InvokeComparison:
    """Run ours and the wheel's ``litert-benchmark`` in turns, one thread each."""
    program = _benchmark_program()
    if program is None:
        return InvokeComparison(reason="litert-benchmark is not installed beside this Python")
    ours, theirs = [], []
    for _ in range(ROUNDS):
        times = []
        for _ in range(RUNS):
            start = now_ns()
            invoke()
            times.append(now_ns() - start)
        ours.append(median(times) / 1e6)
        told = _their_ms(program, model)
        if told is None:
            return InvokeComparison(ours_ms=median(ours), reason="litert-benchmark cannot run this model here")
        theirs.append(told)
    return InvokeComparison(median(ours), median(theirs))


def _benchmark_program() -> str | None:
    """The program beside this Python (a virtual environment is not on the path unless activated)."""
    beside = Path(sysconfig.get_path("scripts")) / "litert-benchmark"
    return str(beside) if beside.is_file() else shutil.which("litert-benchmark")


def _their_ms(program: str, model: Path) -> float | None:
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        command = [program, f"--model={model}", f"--num_runs={RUNS}", "--num_threads=1", f"--result_json={result}"]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=BENCHMARK_TIMEOUT_S)  # noqa: S603 - our own wheel's program
            return float(json.loads(result.read_text(encoding="utf-8"))["latency"]["median_ms"])
        except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
            return None


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 4)
