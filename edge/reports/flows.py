"""How many came: in each hour, day, week, month, and beside other times."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from edge.analytics.periods import DAY, YEAR_OF_WEEKS, Period, Unit
from edge.analytics.stays import Stays
from edge.analytics.told import LONG_STAYS
from edge.reports.books import HOURLY_DAYS
from edge.reports.report import Chart, Drawn
from edge.reports.sold import sales_cells, sales_columns
from edge.reports.table import Column, Kind, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.analytics.told import Slot, Summary
    from edge.reports.books import Beside, Books
    from edge.reports.table import Cell

TABLES = {Unit.HOUR: "hours", Unit.DAY: "days", Unit.WEEK: "weeks", Unit.MONTH: "months", Unit.YEAR: "years"}
KINDS = {Unit.DAY: Kind.DAY, Unit.WEEK: Kind.WEEK, Unit.MONTH: Kind.MONTH, Unit.YEAR: Kind.YEAR}
# More days than these are not printed one by one.
PRINTED_DAYS = 62
STAYS = (
    Column("stays", Kind.COUNT), Column("median_s", Kind.DURATION), Column("long_s", Kind.DURATION, printed=False),
)  # fmt: skip
PEAK, INS, OUTS = Column("peak", Kind.COUNT), Column("ins", Kind.COUNT), Column("outs", Kind.COUNT)


def stay_cells(stays: Stays) -> tuple[Cell, ...]:
    """How many, half of them, nine of ten of them."""
    return (stays.count, stays.median_s, stays.quantile_s(LONG_STAYS))


def compared(books: Books, now: Summary, beside: Beside) -> Table:
    """The period, and under it what it is compared with."""
    columns = (
        Column("which", Kind.WORD), Column("first", Kind.DAY, printed=False), Column("last", Kind.DAY, printed=False),
        Column(books.lead, Kind.COUNT), Column("change", Kind.CHANGE),
        *(() if books.by_zone else (OUTS, Column("per_day", Kind.NUMBER))), *((PEAK,) if books.whole_site else ()),
        *(STAYS[books.by_zone :] if books.asked.scope.line is None else ()),
    )  # fmt: skip
    rows = [_summed(books, "which.now", now, None)]
    for which, other in (("which.before", beside.before), ("which.year", beside.year)):
        if other is not None:
            came = books.came(other)
            rows.append(_summed(books, which, other, books.came(now) / came - 1 if came else None))
    usually = usually_of(books)
    if usually is not None:
        whole = usually[2] == len(books.period)
        cells = ("which.usual", None, None, round(usually[0]) if whole else None, usually[1] / usually[0] - 1)
        rows.append((*cells, *(None,) * (len(columns) - len(cells))))
    return Table("compared", columns, tuple(rows))


def _summed(books: Books, which: str, some: Summary, change: float | None) -> tuple[Cell, ...]:
    came = books.came(some)
    return (
        which, some.period.first, some.period.last, came, change,
        *(() if books.by_zone else (some.outs, came / some.days_with_people if some.days_with_people else None)),
        *((some.peak,) if books.whole_site else ()),
        *(stay_cells(some.stays)[books.by_zone :] if books.asked.scope.line is None else ()),
    )  # fmt: skip


def usually_of(books: Books) -> tuple[float, int, int] | None:
    """What usually comes on the days of which that can be told, how many came on them, how many days that is."""
    told = [(day, what) for day in books.period if (what := books.usual(day)) is not None]
    expected = sum(what.value for _, what in told)
    return (expected, round(sum(books.counts.get(day, 0.0) for day, _ in told)), len(told)) if expected else None


def flow_tables(books: Books) -> list[Table]:
    """How many came, by everything that is shorter than the period; the first look first."""
    days = len(books.period)
    found = []
    if days > PRINTED_DAYS:
        found += [parts(books, unit) for unit in (Unit.YEAR, Unit.MONTH) if _several(books, unit)]
    if days > 7:  # noqa: PLR2004 - a week
        found.append(parts(books, Unit.WEEK))
    if days > 1:
        found.append(by_day(books))
    if days <= HOURLY_DAYS:
        found.append(by_hour(books))
    first = TABLES[books.unit]
    return sorted(found, key=lambda table: table.key != first)


def _several(books: Books, unit: Unit) -> bool:
    first, last = books.period.first, books.period.last
    return first.year != last.year or (unit is Unit.MONTH and first.month != last.month)


def by_day(books: Books) -> Table:
    """Day by day, beside what is usual."""
    stays = books.source.stay_parts(books.period, Unit.DAY, books.asked.scope)
    levels = books.source.levels(books.period, Unit.DAY) if books.whole_site else []
    flow = books.source.flow(books.period, Unit.DAY, books.asked.scope)
    rows = []
    for place, one in enumerate(flow):
        day = one.slot.first
        came: tuple[Cell, ...] = (stays[place].stays.count,) if books.by_zone else (one.ins, one.outs)
        level: tuple[Cell, ...] = (levels[place].peak,) if levels else ()
        stay = stay_cells(stays[place].stays)[books.by_zone :] if books.asked.scope.line is None else ()
        about = _day_cells(books, day)
        sold = sales_cells(books, Period(day, day), one.ins)
        rows.append((day, day.weekday(), *about, *came, *_against(books, day), *level, *stay, *sold))
    columns = (
        Column("day", Kind.DAY), Column("weekday", Kind.WEEKDAY, printed=False),
        Column("open", Kind.HOURS, printed=books.asked.opening is not None), Column("holiday", Kind.YES, printed=False),
        Column("whole", Kind.YES, printed=False), *((Column("stays", Kind.COUNT),) if books.by_zone else (INS, OUTS)),
        Column("usual", Kind.NUMBER), Column("change", Kind.CHANGE), *((PEAK,) if levels else ()),
        *(STAYS[books.by_zone :] if books.asked.scope.line is None else ()), *sales_columns(books),
    )  # fmt: skip
    return Table("days", columns, tuple(rows), printed=len(rows) <= PRINTED_DAYS)


def _day_cells(books: Books, day: date) -> tuple[Cell, ...]:
    """When it was open, whether it was a holiday, and whether the box was on all day."""
    opening = books.asked.opening
    if opening is None:
        return None, None, day not in books.quality.unfit_days
    spans = ((opening.local(span.start), opening.local(span.end)) for span in opening.opening(day))
    told = ", ".join(f"{start:%H:%M}-{end:%H:%M}" for start, end in spans)
    return told, opening.is_holiday(day), day not in books.quality.unfit_days


def _against(books: Books, day: date) -> tuple[Cell, Cell]:
    """What is usual, and by how much more came."""
    what = books.usual(day)
    if what is None:
        return None, None
    return what.value, books.counts.get(day, 0.0) / what.value - 1 if what.value else None


def by_hour(books: Books) -> Table:
    """Hour by hour."""
    scope = books.asked.scope
    levels = books.source.levels(books.period, Unit.HOUR) if books.whole_site else []
    inside = {level.slot.start: (level.peak, level.inside) for level in levels}
    stays = {part.slot.start: part.stays for part in books.source.stay_parts(books.period, Unit.HOUR, scope)}
    rows = []
    for one in books.source.flow(books.period, Unit.HOUR, scope):
        start = one.slot.start
        stay = stays.get(start, Stays())
        came: tuple[Cell, ...] = (stay.count,) if books.by_zone else (one.ins, one.outs)
        level: tuple[Cell, ...] = inside.get(start, (None, None)) if books.whole_site else ()
        staid: tuple[Cell, ...] = (stay.count, stay.mean_s)[books.by_zone :] if scope.line is None else ()
        local = None if start is None else start.astimezone(books.site.zone)
        rows.append((one.slot.first, local, one.slot.clock_hour, *came, *level, *staid))
    columns = (
        Column("day", Kind.DAY, printed=False), Column("start", Kind.MOMENT, printed=False),
        Column("clock_hour", Kind.CLOCK_HOUR),
        *((Column("stays", Kind.COUNT),) if books.by_zone else (INS, OUTS)),
        *((PEAK, Column("inside", Kind.COUNT, printed=False)) if books.whole_site else ()),
        *((Column("stays", Kind.COUNT), Column("mean_s", Kind.DURATION))[books.by_zone :]
          if scope.line is None else ()),
    )  # fmt: skip
    return Table("hours", columns, tuple(rows), printed=len(books.period) == 1)


def parts(books: Books, unit: Unit) -> Table:
    """By week, month or year, beside a year ago."""
    scope, starts = books.asked.scope, books.asked.week_starts
    flow = books.source.flow(books.period, unit, scope, starts)
    stays = books.source.stay_parts(books.period, unit, scope, starts)
    levels = books.source.levels(books.period, unit, starts) if books.whole_site else []
    years_ago = _years_ago(books, unit, len(flow))
    rows = []
    for place, one in enumerate(flow):
        came = stays[place].stays.count if books.by_zone else one.ins
        busy = _busy_days(books, one.slot)
        ago = years_ago[place] if years_ago else None
        rows.append((
            one.slot.first, len(Period(one.slot.first, one.slot.last)), came, *(() if books.by_zone else (one.outs,)),
            came / busy if busy else None,
            *((ago, came / ago - 1 if ago else None) if years_ago else ()), *((levels[place].peak,) if levels else ()),
            *(stay_cells(stays[place].stays)[books.by_zone :] if scope.line is None else ()),
            *sales_cells(books, Period(one.slot.first, one.slot.last), one.ins),
        ))  # fmt: skip
    columns = (
        Column(TABLES[unit][:-1], KINDS[unit]), Column("days", Kind.COUNT, printed=False),
        Column(books.lead, Kind.COUNT), *(() if books.by_zone else (OUTS,)), Column("per_day", Kind.NUMBER),
        *((Column("year_ago", Kind.COUNT), Column("change", Kind.CHANGE)) if years_ago else ()),
        *((PEAK,) if levels else ()), *(STAYS[books.by_zone :] if scope.line is None else ()), *sales_columns(books),
    )  # fmt: skip
    return Table(TABLES[unit], columns, tuple(rows), printed=unit is not Unit.WEEK or len(rows) <= PRINTED_DAYS)


def _busy_days(books: Books, slot: Slot) -> int:
    return sum(books.counts.get(day, 0.0) > 0 for day in Period(slot.first, slot.last))


def _years_ago(books: Books, unit: Unit, number: int) -> Sequence[int]:
    """How many came in each part a year ago, in the same weeks or by the same dates; nothing if that is not known."""
    first, last = books.period.first, books.period.last
    if unit is Unit.WEEK:
        other = Period(first - YEAR_OF_WEEKS, last - YEAR_OF_WEEKS)
    else:
        other = Period(_year_back(first), _year_back(last + DAY) - DAY)
    if other.first < books.known.first or books.by_zone:
        return ()
    found = [one.ins for one in books.source.flow(other, unit, books.asked.scope, books.asked.week_starts)]
    return found if len(found) == number else ()


def _year_back(day: date) -> date:
    """The same date a year ago."""
    leap = (day.month, day.day) == (2, 29)
    return date(day.year - 1, day.month, 28 if leap else day.day)


def first_look(books: Books, tables: Sequence[Table]) -> Chart:
    """The chart of the first page."""
    table = tables[0]
    over = "clock_hour" if books.unit is Unit.HOUR else TABLES[books.unit][:-1]
    what = "stays" if books.by_zone else "flow"
    if table.has("year_ago"):
        return Chart(f"{what}_years", Drawn.PAIRS, table.key, over, (books.lead, "year_ago"))
    if table.has("usual"):
        return Chart(f"{what}_usual", Drawn.BARS, table.key, over, (books.lead, "usual"))
    return Chart(what, Drawn.BARS, table.key, over, (books.lead,))
