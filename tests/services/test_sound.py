"""What is heard, when, and how late: chimes, greetings, rules' sounds, a speaker that comes and goes."""

from __future__ import annotations

from datetime import datetime, time, timezone
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from edge.analytics.actions import Chime, Say
from edge.analytics.chime import Chimes, Manners
from edge.analytics.greeting import Greetings
from edge.config.sound import GreetingTable
from edge.core.clock import ManualClock
from edge.core.errors import DeviceError
from edge.core.events import LineCrossed, LineTouched
from edge.core.model import Direction
from edge.hardware.sim import SimSpeaker
from edge.services.happening import Happening
from edge.services.ledger import Ledger
from edge.services.sound import STALE_S, Sound, Voice
from edge.services.wording import AGAIN_S, Wording

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.core.notice import Fact

IN, OUT = Direction.IN, Direction.OUT
NOON = datetime(2026, 5, 4, 12, tzinfo=timezone.utc)


class Spoken:
    """Texts that were rendered; rendering takes no time here, and fails if it is told to."""

    def __init__(self, *texts: str) -> None:
        self.texts = set(texts)
        self.broken = False

    def cached(self, text: str) -> Path | None:
        return Path("/spoken") / text if text in self.texts else None

    def render(self, text: str) -> Path:
        if self.broken:
            raise DeviceError("espeak-ng is not installed.")
        self.texts.add(text)
        return Path("/spoken") / text


def greetings(text: str) -> Greetings:
    return Greetings(GreetingTable(text=text), "Corner shop", timezone.utc)


class Shop:
    """A sound service in a shop at noon."""

    def __init__(self, greeting: str = "", manners: Manners | None = None, *, known: bool = True) -> None:
        self.known = known
        self.clock = ManualClock(500.0, NOON)
        self.speaker, self.ledger, self.spoken = SimSpeaker(self.clock), Ledger(), Spoken()
        self.facts: list[Fact] = []
        chimes = Chimes(manners or Manners(group_s=0.0), timezone.utc)
        voice = Voice(greetings(greeting), self.spoken)
        self.sound = Sound(self.speaker, chimes, voice, self.ledger, self.clock, at=self.at, tell=self.facts.append)

    def at(self, _: float) -> datetime | None:
        return self.clock.utc_now() if self.known else None

    def touch(self, track: int, direction: Direction = IN, taken_s: float | None = None) -> None:
        now_s = self.clock.monotonic_s()
        event = LineTouched(now_s, "door", direction, track)
        self.sound.take([Happening("front", event, now_s, now_s if taken_s is None else taken_s)])

    def cross(self, track: int, at_s: float, direction: Direction = IN, foreseen_s: float | None = None) -> None:
        now_s = self.clock.monotonic_s()
        event = LineCrossed(at_s, "door", direction, track, at_s if foreseen_s is None else foreseen_s, now_s)
        self.ledger.cross("front", event, at_s)
        self.sound.take([Happening("front", event, at_s, now_s)])

    def step(self, after_s: float = 0.0) -> None:
        self.clock.advance(after_s)
        self.sound.step(self.clock.monotonic_s())

    def heard(self) -> list[str]:
        return [name for _, name in self.speaker.played]


def test_the_chime_comes_with_the_touch_and_its_latency_is_known_with_the_crossing() -> None:
    shop = Shop()
    shop.touch(1)
    shop.step(0.02)
    assert shop.speaker.played == [(500.02, "two-tone")]
    assert shop.sound.latency_ms.count == 0
    shop.clock.advance(0.5)
    shop.cross(1, at_s=499.9, foreseen_s=500.0)
    shop.step()
    assert shop.sound.told(0.0)["latency_ms"] == {"p50": 120.0, "p95": 120.0, "count": 1}
    assert shop.sound.told(0.0)["reaction_ms"] == {"p50": 20.0, "p95": 20.0, "count": 1}
    assert shop.sound.latencies["front", 1, "door"] == pytest.approx(120.0)


def test_the_latency_of_a_fast_recording_that_falls_behind_is_what_it_was_at_the_touch() -> None:
    shop = Shop()
    shop.touch(1)
    shop.step(0.02)
    # At six times the speed, and 0.3 s late: by this picture alone the foot came after the chime.
    event = LineCrossed(100.0, "door", IN, 1, 100.12, 100.72)
    taken_s = 500.0 + 0.6 / 6 + 0.3
    shop.sound.take([Happening("front", event, taken_s - 0.72 / 6, taken_s)])
    shop.step()
    assert shop.sound.told(0.0)["latency_ms"] == {"p50": 40.0, "p95": 40.0, "count": 1}


def test_who_steps_back_and_comes_again_was_greeted_before_which_is_no_delay() -> None:
    shop = Shop()
    shop.touch(1)
    shop.step(0.02)
    shop.clock.advance(2.0)
    shop.cross(1, at_s=501.5, foreseen_s=500.0)
    shop.step()
    assert shop.sound.latency_ms.count == 0


def test_who_turns_back_leaves_no_latency_and_no_memory() -> None:
    shop = Shop()
    for track in range(500):
        shop.touch(track)
        shop.step()
        shop.clock.advance(60.0)
    assert len(shop.heard()) == 500
    assert shop.sound.latency_ms.count == 0
    assert len(shop.sound._foreseen) <= 200  # noqa: SLF001 - what is remembered is bounded


def test_manners_decide_and_the_reason_is_shown() -> None:
    shop = Shop(manners=Manners(group_s=3.0))
    for track in (1, 2):
        shop.touch(track)
        shop.step(0.5)
    assert len(shop.heard()) == 1
    assert shop.sound.told(0.0)["last"] == "somebody of the same group was greeted just now"


def test_while_the_time_of_day_is_not_known_no_hours_are_quiet() -> None:
    always = Manners(group_s=0.0, quiet=((time(0), time(12)), (time(12), time(0))))
    for known, heard in ((True, []), (False, ["two-tone", "bell"])):
        shop = Shop(manners=always, known=known)
        shop.touch(1)
        shop.sound.do(Chime("bell", "rule"))
        shop.step()
        assert shop.heard() == heard


def test_a_chime_that_is_late_is_left_out() -> None:
    shop = Shop()
    shop.touch(1, taken_s=500.0 - STALE_S - 1)
    shop.step()
    shop.sound.do(Chime("bell", "rule"))
    shop.step(STALE_S + 1)
    assert shop.heard() == []


def test_muted_is_silent_and_goes_on_counting_who_is_greeted() -> None:
    shop = Shop()
    shop.sound.muted = True
    shop.touch(1)
    shop.sound.do(Chime("bell", "rule"))
    shop.step()
    assert shop.heard() == []
    assert shop.sound.told(0.0)["speaker"] == "muted"


def test_a_greeting_takes_the_chimes_place_when_it_is_at_hand() -> None:
    shop = Shop(greeting="{greeting}, you are number {count}")
    shop.touch(1)
    shop.step(1.0)
    shop.spoken.texts.add("Good afternoon, you are number 1")
    shop.touch(2)
    shop.step(1.0)
    assert shop.heard() == ["two-tone", "/spoken/Good afternoon, you are number 1"]


def test_rules_are_heard_by_chime_and_by_words() -> None:
    shop = Shop()
    shop.spoken.texts.add("We close soon")
    shop.sound.do(Chime("bell", "closing"))
    shop.sound.do(Say("We close soon", "closing"))
    shop.sound.do(Say("Not rendered yet", "closing"))
    shop.step()
    assert shop.heard() == ["bell", "/spoken/We close soon", "two-tone"]


def test_a_lost_speaker_is_told_once_and_again_when_it_is_back() -> None:
    shop = Shop()
    shop.step(1.0)
    shop.speaker.lost = True
    for track in range(5):
        shop.touch(track)
        shop.step(10.0)
    assert shop.heard() == []
    assert shop.sound.told(0.0)["speaker"] == "lost"
    shop.speaker.lost = False
    shop.step(1.0)
    shop.touch(9)
    shop.step()
    assert shop.heard() == ["two-tone"]
    assert [fact.event for fact in shop.facts] == ["speaker-lost", "speaker-back"]
    assert shop.facts[1].values["lost_s"] == pytest.approx(41.0, abs=1.0)


class Picky(SimSpeaker):
    """Has one sound only."""

    def load(self, sound: str) -> None:
        self.play(sound)

    def play(self, sound: str, volume: float = 1.0) -> float:
        if sound != "two-tone":
            raise DeviceError(f"There is no sound {sound}.")
        return super().play(sound, volume)


def test_a_sound_that_is_none_is_told_and_the_others_are_loaded() -> None:
    shop = Shop()
    shop.sound._speaker = Picky(shop.clock)  # noqa: SLF001 - another speaker
    shop.sound.load(["none", "two-tone"])
    shop.sound.do(Chime("none", "rule"))
    shop.step()
    assert [fact.values["file"] for fact in shop.facts] == ["none", "none"]


def test_somebody_who_listens_is_told_how_long_it_took() -> None:
    shop = Shop()
    answers: list[float | str] = []

    def listen(sound: str) -> None:
        try:
            answers.append(shop.sound.ring(sound, wait_s=10.0))
        except DeviceError as error:
            answers.append(str(error))

    for lost in (False, True):
        shop.speaker.lost = lost
        listener = Thread(target=listen, args=("bell",))
        listener.start()
        assert shop.sound.bell.wait(10.0)
        shop.sound.bell.clear()
        shop.step()
        listener.join(10.0)
    assert answers == [0.0, "The speaker is lost; counting goes on without the chime."]
    with pytest.raises(DeviceError, match="did not answer"):
        shop.sound.ring(wait_s=0.0)


def test_what_may_be_said_next_is_rendered_one_by_one_and_a_missing_program_told() -> None:
    clock, spoken, facts = ManualClock(0.0, NOON), Spoken(), list[object]()

    def upcoming(_: datetime) -> Iterator[str]:
        yield from ("one", "two", "three")

    wording = Wording(spoken, upcoming, clock, lambda _: None, facts.append)
    assert [wording.step(0.0) for _ in range(4)] == [0.0, 0.0, 0.0, 2.0]
    assert spoken.texts == {"one", "two", "three"}
    spoken.broken = True
    wording.change(spoken, lambda _: ["four"])
    assert wording.step(10.0) == AGAIN_S
    assert len(facts) == 1
