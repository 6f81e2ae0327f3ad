"""Keeps the records small, safe and copied."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from edge.core.notices import BACKUP_FAILED, BACKUP_MADE, ROWS_HELD
from edge.storage.care import backup
from edge.storage.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, time, tzinfo
    from pathlib import Path

    from edge.core.notice import Fact
    from edge.services.persist import Persist
    from edge.storage.retention import Keeping
    from edge.storage.store import Store


@dataclass(frozen=True, slots=True)
class Habits:
    """How long what is kept, and when by the clock in ``zone`` the nightly copy is made."""

    keeping: Keeping
    copy_at: time
    zone: tzinfo


class Housekeeping:
    """Chores about the records in ``place``: letting go of what is too old, emptying the log, the nightly copy.

    What the disk refuses now is done the next time; the writer tells what is wrong with it.
    """

    def __init__(self, persist: Persist, place: Path, habits: Habits, tell: Callable[[Fact], None]) -> None:
        self.habits = habits
        self._persist, self._place, self._tell = persist, place, tell
        self._copied: date | None = None

    def tidy(self, _: float) -> None:
        """Let go of what is too old. To be called about once an hour."""
        self._with_store(self._let_go)

    def rest(self, _: float) -> None:
        """Empty the log while nothing waits to be written. To be called every few minutes."""
        if not self._persist.waiting:
            self._with_store(lambda store: store.rest())

    def copy_nightly(self, now_s: float) -> None:
        """Make the copy once a day, when its time has come. To be called every minute or so."""
        store = self._persist.store
        at = None if store is None else store.at(now_s)
        if at is None:
            return
        local = at.astimezone(self.habits.zone)
        if self._copied is None:
            # The program was started now: a copy that was due before is not made up for.
            passed = local.time() >= self.habits.copy_at
            self._copied = local.date() - timedelta(days=0 if passed else 1)
        if self._copied < local.date() and local.time() >= self.habits.copy_at:
            self._copied = local.date()
            self._make_copy()

    def _let_go(self, store: Store) -> None:
        gone = store.tidy(self.habits.keeping)
        if gone.held:
            self._tell(ROWS_HELD.fact(held=gone.held))

    def _make_copy(self) -> None:
        try:
            copy = backup(self._place)
        except StorageError as error:
            self._tell(BACKUP_FAILED.fact(reason=str(error)))
            return
        self._tell(BACKUP_MADE.fact(file=str(copy)))

    def _with_store(self, work: Callable[[Store], object]) -> None:
        store = self._persist.store
        if store is None:
            return
        try:
            work(store)
        except StorageError:
            return
