"""Does something about what happens: rules decide, relays are switched, sound and light are passed on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.analytics.actions import Chime, Say, SetLight, SwitchRelay
from edge.core.backoff import Reconnect
from edge.core.errors import DeviceError
from edge.core.events import ButtonPressed, ButtonReleased
from edge.core.notice import Fact
from edge.core.notices import INPUT_CHANGED, INPUT_FAULT
from edge.services.happening import Happening
from edge.services.inbox import Inbox
from edge.services.service import IDLE_S, Service

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from edge.analytics.actions import Action
    from edge.analytics.rules import Rules
    from edge.config.schema import Config
    from edge.core.clock import Clock
    from edge.core.ports import Button
    from edge.services.happening import Sink
    from edge.services.switch import Switch

ROOM = 2000
BATCH = 200
# A finger is on a button for a tenth of a second; presses in between are counted by the pin's own thread.
BUTTONS_EVERY_S = 0.05
RETRY_FIRST_S, RETRY_MOST_S = 1.0, 30.0


class Actuator(Service):
    """Asks the rules about every event and once a second, and carries out what they say.

    ``sound`` and ``light`` take the actions that are not for relays. ``others`` are told of buttons. ``at`` tells the
    time of day at a monotonic time, None while it is not known.
    """

    def __init__(  # noqa: PLR0913 - what decides, and all that can be done
        self,
        rules: Rules,
        switches: Sequence[Switch],
        buttons: Mapping[str, Callable[[], Button]],
        clock: Clock,
        *,
        at: Callable[[float], datetime | None],
        tell: Callable[[Fact], None],
        sound: Callable[[Chime | Say], None] = lambda _: None,
        light: Callable[[SetLight], None] = lambda _: None,
        others: Sequence[Sink] = (),
    ) -> None:
        super().__init__("relays")
        self._rules, self._clock, self._at, self._tell = rules, clock, at, tell
        self._switches = {switch.name: switch for switch in switches}
        self._buttons = [_Watched(name, open_button) for name, open_button in buttons.items()]
        self._sound, self._light, self._others = sound, light, tuple(others)
        self._inbox = Inbox["Happening | Fact | SwitchRelay | Config"](ROOM, self.bell, keep_newest=True)
        self._decided_s = float("-inf")

    def take(self, happenings: Sequence[Happening]) -> None:
        """Take what happened."""
        for happening in happenings:
            self._inbox.put(happening)

    def heard(self, fact: Fact) -> None:
        """Take a notice: there may be a rule about it."""
        self._inbox.put(fact)

    def request(self, action: SwitchRelay) -> None:
        """Switch a relay by hand. ``DeviceError`` if there is no such one."""
        if action.relay not in self._switches:
            known = ", ".join(self._switches) or "none"
            raise DeviceError(f"There is no relay {action.relay!r}; there are {known}.")
        self._inbox.put(action)

    def change(self, config: Config) -> None:
        """Go by other rules from now on."""
        self._inbox.put(config)

    def step(self, now_s: float) -> float:
        """Take what happened, look at the buttons and the time, switch what is due."""
        actions: list[Action] = []
        for what in self._inbox.take(BATCH):
            actions += self._answer(what, now_s)
        for pressed in self._look_at_buttons(now_s):
            actions += self._rules.decide(pressed, self._at(now_s), now_s)
        if now_s - self._decided_s >= IDLE_S:
            self._decided_s = now_s
            actions += self._rules.decide(None, self._at(now_s), now_s)
        for action in actions:
            self._carry_out(action, now_s)
        return self._pause_s(now_s)

    def close(self) -> None:
        """Everything to its safe state."""
        now_s = self._clock.monotonic_s()
        for switch in self._switches.values():
            switch.stop(now_s)
        for watched in self._buttons:
            watched.close()

    @property
    def dropped(self) -> int:
        """How many things were dropped because it could not keep up."""
        return self._inbox.dropped

    def told(self, _: float) -> dict[str, object]:
        """Figures for the board."""
        return {"switches": [switch.told() for switch in self._switches.values()], "dropped": self._inbox.dropped}

    def _answer(self, what: Happening | Fact | SwitchRelay | Config, now_s: float) -> list[Action]:
        if isinstance(what, Happening):
            return self._rules.decide(what.event, self._at(now_s), now_s, what.camera)
        if isinstance(what, Fact):
            return self._rules.decide(what, self._at(now_s), now_s, str(what.values.get("camera", "")))
        if isinstance(what, SwitchRelay):
            return [what]
        self._rules, undone = self._rules.reloaded(what)
        return undone

    def _carry_out(self, action: Action, now_s: float) -> None:
        if isinstance(action, SwitchRelay):
            switch = self._switches.get(action.relay)
            if switch is not None:
                switch.request(action, now_s)
        elif isinstance(action, SetLight):
            self._light(action)
        else:
            self._sound(action)

    def _look_at_buttons(self, now_s: float) -> list[ButtonPressed | ButtonReleased]:
        events: list[ButtonPressed | ButtonReleased] = []
        for watched in self._buttons:
            try:
                events += watched.look(now_s)
            except DeviceError as error:  # noqa: PERF203 - each button has its own fault
                self._tell(INPUT_FAULT.fact(input=watched.name, reason=str(error)))
        for event in events:
            state = "pressed" if isinstance(event, ButtonPressed) else "released"
            self._tell(INPUT_CHANGED.fact(input=event.button, state=state))
            for other in self._others:
                other.take([Happening("", event, now_s, now_s)])
        return events

    def _pause_s(self, now_s: float) -> float:
        pause_s = BUTTONS_EVERY_S if self._buttons else IDLE_S
        for switch in self._switches.values():
            again_s = switch.step(now_s)
            if again_s is not None:
                pause_s = min(pause_s, max(0.001, again_s - now_s))
        return pause_s


class _Watched:
    """A button, and since when it is held down. A pin that cannot be had is tried again."""

    def __init__(self, name: str, open_button: Callable[[], Button]) -> None:
        self.name, self._open_button = name, open_button
        self._button: Button | None = None
        self._again = Reconnect(RETRY_FIRST_S, RETRY_MOST_S)
        self._since_s: float | None = None

    def look(self, now_s: float) -> list[ButtonPressed | ButtonReleased]:
        """What happened since the last look; a press that is over already is told with its release.

        Raises ``DeviceError`` when the pin cannot be had.
        """
        if not self._again.may_try(now_s):
            return []
        try:
            if self._button is None:
                self._button = self._open_button()
            presses, pressed = self._button.take_presses(), self._button.pressed
        except DeviceError:
            self._again.failed(now_s)
            self.close()
            raise
        self._again.succeeded()
        return self._events(presses, now_s, pressed=pressed)

    def close(self) -> None:
        """Let go of the pin."""
        button, self._button = self._button, None
        if button is not None:
            button.close()

    def _events(self, presses: int, now_s: float, *, pressed: bool) -> list[ButtonPressed | ButtonReleased]:
        events: list[ButtonPressed | ButtonReleased] = []
        if presses and self._since_s is None:
            events.append(ButtonPressed(now_s, self.name))
            self._since_s = now_s
        if self._since_s is not None and not pressed:
            events.append(ButtonReleased(now_s, self.name, now_s - self._since_s))
            self._since_s = None
        return events
