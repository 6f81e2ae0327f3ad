"""Puts the stand-in for picamera2 where the real package would be, as fresh as if the program had just started."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

FAKES = Path(__file__).parent / "fake_pi"


@contextmanager
def installed() -> Iterator[ModuleType]:
    """``picamera2`` and ``libcamera`` can be imported meanwhile."""
    sys.path.insert(0, str(FAKES))
    forget()
    try:
        yield import_module("picamera2")
    finally:
        sys.path.remove(str(FAKES))
        forget()


def forget() -> None:
    """Let both be imported anew."""
    for name in ("picamera2", "libcamera"):
        sys.modules.pop(name, None)
