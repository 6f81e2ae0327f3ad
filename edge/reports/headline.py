"""What matters most, in a few sentences and figures: the first page, and the words of the mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.analytics.periods import Unit, period_of
from edge.analytics.told import LONG_STAYS
from edge.reports.flows import usually_of
from edge.reports.report import Card, Said
from edge.reports.sold import sales_cells
from edge.reports.table import Kind
from edge.reports.trust import off

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.analytics.told import Summary
    from edge.reports.books import Beside, Books
    from edge.reports.table import Table

# Below a fiftieth it is the same: nobody should read weather into chance.
ALIKE = 0.02
# So many days far from usual are told; a table has the others.
MOST_NOTABLE = 3
# Of a note so many letters; a table has all of it.
NOTE = 160
TIMES = (Unit.DAY, Unit.WEEK, Unit.MONTH, Unit.YEAR)


def headline(books: Books, now: Summary, beside: Beside, notable: Table) -> tuple[Said, ...]:
    """A handful of sentences; the first one says how it was."""
    return (
        _came(books, now, beside), *_off_before(beside), *_sold(books, now), *_busiest(books, now), *_stays(books, now),
        *_notable(books, notable), *_holidays(books), *((Said("said.so_far", (("last", Kind.DAY, books.period.last),)),)
                                     if books.period != books.asked.period else ()),
        off(books),
    )  # fmt: skip


def _came(books: Books, now: Summary, beside: Beside) -> Said:
    """How many came, and whether that is more or less than at other times."""
    came = books.came(now)
    sides = [("before", beside.before), ("year", beside.year)]
    told = [
        _beside(f"{_time(books)}_{which}", came / books.came(other) - 1)
        for which, other in sides if other is not None and books.came(other) and which not in beside.off_days
    ]  # fmt: skip
    usually = usually_of(books)
    if usually is not None:
        told.insert(0, _beside("usual", usually[1] / usually[0] - 1))
    said = Said("said.stayed" if books.by_zone else "said.came", (("n", Kind.COUNT, came),))
    if not told or not came or "now" in beside.off_days:
        return Said("said.alone", (("came", Kind.TEXT, said),))
    names = ("one", "two", "three")[: len(told)]
    values = tuple((name, Kind.TEXT, one) for name, one in zip(names, told, strict=True))
    return Said(f"said.with_{names[-1]}", (("came", Kind.TEXT, said), *values))


def _beside(than: str, change: float) -> Said:
    """By how much more or less than at another time."""
    if abs(change) < ALIKE:
        return Said("said.alike", (("as", Kind.WORD, f"as.{than}"),))
    key = "said.more" if change > 0 else "said.less"
    return Said(key, (("share", Kind.SHARE, abs(change)), ("than", Kind.WORD, f"than.{than}")))


def _off_before(beside: Beside) -> Iterator[Said]:
    """Why it is not compared with a time in which the box was off."""
    for which, days in beside.off_days.items():
        yield Said(f"said.off_{which}", (("n", Kind.COUNT, days),))


def _time(books: Books) -> str:
    """What kind of time it is about: a day, week, month, year, or some days."""
    asked = books.asked
    whole = (unit for unit in TIMES if period_of(unit, asked.period.first, asked.week_starts) == asked.period)
    return next((unit.value for unit in whole), "days")


def _sold(books: Books, now: Summary) -> Iterator[Said]:
    cells = sales_cells(books, books.period, now.ins)
    if cells and cells[0] is not None:
        names = (("n", Kind.COUNT), ("amount", Kind.MONEY), ("share", Kind.SHARE))
        yield Said("said.sold", tuple((*name, cell) for name, cell in zip(names, cells, strict=True)))


def _busiest(books: Books, now: Summary) -> Iterator[Said]:
    """The busiest day and hour."""
    if books.by_zone or now.busiest is None or not now.busiest.ins:
        return
    hour = (
        ("hour_day", Kind.DAY, now.busiest.day), ("hour", Kind.CLOCK_HOUR, now.busiest.clock_hour),
        ("hour_ins", Kind.COUNT, now.busiest.ins),
    )  # fmt: skip
    if len(books.period) == 1:
        yield Said("said.busiest_hour", hour)
        return
    day = max(books.period, key=lambda day: books.counts.get(day, 0.0))
    came = round(books.counts.get(day, 0.0))
    yield Said("said.busiest", (("day", Kind.DAY, day), ("day_ins", Kind.COUNT, came), *hour))


def _stays(books: Books, now: Summary) -> Iterator[Said]:
    if books.asked.scope.line is None and now.stays.count:
        yield Said("said.zone_stays" if books.by_zone else "said.stays", (
            ("n", Kind.COUNT, now.stays.count), ("median", Kind.DURATION, now.stays.median_s),
            ("long", Kind.DURATION, now.long_stay_s),
        ))  # fmt: skip


def _holidays(books: Books) -> Iterator[Said]:
    """How many of the days were holidays, on which fewer come than is usual for the weekday."""
    opening = books.asked.opening
    days = sum(opening.is_holiday(day) for day in books.period) if opening is not None else 0
    if days:
        yield Said("said.holidays", (("n", Kind.COUNT, days),))


def _notable(books: Books, table: Table) -> Iterator[Said]:
    """The days farthest from usual, and what was noted about them."""
    far = sorted(table.rows, key=lambda row: -abs(row[3] if isinstance(row[3], float) else 0.0))[:MOST_NOTABLE]
    for day, ins, usual, change in sorted(far, key=lambda row: str(row[0])):
        key = "said.notable_more" if isinstance(change, float) and change > 0 else "said.notable_less"
        share = abs(change) if isinstance(change, float) else None
        said = Said(key, (
            ("day", Kind.DAY, day), ("n", Kind.COUNT, ins), ("share", Kind.SHARE, share),
            ("usual", Kind.NUMBER, usual),
        ))  # fmt: skip
        note = next((one.text for one in books.asked.remarks if str(one.first) <= str(day) <= str(one.last)), "")
        note = note if len(note) <= NOTE else f"{note[:NOTE]}…"
        yield Said("said.noted", (("said", Kind.TEXT, said), ("note", Kind.TEXT, note))) if note else said


def cards(books: Books, now: Summary, table: Table, beside: Beside) -> tuple[Card, ...]:
    """The figures of the first page."""
    lead = Card(books.lead, Kind.COUNT, books.came(now), tuple(_changes(table, beside)))
    days = now.days_with_people
    under = Said("card.days", (("n", Kind.COUNT, days),))
    each = Card("per_day", Kind.NUMBER, books.came(now) / days if days else None, (under,))
    found = [lead, *([each] if len(books.period) > 1 and not books.by_zone else [])]
    cells = sales_cells(books, books.period, now.ins)
    if cells and cells[0] is not None:
        under = Said("card.receipts", (("n", Kind.COUNT, cells[0]), ("amount", Kind.MONEY, cells[1])))
        found.append(Card("conversion", Kind.SHARE, cells[2], (under,)))
    if books.asked.scope.line is None and now.stays.count:
        under = Said("card.long", (("long", Kind.DURATION, now.stays.quantile_s(LONG_STAYS)),))
        found.append(Card("median_s", Kind.DURATION, now.stays.median_s, (under,)))
    if now.peak is not None:
        found.append(Card("peak", Kind.COUNT, now.peak, (Said("card.at_once"),)))
    return tuple(found)


def _changes(table: Table, beside: Beside) -> Iterator[Said]:
    """By how much more or less than before, a year before, and usual."""
    if "now" in beside.off_days:
        return
    for which, change in zip(table.column("which"), table.column("change"), strict=True):
        if change is not None and str(which).removeprefix("which.") not in beside.off_days:
            than = str(which).replace("which.", "card_beside.")
            yield Said("card.change", (("change", Kind.CHANGE, change), ("which", Kind.WORD, than)))


