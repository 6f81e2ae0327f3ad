"""The shop's own sounds: files that were uploaded, checked by what is in them, beside what the panel set."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from edge.core.errors import DeviceError, InputError
from edge.hardware.sound_files import MOST_WAV_BYTES, shipped, sound_file

if TYPE_CHECKING:
    from pathlib import Path

MOST_SOUNDS = 50
LONGEST_NAME = 40
HEAD_BYTES = 64
_UNFIT = re.compile(r"[^A-Za-z0-9]+")
_ENDING = re.compile(r"\.(?:wav|ogg|oga|mp3)$", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9-]{1,40}\.(?:wav|ogg|mp3)")


class Shelf:
    """The sounds in ``folder``. Only names that ``all`` gives lead to a file, so none leads anywhere else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self) -> list[Path]:
        """Every sound that was uploaded, by name."""
        if not self.folder.is_dir():
            return []
        return sorted(path for path in self.folder.iterdir() if _NAME.fullmatch(path.name) and not path.is_symlink())

    def get(self, name: str) -> Path:
        """The file of an uploaded or a shipped sound. ``InputError`` if there is none."""
        found = next((path for path in self.all() if path.name == name), None)
        if found is not None:
            return found
        if name in shipped():
            return sound_file(name)
        raise InputError("There is no sound of this name.")

    def add(self, name: str, data: bytes) -> Path:
        """Keep a sound that was uploaded as ``name``. ``InputError`` says why it cannot be one."""
        if len(data) > MOST_WAV_BYTES:
            raise InputError(f"This is too big for a chime; at most {MOST_WAV_BYTES // 1_000_000} MB.")
        if len(self.all()) >= MOST_SOUNDS:
            raise InputError(f"There are {MOST_SOUNDS} sounds already; delete some first.")
        kind = kind_of(data)
        stem = _UNFIT.sub("-", _ENDING.sub("", name)).strip("-")[:LONGEST_NAME].strip("-") or "sound"
        target = self.folder / f"{stem}.{kind}"
        if target.exists() or target.is_symlink():
            raise InputError(f"There is a sound {target.name} already; delete it first, or give the file another name.")
        part = self.folder / f".{stem}.part"
        try:
            self.folder.mkdir(mode=0o750, exist_ok=True)
            _write(part, data)
            _checked(part, name)
            part.replace(target)
        except OSError as error:
            raise InputError(f"The sound cannot be kept in {self.folder} ({error.strerror}).") from None
        finally:
            part.unlink(missing_ok=True)
        return target

    def remove(self, name: str) -> None:
        """Delete an uploaded sound."""
        found = next((path for path in self.all() if path.name == name), None)
        if found is None:
            raise InputError("There is no sound of this name.")
        found.unlink(missing_ok=True)


def kind_of(data: bytes) -> str:
    """What kind of sound file this is, by what is in it. ``InputError`` if it is none."""
    head = data[:HEAD_BYTES]
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE" and b"fmt " in head:
        return "wav"
    if head[:4] == b"OggS" and (b"vorbis" in head or b"OpusHead" in head):
        return "ogg"
    if head[:3] == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2):  # noqa: PLR2004 - layer III's sync word
        return "mp3"
    raise InputError("This is no sound; give a WAV, OGG or MP3 file.")


def _write(part: Path, data: bytes) -> None:
    number = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o640)
    with os.fdopen(number, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _checked(part: Path, name: str) -> None:
    try:
        sound_file(str(part))
    except DeviceError as error:
        raise InputError(str(error).replace(str(part), name[:LONGEST_NAME])) from None
