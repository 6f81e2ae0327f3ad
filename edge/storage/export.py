"""Records as text for other programs: CSV, or a JSON object to a line."""

from __future__ import annotations

import csv
import json
from typing import IO, TYPE_CHECKING

from edge.core.errors import InputError
from edge.storage.queries import Records
from edge.storage.records import Correction, Crossing, Told, Visit, ZoneStay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date, datetime
    from pathlib import Path

    from edge.storage.kept import Kept
    from edge.storage.queries import When
    from edge.storage.records import Record

    Row = dict[str, object]

FORMS = ("csv", "jsonl")
# Rows are read in parts, so that a copy of years neither fills memory nor keeps the log from being emptied.
PART = 5000
KEPT_COLUMNS = ("seq", "version", "at", "quality", "boot", "uptime_s")
KINDS: dict[str, tuple[type[Record], tuple[str, ...]]] = {
    "crossings": (Crossing, ("camera", "line", "direction", "door")),
    "visits": (Visit, ("camera", "stay_s")),
    "zone-stays": (ZoneStay, ("camera", "zone", "dwell_s")),
    "corrections": (Correction, ("change", "reason")),
    "notices": (Told, ("event", "message")),
}
WHEN_COLUMNS = ("day", "start", "clock_hour")
FIGURES: dict[str, tuple[str, ...]] = {
    "hours": (*WHEN_COLUMNS, "camera", "line", "door", "ins", "outs"),
    "days": (*WHEN_COLUMNS, "camera", "line", "door", "ins", "outs"),
    "stays": (*WHEN_COLUMNS, "camera", "zone", "stays", "mean_s", "median_s"),
}
WHAT = (*KINDS, *FIGURES)


def export(  # noqa: PLR0913 - what, how and where to
    path: Path,
    what: str,
    form: str,
    stream: IO[str],
    days: tuple[date, date] | None = None,
    *,
    part: int = PART,
) -> int:
    """Write records of one kind (``WHAT``) to ``stream`` in a form (``FORMS``); return how many rows.

    ``days``: only those of these days of the site, the first to the last; without it, all. CSV has a line of headings.
    Times are UTC. Rows are read ``part`` at a time. Raises ``InputError`` for a kind or form there is none of,
    ``StorageError`` if nothing can be read.
    """
    if what not in WHAT:
        raise InputError(f"there are no {what!r} to export; take one of {', '.join(WHAT)}.")
    if form not in FORMS:
        raise InputError(f"there is no form {form!r}; take one of {', '.join(FORMS)}.")
    columns = FIGURES[what] if what in FIGURES else KEPT_COLUMNS + KINDS[what][1]
    count = 0
    with Records(path) as records:
        # Headings come after the file was found to be readable.
        write = _csv(stream, columns) if form == "csv" else _json(stream)
        for row in _figures(records, what, days) if what in FIGURES else _kept(records, what, days, part):
            write(row)
            count += 1
    return count


def _csv(stream: IO[str], columns: tuple[str, ...]) -> Callable[[Row], None]:
    writer = csv.DictWriter(stream, columns, lineterminator="\n")
    writer.writeheader()
    return writer.writerow


def _json(stream: IO[str]) -> Callable[[Row], None]:
    def write(row: Row) -> None:
        stream.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")

    return write


def _kept(records: Records, what: str, days: tuple[date, date] | None, part: int) -> Iterator[Row]:
    kind, columns = KINDS[what]
    seq = 0
    while True:
        some = records.after(seq, part, (kind,)) if days is None else records.on_days(*days, (kind,))
        for kept in some:
            yield {**_standing(kept), **{name: _value(kept.record, name) for name in columns}}
        if days is not None or len(some) < part:
            return
        seq = some[-1].seq


def _standing(kept: Kept) -> Row:
    return {
        "seq": kept.seq, "version": kept.version, "at": _time(kept.at), "quality": kept.quality.word,
        "boot": kept.boot, "uptime_s": kept.record.uptime_s,
    }  # fmt: skip


def _value(record: Record, name: str) -> object:
    if isinstance(record, Told):
        return getattr(record.fact, name)
    value = getattr(record, name)
    return getattr(value, "value", value)


def _figures(records: Records, what: str, days: tuple[date, date] | None) -> Iterator[Row]:
    first, last = days or records.days()
    if what == "stays":
        for stay in records.stays_by_day(first, last):
            lengths = {"stays": stay.stays.count, "mean_s": stay.stays.mean_s, "median_s": stay.stays.median_s}
            yield {**_when(stay.when), "camera": stay.camera, "zone": stay.zone, **lengths}
        return
    for line in records.lines_by_hour(first, last) if what == "hours" else records.lines_by_day(first, last):
        counts = {"door": line.door, "ins": line.ins, "outs": line.outs}
        yield {**_when(line.when), "camera": line.camera, "line": line.line, **counts}


def _when(when: When) -> Row:
    return {"day": when.day.isoformat(), "start": _time(when.start), "clock_hour": when.clock_hour}


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
