"""What the sheets on stays, ways, the floor and trust show is what plain SQL and plain counting give."""

from __future__ import annotations

import asyncio
import re
import zlib
from collections import Counter
from datetime import date, datetime, timedelta, timezone
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from panel.box import Box, box

from edge.analytics.audit import wilson
from edge.analytics.periods import DAY, Period
from edge.analytics.routes import Route, Routes
from edge.analytics.stays import Stays, bin_of
from edge.analytics.told import DataQuality, DayDrift, Gap
from edge.core.geometry import inside_polygon
from edge.panel.pages.statistics.belief import Level, believed, by_parts
from edge.panel.pages.statistics.sheet import asked
from edge.panel.pages.statistics.sheets import SHEETS
from edge.panel.pages.statistics.stays import EDGES_S, edges_of, spread
from edge.panel.pages.statistics.table import Lasting, Share, shown
from edge.panel.pages.statistics.ways import legs_of
from edge.panel.words import Languages
from edge.storage.packing import unpack_steps
from tools.seed import CORNERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from seeded_kit import Seeded

    from edge.panel.pages.statistics.figure import Figure

SPOKEN = Languages()
LIMIT = 8
BERLIN = ZoneInfo("Europe/Berlin")
MONTH = "span=month&day=2026-10-01"
OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))
# A key that nobody wrote a text for shows itself.
KEY = re.compile(r"\b[a-z_]+\.[a-z_]+\b")
BOOKS = """SELECT seq, at_ms, 1 - 2 * direction FROM crossing
    WHERE line IN (SELECT id FROM subject WHERE kind = 'line' AND door = 1)
    UNION ALL SELECT seq, at_ms, change FROM correction ORDER BY 1"""


@pytest.fixture(scope="module")
def seen(shops: dict[str, Seeded], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """The panel of the shop that is open by day, the day after its records end."""
    folder, shop = tmp_path_factory.mktemp("sheets"), shops["day"]
    (folder / "records.db").symlink_to(shop.path)
    with box(folder, f"{shop.shop.settings()}\n[display]\nlimit = {LIMIT}\n") as made:
        yield made


def sheet(seen: Box, name: str, query: str, language: str = "en") -> dict[str, Figure]:
    """A sheet's figures by their names, as page and files have them."""
    told = dict(part.split("=") for part in query.split("&") if part)
    found = next(one for one in SHEETS if one.name == name)
    ask = asked(seen.panel, SPOKEN.get(language), told, found)
    return {figure.name: figure for figure in asyncio.run(found.figures(ask))}


def books(shop: Seeded) -> list[tuple[datetime, int]]:
    """When the number inside changed, and to what, in the order of the books."""
    found, inside = [], 0
    for _, at_ms, change in shop.sql(BOOKS):
        inside += change
        found.append((datetime.fromtimestamp(at_ms / 1000, timezone.utc).astimezone(BERLIN), inside))
    return found


def test_the_most_inside_and_its_moment(seen: Box, shops: dict[str, Seeded]) -> None:
    rows = [(at, inside) for at, inside in books(shops["day"]) if at.date() in OCTOBER]
    peaks = {day: max(inside for at, inside in rows if at.date() == day) for day in {at.date() for at, _ in rows}}
    most = max(peaks.values())
    found = sheet(seen, "inside", MONTH)
    told = {row[0].day: row for row in found["peaks"].table.rows}
    assert {day: told[day][1] for day in peaks} == peaks
    assert found["summary"].tiles[0].value == str(most)
    assert found["summary"].tiles[2].note == f"{100 * most / LIMIT:.0f}% full at the peak"
    moment = dict(found["summary"].table.rows)["When"]
    assert isinstance(moment, datetime)
    assert peaks[moment.date()] == most
    by_then = [inside for at, inside in rows if moment.date() == at.date() and at <= moment]
    of_day = [inside for at, inside in rows if moment.date() == at.date()]
    assert by_then[-1] >= max(of_day) - 1, "not more than one came and went within ten seconds"


def test_the_curve_of_a_day_and_how_many_on_the_mean(seen: Box, shops: dict[str, Seeded]) -> None:
    day = date(2026, 10, 25)  # has 25 hours, and is a Sunday
    assert sheet(seen, "inside", f"span=day&day={day}")["inside"].table.rows == ()
    # One at the end of which somebody had been missed on leaving, who is taken off as the next one begins.
    rows = books(shops["day"])
    open_days = {at.date() for at, _ in rows if at.date() in OCTOBER and at.hour == 12}
    (at_ms,) = next(row for row in shops["day"].sql("SELECT at_ms FROM correction WHERE reason = 1 AND change < 0")
                    if datetime.fromtimestamp(row[0] / 1000, BERLIN).date() in open_days)  # fmt: skip
    day = datetime.fromtimestamp(at_ms / 1000, BERLIN).date()
    found = sheet(seen, "inside", f"span=day&day={day}")
    table = found["inside"].table.rows
    assert table[0][0] == "09:00", "it opens at nine"
    for clock, inside in table:
        at = datetime.combine(day, datetime.strptime(clock, "%H:%M").time(), BERLIN)  # noqa: DTZ007 - a clock time
        assert inside == max(0, [number for when, number in rows if when <= at][-1]), clock
    mean = sum(number for _, number in table) / len(table)
    assert dict(found["summary"].table.rows)["Inside on average"] == pytest.approx(mean)
    assert found["inside"].options is not None
    drawn = found["inside"].options["series"][0]
    assert drawn["data"] == [number for _, number in table]
    assert drawn["markLine"]["data"] == [{"yAxis": LIMIT}]


def test_what_is_still_to_come_is_not_drawn(seen: Box) -> None:
    seen.clock.set_utc(datetime(2026, 11, 24, 11, 2, tzinfo=timezone.utc))
    try:
        rows = sheet(seen, "inside", "span=day&day=2026-11-24")["inside"].table.rows
        assert [clock for clock, inside in rows if inside is not None][-1] == "12:00", "it is two past noon"
        assert sheet(seen, "inside", "span=day&day=2026-11-25")["inside"].table.rows == ()
        ahead = sheet(seen, "trust", "span=day&day=2026-11-25")
        assert ahead["ledger"].table.rows == ahead["gaps"].table.rows == ()
    finally:
        seen.clock.set_utc(datetime(2026, 11, 25, 12, tzinfo=timezone.utc))


def test_stays_by_place(seen: Box, shops: dict[str, Seeded]) -> None:
    shop = shops["day"]
    truth = {}
    for name, table, column, what in (("visit", "visit", "camera", "stay_ds"),
                                      ("zone", "zone_stay", "zone", "dwell_ds")):  # fmt: skip
        rows = shop.sql(
            f"SELECT s.camera, s.name, {what} / 10.0 FROM {table} v JOIN subject s ON s.id = v.{column} "  # noqa: S608
            "WHERE site_day(seq, at_ms) BETWEEN '2026-10-01' AND '2026-10-31'"
        )
        for camera, zone, lasted_s in rows:
            said = f"{zone} ({camera})" if name == "zone" else f"Visits, {camera}"
            truth.setdefault(said, []).append(lasted_s)
    found = sheet(seen, "stays", MONTH)
    told = {row[0]: row for row in found["places"].table.rows}
    assert set(told) == set(truth)
    for said, lasted in truth.items():
        _, number, mean, median, ninety = told[said]
        assert number == len(lasted)
        assert mean.seconds == pytest.approx(np.mean(lasted), abs=0.01)
        for value, part in ((median, 0.5), (ninety, 0.9)):
            assert value.seconds == pytest.approx(np.quantile(lasted, part), rel=0.04, abs=1.0), said
    visits = [one for said, some in truth.items() if said.startswith("Visits") for one in some]
    whole = dict(found["summary"].table.rows)
    assert whole["Stays"] == len(visits)
    assert whole["Average"].seconds == pytest.approx(np.mean(visits), abs=0.01)
    counter = dict(sheet(seen, "stays", f"{MONTH}&camera=hall&zone=counter")["summary"].table.rows)
    assert counter["Stays"] == len(truth["counter (hall)"])
    assert sum(row[1] for row in found["parts"].table.rows) == len(visits)


def test_how_stays_are_spread() -> None:
    dice = np.random.default_rng(7)
    lasted = np.exp(dice.normal(5.0, 1.2, 20_000))
    bins = Counter(bin_of(int(one * 10)) for one in lasted)
    stays = Stays(len(lasted), float(lasted.sum()), dict(bins))
    counts = spread(stays, EDGES_S)
    assert sum(counts) == len(lasted)
    truth = np.histogram(lasted, (*EDGES_S, np.inf))[0]
    assert counts == pytest.approx(truth.tolist(), abs=0.01 * len(lasted))
    edges = edges_of(stays)
    assert edges[0] == 0
    assert set(edges) <= set(EDGES_S)
    few = spread(stays, edges)
    assert sum(few) == len(lasted)
    assert few[0] >= 0.01 * len(lasted) <= few[-1], "the few at either end share a bar"
    assert not any(spread(Stays(), edges_of(Stays())))


def naive_routes(shop: Seeded, first: date, last: date) -> list[tuple[tuple[str, ...], float]]:
    """The zones of each walk in the hall, one step after the other, and how long it lasted."""
    rows = shop.sql("SELECT at_ms, points FROM walk WHERE camera = (SELECT id FROM subject WHERE kind = 'camera' AND "
                    "camera = 'hall')")  # fmt: skip
    found = []
    for at_ms, points in rows:
        if not first <= datetime.fromtimestamp(at_ms / 1000, timezone.utc).astimezone(BERLIN).date() <= last:
            continue
        steps = unpack_steps(points)
        stays: list[list[object]] = []
        for step, then in pairwise((*steps, None)):
            assert step is not None
            zone = next((name for name, corners in CORNERS.items() if inside_polygon((step.x, step.y), corners)), "")
            lasted = 0.5 if then is None else then.after_s - step.after_s
            if stays and stays[-1][0] == zone:
                stays[-1][1] += lasted  # type: ignore[operator]
            else:
                stays.append([zone, lasted])
        zones = [str(zone) for zone, lasted in stays if zone and round(float(str(lasted)), 6) >= 1.0]
        route = tuple(zone for place, zone in enumerate(zones) if not place or zones[place - 1] != zone)
        found.append((route, steps[-1].after_s + 0.5))
    return found


def test_ways_from_zone_to_zone(seen: Box, shops: dict[str, Seeded]) -> None:
    yesterday = date(2026, 11, 24)
    for query, first in (("", yesterday), ("span=range&from=2026-11-23&to=2026-11-24", yesterday),
                         (f"span=day&day={yesterday}", yesterday)):  # fmt: skip
        truth = naive_routes(shops["day"], first, yesterday)
        found = sheet(seen, "ways", query)
        passed = [(route, lasted) for route, lasted in truth if route]
        counts = Counter(route for route, _ in passed)
        assert [tile.value for tile in found["summary"].tiles] == [
            str(len(truth)), str(len(passed)), str(sum(len(route) > 1 for route, _ in passed)),
        ]  # fmt: skip
        for said, number, share, mean in found["routes-1"].table.rows:
            route = tuple(str(said).split(" → "))
            assert number == counts[route]
            assert share.value == pytest.approx(number / len(passed))
            assert mean.seconds == pytest.approx(np.mean([lasted for one, lasted in passed if one == route]))
        legs: Counter[tuple[int, str, str]] = Counter()
        for route, _ in passed:
            for step, (one, other) in enumerate(pairwise(route[:4]), start=1):
                legs[step, one, other] += 1
        assert {row[:3]: row[3] for row in found["flow-1"].table.rows} == dict(legs)
    today = sheet(seen, "ways", "span=day&day=2026-11-25")
    assert today["summary"].table.rows == today["flow-1"].table.rows == ()


def test_who_walks_to_and_fro_makes_no_ring() -> None:
    """A flow diagram draws no way back, so each stop of a route is a place of its own."""
    found = Routes(9, (), (Route(("a", "b", "a", "b", "a", "b"), 5, 60.0), Route(("b", "a"), 4, 9.0)))
    legs = legs_of(found)
    assert legs == {
        (("a", 1), ("b", 2)): 5, (("b", 2), ("a", 3)): 5, (("a", 3), ("b", 4)): 5, (("b", 1), ("a", 2)): 4,
    }  # fmt: skip
    assert all(other[1] == one[1] + 1 for one, other in legs)


def test_person_minutes_on_the_floor(seen: Box, shops: dict[str, Seeded]) -> None:
    rows = shops["day"].sql(
        "SELECT at_ms, columns, cells FROM heat WHERE camera = (SELECT id FROM subject WHERE kind = 'camera' AND "
        "camera = 'hall')"
    )
    summed = np.zeros((18, 32))
    for at_ms, columns, cells in rows:
        # An hour up to midnight is told at midnight.
        at = datetime.fromtimestamp((at_ms - 1) / 1000, timezone.utc).astimezone(BERLIN)
        if at.date() in OCTOBER:
            summed += np.frombuffer(zlib.decompress(cells), "<u4").reshape(-1, columns)
    minutes = summed / 600
    truth = {
        name: sum(minutes[row, column] for row in range(18) for column in range(32)
                  if inside_polygon(((column + 0.5) / 32, (row + 0.5) / 18), corners))
        for name, corners in CORNERS.items()
    }  # fmt: skip
    figures = sheet(seen, "floor", MONTH)
    table = figures["floor-3"].table.rows
    assert [row[0] for row in table[:3]] == sorted(truth, key=lambda name: -truth[name])
    for name, told, share in table[:3]:
        assert told == pytest.approx(truth[str(name)], abs=0.06)
        assert share.value == pytest.approx(truth[str(name)] / minutes.sum())
    row, column = np.unravel_index(minutes.argmax(), minutes.shape)
    assert table[3][:2] == (f"Row {row + 1}, column {column + 1}", pytest.approx(minutes.max(), abs=0.06))
    assert sheet(seen, "floor", f"{MONTH}&camera=hall").keys() == {"floor-1"}
    assert sheet(seen, "floor", "span=day&day=2020-01-01")["floor-1"].table.rows == ()


def opening_s(period: Period, shop: Seeded) -> float:
    return sum((span.end - span.start).total_seconds() for day in period for span in shop.opening.opening(day))


def test_the_ledger_and_what_was_off(seen: Box, shops: dict[str, Seeded]) -> None:
    shop = shops["day"]
    doors = "line IN (SELECT id FROM subject WHERE kind = 'line' AND door = 1)"
    truth = {date.fromisoformat(day): (ins, outs) for day, ins, outs in shop.sql(
        f"SELECT site_day(seq, at_ms), sum(direction = 0), sum(direction = 1) FROM crossing WHERE {doors} GROUP BY 1"  # noqa: S608
    )}  # fmt: skip
    changes = {(date.fromisoformat(day), reason): change for day, reason, change in shop.sql(
        "SELECT site_day(seq, at_ms), reason, sum(change) FROM correction GROUP BY 1, 2"
    )}  # fmt: skip
    found = sheet(seen, "trust", MONTH)
    rows = {row[0].day: row for row in found["ledger"].table.rows}
    assert {day: (row[1], row[2]) for day, row in rows.items() if row[1]} == {
        day: both for day, both in truth.items() if day in OCTOBER
    }
    for day, row in rows.items():
        ins, outs = truth.get(day, (0, 0))
        assert row[3] == (Share(abs(ins - outs) / ins) if ins else None)
        assert sum(row[4:]) == sum(change for (of, _), change in changes.items() if of == day)
    (start, days), = shop.shop.gaps
    assert start in OCTOBER
    box_row = next(row for row in found["gaps"].table.rows if row[0] == "The whole box")
    assert box_row[1].date() == start
    assert timedelta(seconds=box_row[3].seconds) == pytest.approx(days * DAY, abs=timedelta(minutes=2))
    open_s = opening_s(Period(start, start + (days - 1) * DAY), shop)
    assert box_row[4] == Lasting(open_s)
    ins = {day: both for day, both in truth.items() if day in OCTOBER}
    apart = sum(abs(one - other) for one, other in ins.values()) / sum(one for one, _ in ins.values())
    told = dict(found["verdict"].table.rows)
    assert told["Opening hours without counting"].value == pytest.approx(open_s / opening_s(OCTOBER, shop))
    assert told["In and out apart"].value == pytest.approx(apart)
    assert sum(row[1].value for row in found["clock"].table.rows) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("outs", "off_h", "hits", "level"),
    [
        (99, 0.0, None, Level.GOOD), (99, 0.0, 98, Level.GOOD), (90, 0.0, None, Level.FAIR),
        (80, 0.0, None, Level.POOR), (99, 1.0, None, Level.FAIR), (99, 5.0, None, Level.POOR),
        (99, 0.0, 90, Level.FAIR), (99, 0.0, 80, Level.POOR), (0, 0.0, None, Level.POOR),
    ],
)  # fmt: skip
def test_how_far_it_is_believed(outs: int, off_h: float, hits: int | None, level: Level) -> None:
    day = date(2026, 11, 2)
    start = datetime(2026, 11, 2, 9, tzinfo=timezone.utc)
    gap = Gap(start, start + timedelta(hours=off_h), "", off_h * 3600)
    days = [DayDrift(day, 100, outs), DayDrift(day + DAY, 50, 3)]
    whole = by_parts(days, [Period(day, day + DAY)], today=day + DAY)[0]
    assert (whole.ins, whole.outs, whole.over) == (150, outs + 3, 100), "who is inside today has yet to leave"
    found = None if hits is None else wilson(hits, 100)
    belief = believed(whole, DataQuality((gap,), frozenset(), {}), None, found)
    assert (belief.level, belief.missed) == (level, pytest.approx(off_h / 48))


def test_days_of_too_many_do_not_make_up_for_days_of_too_few() -> None:
    day = date(2026, 11, 2)
    days = [DayDrift(day, 100, 80), DayDrift(day + DAY, 100, 120)]
    both = Period(day, day + DAY)
    assert by_parts(days, [both])[0].drift == 0.2
    assert [part.drift for part in by_parts(days, [Period(one, one) for one in both])] == [0.2, 0.2]
    assert believed(by_parts([], [Period(day, day)])[0], None, None, None).level is None


def test_counts_by_hand_are_told_with_their_bounds(seen: Box) -> None:
    share = wilson(47, 50)
    result = {"found": {name: getattr(share, name) for name in ("hits", "n", "value", "low", "high")}}
    began = datetime(2026, 11, 20, 10, tzinfo=timezone.utc)
    none = sheet(seen, "trust", MONTH)
    assert none["by-hand"].table.rows == ()
    assert none["by-hand"].drawn is not None
    seen.panel.store.count_alongs.add(
        int(began.timestamp() * 1000), int(began.timestamp() * 1000) + 600_000, camera="door", line="entrance", taps=[],
        counted=[], result=result, made_by="Ada",
    )  # fmt: skip
    found = sheet(seen, "trust", MONTH)
    assert found["by-hand"].table.rows == (
        (began.astimezone(BERLIN), "entrance", 50, Share(0.94), Share(share.low or 0), Share(share.high or 0)),
    )
    assert "94% of 50 people" in found["verdict"].said


@pytest.mark.parametrize("language", ["en", "de", "tr"])
def test_every_sheet_speaks_every_language(seen: Box, language: str) -> None:
    words = SPOKEN.get(language)
    for name in ("inside", "stays", "ways", "floor", "trust"):
        for query in ("", "span=day&day=2026-11-24", MONTH, "span=year&day=2026-11-24",
                      "span=range&from=2026-01-01&to=2026-12-31", "span=day&day=2031-01-01"):  # fmt: skip
            for figure in sheet(seen, name, query, language).values():
                cells = [shown(words, cell) for row in figure.table.rows[:5] for cell in row]
                series = (figure.options or {}).get("series", [])
                tiles = [text for tile in figure.tiles for text in (tile.label, tile.value, tile.note)]
                said = [figure.title, figure.said, figure.note, *figure.table.columns, *cells, *tiles,
                        *(str(one.get("name", "")) for one in series)]  # fmt: skip
                assert [text for text in said if KEY.search(text) and "statistics" in text] == [], (name, figure.name)
                if figure.table.rows:
                    assert figure.said, (name, figure.name)
                    assert len(figure.table.rows[0]) == len(figure.table.columns)
