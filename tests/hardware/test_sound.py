"""The real mixer on SDL's disk driver: what is played is found in the file it writes, when it was played."""

from __future__ import annotations

import subprocess
import sys
import wave
from contextlib import closing
from threading import Event
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edge.core.clock import SystemClock
from edge.core.errors import DeviceError
from edge.hardware import sound_check
from edge.hardware.sound import BUFFERED_S, KEPT, RATE_HZ, PygameSpeaker
from edge.hardware.sound_device import device_names
from edge.hardware.sound_files import LONGEST_S, SOUNDS, sound_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CLOCK = SystemClock()
# A busy machine may hold a thread up; a mixer that plays late plays later than this.
HELD_UP_S = 0.25


@pytest.fixture(autouse=True)
def disk_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    """SDL's driver that writes what would be heard into a file, as fast as it would be heard."""
    monkeypatch.setenv("SDL_AUDIODRIVER", "disk")


def until(condition: Callable[[], bool], limit_s: float = 5.0) -> None:
    deadline_s = CLOCK.monotonic_s() + limit_s
    while not condition():
        assert CLOCK.monotonic_s() < deadline_s, "it never came"
        Event().wait(0.005)


def shipped(name: str) -> np.ndarray:
    with wave.open(str(SOUNDS / f"{name}.wav")) as sound:
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(int)


def heard(raw: Path) -> np.ndarray:
    data = raw.read_bytes()
    return np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(int)


def wav(path: Path, length_s: float, rate_hz: int = 8000) -> Path:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate_hz)
        out.writeframes(np.full(round(length_s * rate_hz), 1000, "<i2").tobytes())
    return path


def test_the_chime_is_in_the_file_sample_by_sample_and_when_it_was_played(tmp_path: Path) -> None:
    raw, bell = tmp_path / "heard.raw", shipped("bell")
    with closing(PygameSpeaker(str(raw))) as speaker:
        opened_s = CLOCK.monotonic_s()
        until(lambda: heard(raw).size > 0.2 * RATE_HZ)
        queued_s = speaker.play("bell")
        until(lambda: np.count_nonzero(heard(raw)) > 0 and heard(raw).size > 1.6 * RATE_HZ)
    sound = heard(raw)
    onset = int(np.flatnonzero(sound)[0]) - int(np.flatnonzero(bell)[0])
    assert np.array_equal(sound[onset : onset + bell.size], bell)
    late_s = onset / RATE_HZ - (queued_s - opened_s)
    assert -BUFFERED_S - 0.02 < late_s < HELD_UP_S


def test_playing_takes_no_time_at_all(tmp_path: Path) -> None:
    with closing(PygameSpeaker(str(tmp_path / "heard.raw"))) as speaker:
        took = []
        for _ in range(50):
            before_s = CLOCK.monotonic_s()
            queued_s = speaker.play("two-tone")
            took.append(CLOCK.monotonic_s() - before_s)
            assert before_s <= queued_s <= CLOCK.monotonic_s()
    assert sorted(took)[45] < 0.005


def test_two_chimes_sound_at_once_and_volumes_multiply(tmp_path: Path) -> None:
    raw, soft = tmp_path / "heard.raw", shipped("soft")
    with closing(PygameSpeaker(str(raw), volume=0.5)) as speaker:
        speaker.play("soft", 0.5)
        until(lambda: heard(raw).size > 1.2 * RATE_HZ)
    sound = heard(raw)
    assert np.abs(sound).max() == pytest.approx(0.25 * np.abs(soft).max(), rel=0.02)
    with closing(PygameSpeaker(str(raw))) as speaker:
        speaker.play("soft", 7.0)
        speaker.play("soft")
        until(lambda: heard(raw).size > 1.2 * RATE_HZ)
    # Started within a buffer of each other, they add up.
    assert np.abs(heard(raw)).max() > 1.3 * np.abs(soft).max()


def test_a_chime_test_measures_what_is_in_the_file(tmp_path: Path) -> None:
    raw = tmp_path / "heard.raw"
    with closing(PygameSpeaker(str(raw))) as speaker:
        opened_s = CLOCK.monotonic_s()
        outcome = sound_check.test_chime(speaker, "marimba", CLOCK)
        until(lambda: CLOCK.monotonic_s() > outcome.ended_s)
    onset_s = np.flatnonzero(heard(raw))[0] / RATE_HZ
    assert abs(onset_s - (outcome.queued_s - opened_s)) < HELD_UP_S
    assert 0 <= outcome.queue_ms < 50
    assert outcome.ended_s - outcome.queued_s == pytest.approx(0.8 + BUFFERED_S)
    assert outcome.sentence() == (
        f"marimba: the first sample was queued {outcome.queue_ms:.1f} ms after it was asked for;"
        " the sound card adds up to 35 ms."
    )
    with closing(PygameSpeaker(str(raw))) as speaker, pytest.raises(DeviceError, match="There is no sound marimbo"):
        sound_check.test_chime(speaker, "marimbo", CLOCK)


def test_an_own_file_can_be_played_and_few_are_kept_in_memory(tmp_path: Path) -> None:
    raw = tmp_path / "heard.raw"
    with closing(PygameSpeaker(str(raw))) as speaker:
        for number in range(3 * KEPT):
            speaker.play(str(wav(tmp_path / f"{number}.wav", 0.01)))
        until(lambda: np.abs(heard(raw)).max(initial=0) > 900)
        assert speaker.length_s(str(tmp_path / "0.wav")) == pytest.approx(0.01, abs=0.001)
        assert speaker.kept == len(speaker.names) + KEPT


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"hello, this is text and no sound at all", "is not one; give a WAV, OGG or MP3 file."),
        (b"", "is not one; give a WAV"),
        (b"MThd\0\0\0\6\0\1\0\1\0\x60MTrk", "is not one; give a WAV"),
        (b"RIFF\0\0\0\0AVI LIST", "is not one; give a WAV"),
        (b"RIFF\0\0\0\0WAVEjunk", "is not one ("),
        (b"OggS" + bytes(200), "is not one ("),
        (b"ID3\4" + bytes(2_000_000), "is too big for a chime (2.0 MB, at most 1); cut it to 15 seconds or less."),
        (b"RIFF\0\0\0\0WAVE" + bytes(7_000_000), "is too big for a chime (7.0 MB, at most 6)"),
    ],
)
def test_what_is_no_chime_is_refused_in_a_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "own.wav"
    path.write_bytes(content)
    with closing(PygameSpeaker(str(tmp_path / "heard.raw"))) as speaker, pytest.raises(DeviceError) as refused:
        speaker.play(str(path))
    assert said in str(refused.value)
    assert str(path) in str(refused.value)
    assert str(refused.value).endswith(".")


def test_a_concert_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match=r"too long for a chime \(16 s\); cut it to 15 seconds or less"):
        sound_file(str(wav(tmp_path / "long.wav", LONGEST_S + 1)))
    with pytest.raises(DeviceError, match="cannot be read"):
        sound_file(str(tmp_path))
    with pytest.raises(DeviceError, match="its name cannot be one"):
        sound_file("a\0b")
    with pytest.raises(DeviceError, match="There is no sound gong; there are bell, glass, marimba"):
        sound_file("gong")


def test_a_packed_concert_is_refused_once_its_length_is_known(tmp_path: Path) -> None:
    # 40 s of silence as MPEG-2 layer III, 8 kbit/s, 22.05 kHz: frames of 26 bytes with empty content.
    frame = bytes([0xFF, 0xF3, 0x10, 0xC4]) + bytes(22)
    path = tmp_path / "long.mp3"
    path.write_bytes(frame * (40 * 22_050 // 576))
    with closing(PygameSpeaker(str(tmp_path / "heard.raw"))) as speaker, pytest.raises(DeviceError, match="too long"):
        speaker.load(str(path))


def test_closing_twice_is_legal_and_a_closed_speaker_says_so(tmp_path: Path) -> None:
    speaker = PygameSpeaker(str(tmp_path / "heard.raw"))
    assert speaker.alive
    speaker.close()
    speaker.close()
    assert not speaker.alive
    for use in (speaker.play, speaker.load):
        with pytest.raises(DeviceError, match="The speaker is closed; counting goes on"):
            use("bell")


def test_after_any_card_came_or_went_it_has_to_be_opened_anew(tmp_path: Path) -> None:
    nodes = tmp_path / "snd"
    nodes.mkdir()
    (nodes / "pcmC0D0p").touch()
    (nodes / "pcmC0D0c").touch()
    with closing(PygameSpeaker(str(tmp_path / "a.raw"), nodes=nodes)) as speaker:
        assert speaker.alive
        (nodes / "pcmC1D0c").touch()
        assert speaker.alive, "a microphone is no loudspeaker"
        (nodes / "pcmC0D0p").unlink()
        assert not speaker.alive
        # Put back: another node under the same name.
        (nodes / "other").touch()
        (nodes / "pcmC0D0p").touch()
        assert not speaker.alive
    with closing(PygameSpeaker(str(tmp_path / "b.raw"), nodes=nodes)) as speaker:
        assert speaker.alive


def test_devices_are_listed_and_listing_does_not_stand_in_the_way(tmp_path: Path) -> None:
    before = device_names()
    with closing(PygameSpeaker(str(tmp_path / "heard.raw"))) as speaker:
        assert device_names() == before
        assert len(before) == 1
        speaker.play("bell")
    assert device_names() == before


def test_a_device_that_is_not_there_is_told_with_those_that_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    (name,) = device_names()
    with pytest.raises(DeviceError) as refused:
        PygameSpeaker("hw:CARD=Gone")
    assert str(refused.value) == (
        f"There is no sound device 'hw:CARD=Gone' (No such device); there is {name!r};"
        " counting goes on without the chime."
    )
    PygameSpeaker(name).close()


def test_without_any_sound_card_nothing_is_spoiled() -> None:
    # In a process of its own: ALSA itself complains to standard error, SDL takes SIGTERM, pygame greets.
    script = (
        "import signal\n"
        "from edge.hardware.sound import PygameSpeaker\n"
        "from edge.core.errors import DeviceError\n"
        "before = signal.getsignal(signal.SIGTERM)\n"
        "try: PygameSpeaker('hw:CARD=Gone')\n"
        "except DeviceError as error: print(error)\n"
        "assert signal.getsignal(signal.SIGTERM) is before\n"
    )
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", script], env={"SDL_AUDIODRIVER": "alsa"}, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert done.stdout.startswith("There is no sound device 'hw:CARD=Gone'")
    assert done.stdout.count("\n") == 1
