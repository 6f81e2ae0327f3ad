"""What the product says, in the language of whoever reads it. A language is a file in a room's ``locale``.

How numbers, days and times are told stands in this room's own; what a page or report says, beside whoever says it.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime

    # Within the class, date is how a day is told.
    Day = date

# How numbers, days and times are told.
TELLING = Path(__file__).parent / "locale"
FIRST = "en"
MINUTE_S, HOUR_S = 60, 3600
# Below this, seconds matter.
FINE_S = 600
ONE_DAY = timedelta(days=1)
MINUS = "\N{MINUS SIGN}"


class Words:
    """What is said in one language.

    ``words("today.inside")`` is a text; names in braces are filled in: ``words("health.relay", relay="lamp")``. With
    ``n`` a key has the forms ``one`` and ``other``. A key that is missing shows itself: the tests look for those.
    """

    def __init__(self, language: str, texts: Mapping[str, str]) -> None:
        self.language = language
        self._texts = dict(texts)

    def __call__(self, key: str, /, n: int | None = None, **values: object) -> str:
        """The text of that key."""
        if n is not None:
            values = {"n": self.number(n), **values}
            key = f"{key}.{'one' if n == 1 else 'other'}"
        return self.filled(key, values)

    def filled(self, key: str, values: Mapping[str, object]) -> str:
        """The text of that key with values by their names, ``n`` too."""
        text = self._texts.get(key)
        return key if text is None else text.format_map(values) if values else text

    @property
    def name(self) -> str:
        """What the language calls itself."""
        return self("language.name")

    @property
    def quasar(self) -> str:
        """What the browser's library calls the language."""
        return self("language.quasar")

    def number(self, value: float, digits: int = 0) -> str:
        """A number with its thousands set apart."""
        plain = f"{value:,.{digits}f}"
        whole, point, rest = plain.partition(".")
        return whole.replace(",", self("number.thousands")) + (self("number.point") if point else "") + rest

    def percent(self, share: float) -> str:
        """A share of one, in percent."""
        return self("number.percent", number=self.number(share * 100))

    def clock(self, at: datetime) -> str:
        """The time of day, in the zone ``at`` is in."""
        return f"{at:%H:%M}"

    def day(self, day: Day) -> str:
        """A day with its weekday, such as Wednesday, 25 November."""
        return self("date.day", weekday=self.weekday(day.weekday()), day=day.day, month=self.month(day.month))

    def moment(self, at: datetime) -> str:
        """A day and a time of day."""
        return self("date.moment", day=at.day, month=self.month(at.month), year=at.year, clock=self.clock(at))

    def date(self, day: Day) -> str:
        """A day with its year, such as 25 Nov 2026."""
        return self("date.date", day=day.day, month=self.short_month(day.month), year=day.year)

    def period(self, first: Day, last: Day) -> str:
        """Days from the first to the last: one day, whole months and years by their names, else both ends."""
        if first == last:
            return self("date.whole_day", day=self.day(first), year=first.year)
        if first.day == 1 and (last + ONE_DAY).day == 1 and first.year == last.year:
            if first.month == last.month:
                return self("date.month", month=self.month(first.month), year=first.year)
            if (first.month, last.month) == (1, 12):
                return str(first.year)
        key = "date.day_month" if first.year == last.year else "date.date"
        start = self(key, day=first.day, month=self.short_month(first.month), year=first.year)
        return self("date.span", first=start, last=self.date(last))

    def change(self, share: float) -> str:
        """A change as a part of one, in percent with its sign; none at all where it rounds to nothing."""
        sign = "" if round(abs(share) * 100) == 0 else "+" if share > 0 else MINUS
        return sign + self.percent(abs(share))

    def short_weekday(self, number: int) -> str:
        """The name of a weekday where there is little room; 0 is Monday."""
        return self(f"short_weekday.{number}")

    def short_month(self, number: int) -> str:
        """The name of a month where there is little room; 1 is January."""
        return self(f"short_month.{number}")

    def weekday(self, number: int) -> str:
        """The name of a weekday; 0 is Monday."""
        return self(f"weekday.{number}")

    def month(self, number: int) -> str:
        """The name of a month; 1 is January."""
        return self(f"month.{number}")

    def lasting(self, seconds: float, *, fine: bool = False) -> str:
        """How long something took, for people: 40 s, 12 min, 1 h 05 min; ``fine``: below ten minutes, 1 min 23 s."""
        whole = max(0, round(seconds))
        if whole < MINUTE_S:
            return self("lasting.s", s=whole)
        if fine and whole < FINE_S and whole % MINUTE_S:
            return self("lasting.min_s", min=whole // MINUTE_S, s=f"{whole % MINUTE_S:02d}")
        minutes = round(whole / MINUTE_S)
        if minutes < MINUTE_S:
            return self("lasting.min", min=minutes)
        return self("lasting.h", h=minutes // MINUTE_S, min=f"{minutes % MINUTE_S:02d}")


class Languages:
    """Every language that a room's folder has texts of."""

    def __init__(self, folder: Path) -> None:
        paths = sorted(folder.glob("*.toml"))
        self._words = {path.stem: Words(path.stem, read(TELLING / path.name) | read(path)) for path in paths}

    @property
    def all(self) -> list[Words]:
        """Every language, by its code."""
        return list(self._words.values())

    def get(self, *wishes: str) -> Words:
        """The first language wished for that there is. A wish is a code, or what a browser sends (Accept-Language)."""
        for wish in wishes:
            for code in _codes(wish):
                if code in self._words:
                    return self._words[code]
        return self._words[FIRST]


def read(path: Path) -> dict[str, str]:
    """The texts of a language by their keys, tables joined by dots."""
    return dict(_flat(tomllib.loads(path.read_text(encoding="utf-8")), ""))


def _flat(table: Mapping[str, Any], before: str) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", str(value)


def _codes(wish: str) -> Iterator[str]:
    """Codes in a wish such as ``de-CH,de;q=0.9,en;q=0.8``, the dearest first; the language after its country."""
    parts = [part.strip().partition(";q=") for part in wish.split(",") if part.strip()]
    for code, _, weight in sorted(parts, key=lambda part: -_weight(part[2])):
        if _weight(weight) > 0:
            yield code.strip()
            yield code.strip().split("-")[0].lower()


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0
