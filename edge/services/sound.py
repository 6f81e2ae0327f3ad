"""What is heard: chimes as people come, greetings, what rules ask for; and how long after a foot on the line."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Event as Flag
from typing import TYPE_CHECKING, Protocol

from edge.analytics.actions import Chime, Say
from edge.core.errors import DeviceError, DeviceLostError
from edge.core.events import LineCrossed, LineTouched
from edge.core.notices import SOUND_UNUSABLE, SPEAKER_BACK, SPEAKER_LOST
from edge.services.figures import Spread
from edge.services.inbox import Inbox
from edge.services.service import IDLE_S, Service

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from edge.analytics.chime import ChimeDecision, Chimes
    from edge.analytics.greeting import Greetings
    from edge.core.clock import Clock
    from edge.core.model import Direction
    from edge.core.notice import Fact
    from edge.core.ports import Speaker
    from edge.services.happening import Happening
    from edge.services.ledger import Ledger

# A chime for somebody who has long gone by is worse than none.
STALE_S = 3.0
ROOM = 100
# Somebody who was chimed for and never passes the line is forgotten when so many others have come.
MOST_FORESEEN = 200
MS = 1000.0

Who = tuple[str, int, str, "Direction"]


class Words(Protocol):
    """Texts that were made into sound files beforehand."""

    def cached(self, text: str) -> Path | None:
        """The sound file of a text if there is one."""


@dataclass(frozen=True, slots=True)
class Voice:
    """What is said: ``greeting`` makes words of texts with placeholders, ``words`` has them as sounds."""

    greeting: Greetings
    words: Words


@dataclass(slots=True)
class _Test:
    """A sound somebody waits for, and what came of it."""

    sound: str
    done: Flag = field(default_factory=Flag)
    queued_s: float | None = None
    fault: str = ""


class Sound(Service):
    """Plays chimes. One that comes too late, or while the speaker is lost, is left out.

    ``at`` tells the time of day at a monotonic time, None while it is not known.
    """

    def __init__(  # noqa: PLR0913 - what decides, what sounds, and the clocks
        self,
        speaker: Speaker,
        chimes: Chimes,
        voice: Voice,
        ledger: Ledger,
        clock: Clock,
        *,
        at: Callable[[float], datetime | None],
        tell: Callable[[Fact], None],
    ) -> None:
        super().__init__("sound")
        self.chimes, self.voice, self.muted = chimes, voice, False
        self._speaker, self._ledger, self._clock, self._at, self._tell = speaker, ledger, clock, at, tell
        self._inbox = Inbox[tuple[float, "Happening | Chime | Say | _Test"]](ROOM, self.bell, keep_newest=True)
        self._foreseen: dict[Who, tuple[float, float]] = {}
        self._tended_s = float("-inf")
        self._lost_s: float | None = None
        self._last = ""
        self.latency_ms, self.reaction_ms = Spread(), Spread()
        self.latencies: dict[tuple[str, int, str], float] = {}

    def take(self, happenings: Sequence[Happening]) -> None:
        """Listen for people at the lines."""
        now_s = self._clock.monotonic_s()
        for happening in happenings:
            if isinstance(happening.event, (LineTouched, LineCrossed)):
                self._inbox.put((now_s, happening))

    def do(self, action: Chime | Say) -> None:
        """Play what a rule (or a person) asks for."""
        self._inbox.put((self._clock.monotonic_s(), action))

    def ring(self, sound: str = "", wait_s: float = 1.0) -> float:
        """Play a sound (the chime for arrivals, if none is named) for somebody who listens, from another thread.

        Returns how long it took until the first sample was queued, in ms. ``DeviceError`` says why there was none.
        """
        test = _Test(sound or self.chimes.manners.arrival)
        began_s = self._clock.monotonic_s()
        self._inbox.put((began_s, test))
        if not test.done.wait(wait_s):
            raise DeviceError(f"The speaker did not answer within {wait_s:g} s.")
        if test.queued_s is None:
            raise DeviceError(test.fault)
        return (test.queued_s - began_s) * MS

    def load(self, sounds: Sequence[str]) -> None:
        """Make sounds ready, so that they need not wait for the card when they are wanted."""
        for sound in sounds:
            try:
                self._speaker.load(sound)
            except DeviceLostError:  # noqa: PERF203 - each sound has its own fault
                return
            except DeviceError as error:
                self._tell(SOUND_UNUSABLE.fact(file=sound, reason=str(error)))

    def step(self, now_s: float) -> float:
        """Play what is asked for, then look after the speaker."""
        for put_s, what in self._inbox.take(ROOM):
            if isinstance(what, (Chime, Say)):
                self._ask(what, now_s - put_s)
            elif isinstance(what, _Test):
                self._test(what)
            else:
                self._greet(what, now_s)
        if now_s - self._tended_s >= IDLE_S:
            self._tended_s = now_s
            self._tend(now_s)
        return IDLE_S

    def close(self) -> None:
        """Fall silent."""
        self._speaker.close()

    @property
    def dropped(self) -> int:
        """How many things were dropped because it could not keep up."""
        return self._inbox.dropped

    def told(self, _: float) -> dict[str, object]:
        """Figures for the board."""
        return {
            "speaker": "lost" if self._lost_s is not None else "muted" if self.muted else "ready",
            "last": self._last,
            "latency_ms": self.latency_ms.told(),
            "reaction_ms": self.reaction_ms.told(),
            "dropped": self._inbox.dropped,
        }

    def _greet(self, happening: Happening, now_s: float) -> None:
        event = happening.event
        if isinstance(event, LineCrossed):
            self._measure(happening, event)
        now = self._at(now_s)
        decision = self.chimes.decide(
            event, now_s=now_s, now=now, inside=self._ledger.inside, camera=happening.camera
        )
        if decision is None:
            return
        self._last = decision.reason.value
        if decision.sound is None or self.muted or now_s - happening.taken_s > STALE_S:
            return
        queued_s = self._play(self._sound(decision, now or self._clock.utc_now()), decision.volume)
        if queued_s is not None and isinstance(event, LineTouched):
            self._foresee((happening.camera, event.track_id, event.line, event.direction), queued_s, happening)
            self.reaction_ms.note((queued_s - happening.taken_s) * MS)

    def _sound(self, decision: ChimeDecision, now: datetime) -> str:
        """The greeting if there is one and it is at hand, else the chime."""
        chime = decision.sound or ""
        if not decision.greet:
            return chime
        entered, _ = self._ledger.in_out
        text = self.voice.greeting.text(entered + 1, now)
        words = self.voice.words.cached(text) if text else None
        return chime if words is None else str(words)

    def _ask(self, action: Chime | Say, age_s: float) -> None:
        now = self._at(self._clock.monotonic_s())
        volume = self.chimes.loudness(now)
        if self.muted or age_s > STALE_S or volume is None:
            return
        if isinstance(action, Chime):
            self._play(action.sound, volume)
            return
        entered, _ = self._ledger.in_out
        text = self.voice.greeting.text(entered, now or self._clock.utc_now(), action.text)
        words = self.voice.words.cached(text)
        self._play(self.chimes.manners.arrival if words is None else str(words), volume)

    def _test(self, test: _Test) -> None:
        """A person listens: what goes wrong is told to them."""
        try:
            test.queued_s = self._speaker.play(test.sound, self.chimes.manners.volume)
        except DeviceError as error:
            test.fault = str(error)
        test.done.set()

    def _play(self, sound: str, volume: float) -> float | None:
        try:
            return self._speaker.play(sound, volume)
        except DeviceLostError:
            # ``tend`` tells it, once.
            return None
        except DeviceError as error:
            self._tell(SOUND_UNUSABLE.fact(file=sound, reason=str(error)))
            return None

    def _foresee(self, who: Who, queued_s: float, touched: Happening) -> None:
        if len(self._foreseen) >= MOST_FORESEEN:
            del self._foreseen[next(iter(self._foreseen))]
        self._foreseen[who] = queued_s, touched.taken_s

    def _measure(self, happening: Happening, event: LineCrossed) -> None:
        """Now it is known when the foot was on the line."""
        foreseen = self._foreseen.pop((happening.camera, event.track_id, event.line, event.direction), None)
        if foreseen is None or event.t_s > event.provisional_t_s:
            # Who stepped back over the line and came again was greeted before: that is no delay.
            return
        queued_s, taken_s = foreseen
        latency_ms = (queued_s - taken_s + _until_foreseen_s(happening, event)) * MS
        self.latency_ms.note(latency_ms)
        if len(self.latencies) >= MOST_FORESEEN:
            del self.latencies[next(iter(self.latencies))]
        self.latencies[happening.camera, event.track_id, event.line] = latency_ms

    def _tend(self, now_s: float) -> None:
        news = self._speaker.tend()
        if news is None:
            return
        if self._lost_s is None:
            self._lost_s = now_s
            self._tell(SPEAKER_LOST.fact(reason=news))
        else:
            self._tell(SPEAKER_BACK.fact(lost_s=now_s - self._lost_s))
            self._lost_s = None


def _until_foreseen_s(happening: Happening, event: LineCrossed) -> float:
    """From the foot on the line to the picture that foretold it, by the box's clock.

    Not by the moment of this happening alone: a recording that plays fast may fall behind between the two pictures.
    """
    whole_s = event.committed_t_s - event.t_s
    part = (event.provisional_t_s - event.t_s) / whole_s if whole_s > 0 else 0.0
    return part * (happening.taken_s - happening.at_s)
