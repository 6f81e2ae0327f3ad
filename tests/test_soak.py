"""Endurance: a while at several times life's speed leaves no thread, no descriptor and no memory behind.

By hand for longer: ``SOAK_S=3600 pytest tests/test_soak.py``.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from statistics import median

from daemon_kit import SILENT, Daemon, door

SOAK_S = float(os.environ.get("SOAK_S", "15"))
# The program, its libraries and their caches (the database's alone has 2 MB) have settled by then.
SETTLED_S = max(10.0, SOAK_S / 4)
FAULTS = "lost_after_s = 8.0\nlost_for_s = 4.0"
LOAD = SILENT + door(speed=4, people=60, faults=FAULTS) + door(speed=4, seed=2).replace('"door"', '"back"') + """
[[relay]]
name = "lamp"
pin = 17
[[rule]]
name = "light"
on = "arrival"
relay = "lamp"
turn = "hold"
for_s = 5.0
"""
MOST_GROWTH = 1.02 if SOAK_S >= 600 else 1.1


def held(pid: int) -> tuple[int, int, float]:
    """Threads, descriptors and memory (MB) of a process."""
    status = dict(row.split(":", 1) for row in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(status["Threads"]), len(list(Path(f"/proc/{pid}/fd").iterdir())), int(status["VmRSS"].split()[0]) / 1024


def test_nothing_grows(tmp_path: Path) -> None:
    with Daemon(tmp_path, LOAD) as daemon:
        daemon.start()
        assert daemon.process is not None
        daemon.hear("\0", SETTLED_S)
        before = held(daemon.process.pid)
        memory: list[float] = []
        for _ in range(20):
            daemon.hear("\0", SOAK_S / 20)
            # Somebody looks in: connections must not stay either.
            status = daemon.ask("status")
            memory.append(held(daemon.process.pid)[2])
        after = held(daemon.process.pid)
        told = f"{before} before, {after} after {SOAK_S:g} s, in {status['in']}, out {status['out']}"
        sys.stderr.write(f"\n{told}\n")
        assert after[0] <= before[0], told
        assert after[1] <= before[1] + 1, told
        assert median(memory[-5:]) <= MOST_GROWTH * before[2], told
        assert status["records"]["dropped"] == status["records"]["waiting"] == 0 or status["records"]["waiting"] < 20
        assert daemon.stop() <= 15.0


