"""Putting a copy in the place of the records: judged first, and done before anybody opens them.

Whoever wants it leaves the copy as ``REQUEST`` in a folder; the counter takes it at its next start. What it does on the
way survives a power cut at every step: until ``NAME.new`` stands there whole, the records are as they were, and from
then on the swap is finished, at the next start if need be. The records of before are kept as ``NAME.before``.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.core.errors import AcmError
from edge.core.notices import RECORDS_RESTORED, RESTORE_REFUSED
from edge.core.timekeeping import from_ms
from edge.storage import about
from edge.storage.copies import SPARE_BYTES
from edge.storage.database import close, connect_reader, quick_fault, run, schema_of
from edge.storage.errors import Cause, StorageDamagedError, StorageError, StorageWaitError, telling
from edge.storage.migrations import refuse_newer
from edge.storage.models import highest_seq
from edge.storage.place import WriterLock, companions, keep_file, keep_folder, refusal

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    import peewee

    from edge.core.notice import Fact

REQUEST = "restore.db"
NEW = ".new"
COUNTED = "SELECT count(*), max(at_ms) FROM crossing WHERE seq > ? AND seq <= ?"


@dataclass(frozen=True, slots=True)
class Judged:
    """What is in a file of records: whose it is (``epoch``), its last row, how many were counted, and until when."""

    epoch: str
    schema: int
    last_seq: int
    crossings: int
    latest: datetime | None
    bytes: int


@dataclass(frozen=True, slots=True)
class Loss:
    """What a copy would cost: ``crossings`` of the records now that are not in it. ``same``: it is a copy of them."""

    copy: Judged
    now: Judged | None
    crossings: int
    same: bool


def judge(path: Path) -> Judged:
    """Look a file of records over, all of it. Raises ``StorageError`` and its kinds if it cannot be used."""
    database = connect_reader(path)
    try:
        schema = schema_of(database, path)
        refuse_newer(path, schema)
        if not schema:
            raise StorageError(f"{path}: there are no records in it.")
        fault = quick_fault(database, path)
        if fault is not None:
            raise StorageDamagedError(path, fault)
        return _judged(database, path, schema)
    finally:
        close(database, path)


def loss(copy: Path, records: Path) -> Loss:
    """What would be lost if ``copy`` took the place of ``records``. Raises like ``judge`` about the copy."""
    told = judge(copy)
    try:
        database = connect_reader(records)
    except StorageError:
        # Nothing that can be read is there to be lost.
        return Loss(told, None, 0, same=False)
    try:
        now = _judged(database, records, schema_of(database, records))
        same = now.epoch == told.epoch
        with telling(records):
            after = told.last_seq if same else 0
            lost = int(run(database, COUNTED, after, now.last_seq).fetchone()[0])
        return Loss(told, now, lost, same)
    finally:
        close(database, records)


def take(request: Path, records: Path) -> Fact | None:
    """Put the copy at ``request`` in the place of ``records``, if there is one; return what there is to tell.

    Only before the records are opened. Whatever goes wrong, the records are as before, and the request is gone: it is
    not tried at each start.
    """
    if not waits(request, records):
        return None
    new, claimed = _new(records), _claimed(records)
    try:
        lock = WriterLock(records)
    except StorageError as error:
        return RESTORE_REFUSED.fact(reason=str(error))
    try:
        if not new.exists():
            if not claimed.exists():
                if request.is_symlink():
                    request.unlink()
                    return RESTORE_REFUSED.fact(reason=f"{request} is a link; leave the file itself there.")
                request.replace(claimed)
            _prepare(claimed, new)
        _swap(records, new, claimed)
    except (AcmError, OSError) as error:
        return RESTORE_REFUSED.fact(reason=str(error))
    finally:
        for left in (claimed, *companions(claimed)):
            with suppress(OSError):
                left.unlink(missing_ok=True)
        lock.release()
    return RECORDS_RESTORED.fact(file=str(records), before=str(_before(records)))


def waits(request: Path, records: Path) -> bool:
    """Whether there is something for ``take`` to do."""
    return request.is_symlink() or any(path.exists() for path in (request, _new(records), _claimed(records)))


def _prepare(claimed: Path, new: Path) -> None:
    """A whole and sound file of our own, on the disk."""
    disk = os.statvfs(new.parent)
    if disk.f_bavail * disk.f_frsize < claimed.stat().st_size + SPARE_BYTES:
        raise StorageWaitError(new, Cause.FULL)
    part = new.with_name(f".{new.name}.part")
    try:
        shutil.copyfile(claimed, part)
        judge(part)
        keep_file(part)
        # Those of an earlier time: from here on the name is for the records that go now.
        before = _before(new.with_name(new.name.removesuffix(NEW)))
        for old in (*companions(before), before):
            old.unlink(missing_ok=True)
        part.replace(new)
        keep_folder(new.parent)
    except OSError as error:
        raise refusal(new, error) from error
    finally:
        for left in (part, *companions(part)):
            left.unlink(missing_ok=True)


def _swap(records: Path, new: Path, claimed: Path) -> None:
    """The old records aside, the new ones in their place; begun again from wherever it was cut short."""
    claimed.unlink(missing_ok=True)
    before = _before(records)
    # The log first: a file without it is an older one, a log without its file is nothing.
    for part, kept in zip((*companions(records), records), (*companions(before), before), strict=True):
        if part.exists():
            part.replace(kept)
    keep_folder(records.parent)
    new.replace(records)
    keep_folder(records.parent)


def _judged(database: peewee.SqliteDatabase, path: Path, schema: int) -> Judged:
    with telling(path):
        last = highest_seq(database)
        crossings, latest_ms = run(database, COUNTED, 0, last).fetchone()
        epoch = about.fact(database, about.EPOCH) or ""
    # Below zero are moments whose time of day never became known.
    latest = from_ms(int(latest_ms)) if latest_ms is not None and latest_ms > 0 else None
    return Judged(epoch, schema, last, int(crossings), latest, path.stat().st_size)


def _new(records: Path) -> Path:
    return records.with_name(records.name + NEW)


def _claimed(records: Path) -> Path:
    return records.with_name(f".{REQUEST}.taken")


def _before(records: Path) -> Path:
    return records.with_name(f"{records.name}.before")
