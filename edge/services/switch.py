"""One relay in use: its plan, its pin, and what is done while the pin cannot be had."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.core.backoff import Reconnect
from edge.core.errors import DeviceError
from edge.core.notices import RELAY_BACK, RELAY_FAULT, RELAY_LIMITED

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.analytics.actions import SwitchRelay
    from edge.analytics.switching import SwitchPlan
    from edge.core.notice import Fact
    from edge.core.ports import Relay

RETRY_FIRST_S, RETRY_MOST_S = 1.0, 30.0


class Switch:
    """A relay that may be lost and comes back. ``open_relay`` opens its pin, in the safe state, or raises."""

    def __init__(
        self, name: str, plan: SwitchPlan, open_relay: Callable[[], Relay], tell: Callable[[Fact], None]
    ) -> None:
        self.name, self.plan = name, plan
        self._open_relay, self._tell = open_relay, tell
        self._relay: Relay | None = None
        self._again = Reconnect(RETRY_FIRST_S, RETRY_MOST_S)
        self._lost = False

    def request(self, action: SwitchRelay, now_s: float) -> None:
        """Take a request; ``step`` carries it out."""
        self.plan.request(action, now_s)

    def step(self, now_s: float) -> float | None:
        """Do what is due; return the time to call again, None if not before the next request."""
        step = self.plan.step(now_s)
        if step.cut_after_s is not None:
            self._tell(RELAY_LIMITED.fact(relay=self.name, on_s=step.cut_after_s))
        if not self._apply(on=step.on, now_s=now_s):
            retry_s = now_s + self._again.wait_s(now_s)
            return retry_s if step.again_s is None else min(retry_s, step.again_s)
        return step.again_s

    def stop(self, now_s: float) -> None:
        """Go to the safe state and let go of the pin."""
        self.plan.stop(now_s)
        if self._relay is not None:
            self._relay.close()
            self._relay = None

    def told(self) -> dict[str, object]:
        """Figures for the board."""
        return {"name": self.name, "on": self.plan.on, "why": self.plan.why, "lost": self._lost}

    def _apply(self, *, on: bool, now_s: float) -> bool:
        """Have the pin as the plan says; False (told once) if that cannot be done now."""
        if not self._again.may_try(now_s):
            return False
        try:
            if self._relay is None:
                self._relay = self._open_relay()
            if self._relay.on is not on:
                self._relay.set(on)
        except DeviceError as error:
            self._fail(error, now_s)
            return False
        self._again.succeeded()
        if self._lost:
            self._lost = False
            self._tell(RELAY_BACK.fact(relay=self.name))
        return True

    def _fail(self, error: DeviceError, now_s: float) -> None:
        self._again.failed(now_s)
        if not self._lost:
            self._lost = True
            self._tell(RELAY_FAULT.fact(relay=self.name, reason=str(error)))
        relay, self._relay = self._relay, None
        if relay is not None:
            relay.close()
