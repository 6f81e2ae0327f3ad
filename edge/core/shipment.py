"""What a device sends to its hub: a batch of rows, and the hub's receipt for it.

Rows stand in columns, one array for each, so that a month of crossings costs little more than the bytes it is made of.
What a row is called is (device, epoch, ``seq``); ``version`` grows with each time its moment is set right.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from typing_extensions import Self

    Column = NDArray[np.int64]

# What a batch may be at most. A device sends far less; a hub believes nobody.
MOST_ROWS = 20_000
MOST_SUBJECTS = 1_000
MOST_BYTES, MOST_PACKED_BYTES = 4 * 2**20, 2**20
MOST_NAME, MOST_TOLD_BYTES = 80, 4096
# The highest whole number that every reader of JSON can hold.
MOST_SEQ = 2**53 - 1
MOST_VERSION = 2**31 - 1
MOST_CHANGE = 1_000_000
MOST_REASON = 255
# From 2000-01-01 to 2200-01-01, UTC.
FIRST_MS, END_MS = 946_684_800_000, 7_258_118_400_000
# Ten years, in tenths of a second. More than 32 bits hold.
MOST_STAY_DS = 10 * 365 * 86_400 * 10
# The hub has no row of this device and epoch yet, or does not say.
NO_CURSOR = -1
CAMERA, LINE, ZONE = "camera", "line", "zone"
KINDS = (CAMERA, LINE, ZONE)


def column(*values: int) -> Column:
    """A column of these values."""
    return np.array(values, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Subject:
    """What rows are about. ``kind`` is camera, line or zone; ``name`` the line's or zone's; ``door`` is for lines."""

    kind: str
    camera: str
    name: str = ""
    door: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows of one kind, ascending by ``seq``; ``at_ms`` is UTC in ms since 1970. All columns are of one length."""

    seq: Column
    version: Column
    at_ms: Column

    @classmethod
    def empty(cls) -> Self:
        """No rows."""
        return cls(*(column() for _ in fields(cls)))

    @property
    def rows(self) -> int:
        """How many they are."""
        return len(self.seq)

    def part(self, after_seq: int, last_seq: int) -> Self:
        """Those of ``after_seq`` < seq <= ``last_seq``."""
        start, end = (int(place) for place in np.searchsorted(self.seq, (after_seq, last_seq), side="right"))
        return type(self)(*(getattr(self, field.name)[start:end] for field in fields(self)))

    def __eq__(self, other: object) -> bool:
        """Whether all columns are the same."""
        return type(self) is type(other) and all(
            _same(getattr(self, field.name), getattr(other, field.name)) for field in fields(self)
        )

    __hash__ = None  # type: ignore[assignment] # columns can be altered


@dataclass(frozen=True, slots=True, eq=False)
class Crossings(Rows):
    """``subject`` is the line's place in ``Shipment.subjects``; ``direction`` 0 in, 1 out."""

    subject: Column
    direction: Column


@dataclass(frozen=True, slots=True, eq=False)
class Visits(Rows):
    """``subject`` is the place of the camera that saw the leaving; ``stay_ds`` in tenths of a second."""

    subject: Column
    stay_ds: Column


@dataclass(frozen=True, slots=True, eq=False)
class ZoneStays(Rows):
    """``subject`` is the zone's place; ``dwell_ds`` in tenths of a second."""

    subject: Column
    dwell_ds: Column


@dataclass(frozen=True, slots=True, eq=False)
class Corrections(Rows):
    """``change`` of the number inside; ``reason`` as in the device's records (0 negative, 1 closing, 2 by hand)."""

    change: Column
    reason: Column


@dataclass(frozen=True, slots=True, eq=False)
class Notices(Rows):
    """``event`` is the notice's kind; ``told`` its values, each a JSON object as text."""

    event: tuple[str, ...]
    told: tuple[str, ...]

    @classmethod
    def empty(cls) -> Self:
        """No rows."""
        return cls(column(), column(), column(), (), ())


@dataclass(frozen=True, slots=True)
class Standing:
    """How the device does: product version, rows still to be sent and the oldest one's ``at_ms`` (None if there is
    none), the clock's quality in a word, and how long the machine has run."""  # noqa: D205, D209 - one sentence

    product: str
    waiting: int
    oldest_ms: int | None
    clock: str
    uptime_s: int


@dataclass(frozen=True, slots=True)
class Shipment:
    """One batch.

    ``device`` is the fingerprint of its public key, ``epoch`` the random name of its database. The rows are all of
    ``after_seq`` < seq <= ``last_seq``, minus kinds that are not sent and rows set aside; ``revised`` ones were sent
    before, have a new version and move no cursor. Rows before ``kept_from_seq`` are gone for good on the device.
    ``zone`` and ``day_starts_h`` say which days the site goes by.
    """

    device: str
    epoch: str
    after_seq: int
    last_seq: int
    kept_from_seq: int
    revised: bool
    zone: str
    day_starts_h: int
    standing: Standing
    subjects: tuple[Subject, ...]
    crossings: Crossings
    visits: Visits
    zone_stays: ZoneStays
    corrections: Corrections
    notices: Notices

    @property
    def rows(self) -> int:
        """How many rows it has, all kinds together."""
        return sum(kind.rows for kind in self.kinds())

    def kinds(self) -> Iterator[Rows]:
        """The rows of each kind."""
        yield from (self.crossings, self.visits, self.zone_stays, self.corrections, self.notices)

    def seqs(self) -> Column:
        """The numbers of all rows, ascending."""
        return np.sort(np.concatenate([kind.seq for kind in self.kinds()]))

    def part(self, after_seq: int, last_seq: int) -> Shipment:
        """The same batch with the rows of ``after_seq`` < seq <= ``last_seq`` only."""
        return replace(
            self,
            after_seq=after_seq,
            last_seq=last_seq,
            crossings=self.crossings.part(after_seq, last_seq),
            visits=self.visits.part(after_seq, last_seq),
            zone_stays=self.zone_stays.part(after_seq, last_seq),
            corrections=self.corrections.part(after_seq, last_seq),
            notices=self.notices.part(after_seq, last_seq),
        )


class Verdict(Enum):
    """What became of a batch."""

    ACCEPTED = "accepted"
    """The hub has it, but for the rows listed as rejected."""
    REJECTED = "rejected"
    """The hub will never take it as it is. Sent in halves, all but the row at fault may pass."""
    KEPT = "kept"
    """The hub has none of it yet, and the device keeps it. With a cursor: the hub wants what follows that first."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The hub's answer. ``cursor`` is its last seq of this device and epoch, ``NO_CURSOR`` if unknown; ``rejected``
    are rows by seq, each with the reason; ``sentence`` is for people."""  # noqa: D205, D209 - one sentence

    verdict: Verdict
    cursor: int = NO_CURSOR
    rejected: tuple[tuple[int, str], ...] = ()
    sentence: str = ""
    retry_after_s: float | None = None


def _same(ours: Any, theirs: Any) -> bool:  # noqa: ANN401 - a column of numbers or of words
    return np.array_equal(ours, theirs) if isinstance(ours, np.ndarray) else bool(ours == theirs)
