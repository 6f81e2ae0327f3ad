"""Hours and days are what counting by hand gives: when the clocks change, past midnight, and after a move."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta, timezone
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from storage_kit import (
    BERLIN,
    IN,
    MONDAY,
    OUT,
    Box,
    count_by_hand,
    figures_by_hour,
    figures_differing,
    kept,
    sql,
    visit,
)

from edge.analytics.occupancy import CorrectionReason
from edge.core.calendar import SiteCalendar
from edge.storage.queries import LevelFigure, LineFigure, Records, When
from edge.storage.records import Correction, Crossing, Heat, Visit, ZoneStay

if TYPE_CHECKING:
    from pathlib import Path

SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
ANY = (date(2025, 1, 1), date(2027, 12, 31))


def people(dice: Random, hours: float, number: int) -> list[Crossing]:
    times = sorted(dice.uniform(60, hours * 3600) for _ in range(number))
    return [Crossing(at_s, "door", "entrance", dice.choice([IN, OUT])) for at_s in times]


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (AUTUMN, 25), (date(2026, 7, 1), 24)])
def test_days_on_which_the_clocks_change(tmp_path: Path, day: date, hours: int) -> None:
    """One crossing at the middle of each hour of three days: the day in the middle has as many as it has hours."""
    noon_before = datetime(day.year, day.month, day.day, tzinfo=timezone.utc) - timedelta(hours=12)
    box = Box(tmp_path / "acm.db", clock=noon_before, uptime_s=0.0)
    store = box.start()
    store.append([Crossing(1800.0 + hour * 3600, "door", "entrance", IN) for hour in range(60)])
    store.close()
    with Records(box.path) as records:
        of_day = records.lines_by_day(day, day)
        of_hours = records.lines_by_hour(day, day)
        rows = records.on_days(day, day, (Crossing,))
    assert [figure.ins for figure in of_day] == [hours]
    assert [figure.ins for figure in of_hours] == [1] * hours
    assert len(rows) == hours
    clock = [figure.when.clock_hour for figure in of_hours]
    assert clock == {23: [0, 1, *range(3, 24)], 25: [0, 1, 2, *range(2, 24)], 24: [*range(24)]}[hours]
    assert count_by_hand(kept(box.path), ZoneInfo("Europe/Berlin")) == figures_by_hour(box.path, *ANY)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kathmandu", "America/St_Johns", "Pacific/Auckland"])
@pytest.mark.parametrize("starts_h", [0, 5])
def test_figures_are_what_counting_by_hand_gives(tmp_path: Path, zone: str, starts_h: int) -> None:
    calendar = SiteCalendar(ZoneInfo(zone), starts_h)
    box = Box(tmp_path / "acm.db", clock=datetime(2026, 10, 20, 3, tzinfo=timezone.utc), calendar=calendar)
    store = box.start()
    crossings = people(Random(3), 14 * 24, 600)
    for start in range(0, len(crossings), 7):
        store.append(crossings[start : start + 7])
    store.close()
    by_hand = count_by_hand(kept(box.path, Crossing), ZoneInfo(zone), starts_h)
    assert figures_by_hour(box.path, *ANY) == by_hand
    with Records(box.path) as records:
        days = {figure.when.day: (figure.ins, figure.outs) for figure in records.lines_by_day(*ANY)}
    for day in {key[0] for key in by_hand}:
        into, out = (sum(n for key, n in by_hand.items() if key[0] == day and key[2] == way) for way in ("in", "out"))
        assert days[day] == (into, out)
    assert figures_differing(box.path) == 0


def test_a_bar_counts_its_night_as_one_day(tmp_path: Path) -> None:
    bar = SiteCalendar(ZoneInfo("Europe/Berlin"), day_starts_h=5)
    box = Box(tmp_path / "acm.db", clock=datetime(2026, 11, 27, 17, tzinfo=timezone.utc), calendar=bar)
    store = box.start()
    # From six in the evening to three in the morning by the clock on the wall.
    store.append([record for hour in range(9) for record in visit(1800.0 + hour * 3600, 60)])
    store.close()
    friday = date(2026, 11, 27)
    with Records(box.path) as records:
        assert [(figure.when.day, figure.ins) for figure in records.lines_by_day(*ANY)] == [(friday, 9)]
        hours = [figure.when.clock_hour for figure in records.lines_by_hour(friday, friday)]
        assert hours == [18, 19, 20, 21, 22, 23, 0, 1, 2], "in the order of the night"


class TestMoving:
    """A site that goes by another time zone from some moment on."""

    def start(self, path: Path) -> Box:
        box = Box(path, clock=datetime(2026, 11, 23, 18, tzinfo=timezone.utc), calendar=SiteCalendar(timezone.utc))
        store = box.start()
        store.append([Crossing(1800.0 + hour * 3600, "door", "entrance", IN) for hour in range(12)])
        box.uptime_s = 12 * 3600.0
        store.close()
        box.calendar = SiteCalendar(ZoneInfo("Asia/Tokyo"))
        return box

    def test_days_before_stay_what_they_were(self, tmp_path: Path) -> None:
        box = self.start(tmp_path / "acm.db")
        store = box.start()
        # By then it is six in the morning in Greenwich and three in the afternoon in Tokyo.
        store.append([Crossing(1800.0 + hour * 3600, "door", "entrance", IN) for hour in range(12, 24)])
        store.close()
        with Records(box.path) as records:
            days = [(figure.when.day.day, figure.ins) for figure in records.lines_by_day(*ANY)]
            hours = [(figure.when.day.day, figure.when.clock_hour) for figure in records.lines_by_hour(*ANY)]
            rows = [len(records.on_days(date(2026, 11, day), date(2026, 11, day), (Crossing,))) for day in (23, 24, 25)]
        assert days == [(23, 6), (24, 6 + 9), (25, 3)]
        assert rows == [6, 15, 3]
        assert hours == [
            *((23, hour) for hour in range(18, 24)), *((24, hour) for hour in range(6)),
            *((24, hour) for hour in range(15, 24)), *((25, hour) for hour in range(3)),
        ]  # fmt: skip
        assert figures_differing(box.path) == 0

    def test_in_the_middle_of_an_hour(self, tmp_path: Path) -> None:
        box = self.start(tmp_path / "acm.db")
        box.calendar = SiteCalendar(ZoneInfo("Asia/Kolkata"))
        store = box.start()
        store.append([Crossing(12 * 3600 + late_s, "door", "entrance", IN) for late_s in (60.0, 2400.0)])
        store.close()
        with Records(box.path) as records:
            hours = [(figure.when.clock_hour, figure.ins) for figure in records.lines_by_hour(*ANY)][-2:]
        assert hours == [(11, 1), (12, 1)]
        assert figures_differing(box.path) == 0

    def test_a_restart_without_a_move_changes_nothing(self, tmp_path: Path) -> None:
        box = self.start(tmp_path / "acm.db")
        for _ in range(3):
            box.start().close()
        assert sql(box.path, "SELECT zone FROM days") == [("UTC",), ("Asia/Tokyo",)]


def test_people_inside(tmp_path: Path) -> None:
    """The most at once, and what it came to, with corrections; lines that are no doors do not count."""
    box = Box(tmp_path / "acm.db", uptime_s=0.0)
    store = box.start()
    store.append([
        Crossing(60.0, "door", "entrance", IN), Crossing(61.0, "door", "entrance", IN),
        Crossing(62.0, "door", "till", IN, door=False), Crossing(63.0, "yard", "gate", IN),
        Crossing(64.0, "door", "entrance", OUT),
        *(Crossing(at_s, "yard", "gate", OUT) for at_s in (3660.0, 3661.0, 3662.0)),
        Correction(3662.0, 1, CorrectionReason.NEGATIVE), Crossing(3663.0, "yard", "gate", IN),
        Correction(7300.0, -1, CorrectionReason.CLOSING),
    ])  # fmt: skip
    store.close()
    day = MONDAY.date()
    with Records(box.path) as records:
        nine = When(day, MONDAY, 9)
        hours = records.levels_by_hour(day, day)
        assert hours[0] == LevelFigure(nine, peak=3, inside=2)
        assert [(level.peak, level.inside) for level in hours] == [(3, 2), (1, 1), (0, 0)]
        assert records.levels_by_day(day, day) == [LevelFigure(When(day), peak=3, inside=0)]
        lines = records.lines_by_day(day, day)
        assert lines == [
            LineFigure(When(day), "door", "entrance", door=True, ins=2, outs=1),
            LineFigure(When(day), "door", "till", door=False, ins=1, outs=0),
            LineFigure(When(day), "yard", "gate", door=True, ins=2, outs=3),
        ]
        totals = records.totals(day, day)
    assert (totals.entered, totals.left, totals.peak) == (4, 4, 3)
    assert totals.drift == 0
    assert figures_differing(box.path) == 0


def test_stays_and_how_they_are_spread(tmp_path: Path) -> None:
    dice = Random(5)
    box = Box(tmp_path / "acm.db")
    store = box.start()
    stays = [round(dice.lognormvariate(6, 1), 1) for _ in range(999)]
    for start in range(0, len(stays), 13):
        store.append([Visit(60.0 + start + turn, "door", stay) for turn, stay in enumerate(stays[start : start + 13])])
    store.append([ZoneStay(2000.0, "door", "counter", 30.0), ZoneStay(2001.0, "door", "counter", 50.0)])
    store.close()
    day = MONDAY.date()
    with Records(box.path) as records:
        visits, counter = (figure.stays for figure in records.stays_by_day(day, day))
        by_hour = [figure for figure in records.stays_by_hour(day, day) if figure.zone == "counter"]
        assert records.totals(day, day).visits == visits
    in_order = sorted(stays)
    assert visits.count == 999
    assert visits.mean_s == pytest.approx(sum(stays) / 999)
    assert visits.median_s == pytest.approx(in_order[499], rel=0.035, abs=1)
    assert visits.quantile_s(0.9) == pytest.approx(in_order[899], rel=0.035, abs=1)
    assert (counter.count, counter.mean_s) == (2, 40.0)
    assert [(figure.stays.mean_s, figure.stays.median_s) for figure in by_hour] == [(40.0, None)]


def test_nothing_is_known_of_no_stays(tmp_path: Path) -> None:
    box = Box(tmp_path / "acm.db")
    box.start().close()
    with Records(box.path) as records:
        totals = records.totals(*ANY)
        assert (totals.visits.mean_s, totals.visits.median_s, totals.drift, totals.peak) == (None, None, None, 0)
        assert records.days() == (date(1970, 1, 1), date(1970, 1, 1))


def test_a_line_that_becomes_a_door_is_the_same_line_to_people(tmp_path: Path) -> None:
    box = Box(tmp_path / "acm.db")
    store = box.start()
    store.append([Crossing(60.0, "door", "entrance", IN, door=False), Crossing(61.0, "door", "entrance", IN)])
    assert store.inside == 1
    store.close()
    with Records(box.path) as records:
        doors = {figure.door: figure.ins for figure in records.lines_by_day(*ANY)}
    assert doors == {False: 1, True: 1}


def test_rows_of_a_time_are_found_by_the_figures(tmp_path: Path) -> None:
    box = Box(tmp_path / "acm.db", calendar=BERLIN)
    store = box.start()
    crossings = people(Random(9), 10 * 24, 400)
    store.append(crossings)
    store.close()
    start, end = MONDAY + timedelta(days=2, hours=3, minutes=7), MONDAY + timedelta(days=4, minutes=59)
    with Records(box.path) as records:
        found = records.between(start, end, (Crossing, Visit))
        assert records.between(end, start, (Crossing,)) == []
        assert [row.seq for row in records.latest(3, (Crossing,))] == [400, 399, 398]
    assert [row.seq for row in found] == [
        row.seq for row in kept(box.path) if row.at is not None and start <= row.at < end
    ]


def test_hours_of_the_week(tmp_path: Path) -> None:
    box = Box(tmp_path / "acm.db", clock=datetime(2026, 10, 20, 3, tzinfo=timezone.utc))
    store = box.start()
    store.append([*people(Random(4), 21 * 24, 900), Crossing(60.0, "door", "till", IN, door=False)])
    store.close()
    by_hand: Counter[tuple[int, int, str]] = Counter()
    for (day, hour, way), number in count_by_hand(kept(box.path, Crossing)[:-1], ZoneInfo("Europe/Berlin")).items():
        by_hand[day.weekday(), hour, way] += number
    with Records(box.path) as records:
        weekly = records.weekly(*ANY)
    assert {(*key, "in"): ins for key, (ins, _) in weekly.items() if ins} == {
        key: number for key, number in by_hand.items() if key[2] == "in"
    }
    assert sum(outs for _, outs in weekly.values()) == sum(number for key, number in by_hand.items() if key[2] == "out")


def test_where_people_stood(tmp_path: Path) -> None:
    box = Box(tmp_path / "acm.db")
    store = box.start()
    store.append([
        Heat(3600.0, "door", 3600, 2, (1.0, 0.0, 0.0, 2.5)), Heat(7200.0, "door", 3600, 2, (1.0, 0.5, 0.0, 0.0)),
        Heat(7200.0, "yard", 3600, 2, (9.0, 9.0, 9.0, 9.0)), Heat(90000.0, "door", 3600, 2, (7.0, 7.0, 7.0, 7.0)),
    ])  # fmt: skip
    store.close()
    with Records(box.path) as records:
        heat = records.heat("door", MONDAY, MONDAY + timedelta(hours=3))
        assert records.heat("cellar", MONDAY, MONDAY + timedelta(hours=3)) is None
    assert heat is not None
    assert heat.tolist() == [[2.0, 0.5], [0.0, 2.5]]


def test_grids_of_two_sizes_are_not_mixed(tmp_path: Path) -> None:
    box = Box(tmp_path / "acm.db")
    store = box.start()
    store.append([Heat(3600.0, "door", 3600, 2, (1.0, 1.0)), Heat(3700.0, "door", 3600, 1, (2.0, 3.0, 4.0))])
    store.close()
    with Records(box.path) as records:
        heat = records.heat("door", MONDAY, MONDAY + timedelta(hours=3))
    assert heat is not None
    assert heat.tolist() == [[2.0], [3.0], [4.0]]
