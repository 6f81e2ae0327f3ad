"""Whether the operating system believes its own clock: asked of the kernel, or of the time service.

The kernel knows it whoever keeps its time (timesyncd, chrony, ntpd), but is not to be asked from every sandbox.
"""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# From <sys/timex.h>: what adjtimex returns, and the flag in its status, while nobody corrects the clock.
TIME_ERROR = 5
STA_UNSYNC = 0x0040
TIMESYNC = "run/systemd/timesync"


class _Timex(ctypes.Structure):
    """``struct timex`` up to the status; what follows is only given room."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    )


def kernel_synced() -> bool | None:
    """Whether the kernel's clock is being kept right; None if the kernel may not be asked here."""
    try:
        ask = ctypes.CDLL(None, use_errno=True).adjtimex
    except (AttributeError, OSError):
        return None
    # No modes: nothing is set, so no right is needed.
    told = _Timex(modes=0)
    state = ask(ctypes.byref(told))
    return None if state < 0 else state != TIME_ERROR and not told.status & STA_UNSYNC


def clock_synced(root: Path = Path("/"), ask_kernel: Callable[[], bool | None] = kernel_synced) -> bool | None:
    """Whether the time of day comes from a time server; None if nobody here knows.

    Where the kernel may not be asked, the mark is read that timesyncd leaves at its first success since the start.
    """
    synced = ask_kernel()
    if synced is not None:
        return synced
    folder = root / TIMESYNC
    return (folder / "synchronized").exists() if folder.is_dir() else None
