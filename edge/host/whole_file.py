"""A file that appears whole or not at all, and whose place is tried before the long work, not after it."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from edge.core.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from typing_extensions import Self


class WholeFile:
    """Write to ``part``; ``keep`` puts it in its place, ``drop`` takes it away.

    As a context manager it keeps the file unless an exception passes. Raises ``InputError`` at once if nothing can be
    written there. ``where`` is the option that named the path.
    """

    def __init__(self, path: Path, where: str) -> None:
        self.path, self._where = path, where
        try:
            self._check_place()
            # Renaming over a device or a pipe (/dev/null, /dev/stdout) would replace it: such are written directly.
            self._direct = path.exists() and not path.is_file()
            self.part = path if self._direct else path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
            with self.part.open("ab"):
                pass
        except (OSError, ValueError) as error:
            raise self._refusal(error) from None

    def _check_place(self) -> None:
        if self.path.is_dir():
            raise InputError(f"{self._where}: {self.path} is a folder; name a file in it.")
        if not self.path.parent.is_dir():
            raise InputError(
                f"{self._where}: there is no folder {self.path.parent}; make it first or name another place."
            )

    def _refusal(self, error: OSError | ValueError) -> InputError:
        reason = (error.strerror if isinstance(error, OSError) else None) or "its name cannot be one"
        return InputError(f"{self._where}: {str(self.path)!r} cannot be written ({reason}); name another place.")

    def write_text(self, text: str) -> None:
        """Write a text (UTF-8) into ``part``. Raises ``InputError`` if there is no room for it."""
        self.write(text.encode())

    def write(self, data: bytes) -> None:
        """Write bytes into ``part``. Raises ``InputError`` if there is no room for them."""
        try:
            self.part.write_bytes(data)
        except OSError as error:
            raise self._refusal(error) from None

    def keep(self) -> None:
        """Put the written file in its place, over an older one."""
        if not self._direct:
            self.part.replace(self.path)

    def drop(self) -> None:
        """Leave no trace."""
        if not self._direct:
            self.part.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        """Nothing more to do: the place was tried on construction."""
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        """Keep what was written, or nothing of it."""
        if kind is None:
            self.keep()
        else:
            self.drop()


def write_private(path: Path, data: bytes) -> None:
    """Write a file that nobody but its owner may read, whole or not at all, and so that it survives a power cut.

    Whoever is root writes it for the owner of the folder. Raises ``InputError`` naming the file.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            os.fchmod(handle, 0o600)
            if os.geteuid() == 0:
                folder = path.parent.stat()
                os.fchown(handle, folder.st_uid, folder.st_gid)
            with os.fdopen(handle, "wb", closefd=False) as stream:
                stream.write(data)
            os.fsync(handle)
        finally:
            os.close(handle)
        part.replace(path)
        keep_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise InputError(f"{path} cannot be written ({error.strerror}); see whose the folder is.") from None


def keep_folder(folder: Path) -> None:
    """Make what came and went in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
