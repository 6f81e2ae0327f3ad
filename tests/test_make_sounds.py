"""The chimes that ship: made by the project's own script, equally loud, without clicks."""

from __future__ import annotations

import wave
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edge.hardware.sound import SOUNDS
from edge.hardware.sound_files import SIGNALS, sound_file
from tools import make_sounds

if TYPE_CHECKING:
    from pathlib import Path

NAMES = sorted(make_sounds.CHIMES)
FULL = 32_768


def samples_of(path: Path) -> np.ndarray:
    with wave.open(str(path)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 44_100)
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(int)


def test_there_is_a_choice_and_nothing_in_the_folder_that_the_script_does_not_make() -> None:
    assert len(NAMES) >= 4
    assert sorted(path.stem for path in SOUNDS.glob("*.wav")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_file_is_what_the_script_makes(name: str) -> None:
    alike(make_sounds.chime(*make_sounds.CHIMES[name]), SOUNDS / f"{name}.wav")


@pytest.mark.parametrize("name", make_sounds.SIGNALS)
def test_a_signal_is_what_the_script_makes_and_as_many_beeps(name: str) -> None:
    assert sorted(path.stem for path in (SOUNDS / "signals").iterdir()) == sorted(make_sounds.SIGNALS) == list(SIGNALS)
    path = sound_file(name)
    alike(make_sounds.signal(make_sounds.SIGNALS[name]), path)
    loud = np.abs(samples_of(path)).reshape(-1, 105).max(axis=1) > FULL / 10
    assert int((np.diff(loud.astype(int)) == 1).sum()) + int(loud[0]) == make_sounds.SIGNALS[name]


def alike(samples: np.ndarray, path: Path) -> None:
    made = samples.astype(int)
    kept = samples_of(path)
    assert len(made) == len(kept)
    # Processors differ in the last digit of a sine.
    assert np.abs(made - kept).max() <= 1


@pytest.mark.parametrize("name", NAMES)
def test_a_chime_starts_and_ends_without_a_click_and_never_reaches_full_scale(name: str) -> None:
    kept = samples_of(SOUNDS / f"{name}.wav")
    assert kept[0] == kept[-1] == 0
    assert np.abs(kept).max() <= 0.7 * FULL
    # Nothing jumps: within the first and the last two milliseconds it gets nowhere near its peak at once.
    jump = np.abs(np.diff(kept))
    assert jump[:44].max() < 0.1 * FULL
    assert jump[-88:].max() < 0.001 * FULL
    # It is heard at once: the sound is not preceded by silence.
    assert np.flatnonzero(np.abs(kept) > 0.01 * FULL)[0] < 0.02 * 44_100


def test_all_chimes_are_equally_loud_by_a_measure_of_known_loudness() -> None:
    # The standard's own example: a full sine of 997 Hz on one channel is -3.01 LUFS.
    times = np.arange(44_100) / 44_100
    assert make_sounds.loudness_lufs(np.sin(2 * np.pi * 997 * times)) == pytest.approx(-3.01, abs=0.05)
    for name in NAMES:
        loudness = make_sounds.loudness_lufs(samples_of(SOUNDS / f"{name}.wav") / FULL)
        assert loudness == pytest.approx(-16.0, abs=0.1), name


def test_a_sound_that_would_have_to_clip_is_refused() -> None:
    click = make_sounds.Tone(0.0, 2000.0, ((1.0, 1.0, 0.001),), attack_s=0.0005)
    with pytest.raises(ValueError, match="a peak is"):
        make_sounds.chime(0.5, (click,))


def test_the_script_writes_them_where_it_is_told(tmp_path: Path) -> None:
    make_sounds.main([str(tmp_path / "new")])
    assert sorted(path.stem for path in (tmp_path / "new").glob("*.wav")) == NAMES
