"""Tells an MQTT broker how everything stands, on change and not too often, and takes commands from it.

Nothing is put by while the broker is away: once it is back it gets the latest, and all of it, since it may have
forgotten everything.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.core.backoff import Reconnect
from edge.core.errors import AcmError
from edge.core.events import DayBroke, LineCrossed, NightFell, OccupancyChanged
from edge.core.notice import Priority
from edge.core.notices import BROKER_BACK, BROKER_DENIES, BROKER_LOST
from edge.integrations import home_assistant
from edge.integrations.mqtt import BrokerError, Message
from edge.integrations.mqtt_memory import Left
from edge.integrations.mqtt_topics import OFF, OFFLINE, ON, ONLINE
from edge.services.service import IDLE_S, Service

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge.core.clock import Clock
    from edge.core.notice import Fact
    from edge.integrations.home_assistant import Shown
    from edge.integrations.mqtt import Heard, MqttLink
    from edge.integrations.mqtt_memory import Memory
    from edge.services.happening import Happening
    from edge.services.live import LiveFigures
    from edge.services.remote import Remote

RETRY_FIRST_S, RETRY_MOST_S, JITTER = 1.0, 60.0, 0.5
# A broker that is away for less is nobody's business.
TOLD_AFTER_S = 60.0
# Figures are looked at so often at most; each topic is told so often at most.
LOOK_S, STATE_EVERY_S, HEALTH_EVERY_S, NOTICE_EVERY_S = 0.1, 0.5, 30.0, 5.0
# Home Assistant that is started again and again is told at this pace.
ANNOUNCE_EVERY_S = 5.0
SETTLE_S = 5.0
# With more than this under way the broker cannot keep up; it gets what is newest then.
MOST_UNDER_WAY = 100
WAKING = (LineCrossed, OccupancyChanged, NightFell, DayBroke)
GOODBYE_S = 1.0
# Whoever floods us with commands waits in the network; counting does not.
BREATH_S = 0.02


@dataclass(slots=True)
class _Told:
    """What a topic was last told over this connection, and when."""

    payload: bytes
    at_s: float


class Telling(Service):
    """``open_link`` makes a connection that is not made yet; ``shown`` says what there is to show now.

    ``discovery`` is Home Assistant's topic, "" for not showing up there.
    """

    # A name that cannot be found, a broker that does not answer: each has its limit, and they add up.
    patience_s = 180.0
    stop_within_s = 6.0

    def __init__(  # noqa: PLR0913, PLR0917 - who is told what, and by which way
        self,
        open_link: Callable[[], MqttLink],
        shown: Callable[[], Shown],
        figures: LiveFigures,
        remote: Remote,
        memory: Memory,
        clock: Clock,
        *,
        discovery: str,
        tell: Callable[[Fact], None],
        seed: int | None = None,
    ) -> None:
        super().__init__("broker")
        self._open_link, self._shown, self._figures = open_link, shown, figures
        self._remote, self._memory, self._clock, self._tell = remote, memory, clock, tell
        self._discovery = discovery
        self._topics = shown().topics
        self._again = Reconnect(RETRY_FIRST_S, RETRY_MOST_S, JITTER, seed)
        self._link: MqttLink | None = None
        self._ready = self._leaving = False
        self._away_s: float | None = clock.monotonic_s()
        self._told_away = False
        self._told: dict[str, _Told] = {}
        self._announced: Shown | None = None
        self._due = True
        self._announced_s = float("-inf")
        self._looked_s = float("-inf")
        self._pause_s = 0.0
        self._notice: Fact | None = None
        self._why = ""

    def take(self, happenings: Sequence[Happening]) -> None:
        """Have a look soon, if figures may have changed."""
        if any(isinstance(happening.event, WAKING) for happening in happenings):
            self._wake()

    def heard(self, fact: Fact) -> None:
        """Take a notice; the latest is told. The broker is not told of itself."""
        if fact.notice.priority <= Priority.NOTICE and fact.notice not in (BROKER_LOST, BROKER_BACK, BROKER_DENIES):
            self._notice = fact
            self._wake()

    def step(self, now_s: float) -> float:
        """Hear and tell; or try to get the broker back."""
        try:
            if not self._ready:
                wait_s = self._again.wait_s(now_s)
                if wait_s > 0:
                    return wait_s
                self._connect()
            assert self._link is not None  # noqa: S101 - it is ready
            came = self._link.work(self._pause_s)
            for heard in came:
                self._hear(heard)
            self._tell_refusals(self._link)
            self._look(self._link, self._clock.monotonic_s())
        except BrokerError as error:
            return self._lose(error, self._clock.monotonic_s())
        return BREATH_S if came else 0.0

    def leave(self) -> None:
        """End the waiting, for the broker as for news."""
        self._leaving = True
        link = self._link
        if link is not None:
            link.leave()

    def close(self) -> None:
        """Say that we are gone, before the broker finds out."""
        if self._link is not None and self._ready:
            try:
                self._link.publish(Message(self._topics.available, OFFLINE, retain=True))
                self._link.settle(GOODBYE_S)
            except BrokerError:
                # It says so itself then.
                pass
        self._hang_up()

    def told(self, now_s: float) -> dict[str, object]:
        """Figures for the board."""
        away_s = None if self._away_s is None else round(now_s - self._away_s, 1)
        return {"state": "connected" if self._ready else "away", "away_s": away_s, "why": self._why}

    def _wake(self) -> None:
        link = self._link
        if link is not None:
            link.wake()

    def _connect(self) -> None:
        self._hang_up()
        # Known before it is connected: whoever stops us must be able to end that.
        self._link = self._open_link()
        if self._leaving:
            self._link.leave()
        self._link.connect()
        self._ready = True
        self._again.succeeded()
        now_s = self._clock.monotonic_s()
        if self._told_away and self._away_s is not None:
            self._tell(BROKER_BACK.fact(for_s=now_s - self._away_s))
        self._away_s, self._told_away, self._why = None, False, ""
        self._due, self._announced_s, self._looked_s = True, float("-inf"), float("-inf")

    def _lose(self, error: BrokerError, now_s: float) -> float:
        self._hang_up()
        self._away_s = now_s if self._away_s is None else self._away_s
        self._why = str(error)
        if not self._told_away and (error.refused or now_s - self._away_s >= TOLD_AFTER_S):
            self._told_away = True
            self._tell(BROKER_LOST.fact(reason=self._why))
        return self._again.failed(now_s)

    def _hang_up(self) -> None:
        link, self._link, self._ready = self._link, None, False
        if link is not None:
            link.close()

    def _hear(self, heard: Heard) -> None:
        if self._discovery and heard.topic == home_assistant.status_topic(self._discovery):
            # What lies there is from before we came, and we have just told everything.
            self._due = self._due or (heard.payload == home_assistant.BORN and not heard.retained)
        elif self._remote.hear(heard, self._clock.monotonic_s()):
            # What it has done is seen in a moment.
            self._looked_s = float("-inf")

    def _tell_refusals(self, link: MqttLink) -> None:
        while link.refusals:
            topic, reason = link.refusals.popleft()
            self._tell(BROKER_DENIES.fact(file=topic, reason=reason))

    def _look(self, link: MqttLink, now_s: float) -> None:
        """Tell what has changed, and say when to look again."""
        self._pause_s = IDLE_S
        if now_s - self._looked_s < LOOK_S or link.unsettled > MOST_UNDER_WAY:
            self._pause_s = LOOK_S
            return
        self._looked_s = now_s
        shown = self._shown()
        if (self._due or shown != self._announced) and now_s - self._announced_s >= ANNOUNCE_EVERY_S:
            self._announced, self._announced_s, self._due = shown, now_s, False
            self._told.clear()
            self._announce(link, shown)
        for topic, payload, every_s in self._wanted(now_s):
            told = self._told.get(topic)
            if told is not None and told.payload == payload:
                continue
            if told is not None and now_s - told.at_s < every_s:
                self._pause_s = min(self._pause_s, told.at_s + every_s - now_s)
                continue
            link.publish(Message(topic, payload, retain=True))
            self._told[topic] = _Told(payload, now_s)

    def _wanted(self, now_s: float) -> list[tuple[str, bytes, float]]:
        """Every topic, what it is to be told now, and how often at most."""
        topics = self._topics
        wanted = [
            (topics.available, ONLINE, 0.0),
            (topics.state, _json(self._figures.counts(now_s)), STATE_EVERY_S),
            (topics.health, _json(self._figures.health(now_s)), HEALTH_EVERY_S),
        ]
        on = self._figures.relays(now_s)
        shown = self._announced.relays if self._announced is not None else ()
        wanted += [(topics.relay(relay.short), ON if on.get(relay.name) else OFF, LOOK_S) for relay in shown]
        fact = self._notice
        if fact is not None:
            words = {"event": fact.event, "message": fact.message, "remedy": fact.remedy}
            wanted.append((topics.notice, _json({**words, "priority": int(fact.notice.priority)}), NOTICE_EVERY_S))
        return wanted

    def _announce(self, link: MqttLink, shown: Shown) -> None:
        """Show up at Home Assistant, and clear up what went away since the last time. Remembered before it is done."""
        before, now = self._memory.left(), self._left(shown)
        moved = before.config if before.config != now.config else ""
        gone = {key: kind for key, kind in before.platforms.items() if now.platforms.get(key) != kind}
        self._remember(Left(before.topics | now.topics, moved or now.config, {**now.platforms, **gone}))
        for topic in sorted(before.topics - now.topics) + ([moved] if moved else []):
            link.publish(Message(topic, retain=True))
        if now.config:
            if gone and not moved:
                link.publish(Message(now.config, home_assistant.announcement(shown, gone), retain=True))
            link.publish(Message(now.config, home_assistant.announcement(shown), retain=True))
        if link.settle(SETTLE_S):
            self._remember(now)

    def _left(self, shown: Shown) -> Left:
        """What lies at the broker once this is shown."""
        topics = shown.topics
        told = {topics.available, topics.state, topics.health, topics.notice}
        told |= {topics.relay(relay.short) for relay in shown.relays}
        if not self._discovery:
            return Left(frozenset(told))
        config = home_assistant.config_topic(self._discovery, topics.name)
        return Left(frozenset(told), config, home_assistant.platforms(shown))

    def _remember(self, left: Left) -> None:
        try:
            self._memory.keep(left)
        except AcmError as error:
            self._why = str(error)


def _json(words: object) -> bytes:
    return json.dumps(words, ensure_ascii=False, separators=(",", ":")).encode()
