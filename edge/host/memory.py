"""How much memory a process has taken at most."""

from __future__ import annotations

import resource
from pathlib import Path

KB_A_MB = 1024


def peak_rss_mb() -> float:
    """Peak resident memory of this process in MB.

    Linux's own figure is read first: getrusage carries over the peak of the process that started this one.
    """
    peak = peak_rss_mb_of("self")
    return peak if peak is not None else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KB_A_MB


def peak_rss_mb_of(process: int | str) -> float | None:
    """Peak resident memory of a process by its number, in MB; None where the system does not tell."""
    status = Path("/proc") / str(process) / "status"
    rows = status.read_text(encoding="ascii", errors="replace").splitlines() if status.is_file() else []
    return next((int(row.split()[1]) / KB_A_MB for row in rows if row.startswith("VmHWM:")), None)
