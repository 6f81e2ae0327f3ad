"""The place where the records lie: the file, what belongs to it, and whose it is."""

from __future__ import annotations

import errno
import fcntl
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from edge.storage.errors import Cause, StorageError, StorageWaitError

if TYPE_CHECKING:
    from collections.abc import Iterator

MOUNTS = Path("/proc/self/mountinfo")
# Locks and shared memory do not work there as SQLite needs them: two writers destroy the file.
NETWORK = {
    "afs", "ceph", "cifs", "davfs", "fuse.ceph-fuse", "fuse.davfs2", "fuse.gcsfuse", "fuse.glusterfs", "fuse.rclone",
    "fuse.s3fs", "fuse.sshfs", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "smb3", "smbfs",
}  # fmt: skip
# More damaged files than this are not kept: a dying card makes one after the other.
MOST_ASIDE = 5
# A line of the mount table: id, parent, device, root, mount point, options, then a dash and the type.
MOUNT_POINT = 4
ESCAPED = re.compile(r"\\([0-7]{3})")
OS_CAUSES = {errno.ENOSPC: Cause.FULL, errno.EDQUOT: Cause.FULL, errno.EROFS: Cause.READ_ONLY, errno.EIO: Cause.FAULT}


def companions(path: Path) -> tuple[Path, Path]:
    """The write-ahead log and its index, which belong to a database file."""
    return path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")


def refuse_network(path: Path, mounts: Path = MOUNTS) -> None:
    """Raise ``StorageError`` if ``path`` lies on another machine's disk. ``mounts`` lists what is mounted where."""
    try:
        table = mounts.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return
    folder = str(path.parent.resolve())
    best, kind = "", ""
    for point, filesystem in _mounted(table):
        inside = folder == point or folder.startswith(point.rstrip("/") + "/")
        # Of two mounts on the same point the later one is seen.
        if inside and len(point) >= len(best):
            best, kind = point, filesystem
    if kind in NETWORK:
        raise StorageError(
            f"{path}: lies on a network file system ({kind} at {best}), where records break; keep them on a disk of "
            "this machine."
        )


def _mounted(table: str) -> Iterator[tuple[str, str]]:
    for line in table.splitlines():
        words = line.split(" ")
        if len(words) > MOUNT_POINT and "-" in words:
            point = ESCAPED.sub(lambda escape: chr(int(escape[1], 8)), words[MOUNT_POINT])
            yield point, words[words.index("-") + 1]


def refuse_missing_folder(path: Path) -> None:
    """Raise ``StorageError`` if there is nowhere to put the file."""
    if path.is_dir():
        raise StorageError(f"{path}: is a folder; name a file in it for the records.")
    if not path.parent.is_dir():
        raise StorageError(f"{path}: there is no folder {path.parent}; make it first or name another place.")


class WriterLock:
    """Held by the one who may write, for as long as the process lives; a crash lets go of it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        lock = path.with_name(path.name + ".lock")
        try:
            self._file = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise refusal(path, error) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(self._file, 32).decode("ascii", "replace").strip()
            os.close(self._file)
            who = f" (process {holder})" if holder else ""
            raise StorageError(
                f"{path}: another acm{who} writes its records there; stop that one, or give this one a file of its own."
            ) from None
        # The number is for whoever comes second; on a full disk the lock holds without it.
        with suppress(OSError):
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let somebody else write; may be called twice."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def refusal(path: Path, error: OSError) -> StorageError:
    """What the system's refusal to let us write means for the records at ``path``."""
    cause, reason = OS_CAUSES.get(error.errno or 0), error.strerror or str(error)
    if cause is not None:
        return StorageWaitError(path, cause, reason if cause is Cause.FAULT else "")
    return StorageError(f"{path}: cannot be written ({reason}); give its folder to the user who runs acm.")


def set_aside(path: Path) -> Path:
    """Move a damaged file and its companions out of the way, to ``NAME.corrupt-N``; return where it lies now."""
    taken = {number for number, _ in _aside(path)}
    aside = path.with_name(f"{path.name}.corrupt-{max(taken, default=0) + 1}")
    for part, whole in zip((*companions(path), path), (*companions(aside), aside), strict=True):
        if part.exists():
            part.replace(whole)
    for _, old in sorted(_aside(path))[:-MOST_ASIDE]:
        for part in (*companions(old), old):
            part.unlink(missing_ok=True)
    keep_folder(path.parent)
    return aside


def _aside(path: Path) -> Iterator[tuple[int, Path]]:
    start = f"{path.name}.corrupt-"
    for other in path.parent.iterdir():
        number = other.name.removeprefix(start)
        if other.name.startswith(start) and number.isdecimal():
            yield int(number), other


def keep_folder(folder: Path) -> None:
    """Make what was renamed in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def keep_file(path: Path) -> None:
    """Make a file's contents survive a power cut. Not for a database in use: closing would drop its locks."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
