"""Copies of the database: whole, checked and on the disk before they take the place of the one before."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from edge.storage.database import close, connect_reader, quick_fault, refuse_damaged, run
from edge.storage.errors import Cause, StorageError, StorageWaitError, telling
from edge.storage.place import keep_file, keep_folder, refusal

if TYPE_CHECKING:
    from pathlib import Path

# A copy is mostly smaller than the file; this much must be left over for what is written meanwhile.
SPARE_BYTES = 8 * 1024 * 1024


def copy_to(path: Path, target: Path, spare_bytes: int = SPARE_BYTES) -> Path:
    """Copy the database at ``path`` to ``target``, while it is in use or not; return ``target``.

    An older copy is replaced only by a good one. Raises ``StorageError``; if there is no room for the copy and
    ``spare_bytes``, a ``StorageWaitError``.
    """
    if target.resolve() == path.resolve() or target.is_dir() or not target.parent.is_dir():
        raise StorageError(f"{target}: is no place for a copy; name a file of its own in a folder that is there.")
    _refuse_without_room(path, target, spare_bytes)
    part = target.with_name(f".{target.name}.part")
    try:
        part.unlink(missing_ok=True)
        _write(path, part)
        # The part is ours alone, so opening and closing it drops nobody's locks.
        keep_file(part)
        part.replace(target)
        keep_folder(target.parent)
    except OSError as error:
        raise refusal(target, error) from error
    finally:
        _remove(part)
    return target


def _refuse_without_room(path: Path, target: Path, spare_bytes: int) -> None:
    disk = os.statvfs(target.parent)
    needed = sum(part.stat().st_size for part in (path, path.with_name(path.name + "-wal")) if part.exists())
    if disk.f_bavail * disk.f_frsize < needed + spare_bytes:
        raise StorageWaitError(target, Cause.FULL)


def _write(path: Path, part: Path) -> None:
    database = connect_reader(path)
    try:
        with telling(path):
            run(database, "PRAGMA query_only = 0")
        with telling(part):
            run(database, "VACUUM INTO ?", str(part))
    finally:
        close(database, path)
    copy = connect_reader(part)
    try:
        fault = quick_fault(copy, part)
    finally:
        close(copy, part)
    if fault is not None:
        # A copy is no better than what it was made of.
        refuse_damaged(path)
        raise StorageError(f"{part}: the copy is damaged ({fault}); the disk does not keep what it is given.")


def _remove(part: Path) -> None:
    try:
        part.unlink(missing_ok=True)
    except OSError:
        # It is hidden, and the next copy begins by removing it.
        return
