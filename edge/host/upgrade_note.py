"""What is remembered of an upgrade, from before it until the next one."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from edge.core.errors import AcmError
from edge.host.doctor import Check, Finding, ok, warn
from edge.host.versions import version_of

FOLDER = Path("/var/lib/customer-messenger")
FILE = "upgrade.json"
MOST_BYTES = 100_000
# How far it has come: copies were made; the new version is kept; it was taken back.
PREPARED, TAKEN, TAKEN_BACK = "prepared", "taken", "taken-back"
STATES = (PREPARED, TAKEN, TAKEN_BACK)


@dataclass(frozen=True, slots=True)
class UpgradeNote:
    """An upgrade: from which version's folder to which version, when it was begun, and how far it has come.

    ``active`` are the units that ran before, ``seeing`` the cameras that gave pictures then; ``copies`` are files of
    records and where their copies lie; ``why`` it was taken back ("" if it was not).
    """

    state: str
    before: str
    after: str
    at: str
    active: tuple[str, ...] = ()
    seeing: tuple[str, ...] = ()
    copies: tuple[tuple[str, str], ...] = ()
    why: str = ""


def load_note(folder: Path = FOLDER) -> UpgradeNote | None:
    """The note of the last upgrade; None if there was none, or nothing that can be read is left of it."""
    try:
        with (folder / FILE).open("rb") as file:
            told = json.loads(file.read(MOST_BYTES))
        return _note(told)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _note(told: Any) -> UpgradeNote:  # noqa: ANN401 - whatever lies in the file
    if not isinstance(told, dict):
        raise TypeError(type(told))
    state, before, after, at = (str(told[name]) for name in ("state", "before", "after", "at"))
    if state not in STATES:
        raise ValueError(state)
    active, seeing = (tuple(map(str, told.get(name, ()))) for name in ("active", "seeing"))
    copies = tuple((str(file), str(copy)) for file, copy in told.get("copies", ()))
    return UpgradeNote(state, before, after, at, active, seeing, copies, str(told.get("why", "")))


def save_note(note: UpgradeNote, folder: Path = FOLDER) -> None:
    """Keep the note, whole or not at all, so that a power cut does not lose it. ``AcmError`` if it cannot be."""
    path, part = folder / FILE, folder / f".{FILE}.part"
    try:
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        with part.open("w", encoding="utf-8") as file:
            json.dump(asdict(note), file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        part.chmod(0o644)
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise AcmError(f"{path} cannot be written ({error.strerror}); only root can look after upgrades.") from None


def check_upgrade(folder: Path = FOLDER) -> Check:
    """The doctor's check of how the last upgrade went."""

    def look() -> Finding:
        note = load_note(folder)
        if note is None:
            return ok("Nothing was upgraded yet.")
        before, after = version_of(note.before), version_of(note.after)
        if note.state == TAKEN_BACK:
            return warn(
                f"The upgrade to version {after} of {note.at} was taken back, and {before} is in use: {note.why}.",
                "journalctl ACM_EVENT=upgrade-taken-back and journalctl -u acm tell more; wait for the next version.",
            )
        if note.state == PREPARED:
            return warn(
                f"The upgrade to version {after} of {note.at} was begun and did not end.",
                "sudo dpkg --configure -a finishes it.",
            )
        return ok(f"Version {after} was taken into use in place of {before}.")

    return Check("upgrade", look)
