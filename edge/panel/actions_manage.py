"""What is done from the Manage pages: people, tokens, sounds, doctor, log, copies; allowed first, noted last."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge.core.errors import AcmError, InputError
from edge.core.timekeeping import to_ms
from edge.host.bundle import redacted
from edge.host.programs import told_by
from edge.panel.auth.doorman import LONGEST_NAME, SignInError
from edge.panel.auth.rights import SCOPES, Right, Role
from edge.panel.sounds import Shelf
from edge.storage.care import backup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.panel.auth.visitor import Visitor
    from edge.panel.panel import Panel
    from edge.storage.panel.people import User

DOCTOR_S = 120.0
MOST_ROWS = 500
LOG_LETTERS = 200_000
# Folders of what is being fetched, and when nobody fetches it any more.
OUT, LEFT_S = "out-", 3600.0
UNITS = ("acm", "acm-panel")
LONGEST_TOKEN_DAYS = 3650
# The doctor loads the detector and a copy fills the card: one at a time.
_one = asyncio.Lock()


def shelf(panel: Panel) -> Shelf:
    """The shop's own sounds."""
    return Shelf(panel.settings.files.overrides.resolve().parent / "sounds")


class Managing:
    """Every method raises ``NotAllowedError`` for those who may not, or another ``AcmError`` in a sentence."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self._permit, self._note = panel.actions.permit, panel.actions.note

    async def add_user(self, visitor: Visitor, name: str, password: str, role: Role) -> None:
        """Make a user."""
        await self._permit(visitor, Right.PEOPLE)
        name = name.strip()
        if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
            raise SignInError("claim.nameless")
        users = self._panel.store.users
        hashed = await asyncio.to_thread(self._panel.doorman.hashed, password, name)
        await asyncio.to_thread(users.add, name, hashed, role.value, to_ms(self._panel.clock.utc_now()))
        await self._note(visitor, "user-added", name=name, role=role.value)

    async def set_role(self, visitor: Visitor, user: User, role: Role) -> None:
        """Give somebody another role; what they have open is closed by it where it has to be."""
        await self._permit(visitor, Right.PEOPLE)
        await asyncio.to_thread(lambda: self._panel.store.users.change(user.id, role=role.value))
        await self._note(visitor, "role-changed", name=user.name, role=role.value)

    async def set_password(self, visitor: Visitor, user: User, password: str) -> None:
        """Give somebody a new password; wherever they are signed in, that ends, but for who does it."""
        await self._permit(visitor, Right.PEOPLE)
        hashed = await asyncio.to_thread(self._panel.doorman.hashed, password, user.name)
        store = self._panel.store
        await asyncio.to_thread(lambda: store.users.change(user.id, password=hashed))
        await asyncio.to_thread(store.sessions.end_all, user.id, visitor.session)
        await self._note(visitor, "password-changed", name=user.name)

    async def remove_user(self, visitor: Visitor, user: User) -> None:
        """Take somebody away."""
        await self._permit(visitor, Right.PEOPLE)
        await asyncio.to_thread(self._panel.store.users.remove, user.id)
        await self._note(visitor, "user-removed", name=user.name)

    async def end_session(self, visitor: Visitor, user: User, key: str) -> None:
        """Sign somebody out somewhere."""
        await self._permit(visitor, Right.PEOPLE)
        await asyncio.to_thread(self._panel.store.sessions.end, key)
        await self._note(visitor, "session-ended", name=user.name)

    async def make_token(self, visitor: Visitor, name: str, scopes: frozenset[str], days: int | None) -> str:
        """Make a token; it is shown once."""
        await self._permit(visitor, Right.PEOPLE)
        name = name.strip()
        if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
            raise SignInError("claim.nameless")
        if not scopes or not scopes <= set(SCOPES):
            raise InputError("A token needs at least one scope.")
        if days is not None and not 0 < days <= LONGEST_TOKEN_DAYS:
            raise InputError(f"A token lasts from 1 to {LONGEST_TOKEN_DAYS} days, or for ever.")
        return await asyncio.to_thread(self._panel.doorman.make_token, name, scopes, visitor, days)

    async def remove_token(self, visitor: Visitor, number: int, name: str) -> None:
        """Take a token away."""
        await self._permit(visitor, Right.PEOPLE)
        await asyncio.to_thread(self._panel.store.tokens.remove, number)
        await self._note(visitor, "token-removed", name=name)

    async def add_sound(self, visitor: Visitor, name: str, data: bytes) -> Path:
        """Keep a sound."""
        await self._permit(visitor, Right.SET)
        path = await asyncio.to_thread(shelf(self._panel).add, name, data)
        await self._note(visitor, "sound-added", name=path.name, bytes=len(data))
        return path

    async def remove_sound(self, visitor: Visitor, name: str) -> None:
        """Delete a sound that nothing uses."""
        await self._permit(visitor, Right.SET)
        config, path = self._panel.settings.config, str(shelf(self._panel).folder / name)
        sound = config.sound
        if path in (sound.arrival, sound.empty, sound.departure, *(rule.chime for rule in config.rule)):
            raise InputError("This sound is in use; choose another one there first.")
        await asyncio.to_thread(shelf(self._panel).remove, name)
        await self._note(visitor, "sound-removed", name=name)

    async def examine(self, visitor: Visitor) -> list[dict[str, str]]:
        """Have the doctor look: name, level, what and remedy of each check."""
        await self._permit(visitor, Right.CHECK)
        async with _one:
            told = await asyncio.to_thread(told_by, [*self._doctor(), "--json"], DOCTOR_S)
        await self._note(visitor, "doctor")
        try:
            checks = json.loads(told.text)["checks"]
        except (ValueError, KeyError):
            raise AcmError(f"The doctor did not finish: {told.failed or 'it said nothing'}.") from None
        return [{key: str(value) for key, value in check.items()} for check in checks]

    async def bundle(self, visitor: Visitor) -> Path:
        """Make the support bundle; whoever fetched it removes the file's folder."""
        await self._permit(visitor, Right.CHECK)
        path = self._place() / "acm-bundle.tar.gz"
        async with _one:
            told = await asyncio.to_thread(told_by, [*self._doctor(), "--bundle", str(path)], DOCTOR_S)
        if not path.exists():
            raise AcmError(f"The support bundle was not made: {told.failed or 'the doctor said nothing'}.")
        await self._note(visitor, "bundle")
        return path

    async def copy(self, visitor: Visitor) -> Path:
        """Make a copy of the records; whoever fetched it removes the file's folder."""
        await self._permit(visitor, Right.SET)
        place = self._place()
        async with _one:
            path = await asyncio.to_thread(backup, self._panel.reading.path, place / "records.db")
        await self._note(visitor, "records-copied", bytes=path.stat().st_size)
        return path

    async def log(self, visitor: Visitor, rows: int, priority: int) -> tuple[list[str], str]:
        """The last rows of the product's journal, and why there are none if they cannot be read."""
        await self._permit(visitor, Right.CHECK)
        units = [f"--unit={unit}" for unit in UNITS]
        words = ["journalctl", *units, f"--lines={min(rows, MOST_ROWS)}", f"--priority={priority}", "--quiet",
                 "--output=short-iso", "--no-pager"]  # fmt: skip
        told = await asyncio.to_thread(told_by, words)
        text = await asyncio.to_thread(redacted, told.text[-LOG_LETTERS:])
        return [row for row in text.splitlines() if row], told.failed

    def _place(self) -> Path:
        """A folder of its own beside the panel's database: where the panel may write, and nobody else looks."""
        folder, now_s = self._panel.store.file.path.parent, self._panel.clock.utc_now().timestamp()
        for left in folder.glob(f"{OUT}*"):
            # What a download that was cut short left behind.
            if now_s - left.stat().st_mtime > LEFT_S:
                shutil.rmtree(left, ignore_errors=True)
        return Path(tempfile.mkdtemp(prefix=OUT, dir=folder))

    def _doctor(self) -> Sequence[Any]:
        files = self._panel.settings.files
        words = [sys.executable, "-m", "edge", "doctor", "--config", str(files.base)]
        words += ["--state", str(files.overrides.parent)]
        control = self._panel.daemon.control
        return words if control is None else [*words, "--control", str(control)]
