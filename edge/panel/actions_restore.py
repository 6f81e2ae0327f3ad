"""Putting a copy of the records back: offered and looked over first, then taken by the counter at its next start.

The panel may not write the records. It leaves the copy where it leaves settings, and asks the counter to start anew;
the counter looks it over once more before it takes it (``storage/restoring.py``).
"""

from __future__ import annotations

import asyncio
import os
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edge.core.errors import InputError
from edge.host.control_wire import ControlError
from edge.panel.actions import NotAllowedError
from edge.panel.auth.rights import Right, Role
from edge.storage.copies import SPARE_BYTES
from edge.storage.restoring import REQUEST, loss

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from typing import BinaryIO

    from edge.panel.auth.visitor import Visitor
    from edge.panel.panel import Panel
    from edge.storage.restoring import Loss

# Ten years of a busy shop have a tenth of it.
MOST_BYTES = 4_000_000_000
PART = "restore.part"
MODE = 0o640
NIGHTLY, UPLOADED = "nightly", "uploaded"
RESTORED = "records-restored"
# So much is written at a time.
BLOCK_BYTES = 1_000_000


@dataclass(slots=True)
class Offers:
    """The copy that was offered last, looked over; one at a time."""

    loss: Loss | None = None
    source: str = ""
    busy: asyncio.Lock = field(default_factory=asyncio.Lock)


class Restoring:
    """Every method raises ``NotAllowedError`` for those who may not, or another ``AcmError`` in a sentence."""

    def __init__(self, panel: Panel) -> None:
        self._panel, self._offers = panel, panel.offers
        folder = panel.settings.files.overrides.resolve().parent
        self._part, self._request = folder / PART, folder / REQUEST

    @property
    def nightly(self) -> Path | None:
        """The copy of last night, if there is one."""
        path = self._panel.reading.path
        copy = path.with_name(f"{path.name}.copy")
        return copy if copy.is_file() else None

    @property
    def offered(self) -> tuple[Loss, str] | None:
        """What was offered and not taken yet: what it would cost, and where it is from."""
        told = self._offers.loss
        return (told, self._offers.source) if told is not None and self._part.exists() else None

    async def offer_nightly(self, visitor: Visitor) -> Loss:
        """Look the nightly copy over."""
        await self._permit(visitor)
        nightly = self.nightly
        if nightly is None:
            raise InputError("There is no nightly copy yet.")
        async with self._offers.busy:
            self._begin(nightly.stat().st_size)
            await asyncio.to_thread(self._copied, nightly)
            return await self._looked_over(NIGHTLY)

    async def offer(self, visitor: Visitor, parts: AsyncIterator[bytes], size: int) -> Loss:
        """Take a copy from a browser, ``size`` bytes of it by what was said, and look it over."""
        await self._permit(visitor)
        if not 0 < size <= MOST_BYTES:
            raise InputError(f"A copy of records has at most {MOST_BYTES // 1_000_000_000} GB.")
        async with self._offers.busy:
            self._begin(size)
            try:
                with self._opened() as file:
                    await _received(parts, file, size)
            except OSError as error:
                self._part.unlink(missing_ok=True)
                raise InputError(f"The copy cannot be kept in {self._part.parent} ({error.strerror}).") from None
            except BaseException:  # whatever went wrong, nothing half done stays; raised again
                self._part.unlink(missing_ok=True)
                raise
            return await self._looked_over(UPLOADED)

    async def drop(self, visitor: Visitor) -> None:
        """Do not take what was offered."""
        await self._permit(visitor)
        self._forget()

    async def restore(self, visitor: Visitor) -> bool:
        """Have the counter take what was offered; whether it starts anew by itself."""
        await self._permit(visitor)
        async with self._offers.busy:
            offered = self.offered
            if offered is None:
                raise InputError("No copy was chosen, or it was taken already.")
            told, source = offered
            self._part.replace(self._request)
            self._offers.loss = None
        until = None if told.copy.latest is None else told.copy.latest.isoformat()
        await self._panel.actions.note(visitor, RESTORED, source=source, until=until, lost=told.crossings)
        try:
            await self._panel.daemon.ask("restart")
        except ControlError:
            # It does not run, or nobody would start it again: it takes the copy whenever it is started.
            return False
        return True

    async def _permit(self, visitor: Visitor) -> None:
        await self._panel.actions.permit(visitor, Right.SET)
        if visitor.role is not Role.OWNER:
            raise NotAllowedError

    def _begin(self, size: int) -> None:
        """Make sure that there is room: for the copy here, and for the one that the counter makes of it."""
        self._forget()
        disk = os.statvfs(self._part.parent)
        if disk.f_bavail * disk.f_frsize < 2 * size + SPARE_BYTES:
            raise InputError("There is not enough room on the disk for the copy; make room first.")

    def _copied(self, nightly: Path) -> None:
        with nightly.open("rb") as source, self._opened() as target:
            shutil.copyfileobj(source, target, BLOCK_BYTES)

    async def _looked_over(self, source: str) -> Loss:
        try:
            found = await asyncio.to_thread(loss, self._part, self._panel.reading.path)
        except BaseException:  # it is no good: nothing of it stays; raised again
            self._forget()
            raise
        self._offers.loss, self._offers.source = found, source
        return found

    def _opened(self) -> BinaryIO:
        number = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, MODE)
        return os.fdopen(number, "wb")

    def _forget(self) -> None:
        self._offers.loss = None
        for left in (self._part, *(self._part.with_name(self._part.name + end) for end in ("-wal", "-shm"))):
            left.unlink(missing_ok=True)


async def _received(parts: AsyncIterator[bytes], file: BinaryIO, size: int) -> None:
    """Write what comes, block by block. ``InputError`` if it is not as long as was said."""
    waiting, came = bytearray(), 0
    async for part in parts:
        came += len(part)
        if came > size:
            break
        waiting += part
        if len(waiting) >= BLOCK_BYTES:
            await asyncio.to_thread(file.write, bytes(waiting))
            waiting.clear()
    await asyncio.to_thread(file.write, bytes(waiting))
    if came != size:
        raise InputError("The copy did not arrive whole; try again.")
