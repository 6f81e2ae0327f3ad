"""Gives a service its thread: calls its steps, catches what they raise, and knows how long the present one lasts."""

from __future__ import annotations

from threading import Event as Flag
from threading import Thread
from typing import TYPE_CHECKING

from edge.core.backoff import Reconnect

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.core.clock import Clock
    from edge.services.service import Service


class Runner:
    """One service on one thread.

    A step that raises is told to ``failed`` and tried again, at first soon, then ever later: a fault in one service is
    no reason to stop the others. What decides whether the whole process is still well is asked from outside:
    ``stuck_s`` and ``failing_s``.
    """

    def __init__(
        self, service: Service, clock: Clock, failed: Callable[[Service, Exception], None], *, seed: int | None = None
    ) -> None:
        self.service = service
        self._clock, self._failed = clock, failed
        self._stop = Flag()
        self._again = Reconnect(0.5, 30.0, seed=seed)
        self._step_since_s: float | None = None
        self._failing_since_s: float | None = None
        self._closed = False
        # A thread stuck in a driver must not keep the process from ending.
        self._thread = Thread(target=self._run, name=service.name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end after the present step; returns at once and may be called again."""
        self._stop.set()
        self.service.leave()
        self.service.bell.set()

    def join(self, timeout_s: float) -> bool:
        """Wait for the end; whether it came within ``timeout_s``."""
        if self._thread.ident is not None:
            self._thread.join(max(0.0, timeout_s))
        return not self._thread.is_alive()

    @property
    def running(self) -> bool:
        """Whether its thread lives."""
        return self._thread.is_alive()

    def stuck_s(self, now_s: float) -> float:
        """How long its present step has lasted; without end when the thread died; 0 between two steps."""
        if self._thread.ident is not None and not self._thread.is_alive() and not self._stop.is_set():
            return float("inf")
        since_s = self._step_since_s
        return 0.0 if since_s is None else max(0.0, now_s - since_s)

    def failing_s(self, now_s: float) -> float:
        """How long every step has ended in an error; 0 while steps go well."""
        since_s = self._failing_since_s
        return 0.0 if since_s is None else max(0.0, now_s - since_s)

    def _run(self) -> None:
        while not self._stop.is_set():
            # Before the step: what is put in while it runs must ring again.
            self.service.bell.clear()
            self._rest(self._step())
        self._guarded(self.service.close)

    def _rest(self, pause_s: float) -> None:
        if pause_s > 0 and not self._stop.is_set():
            self.service.bell.wait(pause_s)

    def _step(self) -> float:
        """One step; return the pause after it."""
        pause_s = 0.0

        def step() -> None:
            nonlocal pause_s
            pause_s = self.service.step(self._clock.monotonic_s())

        if self._guarded(step):
            self._failing_since_s = None
            self._again.succeeded()
            return pause_s
        now_s = self._clock.monotonic_s()
        self._failing_since_s = now_s if self._failing_since_s is None else self._failing_since_s
        return self._again.failed(now_s)

    def _guarded(self, work: Callable[[], None]) -> bool:
        self._step_since_s = self._clock.monotonic_s()
        try:
            work()
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not end the thread unheard
            self._failed(self.service, error)
            return False
        finally:
            self._step_since_s = None
        return True
