"""How far the figures can be believed: in against out, what was set right, when nothing was counted, counts by hand."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nicegui import ui

from edge.analytics.audit import Share as Found
from edge.analytics.occupancy import CorrectionReason
from edge.analytics.periods import Period, Unit, parts
from edge.analytics.told import Slot
from edge.core.timekeeping import from_ms, to_ms
from edge.panel import charts
from edge.panel.auth.rights import Right
from edge.panel.pages.statistics.belief import LedgerPart, believed, by_parts
from edge.panel.pages.statistics.figure import Figure
from edge.panel.pages.statistics.labels import days_of, slot_in_words
from edge.panel.pages.statistics.places import slot_cell, slot_said
from edge.panel.pages.statistics.sheet import Sheet
from edge.panel.pages.statistics.table import Lasting, Share, Table
from edge.panel.parts import light, text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from edge.analytics.schedule import Calendar
    from edge.analytics.statistics import Statistics
    from edge.analytics.told import DataQuality, DayDrift
    from edge.core.calendar import SiteCalendar
    from edge.panel.pages.statistics.belief import Belief
    from edge.panel.pages.statistics.sheet import Ask
    from edge.panel.view import View
    from edge.panel.words import Words
    from edge.storage.panel.written import CountAlong

AUDITS = 10
# A longer ledger is told by the parts of the period: nobody reads a thousand days.
MOST_DAYS = 400


@dataclass(frozen=True, slots=True)
class Ledger:
    """What is known of a period. ``past`` are its days on record, None if there are none."""

    past: Period | None
    days: tuple[DayDrift, ...]
    quality: DataQuality | None
    calendar: SiteCalendar
    today: date

    def parts(self, cut: Sequence[Period]) -> list[LedgerPart]:
        """The ledger by parts of the period."""
        return by_parts(self.days, cut, self.today)


async def figures(ask: Ask) -> list[Figure]:
    """The sheet's figures."""
    words, chosen, opening = ask.words, ask.chosen, ask.opening
    now_ms = to_ms(ask.panel.clock.utc_now())
    found = await ask.ask(lambda records: ledger(records, chosen.period, opening, now_ms))
    # People count along at a box; its hub is not told.
    at_box = ask.panel.sites is None
    audits = await asyncio.to_thread(ask.panel.store.count_alongs.latest, AUDITS) if at_box else []
    past = found.past or chosen.period
    last = Found(**audits[0].result["found"]) if audits else None
    belief = believed(found.parts([past])[0], found.quality, opening, last)
    unit = Unit.DAY if chosen.unit is Unit.HOUR else chosen.unit
    made = [verdict(words, belief, at_box=at_box), drifts(words, found, parts(past, unit, chosen.week_starts), unit),
            gaps(words, found)]  # fmt: skip
    return [*made, *([by_hand(words, audits, found.calendar)] if at_box else []), clocks(words, found)]


def ledger(records: Statistics, period: Period, opening: Calendar | None, now_ms: int) -> Ledger:
    """Ask the records. What is still to come is no gap, nor is what was before the first record."""
    calendar, known = records.calendar(), records.recorded()
    today = calendar.day_of(now_ms)
    if known is None or max(period.first, known.first) > min(period.last, today):
        return Ledger(None, (), None, calendar, today)
    past = Period(max(period.first, known.first), min(period.last, today))
    return Ledger(past, tuple(records.drift(past)), records.quality(past, opening), calendar, today)


def verdict(words: Words, belief: Belief, *, at_box: bool = True) -> Figure:
    """In a plain sentence, how far the figures can be believed, and why. ``at_box``: where people can count along."""
    title, level = words("statistics_trust.verdict"), "none" if belief.level is None else belief.level.value
    first, reasons = words(f"statistics_trust.is_{level}"), " ".join(reasons_of(words, belief, at_box=at_box))
    found = None if belief.found is None else belief.found.value
    shares = {"apart": belief.drift, "missed": belief.missed, "found": found}
    rows = tuple((words(f"statistics_trust.{key}"), _share(value)) for key, value in shares.items())

    def draw(_: View) -> None:
        light("warn" if belief.level is None else level, first).props(f"data-test=verdict data-level={level}")
        text(reasons, "p").props("data-test=reasons")

    table = Table((words("statistics_table.what"), words("statistics_table.value")), rows)
    return Figure("verdict", title, f"{first} {reasons}", None, table, drawn=draw)


def reasons_of(words: Words, belief: Belief, *, at_box: bool = True) -> list[str]:
    """What the judgement rests on, in sentences."""
    said = []
    if belief.drift is not None:
        said.append(words("statistics_trust.why_apart", percent=words.percent(belief.drift)))
    if belief.missed is not None and belief.missed_s:
        lasting, percent = words.lasting(belief.missed_s), words.percent(belief.missed)
        said.append(words("statistics_trust.why_missed", lasting=lasting, percent=percent))
    elif belief.missed is not None:
        said.append(words("statistics_trust.why_on"))
    found = belief.found
    if found is None or found.value is None or found.low is None or found.high is None:
        return [*said, words("statistics_trust.why_not_counted")] if at_box else said
    share, low, high = (words.percent(round(part, 3)) for part in (found.value, found.low, found.high))
    people = words.number(found.n)
    return [*said, words("statistics_trust.why_found", people=people, found=share, low=low, high=high)]


def drifts(words: Words, found: Ledger, cut: Sequence[Period], unit: Unit) -> Figure:
    """In, out, how far they are apart, and what was set right: drawn by the parts of a period, told by the day."""
    title = words("statistics_trust.ledger")
    columns = (words("statistics.when"), words("today.in"), words("today.out"), words("statistics_trust.apart"),
               *(words(f"statistics_trust.{reason.name.lower()}") for reason in CorrectionReason))  # fmt: skip
    if not found.days:
        return Figure("ledger", title, "", None, Table(columns, ()))
    together = found.parts(cut)
    by_day = len(found.days) <= MOST_DAYS
    told = found.parts([Period(day.day, day.day) for day in found.days]) if by_day else together
    told_by = Unit.DAY if by_day else unit
    rows = tuple(
        (slot_cell(words, _slot(one), told_by), one.ins, one.outs, _share(one.drift),
         *(one.corrections.get(reason, 0) for reason in CorrectionReason))
        for one in told
    )  # fmt: skip
    worst = max(together, key=lambda part: part.drift or 0.0)
    said = words("statistics_trust.ledger_said", percent=words.percent(worst.drift or 0.0),
                 when=slot_in_words(words, _slot(worst), unit))  # fmt: skip
    options = None
    if len(together) > 1:
        slots = [_slot(part) for part in together]
        options = charts.frame([slot_said(words, slot, unit, days_of(slots)) for slot in slots])
        options["xAxis"]["axisLabel"]["interval"] = "auto"
        options["yAxis"]["minInterval"] = 0
        percents = [None if part.drift is None else round(part.drift * 100, 1) for part in together]
        options = charts.with_series(options, charts.bars(words("statistics_trust.apart_percent"), percents))
    return Figure("ledger", title, said, options, Table(columns, rows), words("statistics_trust.ledger_note"))


def gaps(words: Words, found: Ledger) -> Figure:
    """When nothing was counted."""
    title = words("statistics_trust.gaps")
    columns = tuple(words(f"statistics_trust.{key}") for key in ("off", "from", "to", "lasted", "open"))
    some = found.quality.gaps if found.quality is not None else ()
    zone = found.calendar.zone
    rows = tuple(
        (words("statistics_trust.camera", camera=gap.camera) if gap.camera else words("statistics_trust.box"),
         gap.start.astimezone(zone), gap.end.astimezone(zone), Lasting(gap.lasted_s), Lasting(gap.open_s))
        for gap in sorted(some, key=lambda gap: gap.start, reverse=True)
    )  # fmt: skip
    said = words("statistics_trust.gaps_said", len(rows))
    drawn = None if rows or found.quality is None else _saying(words("statistics_trust.no_gaps"))
    return Figure("gaps", title, said, None, Table(columns, rows), drawn=drawn)


def by_hand(words: Words, audits: Sequence[CountAlong], calendar: SiteCalendar) -> Figure:
    """The last counts by hand, whenever they were: how many people, how many found, and how sure that is."""
    title = words("statistics_trust.by_hand")
    keys = ("line", "people", "found", "low", "high")
    columns = (words("statistics.when"), *(words(f"statistics_trust.{key}") for key in keys))
    rows = []
    for one in audits:
        share = Found(**one.result["found"])
        at = from_ms(one.began_ms).astimezone(calendar.zone)
        rows.append((at, one.line, share.n, _share(share.value), _share(share.low), _share(share.high)))
    drawn = None if rows else _saying(words("statistics_trust.never_counted"), "/count-along", words("count.title"))
    return Figure("by-hand", title, words("statistics_trust.by_hand_said", len(rows)), None,
                  Table(columns, tuple(rows)), words("statistics_trust.by_hand_note"), drawn=drawn)  # fmt: skip


def clocks(words: Words, found: Ledger) -> Figure:
    """How the time of day of what was counted was come by."""
    title = words("statistics_trust.clock")
    columns = (words("statistics_trust.come_by"), words("statistics_trust.share"))
    shares = found.quality.clock if found.quality is not None else {}
    rows = tuple((words(f"statistics_trust.{how.word}"), Share(part)) for how, part in shares.items())
    said = " ".join(f"{row[0]}: {words.percent(row[1].value)}." for row in rows)
    return Figure("clock", title, said, None, Table(columns, rows), words("statistics_trust.clock_note"))


def _saying(said: str, where: str = "", go: str = "") -> Callable[[View], None]:
    """Draw a sentence, and for who may go there a link to what can be done about it."""

    def draw(view: View) -> None:
        text(said, "p")
        if where and view.visitor.may(Right.AIM):
            with ui.element("a").classes("button plain") as link:
                text(go)
            link.props["href"] = where

    return draw


def _slot(part: LedgerPart) -> Slot:
    return Slot(part.period.first, part.period.last)


def _share(value: float | None) -> Share | None:
    return None if value is None else Share(value)


SHEET = Sheet("/statistics/trust", "statistics_trust.title", figures, scopes="")
