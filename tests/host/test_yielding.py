"""A process that leaves the processor to others."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from edge.host.yielding import AUTOGROUP

LOOK = """
import os
from edge.host.yielding import AUTOGROUP, give_way
os.nice({before})
give_way(10)
print(os.getpriority(os.PRIO_PROCESS, 0), *(AUTOGROUP.read_text().split()[-1:] if AUTOGROUP.exists() else []))
"""
ROOT = Path(__file__).parents[2]
MINE = os.getpriority(os.PRIO_PROCESS, 0)


def looked(before: int, *, session: bool) -> list[str]:
    """Niceness of a process, and of its session; nothing of that where /proc/self/autogroup is empty or absent."""
    words = [sys.executable, "-c", LOOK.format(before=before)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True, start_new_session=session)  # noqa: S603 - ours
    return done.stdout.split()


@pytest.mark.parametrize(("before", "after"), [(0, 10), (15, 15)])
def test_it_yields_at_least_so_much(before: int, after: int) -> None:
    assert int(looked(before, session=True)[0]) == max(min(19, MINE + before), after)


def test_a_session_of_its_own_yields_as_a_whole_and_that_of_others_is_left_alone() -> None:
    assert looked(0, session=True)[1:] in (["10"], [])
    mine = AUTOGROUP.read_text(encoding="ascii").split()[-1:] if AUTOGROUP.exists() else []
    assert looked(0, session=False)[1:] == mine
