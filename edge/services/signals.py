"""Signals of the system, taken between two steps of the main thread and never in the midst of one."""

from __future__ import annotations

import select
import signal
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType, TracebackType

    from typing_extensions import Self

STOPS = (signal.SIGTERM, signal.SIGINT)
RELOADS = (signal.SIGHUP,)


class Signals:
    """Use as ``with Signals() as signals:`` on the main thread.

    Handlers set flags and nothing else: they run between any two instructions, and a lock taken there is a deadlock.
    ``wait`` is woken by way of a socket that the interpreter itself writes to.
    """

    def __init__(self) -> None:
        self.stop: signal.Signals | None = None
        self.reload = False
        self._before: dict[signal.Signals, object] = {}

    def __enter__(self) -> Self:
        self._woken, self._wakes = socket.socketpair()
        for end in (self._woken, self._wakes):
            end.settimeout(0)
        self._wake_fd_before = signal.set_wakeup_fd(self._wakes.fileno(), warn_on_full_buffer=False)
        for number in (*STOPS, *RELOADS):
            self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)  # type: ignore[arg-type]
        signal.set_wakeup_fd(self._wake_fd_before)
        self._woken.close()
        self._wakes.close()

    def wait(self, timeout_s: float) -> None:
        """Return when a signal comes, after ``timeout_s`` at the latest."""
        if select.select([self._woken], [], [], timeout_s)[0]:
            self._woken.recv(4096)

    def wake(self) -> None:
        """Make ``wait`` return; may be called from any thread."""
        try:
            self._wakes.send(b"\0")
        except BlockingIOError:
            # It is full of reasons to wake up.
            return

    def take_reload(self) -> bool:
        """Whether a reload was asked for since the last call."""
        asked, self.reload = self.reload, False
        return asked

    def _note(self, number: int, _: FrameType | None) -> None:
        if number in RELOADS:
            self.reload = True
        elif self.stop is None:
            self.stop = signal.Signals(number)
