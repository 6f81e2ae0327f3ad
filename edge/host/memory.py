"""How much memory this process has taken at most."""

from __future__ import annotations

import resource
from pathlib import Path

KB_A_MB = 1024


def peak_rss_mb() -> float:
    """Peak resident memory of this process in MB.

    Linux's own figure is read first: getrusage carries over the peak of the process that started this one.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        for row in status.read_text(encoding="ascii").splitlines():
            if row.startswith("VmHWM:"):
                return int(row.split()[1]) / KB_A_MB
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KB_A_MB
