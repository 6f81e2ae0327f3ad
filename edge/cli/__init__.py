"""The command ``acm``: reads the words after it and calls one function for each verb."""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from edge.cli.parsing import parsed
from edge.core.errors import AcmError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

INTERRUPTED = 130
PIPE_CLOSED = 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``acm`` with these words (the process's own by default); return its exit code.

    0: done; 2: wrong input, told in one sentence; 1: failed while running; 130: interrupted.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    _prepare()
    try:
        with _ended_like_ctrl_c():
            ask = parsed(words)
            code: int = ask.run(ask)
            sys.stdout.flush()
    except AcmError as error:
        sys.stderr.write(f"acm: {error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader (head, less) has seen enough.
        _write_no_more()
        return PIPE_CLOSED
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        sys.stderr.write("acm: The output cannot be written: there is no room; free some or name another place.\n")
        _write_no_more()
        return AcmError.exit_code
    return code


def _prepare() -> None:
    """Set what has to be set before anything is loaded or written."""
    # The video library must not mix its own lines with ours.
    os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    # A file's name may hold bytes that are no letters.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _write_no_more() -> None:
    """Nothing may be written any more, not even on exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _ended_like_ctrl_c() -> Iterator[None]:
    """Being asked to end cleans up as Ctrl-C does; half-written files would be left behind otherwise."""
    if threading.current_thread() is not threading.main_thread():
        # Python lets nobody else set this.
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
