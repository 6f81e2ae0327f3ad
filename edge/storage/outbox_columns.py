"""Rows as they come from the database, turned into the columns of a batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from edge.core.shipment import (
    END_MS,
    FIRST_MS,
    MOST_CHANGE,
    MOST_STAY_DS,
    MOST_TOLD_BYTES,
    Corrections,
    Crossings,
    Notices,
    Rows,
    Subject,
    Visits,
    ZoneStays,
    column,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from numpy.typing import NDArray

    from edge.core.shipment import Column
    from edge.storage.kept import Restamped
    from edge.storage.subjects import Named

    # Number, time, what it is about and what it says, a row each.
    Table = NDArray[np.int64]

# What is sent: the kind, its table, and the two columns besides number and time. Walks and heat stay on the device.
CROSSING, VISIT, ZONE_STAY, CORRECTION = "crossing", "visit", "zone_stay", "correction"
NUMBERS = (
    (CROSSING, "line, direction"), (VISIT, "camera, stay_ds"), (ZONE_STAY, "zone, dwell_ds"),
    (CORRECTION, "change, reason"),
)  # fmt: skip
NOTICE = "notice"
NAMES = (*(name for name, _ in NUMBERS), NOTICE)
COLUMNS = 4
NO_TIME = "the clock was wrong when it was written: its time lies outside the years 2000 to 2199"
TOO_LONG = "it is longer than a notice may be on its way"
TOO_MUCH = "its value is beyond what a shop can have"


@dataclass(frozen=True, slots=True)
class Found:
    """Rows of all kinds: numbers by table, and notices, in order."""

    numbers: dict[str, Table]
    notices: list[tuple[int, int, str, str]]

    def seqs(self) -> Column:
        """The numbers of all rows, ascending."""
        notices = np.array([row[0] for row in self.notices], dtype=np.int64)
        return np.sort(np.concatenate([*(table[:, 0] for table in self.numbers.values()), notices]))

    def up_to(self, seq: int) -> Found:
        """Those up to a row."""
        ends = {name: np.searchsorted(table[:, 0], seq, side="right") for name, table in self.numbers.items()}
        numbers = {name: table[: ends[name]] for name, table in self.numbers.items()}
        return Found(numbers, [row for row in self.notices if row[0] <= seq])

    def without(self, seqs: Collection[int]) -> Found:
        """All but these."""
        if not seqs:
            return self
        gone = np.array(sorted(seqs), dtype=np.int64)
        numbers = {name: table[~np.isin(table[:, 0], gone)] for name, table in self.numbers.items()}
        return Found(numbers, [row for row in self.notices if row[0] not in seqs])

    def before_unset(self) -> Found:
        """Those before the first row whose time is not known."""
        unset = [int(table[table[:, 1] < 0][0, 0]) for table in self.numbers.values() if (table[:, 1] < 0).any()]
        unset += [row[0] for row in self.notices if row[1] < 0][:1]
        return self.up_to(min(unset) - 1) if unset else self

    def unsendable(self) -> Iterator[tuple[int, str]]:
        """Rows that no batch can hold, each with the reason."""
        for name, table in self.numbers.items():
            wrong = (table[:, 1] < FIRST_MS) | (table[:, 1] >= END_MS)
            yield from ((int(seq), NO_TIME) for seq in table[wrong, 0])
            value = table[:, 2] if name == CORRECTION else table[:, 3]
            most = MOST_CHANGE if name == CORRECTION else MOST_STAY_DS
            yield from ((int(seq), TOO_MUCH) for seq in table[~wrong & (np.abs(value) > most), 0])
        for seq, at_ms, _, told in self.notices:
            if not FIRST_MS <= at_ms < END_MS:
                yield seq, NO_TIME
            elif len(told.encode()) > MOST_TOLD_BYTES:
                yield seq, TOO_LONG


class Versions:
    """Which version a row has: 1, and one more for each change of times that covers it."""

    def __init__(self, changes: Sequence[Restamped]) -> None:
        self._firsts = np.sort(np.array([change.first_seq for change in changes], dtype=np.int64))
        self._lasts = np.sort(np.array([change.last_seq for change in changes], dtype=np.int64))

    def of(self, seqs: Column) -> Column:
        """The versions of these rows."""
        begun = np.searchsorted(self._firsts, seqs, side="right")
        return np.asarray(1 + begun - np.searchsorted(self._lasts, seqs, side="left"), dtype=np.int64)


class Numbering:
    """Numbers what a batch's rows are about from 0, in the order of the database's own numbers."""

    def __init__(self, found: Found, named: dict[int, Named]) -> None:
        used = [table[:, 2] for name, table in found.numbers.items() if name != CORRECTION]
        self._ids = np.unique(np.concatenate(used))
        of = [named[int(number)] for number in self._ids]
        self.subjects = tuple(Subject(one.kind, one.camera, one.name, one.door) for one in of)

    def places(self, ids: Column) -> Column:
        """The places of these in ``subjects``."""
        return np.asarray(np.searchsorted(self._ids, ids), dtype=np.int64)


def batch_columns(found: Found, numbering: Numbering, versions: Versions) -> dict[str, Any]:
    """The rows of each kind, by the batch's names for them."""
    made: dict[str, Rows] = {}
    kinds = {CROSSING: Crossings, VISIT: Visits, ZONE_STAY: ZoneStays, CORRECTION: Corrections}
    for name, kind in kinds.items():
        seq, at_ms, about, value = (np.ascontiguousarray(one) for one in found.numbers[name].T)
        first = about if name == CORRECTION else numbering.places(about)
        made[f"{name}s"] = kind(seq, versions.of(seq), at_ms, first, value)
    seq = column(*(row[0] for row in found.notices))
    at_ms = column(*(row[1] for row in found.notices))
    event, told = tuple(row[2] for row in found.notices), tuple(row[3] for row in found.notices)
    return {**made, "notices": Notices(seq, versions.of(seq), at_ms, event, told)}
