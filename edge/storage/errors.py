"""Why records cannot be kept, each as a sentence for people and as a fact for the journal."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING

import peewee

from edge.core.errors import AcmError
from edge.core.notices import (
    DATABASE_FAULT,
    DATABASE_FULL,
    DATABASE_LOCKED,
    DATABASE_NEWER,
    DATABASE_READ_ONLY,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edge.core.notice import Fact


class Cause(str, Enum):
    """What keeps records from being written for now. The values end the sentence a person reads."""

    FULL = "the disk is full; make room, and writing goes on by itself"
    READ_ONLY = "the disk may only be read; restart the box, and replace the card if it happens again"
    LOCKED = "another program is writing to it; end that program (fuser -v names it)"
    FAULT = "the disk does not do what it should; dmesg tells more"


NOTICES = {
    Cause.FULL: DATABASE_FULL,
    Cause.READ_ONLY: DATABASE_READ_ONLY,
    Cause.LOCKED: DATABASE_LOCKED,
    Cause.FAULT: DATABASE_FAULT,
}
# SQLite's own words, the same in every version; the error numbers reach Python only since 3.11.
CAUSES = {
    "database or disk is full": Cause.FULL,
    "attempt to write a readonly database": Cause.READ_ONLY,
    "database is locked": Cause.LOCKED,
    "database table is locked": Cause.LOCKED,
    "database schema is locked": Cause.LOCKED,
    "disk i/o error": Cause.FAULT,
    "unable to open database file": Cause.FAULT,
    "locking protocol": Cause.FAULT,
}
DAMAGED = (
    "database disk image is malformed", "file is not a database", "malformed database schema",
    "unsupported file format", "database corruption", "could not decode to utf-8",
)  # fmt: skip


class StorageError(AcmError):
    """Records cannot be kept or read in this file until somebody does something about it."""


class StorageWaitError(StorageError):
    """Not now: nothing of what was asked for has been done. Keep it in memory and try again.

    ``cause`` says why, ``fact`` tells the journal.
    """

    def __init__(self, path: Path, cause: Cause, reason: str = "") -> None:
        told = f" ({reason})" if reason else ""
        super().__init__(f"{path}: records cannot be written now{told}: {cause.value}.")
        self.cause = cause
        self.fact: Fact = NOTICES[cause].fact(file=str(path), reason=reason or cause.value)


class StorageDamagedError(StorageError):
    """The file is damaged. Closing the store and opening it again sets the file aside and begins a new one."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: the records are damaged ({reason}); start acm again, which sets them aside.")
        self.reason = reason


class StorageNewerError(StorageError):
    """A newer version of this program wrote the file."""

    def __init__(self, path: Path, found: int, known: int) -> None:
        super().__init__(
            f"{path}: was written by a newer version (schema {found}, this one knows {known}); install that version "
            "again, or move the file away to begin anew."
        )
        self.fact: Fact = DATABASE_NEWER.fact(file=str(path), found=found, known=known)


def told(error: Exception, path: Path) -> StorageError | None:
    """What a complaint of SQLite means for ``path``; None if it is none we know, but a fault of ours."""
    words = str(error)
    lower = words.lower()
    if any(damage in lower for damage in DAMAGED):
        return StorageDamagedError(path, words)
    cause = next((cause for known, cause in CAUSES.items() if known in lower), None)
    return None if cause is None else StorageWaitError(path, cause, words if cause is Cause.FAULT else "")


@contextmanager
def telling(path: Path) -> Iterator[None]:
    """Turn SQLite's complaints about ``path`` into ours."""
    try:
        yield
    except UnicodeDecodeError as error:
        # SQLite hands on what it reads, and a page of noise is no text.
        raise StorageDamagedError(path, "its text cannot be read") from error
    except (peewee.PeeweeException, sqlite3.Error) as error:
        ours = told(error, path)
        if ours is None:
            raise
        raise ours from error
