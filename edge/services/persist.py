"""Writes what was counted to the records, and keeps it in memory while they cannot be written."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.core.backoff import Reconnect
from edge.core.events import LineCrossed, ZoneExited
from edge.core.notice import Priority
from edge.core.notices import DATABASE_BACK, DATABASE_CORRUPT, DATABASE_FAULT, RECORDS_DROPPED
from edge.services.figures import Spread
from edge.services.inbox import Inbox
from edge.services.service import Service
from edge.storage.errors import StorageDamagedError, StorageError, StorageNewerError, StorageWaitError
from edge.storage.records import Crossing, Told, record_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from edge.core.clock import Clock
    from edge.core.notice import Fact
    from edge.services.happening import Happening
    from edge.services.ledger import Ledger
    from edge.storage.records import Record
    from edge.storage.store import Store

# What is counted: a busy shop's fortnight, in some 10 MB of memory.
ROOM = 50_000
# What is good to know: an evening's worth.
SPARE_ROOM = 5_000
BATCH = 500
# What does not count may wait for a crossing to be written with: each commit costs the card some pages.
SPARE_EVERY_S = 30.0
RETRY_FIRST_S, RETRY_MOST_S = 0.5, 10.0
MS = 1000.0


@dataclass(frozen=True, slots=True)
class Entry:
    """A record on its way to the disk, and the crossing it comes from."""

    record: Record
    event: LineCrossed | None = None


class Persist(Service):
    """The one writer. What counts is written at once, the rest with it or some seconds later.

    ``open_store`` opens the records at ``place``; ``store`` are records open already, if they could be opened;
    ``trouble`` is why they could not, told by then.
    ``committed`` is told of each crossing once it is on the disk, with the number of its row.
    """

    # A database that another program holds is waited for by SQLite itself, for 5 s; a worn card takes as long again.
    patience_s = 20.0
    stop_within_s = 6.0

    def __init__(  # noqa: PLR0913 - where, how, when, and who is told
        self,
        place: Path,
        open_store: Callable[[], Store],
        clock: Clock,
        tell: Callable[[Fact], None],
        committed: Callable[[Crossing, LineCrossed, int], None],
        *,
        store: Store | None = None,
        trouble: Fact | None = None,
    ) -> None:
        super().__init__("records")
        self._place = place
        self._open_store, self._clock, self._tell, self._committed = open_store, clock, tell, committed
        self._counted = Inbox[Entry](ROOM, self.bell)
        self._spare = Inbox[Entry](SPARE_ROOM, self.bell)
        self._again = Reconnect(RETRY_FIRST_S, RETRY_MOST_S)
        self._ledger: Ledger | None = None
        self._take_over = self._empty_carried = False
        # So many are written one at a time: one of them is one the store chokes on.
        self._singly = 0
        self._written_s = clock.monotonic_s()
        self._told_dropped = 0
        self.trouble = trouble
        self.written = self.refused = 0
        self.commit_ms = Spread()
        self.store = store

    def keep(self, records: Sequence[Record], event: LineCrossed | None) -> None:
        """Write these, in this order (what the ledger calls)."""
        for record in records:
            self._counted.put(Entry(record, event if isinstance(record, Crossing) else None))

    def take(self, happenings: Sequence[Happening]) -> None:
        """Keep stays in zones; crossings and visits come by way of the ledger."""
        for happening in happenings:
            if isinstance(happening.event, ZoneExited):
                record = record_of(happening.event, happening.camera, happening.at_s)
                if record is not None:
                    self._counted.put(Entry(record))

    def note(self, record: Record) -> None:
        """Write this some time soon."""
        self._spare.put(Entry(record))

    def heard(self, fact: Fact) -> None:
        """Keep a notice of the box about itself, if it is one a person would want to read later."""
        if fact.notice.priority < Priority.INFO:
            self.note(Told(self._clock.monotonic_s(), fact))

    def hurry(self) -> None:
        """Write now what could have waited. From any thread."""
        self._written_s = -SPARE_EVERY_S
        self.bell.set()

    def take_over_books(self, ledger: Ledger, *, empty_carried: bool = False) -> None:
        """Once everything is written, let the ledger go on with the day's books as they were recorded.

        With ``empty_carried`` those said to be inside from the day before are taken to have left.
        """
        self._ledger, self._take_over, self._empty_carried = ledger, True, empty_carried
        self.bell.set()

    @property
    def waiting(self) -> int:
        """How many records are not on the disk yet."""
        return len(self._counted) + len(self._spare)

    @property
    def dropped(self) -> int:
        """How many records were lost for want of memory."""
        return self._counted.dropped + self._spare.dropped + self.refused

    def step(self, now_s: float) -> float:
        """Write what there is, unless it has to wait."""
        self._tell_dropped()
        wait_s = self._again.wait_s(now_s)
        if wait_s > 0:
            return wait_s
        if not self._due(now_s):
            return max(0.0, self._written_s + SPARE_EVERY_S - now_s) if len(self._spare) else SPARE_EVERY_S
        self._attempt(self._write)
        return 0.0

    def close(self) -> None:
        """Write the rest and close the records properly."""
        while self.waiting and self._attempt(self._write):
            pass
        if self.waiting:
            self._tell(RECORDS_DROPPED.fact(dropped=self.waiting))
        if self.store is not None:
            self.store.close()

    def _due(self, now_s: float) -> bool:
        return bool(
            self.store is None or len(self._counted) or self._take_over
            or (len(self._spare) and now_s - self._written_s >= SPARE_EVERY_S)
        )  # fmt: skip

    def _attempt(self, work: Callable[[Store], None]) -> bool:
        """Do something with the records; False (told once) if that has to wait."""
        waited = self.waiting
        try:
            if self.store is None:
                self.store = self._opened()
            work(self.store)
        except StorageDamagedError as error:
            self._set_aside(error)
            return False
        except (StorageWaitError, StorageNewerError) as error:
            self._wait(error.fact)
            return False
        except StorageError as error:
            self._wait(DATABASE_FAULT.fact(file=str(self._place), reason=str(error)))
            return False
        self._back(waited)
        return True

    def _write(self, store: Store) -> None:
        most = 1 if self._singly else BATCH
        counted = self._counted.peek(most)
        spare = self._spare.peek(most - len(counted))
        now_s = self._clock.monotonic_s()
        if counted or spare:
            self._append(store, [*counted, *spare], self._counted if counted else self._spare)
            self._counted.drop(len(counted))
            self._spare.drop(len(spare))
            self.commit_ms.note((self._clock.monotonic_s() - now_s) * MS)
        self._written_s = now_s
        if self._take_over and self._ledger is not None:
            self._hand_over(store, self._ledger)

    def _append(self, store: Store, entries: Sequence[Entry], from_inbox: Inbox[Entry]) -> None:
        """Write these; a record the store chokes on is found by writing one at a time, and given up."""
        try:
            last_seq = store.append([entry.record for entry in entries])
        except StorageError:
            raise
        except Exception:  # a row that cannot be written, whatever is wrong with it, must not keep the others
            if len(entries) == 1:
                from_inbox.drop(1)
                self.refused += 1
            self._singly = self._singly - 1 if self._singly else len(entries)
            raise
        self._singly = max(0, self._singly - len(entries))
        self.written += len(entries)
        for seq, entry in enumerate(entries, start=last_seq - len(entries) + 1):
            if isinstance(entry.record, Crossing) and entry.event is not None:
                self._committed(entry.record, entry.event, seq)

    def _hand_over(self, store: Store, ledger: Ledger) -> None:
        """Nothing may be booked between the last record written and the books being read."""
        with ledger.held():
            rest = self._counted.peek(ROOM)
            if rest:
                self._append(store, rest, self._counted)
                self._counted.drop(len(rest))
            ledger.take_over(store.today(), self._clock.monotonic_s(), empty_carried=self._empty_carried)
        self._take_over = False

    def _opened(self) -> Store:
        store = self._open_store()
        for fact in store.facts:
            self._tell(fact)
        return store

    def _set_aside(self, error: StorageDamagedError) -> None:
        """A damaged file: close it; opening it again sets it aside. Told by the opening."""
        store, self.store = self.store, None
        if store is not None:
            with suppress(StorageError):
                store.close()
        self.trouble = DATABASE_CORRUPT.fact(file=str(self._place), reason=error.reason, aside="")
        self._again.failed(self._clock.monotonic_s())

    def _wait(self, fact: Fact) -> None:
        if self.trouble is None or self.trouble.event != fact.event:
            self.trouble = fact
        self._tell(fact)
        self._again.failed(self._clock.monotonic_s())

    def _back(self, waited: int) -> None:
        self._again.succeeded()
        if self.trouble is not None:
            self.trouble = None
            self._tell(DATABASE_BACK.fact(waiting=waited))

    def _tell_dropped(self) -> None:
        if self.dropped > self._told_dropped:
            self._tell(RECORDS_DROPPED.fact(dropped=self.dropped - self._told_dropped))
            self._told_dropped = self.dropped

    def told(self, _: float) -> dict[str, object]:
        """Figures for the board."""
        return {
            "state": "written" if self.trouble is None else self.trouble.event,
            "why": "" if self.trouble is None else self.trouble.message,
            "written": self.written,
            "waiting": self.waiting,
            "dropped": self.dropped,
            "commit_ms": self.commit_ms.told(),
            "clock": "unset" if self.store is None else self.store.quality.word,
        }
