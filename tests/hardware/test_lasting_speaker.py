"""A speaker that is unplugged: told once, looked for ever less often, back by itself."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from edge.core.backoff import Reconnect
from edge.core.clock import ManualClock
from edge.core.errors import DeviceError, DeviceLostError
from edge.hardware.lasting_speaker import LastingSpeaker
from edge.hardware.sim import SimSpeaker
from edge.hardware.sound import PygameSpeaker

if TYPE_CHECKING:
    from pathlib import Path

GONE = "There is no sound device; counting goes on without the chime."


class Socket:
    """Where a sound card is plugged in, or is not. Each opened card dies when it is pulled out."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.plugged = True
        self.tries: list[float] = []
        self.cards: list[Card] = []

    def open(self) -> Card:
        self.tries.append(self.clock.monotonic_s())
        if not self.plugged:
            raise DeviceError(GONE)
        self.cards.append(Card(self))
        return self.cards[-1]

    def pull(self) -> None:
        self.plugged = False
        for card in self.cards:
            card.alive = False

    @property
    def played(self) -> int:
        return sum(len(card.played) for card in self.cards)


class Card:
    def __init__(self, socket: Socket) -> None:
        self.alive = True
        self.closed = 0
        self.played: list[tuple[str, float]] = []
        self._clock = socket.clock

    def load(self, sound: str) -> None:
        if sound == "gong":
            raise DeviceError("There is no sound gong.")

    def length_s(self, sound: str) -> float:
        self.load(sound)
        return 0.9

    def play(self, sound: str, volume: float = 1.0) -> float:
        self.load(sound)
        if not self.alive:
            raise DeviceError("The sound cannot be played.")
        self.played.append((sound, volume))
        return self._clock.monotonic_s()

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(100.0)


@pytest.fixture
def socket(clock: ManualClock) -> Socket:
    return Socket(clock)


def lasting(socket: Socket) -> LastingSpeaker:
    return LastingSpeaker(socket.open, socket.clock, reconnect=Reconnect(1.0, 60.0, jitter=0.0))


def tended(speaker: LastingSpeaker, clock: ManualClock, seconds: int) -> list[str]:
    """The news of so many seconds."""
    news = []
    for _ in range(seconds):
        clock.advance(1.0)
        told = speaker.tend()
        if told is not None:
            news.append(told)
    return news


def test_it_plays_and_says_when_it_was_queued(socket: Socket, clock: ManualClock) -> None:
    with closing(lasting(socket)) as speaker:
        assert speaker.play("bell", 0.3) == 100.0
        assert speaker.length_s("bell") == 0.9
        assert socket.cards[0].played == [("bell", 0.3)]
        assert tended(speaker, clock, 100) == []
        assert len(socket.tries) == 1


def test_no_card_at_the_start_is_told_once_and_no_reason_to_stop(socket: Socket, clock: ManualClock) -> None:
    socket.plugged = False
    speaker = lasting(socket)
    assert speaker.tend() == GONE
    assert tended(speaker, clock, 600) == []
    with pytest.raises(DeviceLostError, match=r"The speaker is lost; trying again in \d+ s\."):
        speaker.play("bell")
    # Ever less often, at most once a minute.
    pauses = [round(b - a) for a, b in zip(socket.tries, socket.tries[1:], strict=False)]
    assert pauses[:7] == [1, 2, 4, 8, 16, 32, 60]
    assert set(pauses[7:]) == {60}
    socket.plugged = True
    assert tended(speaker, clock, 61) == ["The speaker is back."]
    speaker.play("bell")
    assert socket.played == 1


def test_pulled_out_while_running_and_plugged_in_again(socket: Socket, clock: ManualClock) -> None:
    speaker = lasting(socket)
    socket.pull()
    assert tended(speaker, clock, 10) == [GONE]
    assert socket.cards[0].closed == 1
    socket.plugged = True
    assert tended(speaker, clock, 10) == ["The speaker is back."]
    socket.pull()
    assert tended(speaker, clock, 1) == [GONE]


def test_another_card_came_or_went_and_nobody_need_know(socket: Socket, clock: ManualClock) -> None:
    speaker = lasting(socket)
    socket.cards[0].alive = False
    assert tended(speaker, clock, 1) == []
    assert len(socket.cards) == 2
    speaker.play("bell")
    assert socket.cards[1].played


def test_a_card_that_fails_while_it_plays_is_told_by_the_next_look(socket: Socket, clock: ManualClock) -> None:
    speaker = lasting(socket)
    socket.pull()
    with pytest.raises(DeviceLostError, match="cannot be played"):
        speaker.play("bell")
    with pytest.raises(DeviceLostError, match="The speaker is lost"):
        speaker.play("bell")
    assert speaker.tend() == "The sound cannot be played."
    assert tended(speaker, clock, 5) == []


def test_a_wrong_sound_is_no_lost_speaker(socket: Socket, clock: ManualClock) -> None:
    speaker = lasting(socket)
    for use in (speaker.play, speaker.load, speaker.length_s):
        with pytest.raises(DeviceError, match="no sound gong") as refused:
            use("gong")
        assert not isinstance(refused.value, DeviceLostError)
    assert tended(speaker, clock, 5) == []
    speaker.play("bell")


def test_once_closed_it_stays_closed(socket: Socket, clock: ManualClock) -> None:
    speaker = lasting(socket)
    speaker.close()
    speaker.close()
    assert socket.cards[0].closed == 1
    assert tended(speaker, clock, 100) == []
    with pytest.raises(DeviceError, match=r"The speaker is closed\."):
        speaker.play("bell")
    assert len(socket.tries) == 1


def test_with_the_real_mixer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: ManualClock) -> None:
    monkeypatch.setenv("SDL_AUDIODRIVER", "disk")
    nodes, raws = tmp_path / "snd", iter(range(10))
    nodes.mkdir()

    def open_card() -> PygameSpeaker:
        return PygameSpeaker(str(tmp_path / f"{next(raws)}.raw"), clock=clock, nodes=nodes)

    with closing(LastingSpeaker(open_card, clock)) as speaker:
        speaker.play("bell")
        (nodes / "pcmC0D0p").touch()
        assert speaker.tend() is None
        assert speaker.play("bell") == 100.0
    assert sorted(path.name for path in tmp_path.glob("*.raw")) == ["0.raw", "1.raw"]


def test_the_simulated_speaker_behaves_alike(clock: ManualClock) -> None:
    speaker = SimSpeaker(clock)
    assert speaker.play("bell", 0.5) == 100.0
    assert speaker.tend() is None
    speaker.lost = True
    with pytest.raises(DeviceLostError):
        speaker.play("bell")
    assert "lost" in str(speaker.tend())
    assert speaker.tend() is None
    speaker.lost = False
    assert speaker.tend() == "The speaker is back."
    speaker.play("soft")
    assert speaker.played == [(100.0, "bell"), (100.0, "soft")]
    assert speaker.volumes == [0.5, 1.0]
    speaker.close()
    speaker.close()
    with pytest.raises(DeviceError):
        speaker.play("bell")
