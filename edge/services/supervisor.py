"""Starts the services, looks after them, stops them: one by one, in order, and not for longer than it may take."""

from __future__ import annotations

from itertools import groupby
from math import isfinite
from typing import TYPE_CHECKING

from edge.core.notices import SERVICE_RESTARTED, SERVICE_WEDGED, STOPPED_LATE
from edge.services.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge.core.clock import Clock
    from edge.core.notice import Fact
    from edge.host.notify import Notifier
    from edge.services.service import Service

# A service that is vital and did nothing but fail for this long is not coming right by itself.
FAILING_S = 30.0
# All together, whatever hangs: the service manager kills what takes longer than 15 s.
STOP_WITHIN_S = 14.0


class Supervisor:
    """Looks after services, each on its own thread.

    They are started in the order they are added and stopped in the reverse one, so what hands things on is added after
    what takes them. ``step`` tells the service manager's watchdog that all is well, and only while it is.
    """

    def __init__(self, clock: Clock, tell: Callable[[Fact], None], notifier: Notifier) -> None:
        self._clock, self._tell, self._notifier = clock, tell, notifier
        self._runners: list[Runner] = []
        self._wedged: set[str] = set()

    def add(self, service: Service) -> None:
        """Take on a service; it starts with ``start``."""
        self._runners.append(Runner(service, self._clock, self._failed))

    def start(self) -> None:
        """Start all that were added."""
        for runner in self._runners:
            runner.start()

    def step(self, now_s: float) -> bool:
        """Look after them all; return whether all is well. To be called about once a second."""
        for number, runner in enumerate(self._runners):
            if runner.stuck_s(now_s) > runner.service.patience_s:
                self._runners[number] = self._replaced(runner)
        bad = [runner for runner in self._runners if not _well(runner, now_s)]
        for runner in bad:
            self._tell_wedged(runner, now_s)
        self._wedged = {runner.service.name for runner in bad}
        if not bad:
            self._notifier.watchdog()
        return not bad

    def stop(self) -> list[str]:
        """Stop all, last started first, those of a kind together; return the names of those that did not in time."""
        end_s = self._clock.monotonic_s() + STOP_WITHIN_S
        late: list[str] = []
        for _, kind in groupby(reversed(self._runners), key=lambda runner: type(runner.service)):
            late += self._stopped_late(list(kind), end_s)
        if late:
            self._tell(STOPPED_LATE.fact(services=", ".join(late)))
        return late

    def _stopped_late(self, runners: Sequence[Runner], end_s: float) -> list[str]:
        for runner in runners:
            runner.stop()
        began_s = self._clock.monotonic_s()
        late = []
        for runner in runners:
            until_s = min(end_s, began_s + runner.service.stop_within_s)
            if not runner.join(until_s - self._clock.monotonic_s()):
                late.append(runner.service.name)
        return late

    def _replaced(self, runner: Runner) -> Runner:
        """A stuck service's successor on a fresh thread, if it has one; the stuck thread is left behind."""
        service = runner.service.successor()
        if service is None:
            return runner
        runner.stop()
        fresh = Runner(service, self._clock, self._failed)
        fresh.start()
        return fresh

    def told(self, now_s: float) -> dict[str, object]:
        """Figures for the board: how long each service's present step has lasted, and how long it has been failing."""
        return {
            runner.service.name: {
                "step_s": _finite(runner.stuck_s(now_s)), "failing_s": _finite(runner.failing_s(now_s)),
            }
            for runner in self._runners
        }  # fmt: skip

    def _failed(self, service: Service, error: Exception) -> None:
        reason = str(error) or type(error).__name__
        self._tell(SERVICE_RESTARTED.fact(service=service.name, reason=f"{type(error).__name__}: {reason}"))

    def _tell_wedged(self, runner: Runner, now_s: float) -> None:
        if runner.service.name not in self._wedged:
            silent_s = max(runner.stuck_s(now_s), runner.failing_s(now_s))
            self._tell(SERVICE_WEDGED.fact(service=runner.service.name, silent_s=silent_s))


def _well(runner: Runner, now_s: float) -> bool:
    if runner.stuck_s(now_s) > runner.service.patience_s:
        return False
    return not runner.service.vital or runner.failing_s(now_s) <= FAILING_S


def _finite(seconds: float) -> float | None:
    """For JSON, which does not know what is without end: None."""
    return round(seconds, 1) if isfinite(seconds) else None
