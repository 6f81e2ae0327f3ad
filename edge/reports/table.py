"""Tables of figures: plain data that knows what each column is, so that every form of a report shows the same."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    Cell = str | int | float | bool | date | datetime | None

# Of fewer people than these nothing is told where it is told what kind of people they are.
FEWEST = 5


class Withheld(str, Enum):
    """Why a figure is not told."""

    FEW = f"<{FEWEST}"
    """There are too few people for it not to be about somebody."""
    BESIDE_FEW = "…"
    """It would tell the only one that is too small, by the sum of all."""


class Kind(str, Enum):
    """What a column holds, which decides how it is written."""

    TEXT = "text"
    """Somebody's own words, such as the name of a camera."""
    WHERE = "where"
    """The name of a camera, empty for all of the box."""
    WORD = "word"
    """A key of the room's texts."""
    DAY = "day"
    DATE = "date"
    """A day, told with its year."""
    WEEK = "week"
    """The first day of one."""
    MONTH = "month"
    """The first day of one."""
    YEAR = "year"
    """The first day of one."""
    WEEKDAY = "weekday"
    """0 is Monday."""
    MOMENT = "moment"
    """An aware time, in the site's zone."""
    CLOCK_HOUR = "clock_hour"
    HOURS = "hours"
    """Opening hours as a text, empty on a day on which it is closed."""
    BAND = "band"
    """From so many minutes to twice as many; 0: under a minute."""
    COUNT = "count"
    """A whole number of people or things."""
    NUMBER = "number"
    """A mean, told to a tenth."""
    SHARE = "share"
    """A part of 1."""
    CHANGE = "change"
    """By what part of 1 it is more, or below 0 less."""
    DURATION = "duration"
    """Seconds."""
    MONEY = "money"
    YES = "yes"
    """True or false."""


# What is told about people, other than who or when.
FIGURES = frozenset({Kind.COUNT, Kind.NUMBER, Kind.SHARE, Kind.CHANGE, Kind.DURATION, Kind.MONEY})

COUNTED = frozenset({"ins", "outs", "stays"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column of that name and kind. ``label`` heads it where there is no text for its key.

    ``printed`` is False for what paper has no room for; files have all of it.
    """

    key: str
    kind: Kind
    label: str = ""
    printed: bool = True


@dataclass(frozen=True)
class Table:
    """Rows of figures. ``about``: what it is of, if there is one for each of several.

    ``private`` is for figures by what kind of people they are: what is told of fewer than five is withheld for good as
    the table is made, and so is the next smallest where a sum would tell the only one withheld. ``printed``: whether it
    stands in the PDF; ``shaded``: figures are coloured by their size where they can be.
    """

    key: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    about: str = ""
    private: bool = False
    printed: bool = True
    shaded: bool = False

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"a row of {self.key} has not as many cells as there are columns")
        if self.private:
            object.__setattr__(self, "rows", tuple(_withheld(self)))

    def place(self, key: str) -> int:
        """Where the column of that key stands."""
        return next(place for place, column in enumerate(self.columns) if column.key == key)

    def has(self, key: str) -> bool:
        """Whether there is such a column."""
        return any(column.key == key for column in self.columns)

    def column(self, key: str) -> list[Cell]:
        """Every cell of a column."""
        place = self.place(key)
        return [row[place] for row in self.rows]

    def trimmed(self) -> Table:
        """Without the rows at the beginning and end in which nobody was counted."""
        counts = [place for place, column in enumerate(self.columns) if column.key in COUNTED]
        some = [number for number, row in enumerate(self.rows) if any(row[place] for place in counts)]
        return replace(self, rows=self.rows[some[0] : some[-1] + 1] if some else ())

    def numbers(self, key: str) -> list[float]:
        """The same as numbers; what is not known or withheld is not a number (NaN)."""
        return [
            float(cell) if isinstance(cell, (int, float)) and not isinstance(cell, bool) else float("nan")
            for cell in self.column(key)
        ]


def _withheld(table: Table) -> Iterator[tuple[Cell, ...]]:
    """The rows, without what is about too few people."""
    counts = [place for place, column in enumerate(table.columns) if column.kind is Kind.COUNT]
    rows = [list(row) for row in table.rows]
    for place in counts:
        few = [number for number, row in enumerate(table.rows) if _few(row[place])]
        beside = [number for number, row in enumerate(table.rows) if isinstance(row[place], int) and number not in few]
        for number in few:
            rows[number][place] = Withheld.FEW
        if len(few) == 1 and beside:
            rows[min(beside, key=lambda number: _size(table.rows[number][place]))][place] = Withheld.BESIDE_FEW
    for row in rows:
        why = next((row[place] for place in counts if isinstance(row[place], Withheld)), None)
        if why is not None:
            row[:] = [
                why if column.kind in FIGURES and column.kind is not Kind.COUNT else cell
                for column, cell in zip(table.columns, row, strict=True)
            ]
        yield tuple(row)


def _few(cell: Cell) -> bool:
    return isinstance(cell, int) and cell < FEWEST


def _size(cell: Cell) -> int:
    return cell if isinstance(cell, int) else 0
