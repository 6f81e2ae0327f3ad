"""What people leave behind: changes they made, notes on days, counts by hand, and browsers that want to be told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from peewee import fn

from edge.core.calendar import day_number, day_of_number
from edge.storage.panel.models import AuditRow, CountAlongRow, FactRow, NoteRow, PushRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from edge.storage.panel.file import PanelFile

    Taps = Sequence[tuple[float, str]]


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody changed something, or tried to. ``undo`` is what undoes it, None where nothing does."""

    id: int
    at_ms: int
    who: str
    address: str
    what: str
    detail: dict[str, Any]
    undo: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Note:
    """Something people know about some days."""

    id: int
    first: date
    last: date
    kind: str
    text: str
    made_by: str


@dataclass(frozen=True, slots=True)
class CountAlong:
    """A count by hand beside the box. ``taps`` and ``counted``: seconds since the beginning, and "in" or "out"."""

    id: int
    began_ms: int
    ended_ms: int
    camera: str
    line: str
    taps: tuple[tuple[float, str], ...]
    counted: tuple[tuple[float, str], ...]
    result: dict[str, Any]
    made_by: str


@dataclass(frozen=True, slots=True)
class Push:
    """A browser that wants to be told, of what, and in which language. ``device`` is what it calls itself."""

    endpoint: str
    user: int
    keys: dict[str, str]
    wants: frozenset[str]
    language: str
    device: str
    made_ms: int


class Audit:
    """Who changed what, in order. Rows are only ever added."""

    def __init__(self, file: PanelFile) -> None:
        self._file = file

    def add(  # noqa: PLR0913 - when, who, where from, what
        self, now_ms: int, who: str, address: str, *, what: str, detail: Mapping[str, object],
        undo: Mapping[str, object] | None = None,
    ) -> int:  # fmt: skip
        """Note a change; return its number."""
        told = None if undo is None else json.dumps(undo)
        row = {"at_ms": now_ms, "who": who, "address": address, "what": what, "detail": json.dumps(detail)}
        with self._file.writing():
            return int(self._file.do(AuditRow.insert(**row, undo=told)))

    def latest(self, limit: int, before: int | None = None, what: str = "") -> list[Change]:
        """The last changes, the last one first; those ``before`` a number, or of one kind."""
        query = AuditRow.select().order_by(AuditRow.id.desc()).limit(limit)
        if before is not None:
            query = query.where(AuditRow.id < before)
        if what:
            query = query.where(AuditRow.what == what)
        return [_change(row) for row in self._file.rows(query)]

    def get(self, number: int) -> Change | None:
        """The change of that number."""
        return next((_change(row) for row in self._file.rows(AuditRow.select().where(AuditRow.id == number))), None)


class Notes:
    """What people know about days."""

    def __init__(self, file: PanelFile) -> None:
        self._file = file

    def add(self, first: date, last: date, kind: str, text: str, made_by: str) -> int:
        """Write a note; return its number."""
        row = {"first_day": day_number(first), "last_day": day_number(last), "kind": kind, "text": text}
        with self._file.writing():
            return int(self._file.do(NoteRow.insert(**row, made_by=made_by)))

    def between(self, first: date, last: date) -> list[Note]:
        """Notes on any of these days, in order."""
        inside = (NoteRow.first_day <= day_number(last)) & (NoteRow.last_day >= day_number(first))
        rows = self._file.rows(NoteRow.select().where(inside).order_by(NoteRow.first_day, NoteRow.id))
        return [_note(row) for row in rows]

    def get(self, number: int) -> Note | None:
        """The note of that number."""
        return next((_note(row) for row in self._file.rows(NoteRow.select().where(NoteRow.id == number))), None)

    def count(self) -> int:
        """How many notes there are."""
        return int(self._file.rows(NoteRow.select(fn.count(NoteRow.id)))[0][0])

    def change(  # noqa: PLR0913 - what a note consists of
        self, number: int, first: date, last: date, *, kind: str, text: str, made_by: str
    ) -> None:
        """Have a note say something else."""
        row = {"first_day": day_number(first), "last_day": day_number(last), "kind": kind, "text": text}
        with self._file.writing():
            self._file.do(NoteRow.update(**row, made_by=made_by).where(NoteRow.id == number))

    def remove(self, number: int) -> None:
        """Take a note away."""
        with self._file.writing():
            self._file.do(NoteRow.delete().where(NoteRow.id == number))


class CountAlongs:
    """Counts by hand."""

    def __init__(self, file: PanelFile) -> None:
        self._file = file

    def add(  # noqa: PLR0913 - what a trial consists of
        self, began_ms: int, ended_ms: int, *, camera: str, line: str, taps: Taps, counted: Taps,
        result: Mapping[str, object], made_by: str,
    ) -> int:  # fmt: skip
        """Keep a trial; return its number."""
        told = {"taps": json.dumps(list(taps)), "counted": json.dumps(list(counted)), "result": json.dumps(result)}
        row = {"began_ms": began_ms, "ended_ms": ended_ms, "camera": camera, "line": line, "made_by": made_by, **told}
        with self._file.writing():
            return int(self._file.do(CountAlongRow.insert(**row)))

    def latest(self, limit: int) -> list[CountAlong]:
        """The last trials, the last one first."""
        query = CountAlongRow.select().order_by(CountAlongRow.id.desc()).limit(limit)
        return [_count_along(row) for row in self._file.rows(query)]


class Pushes:
    """Browsers that want to be told when something is wrong."""

    def __init__(self, file: PanelFile) -> None:
        self._file = file

    def add(self, push: Push) -> None:
        """Remember a browser, over what was known of it."""
        row = {"endpoint": push.endpoint, "user": push.user, "keys": json.dumps(push.keys), "made_ms": push.made_ms}
        row |= {"wants": " ".join(sorted(push.wants)), "language": push.language, "device": push.device}
        with self._file.writing():
            self._file.do(PushRow.insert(**row).on_conflict_replace())

    def all(self) -> list[Push]:
        """Every browser, in the order they asked."""
        rows = self._file.rows(PushRow.select().order_by(PushRow.made_ms, PushRow.endpoint))
        return [
            Push(endpoint, user, json.loads(keys), frozenset(wants.split()), language, device, made_ms)
            for endpoint, user, keys, wants, language, device, made_ms in rows
        ]

    def remove(self, endpoint: str) -> None:
        """Forget a browser."""
        with self._file.writing():
            self._file.do(PushRow.delete().where(PushRow.endpoint == endpoint))


class Facts:
    """What the panel keeps about itself, by name."""

    def __init__(self, file: PanelFile) -> None:
        self._file = file

    def get(self, key: str) -> str | None:
        """A fact, None if it was never noted."""
        rows = self._file.rows(FactRow.select(FactRow.value).where(FactRow.key == key))
        return str(rows[0][0]) if rows else None

    def note(self, key: str, value: str) -> None:
        """Note a fact, over what was noted before."""
        with self._file.writing():
            self._file.do(FactRow.insert(key=key, value=value).on_conflict_replace())


def _change(row: tuple[Any, ...]) -> Change:
    number, at_ms, who, address, what, detail, undo = row
    return Change(number, at_ms, who, address, what, json.loads(detail), None if undo is None else json.loads(undo))


def _note(row: tuple[Any, ...]) -> Note:
    number, first, last, kind, text, made_by = row
    return Note(number, day_of_number(first), day_of_number(last), kind, text, made_by)


def _count_along(row: tuple[Any, ...]) -> CountAlong:
    number, began_ms, ended_ms, camera, line, taps, counted, result, made_by = row
    pairs = [tuple((float(after_s), str(way)) for after_s, way in json.loads(told)) for told in (taps, counted)]
    return CountAlong(number, began_ms, ended_ms, camera, line, pairs[0], pairs[1], json.loads(result), made_by)
