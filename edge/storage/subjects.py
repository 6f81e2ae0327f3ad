"""Cameras, lines and zones by small numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.storage.models import Subject

if TYPE_CHECKING:
    import peewee

CAMERA, LINE, ZONE = "camera", "line", "zone"


@dataclass(frozen=True, slots=True)
class Named:
    """What a number stands for. ``name`` is the line's or zone's, empty for a camera; ``door`` is for lines."""

    kind: str
    camera: str
    name: str = ""
    door: bool = False


class Subjects:
    """All numbers there are; a new thing gets one when it is first asked for."""

    def __init__(self, database: peewee.SqliteDatabase) -> None:
        self._database = database
        self._fresh: list[Named] = []
        rows = Subject.select().dicts().execute(database)
        self._ids = {Named(row["kind"], row["camera"], row["name"], bool(row["door"])): int(row["id"]) for row in rows}

    def id_of(self, named: Named) -> int:
        """The number of a thing, a new one if need be. Only within a transaction."""
        number = self._ids.get(named)
        if number is None:
            row = {"kind": named.kind, "camera": named.camera, "name": named.name, "door": int(named.door)}
            number = int(Subject.insert(row).execute(self._database))
            self._ids[named] = number
            self._fresh.append(named)
        return number

    def settle(self, *, kept: bool) -> None:
        """The transaction has ended: its new numbers were kept, or undone with it."""
        for named in () if kept else self._fresh:
            del self._ids[named]
        self._fresh = []

    def by_id(self) -> dict[int, Named]:
        """What each number stands for."""
        return {number: named for named, number in self._ids.items()}

    def doors(self) -> set[int]:
        """The numbers of lines that move the number of people inside."""
        return {number for named, number in self._ids.items() if named.door}
