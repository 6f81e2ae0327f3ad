"""Living with SDL, which pygame stands on: it talks where nobody asked it to, and takes signals not its own."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


def vendor_module(name: str) -> Any:  # noqa: ANN401 - a module
    """A module of pygame. It greets on standard output when it is loaded, where only our own words may stand."""
    with contextlib.redirect_stdout(io.StringIO()):
        return importlib.import_module(name)


def reason(error: Exception) -> str:
    """What a library says, as part of a sentence."""
    return str(error).rstrip(".") or type(error).__name__


@contextlib.contextmanager
def quiet_standard_error() -> Iterator[None]:
    """Keep the system's own complaints (ALSA's are eight lines long) from the terminal while a device is opened.

    They are written past Python, to file descriptor 2. What other threads write there meanwhile, for some
    milliseconds, is lost with them.
    """
    sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:
        # There is no standard error to be spoiled.
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


@contextlib.contextmanager
def termination_kept() -> Iterator[None]:
    """SDL takes SIGTERM for itself where nobody else wants it, and the process could not be ended any more."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        # Python lets only the main thread set this; elsewhere whoever started the thread has its own handler already.
        if before is not None and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)
