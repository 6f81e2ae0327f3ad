"""Spoken words, rendered beforehand: espeak-ng makes a sound file of a text, and the file is kept.

Rendering takes from a fraction of a second to some seconds, far too long for somebody who is walking in. So it is done
ahead, where waiting hurts nobody, and at the door a finished file is played.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from hashlib import sha256
from pathlib import Path

from edge.core.errors import DeviceError
from edge.hardware.sound_files import LONGEST_S, sound_file

PROGRAM = "espeak-ng"
LIMIT_S = 10.0
# A shop with a hundred greetings in a day keeps the last two days of them.
MOST_FILES = 200
MOST_BYTES = 30_000_000
LONGEST_REASON = 120
WAV_HEADER_BYTES = 44
INSTEAD = "the chime sounds instead"


class Speech:
    """Texts as sound files in ``folder`` (made if need be), each under a name made of all that determines its sound.

    ``voice`` is a language of espeak-ng, ``limit_s`` how long it may take for one text. At most ``most_files`` files of
    together ``most_bytes`` are kept; the oldest go first. ``cached`` may be called from any thread while one renders.
    """

    def __init__(  # noqa: PLR0913 - a folder, and what has a good default
        self,
        folder: Path,
        *,
        voice: str = "en",
        words_per_minute: int = 150,
        program: str = PROGRAM,
        limit_s: float = LIMIT_S,
        most_files: int = MOST_FILES,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._folder = folder
        self._voice, self._words_per_minute = voice, words_per_minute
        self._program, self._limit_s = program, limit_s
        self._most_files, self._most_bytes = most_files, most_bytes

    def cached(self, text: str) -> Path | None:
        """The sound file of a text if it is there already; takes no time."""
        path = self._path(text)
        return path if path.is_file() else None

    def render(self, text: str) -> Path:
        """The sound file of a text, made now if it is not there. Takes up to ``limit_s``.

        Raises ``DeviceError``, a sentence, if there is no espeak-ng, no such voice, no room, or it takes too long.
        """
        path = self._path(text)
        if path.is_file():
            return path
        part: Path | None = None
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(".part", dir=self._folder)
            os.close(descriptor)
            part = Path(name)
            self._speak_into(part, text)
            _flush(part)
            part.replace(path)
            self._make_room(path)
        except OSError as error:
            raise DeviceError(
                f"The greeting cannot be kept in {self._folder} ({error.strerror}); {INSTEAD}."
            ) from None
        finally:
            if part is not None:
                part.unlink(missing_ok=True)
        return path

    def _path(self, text: str) -> Path:
        said = "\0".join((self._program, self._voice, str(self._words_per_minute), text))
        return self._folder / f"{sha256(said.encode()).hexdigest()[:32]}.wav"

    def _speak_into(self, path: Path, text: str) -> None:
        """Let espeak-ng write a file. The text goes in by standard input, where nothing in it can be an option."""
        command = [self._program, "-v", self._voice, "-s", str(self._words_per_minute), "-b", "1", "-w", str(path),
                   "--stdin"]  # fmt: skip
        try:
            done = subprocess.run(  # noqa: S603 - no shell; the voice is checked where it is set
                command, input=text.encode(), capture_output=True, timeout=self._limit_s, check=False
            )
        except (FileNotFoundError, PermissionError):
            raise DeviceError(
                f"The greeting cannot be spoken: {self._program} is not installed (apt install espeak-ng); {INSTEAD}."
            ) from None
        except subprocess.TimeoutExpired:
            raise DeviceError(
                f"The greeting is not spoken: {self._program} took more than {self._limit_s:.0f} s; {INSTEAD}."
            ) from None
        told = " ".join(done.stderr.decode(errors="replace").split())
        if "voice does not exist" in told:
            raise DeviceError(
                f"{self._program} has no voice {self._voice!r} (see espeak-ng --voices); set [greeting] language;"
                f" {INSTEAD}."
            )
        self._check(path, told if done.returncode or told else "it wrote no sound")

    def _check(self, path: Path, told: str) -> None:
        """Refuse what is no sound, or is one nobody would listen to at a door."""
        fault: DeviceError | None = None
        try:
            sound_file(str(path))
        except DeviceError as error:
            fault = error
        if fault is not None and "too long" in str(fault):
            raise DeviceError(
                f"The greeting takes more than {LONGEST_S:.0f} s to say; shorten [greeting] text; {INSTEAD}."
            )
        if fault is not None or path.stat().st_size <= WAV_HEADER_BYTES:
            raise DeviceError(
                f"The greeting is not spoken: {self._program} failed ({told[:LONGEST_REASON].rstrip('.')}); {INSTEAD}."
            )

    def _make_room(self, newest: Path) -> None:
        """Delete the oldest files, and what a power cut left half done."""
        kept, total = 0, 0
        for left_over in self._folder.glob("*.part"):
            left_over.unlink(missing_ok=True)
        for path, size in _newest_first(self._folder, newest):
            kept, total = kept + 1, total + size
            if path != newest and (kept > self._most_files or total > self._most_bytes):
                path.unlink(missing_ok=True)


def _newest_first(folder: Path, newest: Path) -> list[tuple[Path, int]]:
    """Our files with their sizes. Two made within a tick of the clock have the same age: the newest is told."""
    found = []
    for path in folder.glob("*.wav"):
        with contextlib.suppress(FileNotFoundError):
            facts = path.stat()
            found.append(((path == newest, facts.st_mtime_ns), path, facts.st_size))
    return [(path, size) for _, path, size in sorted(found, reverse=True)]


def _flush(path: Path) -> None:
    """Have the bytes on the disk before the name: a power cut must not leave an empty file under a good one."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
