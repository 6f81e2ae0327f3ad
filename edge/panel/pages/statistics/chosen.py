"""What somebody looks at: which days, which part of the shop, and what they are compared with. Told by the address."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlencode

from edge.analytics.periods import DAY, Period, Unit, before, period_of, year_before
from edge.analytics.told import SITE_WIDE, Scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge.panel.words import Words

E = TypeVar("E", bound=Enum)
# Days outside are nobody's wish, and neither is a stretch longer than records are kept.
FIRST, LAST = date(2000, 1, 1), date(2199, 12, 31)
MOST_DAYS = 20 * 366
LONGEST_NAME = 80
# The longest range that is told by hours, days, weeks and months: about a hundred bars are legible.
BY_LENGTH = ((2, Unit.HOUR), (100, Unit.DAY), (400, Unit.WEEK), (3700, Unit.MONTH))


class Span(str, Enum):
    """How long a time is looked at."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    RANGE = "range"


class Against(str, Enum):
    """What a period is compared with."""

    NONE = "none"
    BEFORE = "before"
    YEAR = "year"
    USUAL = "usual"


UNITS = {Span.DAY: Unit.HOUR, Span.WEEK: Unit.DAY, Span.MONTH: Unit.DAY, Span.YEAR: Unit.MONTH}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is looked at. ``site`` is one of many, empty where there is one.

    ``today`` is the site's own day and ``week_starts`` the weekday its weeks begin on, 0 being Monday: they are not
    chosen, but what is chosen means nothing without them.
    """

    period: Period
    span: Span
    today: date
    scope: Scope = SITE_WIDE
    against: Against = Against.BEFORE
    site: str = ""
    week_starts: int = 0

    @classmethod
    def of(cls, query: Mapping[str, str], today: date, week_starts: int = 0) -> Chosen:
        """What an address asks for; what is wrong in it is left out, and without days it is the present week."""
        span, period = _period(query, today, week_starts)
        camera, line, zone, site = (_name(query, key) for key in ("camera", "line", "zone", "site"))
        scope = Scope(camera or None, None if zone else line or None, zone or None)
        against = _among(Against, query.get("against", ""), Against.BEFORE)
        return cls(period, span, today, scope, against, site, week_starts)

    @property
    def unit(self) -> Unit:
        """By what the period is told."""
        if self.span is not Span.RANGE:
            return UNITS[self.span]
        return next((unit for most, unit in BY_LENGTH if len(self.period) <= most), Unit.YEAR)

    def query(self) -> str:
        """The address's part after the question mark; ``of`` reads it."""
        told = {"span": self.span.value}
        if self.span is Span.RANGE:
            told |= {"from": self.period.first.isoformat(), "to": self.period.last.isoformat()}
        else:
            told["day"] = self.period.first.isoformat()
        scope = {"camera": self.scope.camera, "line": self.scope.line, "zone": self.scope.zone}
        told |= {name: value for name, value in scope.items() if value}
        if self.against is not Against.BEFORE:
            told["against"] = self.against.value
        if self.site:
            told["site"] = self.site
        return urlencode(told)

    def earlier(self) -> Chosen:
        """The same span just before; this one where there is none."""
        return self._about(self.period.first - DAY, -len(self.period))

    def later(self) -> Chosen:
        """The same span just after; this one where there is none."""
        return self._about(self.period.last + DAY, len(self.period))

    def now(self) -> Chosen:
        """The same span about today; of a range, as many days up to today."""
        if self.span is Span.RANGE:
            return self._moved(self.today - self.period.last)
        return replace(self, period=period_of(Unit(self.span.value), self.today, self.week_starts))

    def spanning(self, span: Span) -> Chosen:
        """Another span about today if that is looked at, else about the first of these days."""
        day = self.today if self.today in self.period else self.period.first
        if span is Span.RANGE:
            return replace(self, span=span)
        return replace(self, span=span, period=period_of(Unit(span.value), day, self.week_starts))

    def lately(self) -> dict[str, Chosen]:
        """Today, yesterday, and both, for what is not kept any longer."""
        today, yesterday = self.today, self.today - DAY
        return {
            "today": replace(self, span=Span.DAY, period=Period(today, today)),
            "yesterday": replace(self, span=Span.DAY, period=Period(yesterday, yesterday)),
            "both": replace(self, span=Span.RANGE, period=Period(yesterday, today)),
        }

    def late(self) -> Chosen:
        """What of today and yesterday is looked at; both, where it is neither."""
        some = self.lately()
        whole = some["both"].period
        reach = max(self.period.first, whole.first), min(self.period.last, whole.last)
        return next((one for one in some.values() if (one.period.first, one.period.last) == reach), some["both"])

    def of_scope(self, scope: Scope) -> Chosen:
        """The same days of another part of the shop."""
        return replace(self, scope=scope)

    def compared(self, against: Against) -> Chosen:
        """The same beside something else."""
        return replace(self, against=against)

    def said(self, words: Words) -> str:
        """The days, for people."""
        return words.period(self.period.first, self.period.last)

    @property
    def other(self) -> Period | None:
        """The days it is compared with, if it is compared with days."""
        if self.against is Against.BEFORE:
            return before(self.period)
        return year_before(self.period) if self.against is Against.YEAR else None

    def _about(self, day: date, days: int) -> Chosen:
        if not FIRST <= day <= LAST:
            return self
        if self.span is Span.RANGE:
            return self._moved(days * DAY)
        period = period_of(Unit(self.span.value), day, self.week_starts)
        return replace(self, period=period) if _known(period) else self

    def _moved(self, by: timedelta) -> Chosen:
        period = Period(self.period.first + by, self.period.last + by)
        return replace(self, period=period) if _known(period) else self


def _period(query: Mapping[str, str], today: date, week_starts: int) -> tuple[Span, Period]:
    """The days an address names, or the present week."""
    span = _among(Span, query.get("span", ""), Span.WEEK)
    if span is Span.RANGE:
        first, last = _day(query.get("from", "")), _day(query.get("to", ""))
        if first is not None and last is not None and first <= last and (last - first).days < MOST_DAYS:
            return span, Period(first, last)
    else:
        named = query.get("day", "")
        day = _day(named) if named else today
        period = None if day is None else period_of(Unit(span.value), day, week_starts)
        if period is not None and _known(period):
            return span, period
    return Span.WEEK, period_of(Unit.WEEK, today, week_starts)


def _known(period: Period) -> bool:
    return period.first >= FIRST and period.last <= LAST


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text) if len(text) == len("2026-11-25") else None
    except ValueError:
        return None
    return day if day is not None and FIRST <= day <= LAST else None


def _name(query: Mapping[str, str], key: str) -> str:
    """A name in an address; nothing if none could be called so."""
    name = query.get(key, "")
    return name if len(name) <= LONGEST_NAME and name.isprintable() and name == name.strip() else ""


def _among(kind: type[E], value: str, otherwise: E) -> E:
    try:
        return kind(value)
    except ValueError:
        return otherwise
