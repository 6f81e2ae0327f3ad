"""The main thread: starts everything, says when it is ready, listens to signals, and stops everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.core.errors import ConfigError
from edge.core.notices import STARTED, STOPPED, STOPPING

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.core.clock import Clock
    from edge.core.notice import Fact
    from edge.host.notify import Notifier
    from edge.services.board import Board
    from edge.services.signals import Signals
    from edge.services.supervisor import Supervisor

TICK_S = 1.0
# Until it is ready somebody waits for it.
STARTING_TICK_S = 0.05
STATUS_EVERY_S = 5.0
# A storm of signals is one wish, told once a second; the last of them is heard, too.
REREAD_EVERY_S = 1.0
# The service manager's own limit for stopping has to be told of when it takes this long.
STOP_TAKES_S = 15.0


class Conductor:
    """Runs the supervisor until a signal or ``over`` ends it. Everything here is on the main thread.

    ``reload`` reads the settings again (``ConfigError`` when they are wrong, told by then); ``over`` gives a reason
    to stop, or None. The supervisor's services are added but not started yet.
    """

    def __init__(  # noqa: PLR0913 - it holds all ends together
        self,
        supervisor: Supervisor,
        board: Board,
        notifier: Notifier,
        clock: Clock,
        tell: Callable[[Fact], None],
        *,
        reload: Callable[[], object],
        over: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._supervisor, self._board, self._notifier, self._clock = supervisor, board, notifier, clock
        self._tell, self._reload, self._over = tell, reload, over
        self._ready = False
        self._status_s = self._reread_s = float("-inf")

    def run(self, signals: Signals) -> list[str]:
        """Run until the end; return the names of services that did not stop in time."""
        self._supervisor.start()
        while (reason := self._reason(signals)) is None:
            self.step(self._clock.monotonic_s())
            calm = self._clock.monotonic_s() - self._reread_s >= REREAD_EVERY_S
            if calm and signals.take_reload():
                self._reread()
            signals.wait(TICK_S if self._ready else STARTING_TICK_S)
        return self._end(reason)

    def step(self, now_s: float) -> None:
        """Look after everything once."""
        self._supervisor.step(now_s)
        if not self._ready and self._board.ready:
            self._ready = True
            self._notifier.ready(self._board.line(now_s))
            cameras, lost = self._board.cameras()
            self._tell(STARTED.fact(cameras=cameras, lost=lost))
        if now_s - self._status_s >= STATUS_EVERY_S:
            self._status_s = now_s
            self._notifier.status(self._board.line(now_s))

    def _reason(self, signals: Signals) -> str | None:
        return f"signal {signals.stop.name}" if signals.stop is not None else self._over()

    def _reread(self) -> None:
        self._reread_s = self._clock.monotonic_s()
        self._notifier.reloading()
        try:
            self._reload()
        except ConfigError:
            # Every fault is in the journal; what was in force stays so.
            return
        finally:
            self._notifier.ready(self._board.line(self._clock.monotonic_s()))

    def _end(self, reason: str) -> list[str]:
        self._tell(STOPPING.fact(reason=reason))
        self._notifier.stopping()
        self._notifier.extend_timeout(STOP_TAKES_S)
        late = self._supervisor.stop()
        self._tell(STOPPED.fact())
        return late
