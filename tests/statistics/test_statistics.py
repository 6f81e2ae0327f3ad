"""Every figure is what plain SQL over the rows gives: on days of 23 and 25 hours, past midnight, after a move."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta, timezone
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
import pytest
from seeded_kit import DOORS, Seeded
from storage_kit import MONDAY, Box

from edge.analytics.periods import DAY, Period, Unit, parts
from edge.analytics.told import Scope
from edge.core.model import Direction
from edge.core.timekeeping import Quality
from edge.storage.codes import REASONS
from edge.storage.packing import unpack_cells, unpack_steps
from edge.storage.records import Crossing, Heat
from edge.storage.statistics.reader import StatisticsReader
from edge.storage.statistics.told import with_weeks_before

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WAYS = "sum(direction = 0), sum(direction = 1)"
SCOPES = {
    Scope(): DOORS,
    Scope(camera="yard"): "line IN (SELECT id FROM subject WHERE kind = 'line' AND camera = 'yard' AND door = 1)",
    Scope(camera="hall"): "0",
    Scope(line="till"): "line IN (SELECT id FROM subject WHERE kind = 'line' AND name = 'till')",
    Scope(camera="door", line="entrance"): "line IN (SELECT id FROM subject WHERE name = 'entrance')",
}  # fmt: skip


def known(shop: Seeded) -> Period:
    with shop.reader() as reader:
        found = reader.recorded()
    assert found is not None
    return found


def by_day(shop: Seeded, where: str = DOORS) -> dict[date, tuple[int, int]]:
    rows = shop.sql(f"SELECT site_day(seq, at_ms), {WAYS} FROM crossing WHERE {where} GROUP BY 1")  # noqa: S608 - ours
    return {date.fromisoformat(day): (ins, outs) for day, ins, outs in rows}


def everything(shop: Seeded) -> Period:
    """Some days without records on either side, too."""
    period = known(shop)
    return Period(period.first - 9 * DAY, period.last + 40 * DAY)


@pytest.mark.parametrize("scope", SCOPES, ids=str)
@pytest.mark.parametrize("unit", [Unit.DAY, Unit.WEEK, Unit.MONTH, Unit.YEAR])
def test_in_and_out_by_days(shop: Seeded, unit: Unit, scope: Scope) -> None:
    truth = by_day(shop, SCOPES[scope])
    with shop.reader() as reader:
        flows = reader.flow(everything(shop), unit, scope, week_starts=6)
    assert [(flow.slot.first, flow.slot.last) for flow in flows] == [
        (part.first, part.last) for part in parts(everything(shop), unit, 6)
    ]
    for flow in flows:
        days = [truth.get(day, (0, 0)) for day in Period(flow.slot.first, flow.slot.last)]
        assert (flow.ins, flow.outs) == (sum(day[0] for day in days), sum(day[1] for day in days))
    assert sum(flow.ins for flow in flows) == sum(ins for ins, _ in truth.values())


@pytest.mark.parametrize("scope", SCOPES, ids=str)
def test_in_and_out_by_hour(shop: Seeded, scope: Scope) -> None:
    rows = shop.sql(
        f"SELECT site_hour(seq, at_ms), {WAYS} FROM crossing WHERE {SCOPES[scope]} GROUP BY 1"  # noqa: S608 - ours
    )
    truth = {datetime.fromisoformat(hour): (ins, outs) for hour, ins, outs in rows}
    with shop.reader() as reader:
        flows = reader.flow(everything(shop), Unit.HOUR, scope)
    told = {flow.slot.start: (flow.ins, flow.outs) for flow in flows if flow.ins or flow.outs}
    assert told == {start.astimezone(timezone.utc): counts for start, counts in truth.items()}
    clock = {start.astimezone(timezone.utc): start.hour for start in truth}
    assert all(flow.slot.clock_hour == clock[flow.slot.start] for flow in flows if flow.slot.start in clock)


def test_a_day_has_as_many_hours_as_it_has(shops: dict[str, Seeded]) -> None:
    def hours(shop: str, day: date) -> list[int | None]:
        with shops[shop].reader() as reader:
            flows = reader.flow(Period(day, day), Unit.HOUR)
        starts = [flow.slot.start for flow in flows]
        assert all(b - a == timedelta(hours=1) for a, b in pairwise(starts))  # type: ignore[operator]
        return [flow.slot.clock_hour for flow in flows]

    assert hours("day", date(2026, 10, 25)) == [0, 1, 2, 2, *range(3, 24)]
    assert hours("day", date(2026, 10, 26)) == [*range(24)]
    assert hours("night", date(2026, 3, 28)) == [*range(5, 24), 0, 1, 3, 4]
    assert hours("moved", date(2026, 11, 9)) == hours("moved", date(2026, 11, 11)) == [*range(24)]


def test_a_day_before_a_move_keeps_its_own_hours(shops: dict[str, Seeded]) -> None:
    with shops["moved"].reader() as reader:
        before, after = (
            reader.flow(Period(day, day), Unit.HOUR)[0].slot.start for day in (date(2026, 11, 6), date(2026, 11, 13))
        )
        hours = reader.flow(everything(shops["moved"]), Unit.HOUR)
    starts = Counter(flow.slot.first for flow in hours)
    assert starts[date(2026, 11, 6)] == starts[date(2026, 11, 13)] == 24
    assert all(b.slot.start - a.slot.start >= timedelta(hours=1) for a, b in pairwise(hours))  # type: ignore[operator]
    assert datetime(2026, 11, 5, 23, tzinfo=timezone.utc) in [
        flow.slot.start for flow in hours if flow.slot.first == date(2026, 11, 6)
    ]
    assert before == datetime(2026, 11, 5, 23, tzinfo=timezone.utc), "midnight in Berlin"
    assert after == datetime(2026, 11, 12, 15, tzinfo=timezone.utc), "midnight in Tokyo"


def test_the_bar_counts_its_night_as_one_day(shops: dict[str, Seeded]) -> None:
    """Of a Saturday's people some came after midnight: the clocks went forward that night, and they are all there."""
    late = shops["night"].sql(
        f"SELECT count(*) FROM crossing WHERE {DOORS} AND site_day(seq, at_ms) = '2026-03-28'"  # noqa: S608 - ours
        " AND site_hour(seq, at_ms) > '2026-03-29'"
    )[0][0]
    with shops["night"].reader() as reader:
        flows = reader.flow(Period(date(2026, 3, 28), date(2026, 3, 28)), Unit.HOUR)
    assert late > 0
    assert sum(flow.ins + flow.outs for flow in flows if flow.slot.clock_hour in (0, 1, 3, 4)) == late


def test_lines(shop: Seeded) -> None:
    truth = shop.sql(
        f"SELECT camera, name, door, {WAYS} FROM crossing JOIN subject ON id = line"  # noqa: S608 - ours
        " GROUP BY 1, 2, 3 ORDER BY 3 DESC, 1"
    )
    with shop.reader() as reader:
        found = reader.lines(everything(shop))
    assert [(line.camera, line.line, int(line.door), line.ins, line.outs) for line in found] == truth


def ledger(shop: Seeded) -> list[tuple[str, str, int, int, int]]:
    """Day, hour, time, row and how many were inside after it, of all that moved that."""
    return shop.sql(f"""
        SELECT site_day(seq, at_ms), site_hour(seq, at_ms), at_ms, seq, sum(step) OVER (ORDER BY seq) FROM (
            SELECT seq, at_ms, CASE direction WHEN 0 THEN 1 ELSE -1 END AS step FROM crossing WHERE {DOORS}
            UNION ALL SELECT seq, at_ms, change FROM correction) ORDER BY seq
        """)  # noqa: S608 - ours


@pytest.mark.parametrize("unit", [Unit.DAY, Unit.MONTH])
def test_levels_by_days(shop: Seeded, unit: Unit) -> None:
    rows = ledger(shop)
    with shop.reader() as reader:
        levels = reader.levels(everything(shop), unit)
        summary = reader.summary(everything(shop))
    inside = 0
    for level in levels:
        here = [row[4] for row in rows if level.slot.first <= date.fromisoformat(row[0]) <= level.slot.last]
        assert level.peak == (max(0, *here) if here else inside)
        inside = max(0, here[-1]) if here else inside
        assert level.inside == inside
    assert summary.peak == max(row[4] for row in rows)


def test_levels_by_hour(shop: Seeded) -> None:
    hours: dict[str, list[int]] = {}
    for row in ledger(shop):
        hours.setdefault(row[1], []).append(row[4])
    truth = {datetime.fromisoformat(hour): (max(0, *inside), max(0, inside[-1])) for hour, inside in hours.items()}
    with shop.reader() as reader:
        levels = reader.levels(known(shop), Unit.HOUR)
        clock = reader.clock_hour_levels(known(shop))
    inside = 0
    for level in levels:
        assert level.slot.start is not None
        peak, inside = truth.pop(level.slot.start, (inside, inside))
        assert (level.peak, level.inside) == (peak, inside)
    assert not truth
    peaks: dict[int, list[int]] = {}
    for hour, some in hours.items():
        peaks.setdefault(datetime.fromisoformat(hour).hour, []).append(max(0, *some))
    assert [(level.clock_hour, level.most, level.days) for level in clock] == [
        (hour, max(peaks[hour]), len(peaks[hour])) for hour in sorted(peaks)
    ]
    assert [level.mean_peak for level in clock] == pytest.approx([np.mean(peaks[hour]) for hour in sorted(peaks)])


def test_the_curve_of_a_day(shop: Seeded) -> None:
    day = max(by_day(shop), key=lambda one: by_day(shop)[one])
    rows = ledger(shop)
    with shop.reader() as reader:
        curve = reader.curve(day, 600)
        assert reader.curve(date(2001, 1, 1)) is None
    assert curve is not None
    start_ms = round(curve.start.timestamp() * 1000)
    for place, inside in enumerate(curve.inside):
        so_far = [row[4] for row in rows if row[2] <= start_ms + place * 600_000]
        assert inside == (max(0, so_far[-1]) if so_far else 0)
    end_ms = start_ms + len(curve.inside) * 600_000
    moments = [(min(end_ms, max(start_ms, row[2])), max(0, row[4])) for row in rows] + [(end_ms, 0)]
    stood = [inside * (after - at) for (at, inside), (after, _) in pairwise(moments)]
    assert curve.mean == pytest.approx(sum(stood) / (end_ms - start_ms))


def test_density(shop: Seeded) -> None:
    ins, outs = np.zeros((7, 24), dtype=int), np.zeros((7, 24), dtype=int)
    rows = shop.sql(
        f"SELECT site_day(seq, at_ms), site_hour(seq, at_ms), {WAYS} FROM crossing WHERE {DOORS} GROUP BY 1, 2"  # noqa: S608 - ours
    )
    for day, hour, came, went in rows:
        place = date.fromisoformat(day).weekday(), datetime.fromisoformat(hour).hour
        ins[place] += came
        outs[place] += went
    with shop.reader() as reader:
        density = reader.density(everything(shop))
    assert np.array_equal(density.ins, ins)
    assert np.array_equal(density.outs, outs)
    weekdays = Counter(day.weekday() for day in everything(shop))
    assert density.days == tuple(weekdays[number] for number in range(7))


WHEN = "site_day(seq, at_ms), site_hour(seq, at_ms)"
YARD = "JOIN subject ON id = visit.camera WHERE subject.camera = 'yard'"
STAYS = {
    Scope(): f"SELECT stay_ds, {WHEN} FROM visit",  # noqa: S608 - ours
    Scope(camera="yard"): f"SELECT stay_ds, {WHEN} FROM visit {YARD}",  # noqa: S608 - ours
    Scope(zone="counter"): f"SELECT dwell_ds, {WHEN} FROM zone_stay JOIN subject ON id = zone WHERE name = 'counter'",  # noqa: S608 - ours
}


@pytest.mark.parametrize("scope", STAYS, ids=str)
def test_stays(shop: Seeded, scope: Scope) -> None:
    rows = shop.sql(STAYS[scope])
    lengths = sorted(row[0] / 10 for row in rows)
    with shop.reader() as reader:
        stays = reader.stays(everything(shop), scope)
        days = reader.stay_parts(everything(shop), Unit.DAY, scope)
        hours = reader.stay_parts(everything(shop), Unit.HOUR, scope)
        summary = reader.summary(everything(shop), scope)
    assert (stays.count, stays.total_s) == (len(lengths), pytest.approx(sum(lengths)))
    assert stays.median_s == pytest.approx(median(lengths), rel=0.035, abs=1)
    assert stays.quantile_s(0.9) == pytest.approx(lengths[int(0.9 * len(lengths))], rel=0.035, abs=1)
    assert summary.long_stay_s == stays.quantile_s(0.9)
    by_days = Counter(row[1] for row in rows)
    assert {part.slot.first.isoformat(): part.stays.count for part in days if part.stays.count} == by_days
    by_hours = Counter(datetime.fromisoformat(row[2]) for row in rows)
    assert {part.slot.start: part.stays.count for part in hours if part.stays.count} == by_hours


def test_places(shop: Seeded) -> None:
    truth = dict(shop.sql("SELECT name, count(*) FROM zone_stay JOIN subject ON id = zone GROUP BY 1"))
    visits = dict(shop.sql("SELECT subject.camera, count(*) FROM visit JOIN subject ON id = visit.camera GROUP BY 1"))
    with shop.reader() as reader:
        places = reader.places(everything(shop))
    assert {place.zone: place.stays.count for place in places if place.zone} == truth
    assert {place.camera: place.stays.count for place in places if not place.zone} == visits


def test_the_drift_ledger(shop: Seeded) -> None:
    truth = by_day(shop)
    corrections = shop.sql("SELECT site_day(seq, at_ms), reason, sum(change) FROM correction GROUP BY 1, 2")
    with shop.reader() as reader:
        found = {day.day: day for day in reader.drift(everything(shop))}
    assert {day: (row.ins, row.outs) for day, row in found.items() if row.ins or row.outs} == truth
    for day, (ins, outs) in truth.items():
        assert found[day].drift == (abs(ins - outs) / ins if ins else None)
    told = {(day.isoformat(), reason): n for day, row in found.items() for reason, n in row.corrections.items()}
    assert told == {(day, REASONS[reason]): change for day, reason, change in corrections}
    assert told


def test_busiest_hours(shop: Seeded) -> None:
    truth = shop.sql(f"""
        SELECT site_hour(seq, at_ms), count(*) FROM crossing WHERE {DOORS} AND direction = 0
        GROUP BY 1 ORDER BY 2 DESC LIMIT 5
        """)  # noqa: S608 - ours
    with shop.reader() as reader:
        found = reader.busiest(everything(shop), 5)
        summary = reader.summary(everything(shop))
    assert [hour.ins for hour in found] == [row[1] for row in truth]
    assert found[0].start == datetime.fromisoformat(truth[0][0])
    assert summary.busiest == found[0]
    assert summary.days_with_people == len(by_day(shop))


def usual_by_hand(day: date, counts: dict[date, float], fit: Callable[[date], bool], first: date) -> float | None:
    """The median of the last eight same weekdays that are fit."""
    found: list[float] = []
    for back in range(1, 27):
        other = day - timedelta(weeks=back)
        if other >= first and fit(other) and len(found) < 8:
            found.append(counts.get(other, 0.0))
    return median(found) if len(found) >= 3 else None


def test_comparisons(shops: dict[str, Seeded]) -> None:
    shop = shops["day"]
    truth = by_day(shop)
    ins = {day: float(counts[0]) for day, counts in truth.items()}
    period = Period(date(2026, 10, 1), date(2026, 10, 31))
    with shop.reader() as reader:
        fit = reader.fit_days(period, shop.opening)
        found = reader.compare(period, fit)
        weeks = reader.compare(Period(date(2026, 11, 16), date(2026, 11, 22)), fit)
        day = reader.usual_day(date(2026, 11, 20), fit)
    assert found.before is not None
    assert found.before.ins == sum(n for day_, n in ins.items() if date(2026, 9, 1) <= day_ < date(2026, 10, 1))
    assert found.change_to(found.before) == found.now.ins / found.before.ins - 1
    assert found.year_before is None, "the records are younger"
    usuals = {one: usual_by_hand(one, ins, fit, known(shop).first) for one in period}
    told = {one: value for one, value in usuals.items() if value is not None}
    assert (found.usual, found.usual_days) == (sum(told.values()), len(told))
    assert found.usual_ins == sum(ins.get(one, 0) for one in told)
    assert weeks.before is not None
    assert weeks.before.period == Period(date(2026, 11, 9), date(2026, 11, 15))
    with shop.reader() as reader:
        young = reader.compare(Period(known(shop).first + 7 * DAY, known(shop).first + 20 * DAY), fit)
    assert young.before is None, "half of it is not recorded"
    assert day is not None
    assert day.total.value == usual_by_hand(date(2026, 11, 20), ins, fit, known(shop).first)


def test_a_year_ago(tmp_path: Path) -> None:
    """A week is compared with the same weekdays, a month with the same month."""
    box = Box(tmp_path / "acm.db", clock=datetime(2025, 11, 1, tzinfo=timezone.utc), uptime_s=0.0)
    store = box.start()
    days = ((0, 1), (23, 2), (24, 4), (388, 8), (389, 16))
    noons = [day * 86400 + 43200 + late for day, number in days for late in range(number)]
    store.append([Crossing(at_s, "door", "entrance", Direction.IN) for at_s in noons])
    store.close()
    with StatisticsReader(box.path) as reader:
        week = reader.compare(Period(MONDAY.date(), MONDAY.date() + 6 * DAY))
        month = reader.compare(Period(date(2026, 11, 1), date(2026, 11, 30)))
        early = reader.compare(Period(date(2026, 9, 1), date(2026, 9, 30)))
    assert week.year_before is not None
    assert week.year_before.period.first == date(2025, 11, 24)
    assert (week.now.ins, week.year_before.ins) == (8 + 16, 2 + 4)
    assert week.change_to(week.year_before) == 3
    assert month.year_before is not None
    assert (month.now.ins, month.year_before.ins) == (24, 7)
    assert early.year_before is None


def test_holidays_and_outages_say_nothing_of_what_is_usual(shops: dict[str, Seeded]) -> None:
    shop = shops["day"]
    off, days = shop.shop.gaps[0]
    with shop.reader() as reader:
        fit = reader.fit_days(known(shop), shop.opening)
        reader_days = [day for day in known(shop) if not fit(day)]
        told = reader.usual_day(off + timedelta(weeks=1), fit)
    assert date(2026, 10, 3) in reader_days, "a holiday"
    gap = [off + timedelta(days=number) for number in range(days)]
    assert [day for day in gap if shop.opening.opening(day)] == [day for day in reader_days if day in gap]
    assert told is not None
    assert off not in told.total.days


def test_notable_days(shops: dict[str, Seeded]) -> None:
    shop = shops["day"]
    ins = {day: float(counts[0]) for day, counts in by_day(shop).items()}
    with shop.reader() as reader:
        fit = reader.fit_days(known(shop), shop.opening)
        found = reader.notable(known(shop), fit)
    assert found, "there is always some weather"
    assert [abs(day.spreads) for day in found] == sorted((abs(day.spreads) for day in found), reverse=True)
    for day in found:
        assert day.value == ins.get(day.day, 0.0)
        assert day.usual.value == usual_by_hand(day.day, ins, fit, known(shop).first)
        assert day.part == day.value / day.usual.value - 1


def test_when_the_box_was_off(shop: Seeded) -> None:
    off, days = shop.shop.gaps[0]
    with shop.reader() as reader:
        quality = reader.quality(known(shop), shop.opening)
        blind = reader.quality(known(shop))
    long = [gap for gap in quality.gaps if not gap.camera and gap.lasted_s > 3600]
    assert len(long) == 1
    start = shop.shop.site(off).start_ms(off) / 1000
    assert long[0].start.timestamp() == pytest.approx(start, abs=60)
    assert long[0].end.timestamp() == pytest.approx(start + days * 86400 + 60, abs=60)
    hours = [span for n in range(days) for span in shop.opening.opening(off + timedelta(days=n))]
    if shop.shop.moved is None:
        assert long[0].open_s == pytest.approx(sum((span.end - span.start).total_seconds() for span in hours), abs=7200)
    assert all(gap.open_s == pytest.approx(gap.lasted_s) for gap in blind.gaps)
    lost = shop.sql("SELECT count(*) FROM notice WHERE event = 'camera-lost'")[0][0]
    assert sum(gap.camera == "yard" and gap.lasted_s == 1500 for gap in quality.gaps) == lost
    assert quality.clock == {Quality.SYNCED: pytest.approx(1.0)}


def test_heat(shop: Seeded) -> None:
    period = Period(known(shop).last - 8 * DAY, known(shop).last)
    site = shop.shop.site(period.last)
    rows = shop.sql(
        "SELECT cells FROM heat JOIN subject ON id = heat.camera WHERE name = '' AND subject.camera = 'hall'"
        " AND at_ms > ? AND at_ms <= ?",
        site.start_ms(period.first), site.span_ms(period.last)[1],
    )  # fmt: skip
    with shop.reader() as reader:
        heat = reader.heat_map("hall", period)
        assert reader.heat_map("cellar", period) is None
    assert heat is not None
    assert heat.shape == (18, 32)
    assert np.allclose(heat.ravel(), sum(unpack_cells(cells) for (cells,) in rows))
    assert heat.sum() > 0


def test_heat_up_to_midnight_belongs_to_the_day_before(tmp_path: Path) -> None:
    box = Box(tmp_path / "acm.db", uptime_s=0.0)
    store = box.start()
    midnight = 15 * 3600.0
    store.append([Heat(midnight + late, "door", 3600, 1, (cell,)) for late, cell in ((-3600, 1), (0, 2), (3600, 4))])
    store.close()
    with StatisticsReader(box.path) as reader:
        found = [reader.heat_map("door", Period(day, day)) for day in (MONDAY.date(), MONDAY.date() + DAY)]
    assert [heat.tolist() for heat in found if heat is not None] == [[[3.0]], [[4.0]]]


def test_walks(shop: Seeded) -> None:
    rows = shop.sql("SELECT at_ms, points FROM walk JOIN subject ON id = walk.camera WHERE subject.camera = 'door'")
    long_ago, far = datetime(2020, 1, 1, tzinfo=timezone.utc), datetime(2030, 1, 1, tzinfo=timezone.utc)
    with shop.reader() as reader:
        ways = reader.ways("door", long_ago, far)
        assert len(reader.ways("door", long_ago, long_ago)) == len(reader.ways("cellar", long_ago, far)) == 0
    walks = [unpack_steps(points) for _, points in sorted(rows)]
    assert sorted(ways.at_ms.tolist()) == sorted(row[0] for row in rows)
    assert int(ways.steps.sum()) == sum(len(steps) for steps in walks)
    steps = sorted((step.after_s, step.x, step.y) for walk in walks for step in walk)
    told = sorted(zip(ways.after_s.tolist(), ways.x.tolist(), ways.y.tolist(), strict=True))
    assert np.allclose(told, steps)


def test_records_without_anybody(shops: dict[str, Seeded]) -> None:
    period = Period(date(2019, 1, 1), date(2019, 1, 7))
    with shops["day"].reader() as reader:
        summary = reader.summary(period)
        compared = reader.compare(period)
        assert [flow.ins for flow in reader.flow(period, Unit.DAY)] == [0] * 7
        assert reader.drift(period) == reader.busiest(period) == reader.places(period) == reader.lines(period) == []
        assert reader.notable(period) == []
        assert reader.clock_hour_levels(period) == []
        assert reader.quality(period).clock == {}
    assert (summary.ins, summary.peak, summary.busiest, summary.drift) == (0, 0, None, None)
    assert (compared.before, compared.usual, compared.change_to_usual) == (None, None, None)


def test_weeks_before() -> None:
    assert with_weeks_before(Period(date(2026, 7, 1), date(2026, 7, 1))).first == date(2025, 12, 31)
