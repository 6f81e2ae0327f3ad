"""Which file a sound is, and whether it can be a chime: found out before the mixer reads the whole of it."""

from __future__ import annotations

import wave
from pathlib import Path

from edge.core.errors import DeviceError

SOUNDS = Path(__file__).parent.parent / "sounds"
# So many beeps tell how a box without a screen does; they are no chimes.
SIGNALS = ("signal-2", "signal-3", "signal-4")
LONGEST_S = 15.0
# As long as that, WAV is at most so big (two channels, 48,000 samples a second, 32 bits), the others at 320 kbit/s.
MOST_WAV_BYTES = 6_000_000
MOST_PACKED_BYTES = 1_000_000
# How the files start: WAV; OGG; MP3 with a tag before it, or bare.
WAV, OGG, TAGGED_MP3 = b"RIFF", b"OggS", b"ID3"
WAV_KIND_AT = 8
KINDS = "give a WAV, OGG or MP3 file"


def shipped(folder: Path = SOUNDS) -> tuple[str, ...]:
    """The names of the sounds that ship."""
    return tuple(sorted(path.stem for path in folder.glob("*.wav")))


def sound_file(sound: str, folder: Path = SOUNDS) -> Path:
    """The file of a sound, given by its name or as a path.

    Raises ``DeviceError``, a sentence with the remedy, if there is none, or if it is no WAV, OGG or MP3 of a size that
    a chime of ``LONGEST_S`` can have. How long a packed file lasts is only known once it is unpacked.
    """
    if sound in shipped(folder):
        return folder / f"{sound}.wav"
    if sound in SIGNALS:
        return folder / "signals" / f"{sound}.wav"
    path = Path(sound)
    try:
        with path.open("rb") as file:
            head = file.read(12)
            size = path.stat().st_size
    except FileNotFoundError:
        names = ", ".join(shipped(folder))
        raise DeviceError(f"There is no sound {sound}; there are {names}, or give a file.") from None
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "its name cannot be one"
        raise DeviceError(f"The sound {sound!a} cannot be read ({reason}); {KINDS}.") from None
    _check_size(sound, head, size)
    if head.startswith(WAV):
        check_length(sound, _wav_length_s(path))
    return path


def _check_size(sound: str, head: bytes, size: int) -> None:
    wav = head.startswith(WAV) and head[WAV_KIND_AT:] == b"WAVE"
    bare_mp3 = len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0  # noqa: PLR2004 - MPEG's sync word
    if not (wav or bare_mp3 or head.startswith((OGG, TAGGED_MP3))):
        raise DeviceError(f"The sound {sound} is not one; {KINDS}.")
    most = MOST_WAV_BYTES if wav else MOST_PACKED_BYTES
    if size > most:
        raise DeviceError(
            f"The sound {sound} is too big for a chime ({size / 1e6:.1f} MB, at most {most / 1e6:.0f});"
            f" cut it to {LONGEST_S:.0f} seconds or less."
        )


def check_length(sound: str, length_s: float | None) -> None:
    """Refuse a sound that would be a concert. ``DeviceError``."""
    if length_s is not None and length_s > LONGEST_S:
        raise DeviceError(
            f"The sound {sound} is too long for a chime ({length_s:.0f} s); cut it to {LONGEST_S:.0f} seconds or less."
        )


def _wav_length_s(path: Path) -> float | None:
    """How long a WAV lasts; None if that is for the mixer to find out (there are more kinds than Python knows)."""
    try:
        with wave.open(str(path)) as sound:
            return float(sound.getnframes() / sound.getframerate())
    except (wave.Error, EOFError, ZeroDivisionError):
        return None
