"""What people note about days: the weather, a holiday, a promotion. Allowed first, noted in the audit log last."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from edge.core.errors import InputError
from edge.panel.auth.rights import Right

if TYPE_CHECKING:
    from edge.panel.auth.visitor import Visitor
    from edge.panel.panel import Panel
    from edge.storage.panel.written import Note

KINDS = ("weather", "holiday", "promotion", "other")
LONGEST_TEXT, MOST_DAYS, MOST_NOTES = 200, 366, 5000
FIRST, LAST = date(2000, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True, slots=True)
class Written:
    """What a note is to say: about days from the first to the last, of a kind."""

    first: date
    last: date
    kind: str
    text: str

    @classmethod
    def read(cls, first: str, last: str, kind: str, text: str, wrong: str) -> Written:
        """A note from what was typed. ``InputError`` with the sentence ``wrong`` if it cannot be one."""
        try:
            made = cls(date.fromisoformat(first), date.fromisoformat(last or first), kind, " ".join(text.split()))
        except ValueError:
            raise InputError(wrong) from None
        if not made.right:
            raise InputError(wrong)
        return made

    @property
    def right(self) -> bool:
        """Whether it can be kept."""
        days = FIRST <= self.first <= self.last <= LAST and (self.last - self.first).days < MOST_DAYS
        said = 0 < len(self.text) <= LONGEST_TEXT and self.text.isprintable()
        return days and said and self.kind in KINDS


class Noting:
    """Every method raises ``NotAllowedError`` for those who may not, or another ``AcmError`` in a sentence."""

    def __init__(self, panel: Panel) -> None:
        self._panel, self._notes = panel, panel.store.notes

    async def add(self, visitor: Visitor, written: Written) -> None:
        """Write a note."""
        await self._panel.actions.permit(visitor, Right.NOTE)
        _check(written)
        if await asyncio.to_thread(self._notes.count) >= MOST_NOTES:
            raise InputError(f"There are {MOST_NOTES} notes already; remove some first.")
        who = visitor.name
        number = await asyncio.to_thread(
            self._notes.add, written.first, written.last, written.kind, written.text, who
        )
        await self._noted(visitor, "note-added", written, number)

    async def change(self, visitor: Visitor, number: int, written: Written) -> None:
        """Have a note say something else; it is then by who changed it."""
        await self._panel.actions.permit(visitor, Right.NOTE)
        _check(written)
        await self._get(number)
        await asyncio.to_thread(
            self._notes.change, number, written.first, written.last, kind=written.kind, text=written.text,
            made_by=visitor.name,
        )  # fmt: skip
        await self._noted(visitor, "note-changed", written, number)

    async def remove(self, visitor: Visitor, number: int) -> None:
        """Take a note away."""
        await self._panel.actions.permit(visitor, Right.NOTE)
        note = await self._get(number)
        await asyncio.to_thread(self._notes.remove, number)
        await self._noted(visitor, "note-removed", Written(note.first, note.last, note.kind, note.text), number)

    async def _get(self, number: int) -> Note:
        note = await asyncio.to_thread(self._notes.get, number)
        if note is None:
            raise InputError("This note is not there any more; somebody has removed it.")
        return note

    async def _noted(self, visitor: Visitor, what: str, written: Written, number: int) -> None:
        await self._panel.actions.note(
            visitor, what, text=written.text, first=written.first.isoformat(), last=written.last.isoformat(),
            number=number,
        )  # fmt: skip


def _check(written: Written) -> None:
    if not written.right:
        raise InputError(
            f"A note is about up to {MOST_DAYS} days, of a kind ({', '.join(KINDS)}), and has 1 to {LONGEST_TEXT} "
            "letters."
        )
