"""How far the figures can be believed: when nothing was counted, drift, the clock, and the last count by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.analytics.occupancy import CorrectionReason
from edge.core.timekeeping import Quality
from edge.reports.report import Said, Section
from edge.reports.table import Column, Kind, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.reports.books import Books

# Drift is read day by day for some days, over a longer time as a whole.
PRINTED_DAYS = 14
# More are not told one by one: the longest are.
MOST_GAPS = 200


def trust(books: Books) -> Section:
    """How far the figures can be believed."""
    tables = [_gaps(books)] if books.quality.gaps else []
    if books.whole_site:
        tables.append(_drift(books))
    tables.append(_clock(books))
    return Section("trust", tuple(_said(books)), tables=tuple(tables))


def off_s(books: Books) -> float:
    """How long the box was off while the shop was open, in seconds."""
    return sum(gap.open_s for gap in books.quality.gaps if not gap.camera)


def off(books: Books) -> Said:
    """Whether the box was on all the time; for the first page."""
    lost = off_s(books)
    if not lost:
        return _cameras_off(books)
    days = len(books.quality.unfit_days)
    key = "said.off_known" if books.asked.opening is not None else "said.off"
    told = Said(key, (("lasting", Kind.DURATION, lost),))
    if not days:
        return told
    return Said("said.off_days", (("off", Kind.TEXT, told), ("n", Kind.COUNT, days)))


def _cameras_off(books: Books) -> Said:
    """Whether a camera was lost while the shop was open."""
    lost = [gap for gap in books.quality.gaps if gap.camera and gap.open_s]
    if not lost:
        return Said("said.never_off")
    names = ", ".join(sorted({gap.camera for gap in lost}))
    lasting = sum(gap.open_s for gap in lost)
    return Said("said.camera_off", (("cameras", Kind.TEXT, names), ("lasting", Kind.DURATION, lasting)))


def _said(books: Books) -> Iterator[Said]:
    yield off(books)
    if books.period.first < books.known.first:
        yield Said("said.begins", (("day", Kind.DATE, books.known.first),))
    if books.period.last > books.known.last and _missing(books):
        yield Said("said.ends", (("day", Kind.DATE, books.known.last),))
    if not books.whole_site:
        return
    audit = books.asked.counted_along
    if audit is None or audit.found.value is None:
        yield Said("said.no_audit")
    else:
        yield Said("said.audit", (
            ("day", Kind.DATE, audit.at.astimezone(books.site.zone).date()), ("found", Kind.SHARE, audit.found.value),
            ("low", Kind.SHARE, audit.found.low), ("high", Kind.SHARE, audit.found.high),
            ("people", Kind.COUNT, audit.found.n),
        ))  # fmt: skip


def _missing(books: Books) -> bool:
    """Whether it was open, as far as is known, on a day after the last one on which anybody came."""
    opening = books.asked.opening
    after = (day for day in books.period if day > books.known.last)
    return any(opening is None or opening.opening(day) for day in after)


def _gaps(books: Books) -> Table:
    longest = sorted(books.quality.gaps, key=lambda gap: -gap.lasted_s)[:MOST_GAPS]
    zone = books.site.zone
    rows = tuple(
        (gap.start.astimezone(zone), gap.end.astimezone(zone), gap.camera, gap.lasted_s, gap.open_s)
        for gap in sorted(longest, key=lambda gap: gap.start)
    )
    columns = (
        Column("start", Kind.MOMENT), Column("end", Kind.MOMENT), Column("off", Kind.WHERE),
        Column("lasted_s", Kind.DURATION), Column("open_s", Kind.DURATION),
    )  # fmt: skip
    return Table("gaps", columns, rows)


def _drift(books: Books) -> Table:
    """In and out of each day, and what was set right."""
    reasons = (CorrectionReason.NEGATIVE, CorrectionReason.CLOSING, CorrectionReason.MANUAL)
    rows = tuple(
        (day.day, day.ins, day.outs, day.drift, *(day.corrections.get(reason, 0) for reason in reasons))
        for day in books.source.drift(books.period)
    )
    columns = (
        Column("day", Kind.DAY), Column("ins", Kind.COUNT), Column("outs", Kind.COUNT), Column("drift", Kind.SHARE),
        *(Column(f"set_{reason.name.lower()}", Kind.COUNT) for reason in reasons),
    )  # fmt: skip
    return Table("drift", columns, rows, printed=len(rows) <= PRINTED_DAYS)


def _clock(books: Books) -> Table:
    rows = tuple((f"clock.{how.word}", share) for how, share in books.quality.clock.items())
    columns = (Column("how", Kind.WORD), Column("share", Kind.SHARE))
    # That all is well needs no table.
    good = all(how is Quality.SYNCED for how in books.quality.clock)
    return Table("clock", columns, rows, printed=not good)
