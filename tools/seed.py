"""Makes records of a shop that never was, for tests, measurements and pictures: the same for the same seed.

    python tools/seed.py OUT.db --years 1 --people 300 --zone Europe/Berlin --settings OUT.toml

They are written by the product's own store and booked by its own ledger, so figures, visits and corrections are what a
box would have made of such people. The shop has two doors, a line before the till, three zones; weekdays, a season,
holidays, growth, weather that lasts for days, families, people the camera misses or counts twice; three days without
power, a camera that is lost now and then, and a start at which the clock is not known at first.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from math import cos, exp, log, pi
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from edge.analytics.occupancy import CorrectionReason
from edge.analytics.schedule import Calendar
from edge.config.rules import ScheduleTable
from edge.core.calendar import HOUR_MS, SiteCalendar
from edge.core.clock import ClockReading
from edge.core.events import LineCrossed
from edge.core.model import Direction
from edge.core.notices import CAMERA_BACK, CAMERA_LOST, STARTED, STOPPING
from edge.core.timekeeping import from_ms, to_ms
from edge.services.ledger import Ledger
from edge.storage.records import Heat, Step, Told, Walk, ZoneStay
from edge.storage.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from edge.core.model import Point
    from edge.storage.records import Record

DAY = timedelta(days=1)
DAY_HOURS = {
    "mon": ["09:00-18:30"], "tue": ["09:00-18:30"], "wed": ["09:00-18:30"], "thu": ["09:00-20:00"],
    "fri": ["09:00-18:30"], "sat": ["09:00-16:00"], "sun": [],
}  # fmt: skip
NIGHT_HOURS = {
    "mon": [], "tue": ["18:00-02:00"], "wed": ["18:00-02:00"], "thu": ["18:00-02:00"],
    "fri": ["18:00-04:00"], "sat": ["18:00-04:00"], "sun": ["18:00-00:00"],
}  # fmt: skip
HOLIDAYS = ("01-01", "easter-2", "easter+1", "05-01", "easter+39", "10-03", "12-25", "12-26")
# Monday to Sunday; 1 is the mean of the days it is open.
DAY_WEEK, NIGHT_WEEK = (0.8, 0.85, 0.9, 1.0, 1.2, 1.25, 0.0), (0.0, 0.6, 0.8, 0.9, 1.5, 1.7, 0.5)
# How busy each hour of the clock is.
DAY_CURVE = {9: 0.5, 10: 0.8, 11: 1.0, 12: 1.2, 13: 1.0, 14: 0.9, 15: 1.0, 16: 1.3, 17: 1.5, 18: 1.1, 19: 0.7}
NIGHT_CURVE = {18: 0.4, 19: 0.7, 20: 1.0, 21: 1.3, 22: 1.4, 23: 1.2, 0: 0.9, 1: 0.5, 2: 0.4, 3: 0.2}
GROUPS = (0.65, 0.25, 0.07, 0.03)
GROWTH_A_YEAR, SEASON, DECEMBER = 1.05, 0.12, 1.35
WEATHER_SPREAD, WEATHER_LASTS = 0.14, 0.6
STAY_S, STAY_SPREAD = 480.0, 0.8
MISSED, TWICE = 0.012, 0.004
OTHER_DOOR, TO_THE_TILL = 0.3, 0.4
# Share of visitors, usual stay in seconds; all seen by the camera in the hall.
ZONES = {"window": (0.25, 25.0), "shelves": (0.8, 140.0), "counter": (0.4, 70.0)}
COLUMNS, ROWS = 32, 18
HEAT_DAYS, WALK_HOURS = 400, 48
REBOOT_DAYS = 28
IN, OUT = Direction.IN, Direction.OUT
# Where things are in the pictures: the same for the settings, the walks and the heat.
CORNERS = {
    "window": ((0.05, 0.55), (0.3, 0.55), (0.3, 0.95), (0.05, 0.95)),
    "shelves": ((0.35, 0.3), (0.65, 0.3), (0.65, 0.7), (0.35, 0.7)),
    "counter": ((0.7, 0.5), (0.95, 0.5), (0.95, 0.9), (0.7, 0.9)),
}  # fmt: skip
LINES = {("door", "entrance"): (True, 0.5), ("yard", "back door"): (True, 0.5), ("hall", "till"): (False, 0.45)}
SETTINGS = """[site]
name = "The seeded shop"
time_zone = "{zone}"
day_starts_h = {day_starts_h}

[schedule]
{hours}
holidays = [{holidays}]
{cameras}"""


@dataclass(frozen=True)
class Shop:
    """What is to be made: ``until`` is the first day that is not. ``off`` are days without power from a day on.

    ``people`` a day come at the beginning, on the mean of the days it is open. ``moved`` is a day and the zone that
    the site goes by from then on.
    """

    until: date = date(2026, 11, 25)
    years: float = 1.0
    people: float = 300.0
    zone: str = "Europe/Berlin"
    night: bool = False
    seed: int = 1
    off: tuple[tuple[date, int], ...] | None = None
    moved: tuple[date, str] | None = None

    @property
    def first(self) -> date:
        """The first day."""
        return self.until - timedelta(days=round(self.years * 365.25))

    @property
    def schedule(self) -> ScheduleTable:
        """When it is open."""
        hours = NIGHT_HOURS if self.night else DAY_HOURS
        return ScheduleTable.model_validate({**hours, "holidays": HOLIDAYS, "holiday_hours": ()})

    @property
    def gaps(self) -> tuple[tuple[date, int], ...]:
        """When it has no power; three days in the middle of things, if nothing else is said."""
        return self.off if self.off is not None else ((self.first + (self.until - self.first) * 3 // 5, 3),)

    def site(self, day: date) -> SiteCalendar:
        """Which days it goes by on a day."""
        zone = self.moved[1] if self.moved and day >= self.moved[0] else self.zone
        return SiteCalendar(ZoneInfo(zone), 5 if self.night else 0)

    def settings(self) -> str:
        """Settings of a box in it."""
        hours = NIGHT_HOURS if self.night else DAY_HOURS
        cameras = ""
        for camera in ("door", "yard", "hall"):
            cameras += f'\n[[camera]]\nname = "{camera}"\nsource = "sim"\n'
            for (where, line), (door, y) in LINES.items():
                if where == camera:
                    cameras += f'\n[[camera.line]]\nname = "{line}"\nfrom = [0.1, {y}]\nto = [0.9, {y}]\n'
                    cameras += f'in = "top-to-bottom"\ndoor = {str(door).lower()}\n'
            for zone, corners in CORNERS.items() if camera == "hall" else ():
                cameras += f'\n[[camera.zone]]\nname = "{zone}"\ncorners = {[list(corner) for corner in corners]}\n'
        return SETTINGS.format(
            zone=self.site(self.until).zone_name,
            day_starts_h=self.site(self.until).day_starts_h,
            hours="\n".join(f"{day} = {spans}".replace("'", '"') for day, spans in hours.items()),
            holidays=", ".join(f'"{day}"' for day in HOLIDAYS),
            cameras=cameras,
        )


class Weather:
    """How many people a day brings: weekday, season, growth, holidays, and weather that lasts for some days."""

    def __init__(self, shop: Shop, dice: np.random.Generator) -> None:
        self._shop, self._dice, self._mood = shop, dice, 0.0

    def expected(self, day: date) -> float:
        """People to expect; to be asked day by day."""
        shop = self._shop
        kept = (1 - WEATHER_LASTS**2) ** 0.5
        self._mood = WEATHER_LASTS * self._mood + kept * float(self._dice.normal(0.0, WEATHER_SPREAD))
        week = (NIGHT_WEEK if shop.night else DAY_WEEK)[day.weekday()]
        season = 1 + SEASON * cos(2 * pi * (day.timetuple().tm_yday - 170) / 365.25)
        december = DECEMBER if day.month == 12 and day.day < 25 else 1.0
        growth = GROWTH_A_YEAR ** ((day - shop.first).days / 365.25)
        return float(shop.people * week * season * december * growth * exp(self._mood))


@dataclass
class Visitors:
    """The people of a day, one place in each array a person: when and where they come and go (ms since 1970 UTC)."""

    come_ms: NDArray[np.int64]
    go_ms: NDArray[np.int64]
    way_in: NDArray[np.int64]
    way_out: NDArray[np.int64]


def visitors(dice: np.random.Generator, shop: Shop, day: date, expected: float) -> Visitors:
    """Who comes on a day: by the shop's hours on the wall clock, in groups, and out again by closing time or so."""
    site, curve = shop.site(day), NIGHT_CURVE if shop.night else DAY_CURVE
    opening = Calendar(shop.schedule, site.zone_name).opening(day)
    spans = [(to_ms(span.start), to_ms(span.end)) for span in opening]
    parts = []
    for hour in site.hours_of(day):
        for start, end in spans:
            first, last = max(start, hour.start_ms), min(end, hour.start_ms + HOUR_MS)
            if first < last and hour.clock_hour in curve:
                parts.append((first, last, curve[hour.clock_hour] * (last - first) / HOUR_MS))
    whole = sum(part[2] for part in parts)
    come = [np.empty(0, dtype=np.int64)]
    mean = sum(size * share for size, share in enumerate(GROUPS, start=1))
    for first, last, weight in parts:
        times = dice.integers(first, last, dice.poisson(expected * weight / whole / mean))
        sizes = dice.choice(len(GROUPS), len(times), p=GROUPS) + 1
        come.append(np.repeat(times, sizes) + dice.integers(0, 4000, int(sizes.sum())))
    come_ms = np.sort(np.concatenate(come))
    stay_ms = (1000 * np.exp(dice.normal(log(STAY_S), STAY_SPREAD, len(come_ms)))).astype(np.int64)
    closing_ms = max((end for _, end in spans), default=0) + dice.integers(0, 600_000, len(come_ms))
    go_ms = np.maximum(come_ms + 15_000, np.minimum(come_ms + stay_ms, closing_ms))
    doors = (dice.random((2, len(come_ms))) < OTHER_DOOR).astype(np.int64)
    return Visitors(come_ms, go_ms, doors[0], doors[1])


Happened = tuple[int, str, str, object]


def day_of_people(dice: np.random.Generator, people: Visitors) -> list[Happened]:
    """What the cameras see of them, in order: time, camera, line or zone, and the direction or the stay in seconds."""
    seen: list[Happened] = []
    doors = (("door", "entrance"), ("yard", "back door"))
    for times, ways, direction in ((people.come_ms, people.way_in, IN), (people.go_ms, people.way_out, OUT)):
        often = np.where(dice.random(len(times)) < MISSED, 0, 1) + (dice.random(len(times)) < TWICE)
        for at_ms, way, count in zip(times.tolist(), ways.tolist(), often.tolist(), strict=True):
            seen += [(at_ms + 900 * again, *doors[way], direction) for again in range(count)]
    lasts = people.go_ms - people.come_ms
    buys = np.flatnonzero(dice.random(len(lasts)) < TO_THE_TILL)
    for at_ms, last in zip(people.come_ms[buys].tolist(), lasts[buys].tolist(), strict=True):
        seen += [(at_ms + last // 2, "hall", "till", IN), (at_ms + last * 3 // 4, "hall", "till", OUT)]
    for zone, (share, usual_s) in ZONES.items():
        some = np.flatnonzero(dice.random(len(lasts)) < share)
        usual_ms = 1000 * np.exp(dice.normal(log(usual_s), 0.7, len(some)))
        dwell_ms = np.minimum(lasts[some] * 0.8, usual_ms).astype(np.int64)
        left_ms = people.come_ms[some] + dwell_ms + (dice.random(len(some)) * (lasts[some] - dwell_ms)).astype(np.int64)
        stays = zip(left_ms.tolist(), (dwell_ms / 1000).tolist(), strict=True)
        seen += [(at_ms, "hall", zone, dwell_s) for at_ms, dwell_s in stays]
    seen.sort(key=lambda one: one[0])
    return seen


def walk_steps(dice: np.random.Generator, direction: Direction, places: Sequence[Point]) -> tuple[Step, ...]:
    """A walk at a step a half second from outside by some places, or the other way round."""
    x = float(dice.uniform(0.3, 0.7))
    stops = [(x, 0.12), *places, (float(dice.uniform(0.2, 0.8)), 0.93)]
    if direction is OUT:
        stops.reverse()
    steps, after_s = [], 0.0
    for (ax, ay), (bx, by) in pairwise(stops):
        number = max(2, round(float(np.hypot(bx - ax, by - ay)) / 0.08))
        for part in range(number):
            wobble = dice.normal(0, 0.004, 2)
            place = (ax + (bx - ax) * part / number + wobble[0], ay + (by - ay) * part / number + wobble[1])
            steps.append(Step(after_s, *(float(min(0.999, max(0.0, each))) for each in place)))
            after_s += 0.5
        after_s += float(dice.exponential(4.0)) if places else 0.0
    return tuple(steps)


def centre(zone: str) -> Point:
    """The middle of a zone."""
    corners = CORNERS[zone]
    return sum(x for x, _ in corners) / len(corners), sum(y for _, y in corners) / len(corners)


def heat_cells(dice: np.random.Generator, person_s: float) -> tuple[float, ...]:
    """Person-seconds over the floor: around the zones, and on the way between them."""
    y, x = np.mgrid[0:ROWS, 0:COLUMNS]
    cells = np.zeros((ROWS, COLUMNS))
    for weight, zone in zip((0.15, 0.55, 0.3), CORNERS, strict=True):
        at_x, at_y = centre(zone)
        cells += weight * np.exp(-(((x / COLUMNS - at_x) / 0.1) ** 2 + ((y / ROWS - at_y) / 0.12) ** 2))
    cells *= person_s / cells.sum() * dice.uniform(0.6, 1.4, cells.shape)
    return tuple(float(cell) for cell in cells.ravel())


@dataclass
class Life:
    """The box's life: its starts, and the days it writes down."""

    shop: Shop
    path: Path
    records: list[Record] = field(default_factory=list)
    boots: int = 0
    zero_ms: int = 0
    rows: int = 0
    store: Store | None = None

    def __post_init__(self) -> None:
        self.dice = np.random.default_rng(self.shop.seed)
        self.ledger = Ledger(lambda records, _: self.records.extend(records))

    @property
    def open_store(self) -> Store:
        """The records, while the box is on."""
        if self.store is None:
            raise RuntimeError("the box is off")
        return self.store

    def start(self, at_ms: int, site: SiteCalendar, *, late: bool = False) -> None:
        """Switch the box on. With ``late`` it learns the time only when ``look`` is called."""
        self.boots, self.zero_ms = self.boots + 1, at_ms - 20_000
        told = from_ms(at_ms - 7 * 24 * HOUR_MS) if late else from_ms(at_ms)
        reading = ClockReading(20.0, told, synced=not late)
        self.store = Store.open(self.path, boot=f"start-{self.boots}", reading=reading, calendar=site)
        self.records.append(Told(self.uptime_s(at_ms), STARTED.fact(cameras=3, lost=0)))
        self.ledger.take_over(self.store.today(), 20.0)

    def stop(self, at_ms: int) -> None:
        """Switch it off."""
        self.records.append(Told(self.uptime_s(at_ms), STOPPING.fact(reason="SIGTERM")))
        self.write()
        self.look(at_ms)
        self.open_store.close()
        self.store = None

    def look(self, at_ms: int) -> None:
        """Look at the clock, which a time server has set by now."""
        self.open_store.observe(ClockReading(self.uptime_s(at_ms), from_ms(at_ms), synced=True))

    def uptime_s(self, at_ms: int) -> float:
        """The monotonic clock at a moment."""
        return (at_ms - self.zero_ms) / 1000

    def write(self) -> None:
        """Write down what has come together."""
        if self.records:
            self.records.sort(key=lambda record: record.uptime_s)
            self.open_store.append(self.records)
            self.rows += len(self.records)
            self.records.clear()

    def day(self, day: date, seen: Sequence[Happened], start_ms: int) -> None:
        """Book what the cameras saw on a day."""
        start_s = self.uptime_s(start_ms)
        self.ledger.correct(0, start_s, CorrectionReason.CLOSING)
        self.ledger.begin_day(day)
        for at_ms, camera, name, what in seen:
            at_s = self.uptime_s(at_ms)
            if isinstance(what, Direction):
                event = LineCrossed(at_s, name, what, 0, at_s, at_s)
                self.ledger.cross(camera, event, at_s, door=LINES[camera, name][0])
            else:
                self.records.append(ZoneStay(at_s, camera, name, float(str(what))))


def seed(path: Path, shop: Shop) -> int:
    """Make the records at ``path``; return how many rows they have."""
    life = Life(shop, path)
    weather = Weather(shop, life.dice)
    off = {day + back * DAY for day, days in shop.gaps for back in range(days)}
    site = None
    for number in range((shop.until - shop.first).days):
        day = shop.first + number * DAY
        now_site = shop.site(day)
        start_ms = max(now_site.start_ms(day), 0 if site is None else site.start_ms(day))
        moved, site = site is not None and now_site != site, now_site
        expected = weather.expected(day)
        if day in off:
            if life.store is not None:
                life.stop(start_ms)
            continue
        if life.store is not None and (moved or number % REBOOT_DAYS == 0):
            life.stop(start_ms)
        late = day - DAY in off
        if life.store is None:
            life.start(start_ms + 60_000, site, late=late)
        _day(life, day, expected, start_ms + 60_000)
        if late:
            life.look(start_ms + 12 * HOUR_MS)
    if life.store is not None and site is not None:
        life.stop(site.start_ms(shop.until) - 1000)
    return life.rows


def _day(life: Life, day: date, expected: float, start_ms: int) -> None:
    """One day, from its people to its rows."""
    shop, dice = life.shop, life.dice
    site = shop.site(day)
    people = visitors(dice, shop, day, expected)
    people = Visitors(*(each[people.come_ms > start_ms] for each in vars(people).values()))
    seen = day_of_people(dice, people)
    life.day(day, seen, start_ms)
    end_ms = site.start_ms(shop.until)
    for hour in site.hours_of(day):
        here = ((people.come_ms >= hour.start_ms) & (people.come_ms < hour.start_ms + HOUR_MS)).sum()
        for camera in ("door", "yard", "hall"):
            if here and end_ms - hour.start_ms < HEAT_DAYS * 24 * HOUR_MS:
                cells = heat_cells(dice, float(here) * (90.0 if camera == "hall" else 9.0))
                heat_s = life.uptime_s(hour.start_ms + HOUR_MS)
                life.records.append(Heat(heat_s, camera, 3600, COLUMNS, cells))
    life.records += list(_walks(life, dice, seen, end_ms))
    if dice.random() < 0.02:
        lost_s = life.uptime_s(start_ms + 11 * HOUR_MS)
        life.records.append(Told(lost_s, CAMERA_LOST.fact(camera="yard", reason="no picture for 5 s")))
        life.records.append(Told(lost_s + 1500, CAMERA_BACK.fact(camera="yard", lost_s=1500.0)))
    life.write()


def _walks(life: Life, dice: np.random.Generator, seen: Sequence[Happened], end_ms: int) -> Iterator[Walk]:
    """The ways of the last two days: through the doors, and through the hall by the zones."""
    for at_ms, camera, name, what in seen:
        if end_ms - at_ms > WALK_HOURS * HOUR_MS:
            continue
        at_s = life.uptime_s(at_ms) - 3.0
        if isinstance(what, Direction) and LINES[camera, name][0]:
            yield Walk(at_s, camera, walk_steps(dice, what, ()))
        elif name == "shelves":
            rest = [zone for zone, (share, _) in ZONES.items() if zone == name or dice.random() < share / 2]
            yield Walk(at_s, camera, walk_steps(dice, IN, [centre(zone) for zone in rest]))


def main() -> None:
    """Read the words, make the records."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("out", type=Path, help="the file to make; it must not be there yet")
    words.add_argument("--years", type=float, default=1.0)
    words.add_argument("--people", type=float, default=300.0, help="people a day (300)")
    words.add_argument("--zone", default="Europe/Berlin", help="the site's time zone (Europe/Berlin)")
    words.add_argument("--until", type=date.fromisoformat, default=date(2026, 11, 25), help="the first day not made")
    words.add_argument("--night", action="store_true", help="a bar that is open past midnight")
    words.add_argument("--moved", nargs=2, metavar=("DAY", "ZONE"), help="the site goes by another zone from a day on")
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--settings", type=Path, metavar="FILE", help="write settings that fit, too")
    ask = words.parse_args()
    if ask.out.exists():
        words.error(f"{ask.out} is there already; delete it or name another file.")
    moved = None if ask.moved is None else (date.fromisoformat(ask.moved[0]), ask.moved[1])
    shop = Shop(ask.until, ask.years, ask.people, ask.zone, ask.night, ask.seed, moved=moved)
    began_s = monotonic()
    rows = seed(ask.out, shop)
    if ask.settings is not None:
        ask.settings.write_text(shop.settings(), encoding="utf-8")
    print(f"{ask.out}: {rows} rows, {ask.out.stat().st_size / 1e6:.1f} MB, in {monotonic() - began_s:.1f} s")


if __name__ == "__main__":
    main()
