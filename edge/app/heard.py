"""All that is heard in the shop, if anything is: speaker, chimes, greetings."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from edge.analytics.chime import Chimes, Manners
from edge.analytics.greeting import Greetings
from edge.app import devices
from edge.hardware.speech import Speech
from edge.services.sound import Sound, Voice
from edge.services.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from edge.analytics.actions import Chime, Say
    from edge.config.schema import Config
    from edge.core.clock import Clock
    from edge.core.events import LineCrossed
    from edge.core.notice import Fact
    from edge.services.happening import Happening
    from edge.services.ledger import Ledger
    from edge.services.service import Service

SPOKEN = "spoken"


class Heard:
    """The sound service as the settings want it; without sound it takes everything and does nothing.

    Greetings are kept in ``folder``. To be made on the main thread, as sound cards want it.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what a sound service needs
        self,
        config: Config,
        folder: Path,
        ledger: Ledger,
        clock: Clock,
        at: Callable[[float], datetime | None],
        tell: Callable[[Fact], None],
    ) -> None:
        self._folder, self._ledger = folder, ledger
        self.sound: Sound | None = None
        self._wording: Wording | None = None
        if not config.sound.enabled:
            return
        speech = self._speech(config)
        speaker = devices.speaker(config.sound.device, clock)
        chimes = Chimes(_manners(config), ZoneInfo(config.site.time_zone))
        self.sound = Sound(speaker, chimes, _voice(config, speech), ledger, clock, at=at, tell=tell)
        self.sound.load(_sounds(config))
        self._wording = Wording(speech, self._upcoming(config), clock, at, tell)
        self._zone = config.site.time_zone

    @property
    def services(self) -> Sequence[Service]:
        """What needs a thread."""
        return [service for service in (self.sound, self._wording) if service is not None]

    def take(self, happenings: Sequence[Happening]) -> None:
        """Listen."""
        if self.sound is not None:
            self.sound.take(happenings)

    def do(self, action: Chime | Say) -> None:
        """Play what a rule asks for."""
        if self.sound is not None:
            self.sound.do(action)

    def latency_ms(self, camera: str, event: LineCrossed) -> float | None:
        """How long after the foot on the line its chime was queued; None if there was none."""
        return None if self.sound is None else self.sound.latencies.get((camera, event.track_id, event.line))

    def told(self, now_s: float) -> dict[str, object]:
        """Figures for the board."""
        return {"speaker": "off"} if self.sound is None else self.sound.told(now_s)

    def change(self, config: Config) -> None:
        """Go by other settings from now on."""
        if self.sound is None or self._wording is None:
            return
        speech = self._speech(config)
        self.sound.muted = not config.sound.enabled
        self.sound.voice = _voice(config, speech)
        self.sound.chimes.manners = _manners(config)
        if config.site.time_zone != self._zone:
            # Who is at the door is greeted anew; the shop does not move that often.
            self._zone = config.site.time_zone
            self.sound.chimes = Chimes(_manners(config), ZoneInfo(self._zone))
        self._wording.change(speech, self._upcoming(config))

    def _speech(self, config: Config) -> Speech:
        table = config.greeting
        return Speech(self._folder / SPOKEN, voice=table.language, words_per_minute=table.words_per_minute)

    def _upcoming(self, config: Config) -> Callable[[datetime], Iterator[str]]:
        """Makes the texts that may have to be spoken next."""
        greetings, texts = _greetings(config), [rule.say for rule in config.rule if rule.say]

        def upcoming(now: datetime) -> Iterator[str]:
            entered, _ = self._ledger.in_out
            yield from greetings.upcoming(entered, now)
            # What a rule says tells how many have come in, not who comes next.
            for text in texts:
                yield from (greetings.text(entered + ahead, now, text) for ahead in (0, 1))

        return upcoming


def _manners(config: Config) -> Manners:
    doors = {line.name for camera in config.camera for line in camera.line if line.door}
    return Manners.of(config.sound, doors)


def _voice(config: Config, speech: Speech) -> Voice:
    return Voice(_greetings(config), speech)


def _greetings(config: Config) -> Greetings:
    return Greetings(config.greeting, config.site.name, ZoneInfo(config.site.time_zone))


def _sounds(config: Config) -> list[str]:
    """Every sound that may be wanted, each once."""
    table = config.sound
    wanted = (table.arrival, table.empty, table.departure, *(rule.chime for rule in config.rule))
    return list(dict.fromkeys(sound for sound in wanted if sound))
