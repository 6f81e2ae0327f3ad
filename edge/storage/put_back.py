"""Puts back the copy of a database that a newer version has altered, so that the version before can go on with it."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from edge.storage.database import close, connect_reader
from edge.storage.errors import telling
from edge.storage.place import companions, keep_file, keep_folder, refusal

if TYPE_CHECKING:
    from pathlib import Path


def schema_number(path: Path) -> int:
    """The number a file's tables go by, whichever of our databases it is. Raises ``StorageError`` and its kinds."""
    database = connect_reader(path)
    try:
        with telling(path):
            return int(database.pragma("user_version"))
    finally:
        close(database, path)


def put_back(path: Path, copy: Path, name: str) -> Path | None:
    """Put ``copy`` in the place of ``path`` if its tables are newer than the copy's; nobody may have it open.

    Returns where the newer file now lies, beside it with the ending ``name``; None if it was left as it is, with every
    row. Raises ``StorageError`` and its kinds.
    """
    if not copy.is_file() or not path.is_file() or schema_number(path) <= schema_number(copy):
        return None
    aside = path.with_name(f"{path.name}.{name}")
    part = path.with_name(f".{path.name}.part")
    owner = path.stat()
    try:
        shutil.copyfile(copy, part)
        part.chmod(owner.st_mode & 0o777)
        os.chown(part, owner.st_uid, owner.st_gid)
        keep_file(part)
        for old, new in zip((*companions(path), path), (*companions(aside), aside), strict=True):
            new.unlink(missing_ok=True)
            if old.exists():
                old.replace(new)
        part.replace(path)
        keep_folder(path.parent)
    except OSError as error:
        raise refusal(path, error) from error
    finally:
        part.unlink(missing_ok=True)
    return aside
