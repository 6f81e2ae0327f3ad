"""Live figures for a broker, put together from the settings."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge import __version__
from edge.analytics.actions import SwitchRelay, Turn
from edge.analytics.schedule import Calendar
from edge.app.broker import broker
from edge.core.errors import InputError
from edge.host.whole_file import write_private
from edge.integrations.home_assistant import LineShown, RelayShown, Shown, status_topic
from edge.integrations.mqtt import Habits, Message, MqttLink
from edge.integrations.mqtt_memory import FILE, Memory
from edge.integrations.mqtt_topics import OFFLINE, Topics, shorts
from edge.services.live import LiveFigures
from edge.services.remote import Remote
from edge.services.telling import Telling

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from edge.config.rules import ScheduleTable
    from edge.config.schema import Config
    from edge.core.clock import Clock
    from edge.core.notice import Fact
    from edge.host.machine import Machine
    from edge.services.actuator import Actuator
    from edge.services.board import CameraPost, Section
    from edge.services.ledger import Ledger
    from edge.services.sound import Sound

FROM_OUTSIDE = "from outside"
NAME_LETTERS = 10
# A machine without a name of its own: the only box of this topic, or its owner gives it one.
NAMELESS = "box"


@dataclass(frozen=True, slots=True)
class Parts:
    """What is told of, and what does what is asked for. ``folder`` keeps what is remembered."""

    folder: Path
    machine: Machine
    ledger: Ledger
    posts: Sequence[CameraPost]
    sections: Mapping[str, Section]
    actuator: Actuator
    sound: Sound | None
    at: Callable[[float], datetime | None]


def made_telling(
    config_now: Callable[[], Config], parts: Parts, clock: Clock, tell: Callable[[Fact], None]
) -> Telling:
    """The service that tells the broker. ``config_now``: the settings in force; [mqtt] itself is read once."""
    config = config_now()
    table = config.mqtt
    topics = Topics(table.topic, table.name or name_of(parts.machine.own_id()))
    figures = LiveFigures(parts.ledger, parts.posts, parts.sections, _Opening(config_now, parts.at))
    remote = _remote(config, topics, parts, tell)
    relays = tuple(
        RelayShown(short, name, name in table.allowed_relays())
        for name, short in shorts(relay.name for relay in config.relay).items()
    )
    model = parts.machine.model()

    def shown() -> Shown:
        lines = tuple(LineShown(short, label) for short, label in figures.lines().items())
        return Shown(
            topics, config_now().site.name, model, __version__, lines, relays,
            chime=table.chime_allowed and parts.sound is not None, light=config.infrared.enabled,
            opening=config_now().schedule.known,
        )  # fmt: skip

    def open_link() -> MqttLink:
        status = (status_topic(table.discovery),) if table.discovery else ()
        will = Message(topics.available, OFFLINE, retain=True)
        habits = Habits(f"acm-{topics.name}", (*remote.listens_to, *status), will)
        return MqttLink(broker(table), habits, clock)

    memory = Memory(parts.folder / FILE, write_private)
    return Telling(open_link, shown, figures, remote, memory, clock, discovery=table.discovery, tell=tell)


def name_of(own_id: str) -> str:
    """What a box is called in topics: the same for ever, and telling nobody the machine's own id."""
    if not own_id:
        return NAMELESS
    return base64.b32encode(hashlib.sha256(f"acm-mqtt\n{own_id}".encode()).digest()).decode().lower()[:NAME_LETTERS]


def _remote(config: Config, topics: Topics, parts: Parts, tell: Callable[[Fact], None]) -> Remote:
    def switch(relay: str, turn: Turn) -> None:
        parts.actuator.request(SwitchRelay(relay, turn, FROM_OUTSIDE))

    def ring() -> None:
        if parts.sound is None:
            raise InputError("sound is switched off")
        parts.sound.ring("")

    return Remote(
        topics, [relay.name for relay in config.relay], config.mqtt.allowed_relays(), chime=config.mqtt.chime_allowed,
        switch=switch, ring=ring, tell=tell,
    )  # fmt: skip


class _Opening:
    """Whether the shop is open by the hours in force; None if there are none, or the time of day is not known."""

    def __init__(self, config_now: Callable[[], Config], at: Callable[[float], datetime | None]) -> None:
        self._config_now, self._at = config_now, at
        self._calendar: Calendar | None = None
        self._made_of: tuple[ScheduleTable, str] | None = None

    def __call__(self, now_s: float) -> bool | None:
        config, now = self._config_now(), self._at(now_s)
        if now is None or not config.schedule.known:
            return None
        made_of = (config.schedule, config.site.time_zone)
        if self._calendar is None or made_of != self._made_of:
            self._calendar, self._made_of = Calendar(*made_of), made_of
        return self._calendar.open_since(now) is not None
