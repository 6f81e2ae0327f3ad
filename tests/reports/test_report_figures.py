"""Every figure of a report is what counting the rows by hand gives: on days of 23 and 25 hours, past midnight, on days
without anybody, on days without power, and around a move to another time zone."""  # noqa: D205, D209 - one thought

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from statistics import mean, median
from typing import TYPE_CHECKING

import pytest
from report_kit import ByHand, asked, by_hand, cells, report_of, table_of
from storage_kit import Box

from edge.analytics.periods import DAY, Period, parse_period
from edge.analytics.told import SITE_WIDE, Scope
from edge.core.errors import InputError
from edge.core.model import Direction
from edge.reports.asked import Asked, Sales
from edge.reports.contents import gather
from edge.storage.packing import unpack_cells
from edge.storage.records import Crossing
from edge.storage.statistics.reader import StatisticsReader

if TYPE_CHECKING:
    from pathlib import Path

    from seeded_kit import Seeded

    from edge.reports.report import Report
    from edge.reports.table import Table

# A week with the day of 25 hours, a month with three days without power; the night the clocks go forward in a bar that
# is open over it, and a month of it; the week a site moves from Berlin to Tokyo, and the month around that.
PERIODS = [
    ("day", "2026-W43"), ("day", "2026-10"), ("day", "2026-08-20..2026-11-20"), ("day", "2026-10-24"),
    ("night", "2026-W13"), ("night", "2026-03"), ("moved", "2026-W46"), ("moved", "2026-11"),
]  # fmt: skip
SCOPES = [Scope(camera="yard"), Scope(line="till"), Scope(camera="hall", zone="counter")]


@pytest.fixture(params=PERIODS, ids=" ".join)
def told(request: pytest.FixtureRequest, shops: dict[str, Seeded]) -> tuple[Seeded, ByHand, Report]:
    """A report, its shop, and the shop's rows."""
    name, period = request.param
    return shops[name], by_hand(shops[name]), report_of(shops[name], parse_period(period))


def left_out(shop: Seeded, days: Period) -> set[date]:
    """Holidays, and the days without power, told by the seed and not by the records."""
    off = {first + number * DAY for first, days_off in shop.shop.gaps for number in range(days_off)}
    return {day for day in days if shop.opening.is_holiday(day)} | {day for day in off if shop.opening.opening(day)}


def lies_at(found: object, some: list[float], part: float) -> bool:
    """Whether a length is where ``part`` of some lengths (shortest first) end, to 1 s or 3 %."""
    if not some:
        return found is None
    place = part * len(some)
    low, high = some[max(0, int(place - 1))], some[min(len(some) - 1, int(place))]
    assert isinstance(found, float)
    return low * 0.965 - 1 <= found <= high * 1.035 + 1


def halved(table: Table, key: str, truth: list[list[float]]) -> None:
    """Medians are right."""
    for found, some in zip(table.column(key), truth, strict=True):
        assert lies_at(found, some, 0.5), (found, some)


def test_days(told: tuple[Seeded, ByHand, Report]) -> None:
    shop, hand, report = told
    if len(report.period) == 1:
        return
    ins, outs = hand.by_day()
    table = table_of(report, "days")
    truth = [(day, day.weekday(), ins[day], outs[day]) for day in report.period]
    assert cells(table, "day", "weekday", "ins", "outs") == truth
    assert sum(ins[day] for day in report.period) > 100, "nothing was tried"
    stays = [hand.lasted_s([day]) for day in report.period]
    assert table.column("stays") == [len(some) for some in stays]
    halved(table, "median_s", stays)
    peaks = {day: max(0, *(n for on, _, n in hand.ledger if on == day.isoformat())) for day in set(ins)}
    assert {day: peak for day, peak in cells(table, "day", "peak") if day in peaks} == {
        day: peak for day, peak in peaks.items() if day in report.period
    }
    out = left_out(shop, Period(hand.first, report.period.last))
    usual = [hand.usual(day, ins, out) for day in report.period]
    assert table.column("usual") == usual
    changes = [ins[day] / what - 1 if what else None for day, what in zip(report.period, usual, strict=True)]
    assert table.column("change") == changes
    holidays = [shop.opening.is_holiday(day) for day in report.period]
    assert table.column("holiday") == holidays
    assert [row[0] for row in cells(table, "day", "whole") if not row[1]] == [
        day for day in sorted(out) if day in report.period and not shop.opening.is_holiday(day)
    ]


def test_hours(told: tuple[Seeded, ByHand, Report]) -> None:
    _, hand, report = told
    rows = [row for row in hand.counted() if row.day in report.period]
    ins, outs = (Counter(row.hour for row in rows if row.came_in is way) for way in (True, False))
    table = table_of(report, "hours")
    found = {start: (i, o) for start, i, o in cells(table, "start", "ins", "outs") if i or o}
    assert found == {hour: (ins[hour], outs[hour]) for hour in {*ins, *outs}}
    clock = {hour.astimezone(timezone.utc): hour.hour for hour in {*ins, *outs}}
    assert all(clock.get(start, hour) == hour for start, hour in cells(table, "start", "clock_hour"))
    hours = Counter(table.column("day"))
    expected = {date(2026, 10, 25): 25, date(2026, 3, 28): 23}
    at_a_move = {date(2026, 11, 9), date(2026, 11, 10)} if hand.rows[-1].hour.utcoffset() == timedelta(hours=9) else ()
    for day in report.period:
        if day not in at_a_move:
            assert hours[day] == expected.get(day, 24)


def test_weeks_and_months(told: tuple[Seeded, ByHand, Report]) -> None:
    _, hand, report = told
    ins, outs = hand.by_day()
    for table in report.tables():
        if table.key not in ("weeks", "months"):
            continue
        first = {"weeks": lambda day: day - day.weekday() * DAY, "months": lambda day: day.replace(day=1)}[table.key]
        groups: dict[date, list[date]] = {}
        for day in report.period:
            groups.setdefault(max(first(day), report.period.first), []).append(day)
        assert cells(table, table.key[:-1], "days", "ins", "outs") == [
            (start, len(days), sum(ins[day] for day in days), sum(outs[day] for day in days))
            for start, days in groups.items()
        ]
        halved(table, "median_s", [hand.lasted_s(days) for days in groups.values()])
        assert table.column("stays") == [len(hand.lasted_s(days)) for days in groups.values()]


def test_busy_hours(told: tuple[Seeded, ByHand, Report]) -> None:
    _, hand, report = told
    rows = [row for row in hand.counted() if row.day in report.period]
    ins, outs = (Counter(row.hour.hour for row in rows if row.came_in is way) for way in (True, False))
    table = table_of(report, "clock_hours")
    assert {hour: (i, o) for hour, i, o in cells(table, "clock_hour", "ins", "outs") if i or o} == {
        hour: (ins[hour], outs[hour]) for hour in {*ins, *outs}
    }
    days = len({row.day for row in rows if row.came_in})
    assert table.column("per_day") == [pytest.approx(ins[hour] / days) for hour in table.column("clock_hour")]
    assert sum(table.numbers("share")) == pytest.approx(1)
    peaks: dict[int, list[int]] = {}
    for hour in {hour for day, hour, _ in hand.ledger if date.fromisoformat(day) in report.period}:
        inside = [n for _, at, n in hand.ledger if at == hour]
        peaks.setdefault(datetime.fromisoformat(hour).hour, []).append(max(0, *inside))
    for hour, mean_peak, most in cells(table, "clock_hour", "mean_peak", "most"):
        assert most == (max(peaks[hour]) if hour in peaks else None)
        assert mean_peak == (pytest.approx(mean(peaks[hour])) if hour in peaks else None)
    by_hour = Counter((row.day, row.hour.hour) for row in rows if row.came_in)
    busiest = [count for _, count in Counter(row.hour for row in rows if row.came_in).most_common(10)]
    assert table_of(report, "busiest").column("ins") == busiest
    assert all(count <= by_hour[day, hour] for day, hour, count in table_of(report, "busiest").rows)


def test_hours_of_the_week(told: tuple[Seeded, ByHand, Report]) -> None:
    _, hand, report = told
    if len(report.period) < 7:
        return
    table = table_of(report, "density")
    rows = [row for row in hand.counted() if row.day in report.period and row.came_in]
    truth = Counter((row.day.weekday(), row.hour.hour) for row in rows)
    weekdays = Counter(day.weekday() for day in report.period)
    of = 1 if len(report.period) == 7 else None
    assert cells(table, "weekday", "days") == [(number, weekdays[number]) for number in range(7)]
    seen = 0.0
    for row in table.rows:
        for column, cell in zip(table.columns[2:], row[2:], strict=True):
            assert cell == pytest.approx(truth[row[0], int(column.key)] / (of or weekdays[row[0]]))
            seen += cell * (of or weekdays[row[0]])
    assert seen == pytest.approx(len(rows)), "an hour is missing"


def test_stays(told: tuple[Seeded, ByHand, Report]) -> None:
    _, hand, report = told
    lengths = hand.lasted_s(report.period)
    table = table_of(report, "stay_lengths")
    bands = [0, 1, 2, 4, 8, 16, 32, 64]
    counts = Counter(max(band for band in bands if band * 60 <= int(lasted)) for lasted in lengths)
    assert cells(table, "band", "stays") == [(band, counts[band]) for band in bands]
    assert table.column("share") == [pytest.approx(counts[band] / len(lengths)) for band in bands]
    compared = table_of(report, "compared")
    assert compared.column("stays")[0] == len(lengths)
    halved(replace(compared, rows=compared.rows[:1]), "median_s", [lengths])
    zones = table_of(report, "zones")
    for camera, zone, number, mean_s, middle, long_s in zones.rows:
        some = hand.lasted_s(report.period, Scope(camera=camera, zone=zone))
        assert (number, mean_s) == (len(some), pytest.approx(mean(some)))
        assert lies_at(middle, some, 0.5)
        assert lies_at(long_s, some, 0.9)
    assert {row[1] for row in zones.rows} == {"window", "shelves", "counter"}
    for camera, number, *_ in table_of(report, "exits").rows:
        assert number == len(hand.lasted_s(report.period, Scope(camera=camera)))


def test_lines_and_drift(told: tuple[Seeded, ByHand, Report]) -> None:
    shop, hand, report = told
    rows = [row for row in hand.rows if row.day in report.period]
    counts = Counter((row.camera, row.line, row.door, row.came_in) for row in rows)
    names = {key[:3] for key in counts}
    found = cells(table_of(report, "lines"), "camera", "line", "door", "ins", "outs")
    assert {row[:3]: row[3:] for row in found} == {
        name: (counts[(*name, True)], counts[(*name, False)]) for name in names
    }
    ins, outs = hand.by_day()
    changes = {
        (date.fromisoformat(day), reason): change
        for day, reason, change in shop.sql(
            "SELECT site_day(seq, at_ms), reason, sum(change) FROM correction GROUP BY 1, 2"
        )
    }
    drift = table_of(report, "drift")
    assert sum(drift.column("ins")) == sum(ins[day] for day in report.period)
    corrected = 0
    for day, came, went, part, *corrections in drift.rows:
        assert (came, went) == (ins[day], outs[day])
        assert part == (abs(came - went) / came if came else None)
        corrected += sum(corrections)
    assert corrected == sum(change for (day, _), change in changes.items() if day in report.period)


def test_what_it_is_compared_with(shops: dict[str, Seeded]) -> None:
    shop = shops["day"]
    hand = by_hand(shop)
    ins, outs = hand.by_day()
    report = report_of(shop, parse_period("2026-10"))
    before, now = parse_period("2026-09"), parse_period("2026-10")
    came, earlier = (sum(ins[day] for day in period) for period in (now, before))
    out = left_out(shop, Period(hand.first, now.last))
    usual = {day: hand.usual(day, ins, out) for day in now}
    expected = sum(value for value in usual.values() if value is not None)
    of_them = sum(ins[day] for day, value in usual.items() if value is not None)
    rows = {row[0]: row for row in cells(table_of(report, "compared"), "which", "ins", "change", "outs")}
    assert rows["which.now"] == ("which.now", came, None, sum(outs[day] for day in now))
    assert rows["which.before"][1:3] == (earlier, came / earlier - 1)
    assert rows["which.usual"][1:3] == (round(expected), pytest.approx(of_them / expected - 1))
    assert "which.year" not in rows, "the records are younger"
    assert [card.value for card in report.cards] == [
        came, pytest.approx(came / sum(ins[day] > 0 for day in now)),
        pytest.approx(median(hand.lasted_s(now)), rel=0.035), max(n for day, _, n in hand.ledger if "2026-10" in day),
    ]  # fmt: skip
    with shop.reader() as reader:
        told = reader.compare(now, reader.fit_days(now, shop.opening))
    assert told.change_to_usual == pytest.approx(rows["which.usual"][2]), "as on the panel"
    notable = table_of(report, "notable")
    assert notable.rows
    for day, number, what, change in notable.rows:
        assert (number, what, change) == (ins[day], usual[day], pytest.approx(ins[day] / what - 1))


def test_a_time_without_power_is_no_measure(shops: dict[str, Seeded]) -> None:
    """The bar had no power on three evenings of the week before: more came than then, which says nothing."""
    report = report_of(shops["night"], parse_period("2026-W13"))
    assert [(one.key, one.values[0][2]) for one in report.headline if "off_" in one.key] == [("said.off_before", 3)]
    assert "before" not in str(report.headline[0]), "it is said nowhere on the first page"
    assert "before" not in str(report.cards)
    assert table_of(report, "compared").column("which") == ["which.now", "which.before", "which.usual"]
    without = report_of(shops["night"], parse_period("2026-W12"))
    assert [(one.key, one.values[0][2]) for one in without.headline][:2] == [
        ("said.alone", without.headline[0].values[0][2]), ("said.off_now", 3),
    ]  # fmt: skip
    assert not without.cards[0].beside
    later = report_of(shops["night"], parse_period("2026-W14"))
    assert "than.week_before" in str(later.headline[0])


@pytest.mark.parametrize("scope", SCOPES, ids=str)
def test_a_part_of_the_site(shops: dict[str, Seeded], scope: Scope) -> None:
    hand = by_hand(shops["day"])
    period = parse_period("2026-10")
    report = report_of(shops["day"], period, scope)
    ins, outs = hand.by_day(scope)
    days = table_of(report, "days")
    if scope.zone is None:
        assert cells(days, "ins", "outs") == [(ins[day], outs[day]) for day in period]
        assert sum(days.column("ins")) > 100
    else:
        assert not days.has("ins"), "nobody comes in by a zone"
    if scope.line is None:
        lengths = [hand.lasted_s([day], scope) for day in period]
        assert days.column("stays") == [len(some) for some in lengths]
        assert sum(map(len, lengths)) > 100
        halved(days, "median_s", lengths)
    else:
        assert not days.has("stays"), "nobody stays at a line"
    assert not days.has("peak"), "how many are inside is known of the whole only"
    assert not any(table.key == "drift" for table in report.tables())


def test_where_people_stood_and_walked(shops: dict[str, Seeded]) -> None:
    shop = shops["day"]
    period = Period(date(2026, 11, 23), date(2026, 11, 24))
    report = report_of(shop, period)
    winter = timezone(timedelta(hours=1))
    start, end = (round(datetime(2026, 11, day, tzinfo=winter).timestamp() * 1000) for day in (23, 25))
    for camera in ("door", "yard", "hall"):
        blobs = shop.sql(
            "SELECT columns, cells FROM heat JOIN subject ON id = heat.camera"
            " WHERE subject.camera = ? AND at_ms > ? AND at_ms <= ?", camera, start, end,
        )  # fmt: skip
        whole = sum(sum(unpack_cells(cells_)) for _, cells_ in blobs)
        table = table_of(report, "heat", camera)
        assert sum(cell for row in table.rows for cell in row) == pytest.approx(whole, rel=0.001)
    walks = shop.sql(
        "SELECT count(*) FROM walk JOIN subject ON id = walk.camera WHERE subject.camera = 'hall' AND at_ms >= ?"
        " AND at_ms < ?", start, end,
    )[0][0]  # fmt: skip
    routes = table_of(report, "routes")
    assert 0 < sum(routes.column("walks")) <= walks
    assert set(routes.column("camera")) == {"hall"}, "the others see no zones"
    assert not any(table.key == "routes" for table in report_of(shop, parse_period("2026-10")).tables())


def test_what_is_not_over_is_told_up_to_yesterday(shops: dict[str, Seeded]) -> None:
    """On a Thursday noon of a week: three days, beside as many of the week before."""
    ins, _ = by_hand(shops["day"]).by_day()
    week = parse_period("2026-W46")
    report = report_of(shops["day"], week, now=datetime(2026, 11, 12, 11, tzinfo=timezone.utc))
    assert (report.so_far, report.period) == (True, Period(date(2026, 11, 9), date(2026, 11, 11)))
    came, before = ([sum(ins[first + n * DAY] for n in range(3)) for first in (week.first, week.first - 7 * DAY)])
    assert table_of(report, "compared").column("ins")[:2] == [came, before]
    assert "said.so_far" in [said.key for said in report.headline]
    today = Period(date(2026, 11, 12), date(2026, 11, 12))
    assert report_of(shops["day"], today, now=datetime(2026, 11, 12, 11, tzinfo=timezone.utc)).period == today


def test_what_there_is_no_report_of(shops: dict[str, Seeded]) -> None:
    for period, sentence in (("2026-12-25", "still to come"), ("2026-05", "begin on 2026-08")):
        with pytest.raises(InputError, match=sentence):
            report_of(shops["day"], parse_period(period))


def test_sales_are_told_where_they_are_known(shops: dict[str, Seeded]) -> None:
    shop, period = shops["day"], parse_period("2026-W43")
    ins, _ = by_hand(shop).by_day()

    def sold(some: Period) -> Sales | None:
        return Sales(10 * len(some), 250.0 * len(some)) if date(2026, 10, 20) not in some or len(some) > 1 else None

    with shop.reader() as source:
        report = gather(source, replace(asked(shop, period), sales=sold))
        part = gather(source, replace(asked(shop, period, Scope(camera="yard")), sales=sold))
    assert cells(table_of(report, "days"), "receipts", "amount", "conversion") == [
        (None, None, None) if day == date(2026, 10, 20) else (10, 250.0, 10 / ins[day] if ins[day] else None)
        for day in period
    ]
    card = next(card for card in report.cards if card.key == "conversion")
    assert card.value == 70 / sum(ins[day] for day in period)
    assert not any(table.has("receipts") for table in [*part.tables(), *report_of(shop, period).tables()])


def test_a_site_without_anybody_all_week_is_told_so(shops: dict[str, Seeded]) -> None:
    """A Sunday: nobody came, and nothing is divided by that."""
    report = report_of(shops["day"], Period(date(2026, 11, 15), date(2026, 11, 15)))
    assert report.cards[0].value == 0
    assert table_of(report, "compared").column("ins")[0] == 0
    assert report.scope == SITE_WIDE


@pytest.fixture(scope="module")
def two_years(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Counter[date]]:
    """On every day of two years as many came in as it says, one of them leap."""
    path = tmp_path_factory.mktemp("years") / "acm.db"
    store = Box(path, clock=datetime(2027, 7, 1, tzinfo=timezone.utc), uptime_s=0.0).start()
    came = Counter({date(2027, 7, 1) + n * DAY: (n * 7) % 5 for n in range(730)})
    noons = [((day - date(2027, 7, 1)).days * 86400.0 + 43200.0 + late) for day in came for late in range(came[day])]
    store.append([Crossing(at_s, "door", "entrance", Direction.IN) for at_s in noons])
    store.close()
    return path, came


def test_a_year_ago(two_years: tuple[Path, Counter[date]]) -> None:
    """Months are compared with the same dates, a whole February with a whole one, weeks with 52 weeks before."""
    path, came = two_years

    def gathered(text: str) -> Report:
        with StatisticsReader(path) as source:
            return gather(source, Asked(parse_period(text), datetime(2030, 1, 1, tzinfo=timezone.utc)))

    def summed(first: date, last: date) -> int:
        return sum(came[day] for day in Period(first, last))

    report = gathered("2028-08-01..2029-02-28")
    months = table_of(report, "months")
    assert months.column("year_ago") == [
        *(summed(date(2027, month, 1), date(2027, month + 1, 1) - DAY) for month in range(8, 12)),
        summed(date(2027, 12, 1), date(2027, 12, 31)), summed(date(2028, 1, 1), date(2028, 1, 31)),
        summed(date(2028, 2, 1), date(2028, 2, 29)),
    ]  # fmt: skip
    weeks = table_of(report, "weeks")
    first, second = weeks.column("year_ago")[:2]
    assert first == summed(date(2028, 8, 1) - 364 * DAY, date(2028, 8, 6) - 364 * DAY), "from a Tuesday on"
    assert second == summed(date(2028, 8, 7) - 364 * DAY, date(2028, 8, 13) - 364 * DAY)
    compared = {row[0]: row[3] for row in table_of(report, "compared").rows}
    assert compared["which.year"] == summed(date(2027, 8, 1), date(2028, 2, 29))
    february = {row[0]: row[3] for row in table_of(gathered("2029-02"), "compared").rows}
    assert february["which.before"] == summed(date(2029, 1, 1), date(2029, 1, 31)), "all of the longer January"
    assert february["which.year"] == summed(date(2028, 2, 1), date(2028, 2, 29))
    assert not table_of(gathered("2027-08"), "weeks").has("year_ago"), "the records are younger"
