"""Work that takes a while, in a process of its own that stands back for everything else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from edge.host.yielding import give_way

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# The counter runs at -5, the panel at 10.
NICE = 15
# The first to go when memory runs out.
OOM_SCORE = Path("/proc/self/oom_score_adj")
FIRST_TO_GO = "900"
STOP_S = 4.0
# What libraries of figures would start threads by, one for each processor.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
MOST_SAID = 4096


def stand_back() -> None:
    """Have this process yield to all others, and be the first to go when memory runs out.

    The counter's own sandbox refuses the first (see ``give_way``): there it keeps to one processor of several.
    """
    give_way(NICE)
    with suppress(OSError):
        OOM_SCORE.write_text(FIRST_TO_GO, encoding="ascii")


@contextmanager
def undisturbed() -> Iterator[None]:
    """Within this, being asked to end is heard afterwards: whoever asks waits a little, and may kill."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Errand:
    """``acm`` with these words, in a process of its own; what it says goes to the open file ``said``.

    It takes no word of its own back from what it was given: whoever runs it looks with ``code`` from time to time, and
    ends it with ``stop`` when it takes too long. Raises ``OSError`` if it cannot be started.
    """

    def __init__(self, words: Sequence[str], said: IO[bytes]) -> None:
        self._said = said
        self._process = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-m", "edge", *words], stdin=subprocess.DEVNULL, stdout=said, stderr=said,
            start_new_session=True, env={**os.environ, **ONE_THREAD},
        )  # fmt: skip

    @property
    def code(self) -> int | None:
        """How it ended; None while it goes on."""
        return self._process.poll()

    @property
    def last_words(self) -> str:
        """The last line it said, without the program's name."""
        self._said.seek(0, os.SEEK_END)
        self._said.seek(max(0, self._said.tell() - MOST_SAID))
        rows = self._said.read(MOST_SAID).decode(errors="replace").strip().splitlines()
        return rows[-1].removeprefix("acm: ") if rows else ""

    def stop(self) -> None:
        """End it: in good order, and if that takes too long by force. May be called twice."""
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP_S)
        self._said.close()
