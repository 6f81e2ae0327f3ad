"""Make the chimes that ship, and the beeps by which a box tells how it does, out of nothing but sines.

The same sounds every time, all equally loud.

Usage: make_sounds.py [FOLDER]   (default: edge/sounds)
"""

from __future__ import annotations

import sys
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

FOLDER = Path(__file__).parent.parent / "edge" / "sounds"
RATE_HZ = 44_100
FULL = 32_767
# How loud the loudest 400 ms are, in LUFS, and the highest peak: some room is left for a second chime on top.
LOUDNESS_LUFS = -16.0
MOST_PEAK = 0.7
# The window of "momentary" loudness, and what a full sine of 997 Hz measures too much without it (ITU-R BS.1770).
WINDOW_S = 0.4
OFFSET_LU = -0.691
# A sound that starts or stops at once clicks.
FADE_S = 0.06


@dataclass(frozen=True)
class Tone:
    """A struck note: ``partials`` are (multiple of the pitch, loudness, seconds until it has died down to 1/e)."""

    start_s: float
    pitch_hz: float
    partials: tuple[tuple[float, float, float], ...]
    attack_s: float = 0.004
    loudness: float = 1.0


PLAIN = ((1.0, 1.0, 0.17), (2.0, 0.25, 0.10), (3.0, 0.08, 0.06))
# The partials of a small bell are no whole multiples: that is what makes it a bell.
BELL = ((0.5, 0.25, 0.40), (1.0, 1.0, 0.32), (1.19, 0.5, 0.22), (1.56, 0.35, 0.16), (2.0, 0.4, 0.12), (2.74, 0.2, 0.06))
SOFT = ((1.0, 1.0, 0.25), (2.0, 0.06, 0.12))
# A wooden bar is cut so that its second partial lies two octaves above the first; what lies higher is the mallet.
BAR = ((1.0, 1.0, 0.14), (3.95, 0.22, 0.045), (9.2, 0.06, 0.015))
GLASS = ((1.0, 1.0, 0.30), (2.32, 0.30, 0.20), (4.25, 0.12, 0.09), (6.63, 0.05, 0.04))
C5, E_FLAT5, E5, G5, C6, E6, G6 = 523.25, 622.25, 659.26, 783.99, 1046.50, 1318.51, 1567.98
CHIMES: dict[str, tuple[float, tuple[Tone, ...]]] = {
    "two-tone": (0.9, (Tone(0.0, G5, PLAIN), Tone(0.22, E_FLAT5, PLAIN))),
    "rise": (0.9, (Tone(0.0, G5, PLAIN), Tone(0.16, C6, PLAIN))),
    "soft": (1.0, (Tone(0.0, 440.0, SOFT, attack_s=0.06), Tone(0.05, 554.37, SOFT, attack_s=0.06))),
    "bell": (1.2, (Tone(0.0, C6, BELL, attack_s=0.002),)),
    "marimba": (0.8, (Tone(0.0, C5, BAR), Tone(0.09, E5, BAR), Tone(0.18, G5, BAR), Tone(0.27, C6, BAR, loudness=0.8))),
    "glass": (1.2, (Tone(0.0, E6, GLASS, attack_s=0.008), Tone(0.14, G6, GLASS, attack_s=0.008, loudness=0.7))),
}

# What a box without a screen says of itself: so many beeps. High enough for small speakers, far from any chime.
BEEP = ((1.0, 1.0, 0.10), (2.0, 0.15, 0.05))
BEEP_HZ, BEEP_EVERY_S = 987.77, 0.35
SIGNALS = {f"signal-{beeps}": beeps for beeps in (2, 3, 4)}


def signal(beeps: int) -> NDArray[np.int16]:
    """The samples of so many beeps."""
    tones = tuple(Tone(number * BEEP_EVERY_S, BEEP_HZ, BEEP) for number in range(beeps))
    return chime(beeps * BEEP_EVERY_S + 0.25, tones)


def chime(length_s: float, tones: tuple[Tone, ...]) -> NDArray[np.int16]:
    """The samples of a chime."""
    times = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
    sound: NDArray[Any] = np.zeros_like(times)
    for tone in tones:
        since = np.maximum(times - tone.start_s, 0.0)
        rise = tone.loudness * _smooth(since / tone.attack_s)
        for multiple, loudness, decay_s in tone.partials:
            ring = np.sin(2 * np.pi * tone.pitch_hz * multiple * since)
            sound += loudness * rise * np.exp(-since / decay_s) * ring
    sound *= _smooth((length_s - 1 / RATE_HZ - times) / FADE_S)
    sound *= 10 ** ((LOUDNESS_LUFS - loudness_lufs(sound)) / 20)
    peak = np.abs(sound).max()
    if peak > MOST_PEAK:
        raise ValueError(f"at {LOUDNESS_LUFS} LUFS a peak is {peak:.2f}; make the sound denser or all of them softer")
    return np.round(sound * FULL).astype("<i2")


def _smooth(part: NDArray[Any]) -> NDArray[Any]:
    """From 0 at 0 to 1 at 1 without a corner."""
    return 0.5 - 0.5 * np.cos(np.pi * np.clip(part, 0.0, 1.0))


def loudness_lufs(sound: NDArray[Any]) -> float:
    """How loud the loudest 400 ms are to an ear (momentary loudness, ITU-R BS.1770). ``sound`` is -1..1."""
    window = round(WINDOW_S * RATE_HZ)
    length = len(sound) + 2 * window
    spectrum = np.fft.rfft(sound, length)
    heard = np.fft.irfft(spectrum * _ear(np.fft.rfftfreq(length, 1 / RATE_HZ)), length)
    energy = np.concatenate(([0.0], np.cumsum(heard**2)))
    return float(OFFSET_LU + 10 * np.log10((energy[window:] - energy[:-window]).max() / window))


def _ear(hertz: NDArray[Any]) -> NDArray[Any]:
    """How much an ear makes of each pitch: the two filters of ITU-R BS.1770, as given for 48,000 samples a second."""
    z = np.exp(-2j * np.pi * hertz / 48_000)
    shelf = (1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z**2) / (
        1 - 1.69065929318241 * z + 0.73248077421585 * z**2
    )
    highpass = (1 - 2 * z + z**2) / (1 - 1.99004745483398 * z + 0.99007225036621 * z**2)
    return np.asarray(np.abs(shelf * highpass))


def main(arguments: list[str]) -> None:
    """Write every chime."""
    folder = Path(arguments[0]) if arguments else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "signals").mkdir(exist_ok=True)
    made = {name: chime(length_s, tones) for name, (length_s, tones) in CHIMES.items()}
    made |= {f"signals/{name}": signal(beeps) for name, beeps in SIGNALS.items()}
    for name, samples in made.items():
        path = folder / f"{name}.wav"
        with wave.open(str(path), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(RATE_HZ)
            out.writeframes(samples.tobytes())
        print(f"{path}: {path.stat().st_size} bytes, peak {np.abs(samples).max() / FULL:.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
