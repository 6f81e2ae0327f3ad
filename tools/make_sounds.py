"""Make the chimes that ship, out of nothing but sines: the same bytes every time.

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
# Room for several chimes at once before anything clips.
PEAK = 0.7
# A sound that starts or stops at once clicks.
FADE_S = 0.02


@dataclass(frozen=True)
class Tone:
    """A struck note: ``partials`` are (multiple of the pitch, loudness, seconds until it has died down to 1/e)."""

    start_s: float
    pitch_hz: float
    partials: tuple[tuple[float, float, float], ...]
    attack_s: float = 0.004


PLAIN = ((1.0, 1.0, 0.17), (2.0, 0.25, 0.10), (3.0, 0.08, 0.06))
# The partials of a small bell are no whole multiples: that is what makes it a bell.
BELL = ((0.5, 0.25, 0.25), (1.0, 1.0, 0.22), (1.19, 0.5, 0.16), (1.56, 0.35, 0.12), (2.0, 0.4, 0.09), (2.74, 0.2, 0.05))
SOFT = ((1.0, 1.0, 0.25), (2.0, 0.06, 0.12))
CHIMES: dict[str, tuple[float, tuple[Tone, ...]]] = {
    "two-tone": (0.67, (Tone(0.0, 783.99, PLAIN), Tone(0.22, 622.25, PLAIN))),
    "bell": (0.67, (Tone(0.0, 1046.50, BELL, attack_s=0.001),)),
    "soft": (0.67, (Tone(0.0, 440.0, SOFT, attack_s=0.06), Tone(0.05, 554.37, SOFT, attack_s=0.06))),
}


def chime(length_s: float, tones: tuple[Tone, ...]) -> NDArray[np.int16]:
    """The samples of a chime."""
    times = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
    sound: NDArray[Any] = np.zeros_like(times)
    for tone in tones:
        since = np.maximum(times - tone.start_s, 0.0)
        rise = np.minimum(since / tone.attack_s, 1.0)
        for multiple, loudness, decay_s in tone.partials:
            ring = np.sin(2 * np.pi * tone.pitch_hz * multiple * since)
            sound += loudness * rise * np.exp(-since / decay_s) * ring
    sound *= np.minimum((length_s - times) / FADE_S, 1.0)
    return np.round(sound / np.abs(sound).max() * PEAK * FULL).astype("<i2")


def main() -> None:
    """Write every chime."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name, (length_s, tones) in CHIMES.items():
        path = folder / f"{name}.wav"
        with wave.open(str(path), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(RATE_HZ)
            out.writeframes(chime(length_s, tones).tobytes())
        print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
