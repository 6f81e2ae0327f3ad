"""What can be asked of the running program over its control socket, and what it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from edge import __version__
from edge.analytics.actions import SetLight, SwitchRelay, Turn
from edge.core.errors import InputError
from edge.core.light import LightMode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from edge.core.clock import Clock
    from edge.services.actuator import Actuator
    from edge.services.aiming import AimWatch
    from edge.services.board import Board
    from edge.services.lamp import Lamp
    from edge.services.reload import Reloader
    from edge.services.snapshots import Snapshot
    from edge.services.sound import Sound

    Words = Mapping[str, Any]

T = TypeVar("T")
BY_HAND = "by hand"
# As long as a rule may ask for.
LONGEST_S = 86_400
TURNS = (Turn.ON, Turn.OFF, Turn.PULSE)


class Desk:
    """Answers the verbs. Wrong questions and devices in trouble are told as ``AcmError``, a sentence."""

    def __init__(  # noqa: PLR0913 - it speaks for all of them
        self,
        board: Board,
        reloader: Reloader,
        actuator: Actuator,
        clock: Clock,
        *,
        sound: Sound | None,
        snapshots: Sequence[Snapshot],
        aims: Sequence[AimWatch] = (),
        light: Lamp | None = None,
        sync: Callable[[Words], Mapping[str, object]] | None = None,
        reports: Callable[[Words], Mapping[str, object]] | None = None,
        restart: Callable[[], None] | None = None,
    ) -> None:
        self._lamp = light
        self._aims = {aim.camera: aim for aim in aims}
        self._sync, self._reports, self._restart = sync, reports, restart
        self._board, self._reloader, self._actuator, self._sound = board, reloader, actuator, sound
        self._snapshots = {snapshot.camera: snapshot for snapshot in snapshots}
        self._clock = clock

    @property
    def handlers(self) -> dict[str, Callable[[Words], Mapping[str, object]]]:
        """A function for each verb."""
        return {
            "status": self._status, "snapshot": self._snapshot, "live": self._live, "aim": self._aim,
            "relay": self._relay, "light": self._set_light, "chime": self._chime, "reload": self._reload,
            "sync": self._send, "reports": self._report, "restart": self._start_anew,
        }  # fmt: skip

    def _status(self, _: Words) -> Mapping[str, object]:
        return {"version": __version__, **self._board.told(self._clock.monotonic_s())}

    def _snapshot(self, asked: Words) -> Mapping[str, object]:
        return _of(asked, self._snapshots).told(painted=asked.get("painted") is True)

    def _live(self, asked: Words) -> Mapping[str, object]:
        return _of(asked, self._snapshots).live(lines=asked.get("lines") is not False)

    def _aim(self, asked: Words) -> Mapping[str, object]:
        return _of(asked, self._aims).told()

    def _relay(self, asked: Words) -> Mapping[str, object]:
        turn = next((turn for turn in TURNS if turn.value == asked.get("turn")), None)
        if turn is None:
            raise InputError(f"A relay is switched by turn: {', '.join(turn.value for turn in TURNS)}.")
        for_s = asked.get("for_s")
        if for_s is not None and not (type(for_s) in (int, float) and 0 < for_s <= LONGEST_S):
            raise InputError(f"for_s is a number of seconds above 0, up to {LONGEST_S}.")
        relay = str(asked.get("relay", ""))
        self._actuator.request(SwitchRelay(relay, turn, BY_HAND, None if for_s is None else float(for_s)))
        return {"relay": relay, "turn": turn.value}

    def _set_light(self, asked: Words) -> Mapping[str, object]:
        modes = {"night": LightMode.NIGHT, "day": LightMode.DAY, "auto": None}
        wanted = str(asked.get("mode"))
        if wanted not in modes:
            raise InputError(f"The light is set by mode: {', '.join(modes)}.")
        if self._lamp is None:
            raise InputError("There is no infra-red light: enabled in [infrared] of the settings.")
        self._lamp.force(SetLight(modes[wanted], BY_HAND))
        return {"mode": wanted}

    def _chime(self, asked: Words) -> Mapping[str, object]:
        if self._sound is None:
            raise InputError("Sound is switched off: enabled in [sound] of the settings.")
        return {"queued_ms": round(self._sound.ring(str(asked.get("sound") or "")), 1)}

    def _reload(self, _: Words) -> Mapping[str, object]:
        changed, waiting = self._reloader.reload()
        return {"changed": changed, "waiting": waiting}

    def _send(self, asked: Words) -> Mapping[str, object]:
        if self._sync is None:
            raise InputError("Sending is switched off: enabled in [upstream] of the settings.")
        return self._sync(asked)

    def _report(self, asked: Words) -> Mapping[str, object]:
        if self._reports is None:
            raise InputError("No reports are made here.")
        return self._reports(asked)

    def _start_anew(self, _: Words) -> Mapping[str, object]:
        if self._restart is None:
            raise InputError("This program was started by hand; end it and start it again.")
        self._restart()
        return {}


def _of(asked: Words, posts: Mapping[str, T]) -> T:
    """What belongs to the camera that was asked for, the first one if none was named."""
    name = asked.get("camera") or next(iter(posts), "")
    found = posts.get(str(name))
    if found is None:
        raise InputError(f"There is no camera {name!r}; there are {', '.join(posts)}.")
    return found
