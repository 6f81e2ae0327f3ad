"""Leaving the processor to others."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

AUTOGROUP = Path("/proc/self/autogroup")


def give_way(niceness: int) -> None:
    """Have this process take what others leave, unless it yields as much already.

    Where that is forbidden (a sandbox without that system call), whoever set the sandbox up has seen to it.
    """
    with suppress(OSError):
        if os.getpriority(os.PRIO_PROCESS, 0) < niceness:
            os.setpriority(os.PRIO_PROCESS, 0, niceness)
    # Linux shares the processor out among sessions first, and looks at niceness within one only (man sched, autogroup).
    if os.getsid(0) == os.getpid():
        with suppress(OSError):
            AUTOGROUP.write_text(str(niceness), encoding="ascii")
