"""Version 1 of the format as a table, from which batches are written, read and checked and their schema is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.core import shipment as s

if TYPE_CHECKING:
    from edge.core.shipment import Rows

VERSION = 1
# As 16 letters of lower-case base32: the first 10 bytes of the SHA-256 of the device's public key.
DEVICE = r"[a-z2-7]{16}"
EPOCH = r"[0-9A-Za-z_-]{1,64}"
ZONE = r"[0-9A-Za-z_+/-]{1,80}"


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column of whole numbers. With ``steps`` the first is told, and then each one's difference to the one before."""

    name: str
    least: int
    most: int
    means: str
    steps: bool = False


@dataclass(frozen=True, slots=True)
class Texts:
    """A column of texts; ``json``: each is a JSON object, at most ``most`` bytes long, otherwise ``most`` letters."""

    name: str
    most: int
    means: str
    json: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of rows: its name in a batch and in ``Shipment``, its class, what kind of subject it is about."""

    name: str
    rows: type[Rows]
    subject: str | None
    columns: tuple[Numbers | Texts, ...]


_ROW = (
    Numbers("seq", 1, s.MOST_SEQ, "the row's number on the device, ascending", steps=True),
    Numbers("version", 1, s.MOST_VERSION, "1, and one more for each time the row was given another time"),
    Numbers("at_ms", s.FIRST_MS, s.END_MS - 1, "when, UTC in ms since 1970", steps=True),
)


def _subject(what: str) -> Numbers:
    return Numbers("subject", 0, s.MOST_SUBJECTS - 1, f"the place of the {what} in subjects, from 0")


KINDS = (
    Kind("crossings", s.Crossings, s.LINE, (
        *_ROW, _subject("line"), Numbers("direction", 0, 1, "0 in, 1 out"),
    )),
    Kind("visits", s.Visits, s.CAMERA, (
        *_ROW, _subject("camera that saw the leaving"),
        Numbers("stay_ds", 0, s.MOST_STAY_DS, "how long since the arrival it was paired with, in tenths of a second"),
    )),
    Kind("zone_stays", s.ZoneStays, s.ZONE, (
        *_ROW, _subject("zone"), Numbers("dwell_ds", 0, s.MOST_STAY_DS, "how long, in tenths of a second"),
    )),
    Kind("corrections", s.Corrections, None, (
        *_ROW, Numbers("change", -s.MOST_CHANGE, s.MOST_CHANGE, "how many were added to those inside, or taken off"),
        Numbers("reason", 0, s.MOST_REASON, "0 more left than had come in, 1 close of business, 2 set by hand"),
    )),
    Kind("notices", s.Notices, None, (
        *_ROW, Texts("event", s.MOST_NAME, "the notice's kind"),
        Texts("told", s.MOST_TOLD_BYTES, "its values: a JSON object as text", json=True),
    )),
)  # fmt: skip
HEAD = ("v", "device", "epoch", "after_seq", "last_seq", "kept_from_seq", "revised", "zone", "day_starts_h", "standing",
        "subjects")  # fmt: skip
STANDING = ("product", "waiting", "oldest_ms", "clock", "uptime_s")
