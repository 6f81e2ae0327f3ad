"""A report as plain data, before it is written in any form or language."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from edge.analytics.periods import Period, Unit
    from edge.analytics.told import Scope
    from edge.core.model import Zone
    from edge.reports.table import Cell, Kind, Table


class Drawn(str, Enum):
    """How a chart is drawn."""

    BARS = "bars"
    """One bar for each row, of the first column; the second is a mark across it."""
    PAIRS = "pairs"
    """Two bars for each row."""
    LINES = "lines"
    LYING = "lying"
    """Bars that lie, with their names on the left."""
    GRID = "grid"
    """A field of numbers, darker for more."""
    FLOOR = "floor"
    """The same for a camera's picture, without the numbers."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of a table's columns: ``shown`` over ``over``, or of all its columns. ``about`` as the table's.

    ``zones`` are outlined on a floor.
    """

    key: str
    drawn: Drawn
    table: str
    over: str = ""
    shown: tuple[str, ...] = ()
    about: str = ""
    zones: tuple[Zone, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence: a key of the room's texts, and what is filled in by its name. A value may be a sentence itself."""

    key: str
    values: tuple[tuple[str, Kind, Cell | Said], ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """A figure of the first page, and beside it what it is compared with: keys of texts and changes."""

    key: str
    kind: Kind
    value: Cell
    beside: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report: what is said, then charts and tables."""

    key: str
    said: tuple[Said, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a report says.

    ``period`` are the days it is about: of the days ``asked`` for those that are over, so ``so_far`` if that is not
    all of them. ``unit``: by what a first look is told. ``headline`` is what matters most.
    """

    site: str
    scope: Scope
    asked: Period
    period: Period
    unit: Unit
    week_starts: int
    made_at: datetime
    headline: tuple[Said, ...]
    cards: tuple[Card, ...]
    sections: tuple[Section, ...]

    @property
    def so_far(self) -> bool:
        """Whether it is not over yet."""
        return self.period != self.asked

    def tables(self) -> Iterator[Table]:
        """Every table, in order."""
        return (table for section in self.sections for table in section.tables)

    def charts(self) -> Iterator[tuple[Chart, Table]]:
        """Every chart with its table, in order."""
        tables = {(table.key, table.about): table for table in self.tables()}
        return ((chart, tables[chart.table, chart.about]) for section in self.sections for chart in section.charts)
