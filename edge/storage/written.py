"""How many bytes writing costs the card, by the kernel's own count for the thread that writes."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

COUNTERS = Path("/proc/thread-self/io")
# Bytes of pages made dirty, so that the disk has to be written; not what only went into memory.
NAME = "write_bytes:"


class Written:
    """Adds up what was written while ``counting``. A kernel that does not count leaves it at 0."""

    def __init__(self) -> None:
        self.bytes = 0

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count what this thread writes meanwhile, whatever becomes of it."""
        before = _so_far()
        try:
            yield
        finally:
            self.bytes += max(0, _so_far() - before)


def _so_far() -> int:
    try:
        lines = COUNTERS.read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.removeprefix(NAME)) for line in lines if line.startswith(NAME)), 0)
