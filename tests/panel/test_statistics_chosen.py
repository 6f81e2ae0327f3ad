"""What an address of the statistics asks for, and the tables that are taken away from them."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, timedelta, timezone
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.analytics.periods import Period, Unit
from edge.analytics.told import SITE_WIDE, Scope
from edge.panel.pages.statistics.chosen import FIRST, LAST, MOST_DAYS, Against, Chosen, Span
from edge.panel.pages.statistics.routes import file_name
from edge.panel.pages.statistics.table import Day, Lasting, Share, Table, plain, shown
from edge.panel.words import Languages

TODAY = date(2026, 11, 25)
NAMES = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=20)
KEYS = ("span", "day", "from", "to", "camera", "line", "zone", "against", "site")
DAYS = st.dates(FIRST, LAST)


def of(query: str, today: date = TODAY, week_starts: int = 0) -> Chosen:
    return Chosen.of(dict(parse_qsl(query)), today, week_starts)


def test_without_days_it_is_the_present_week_beside_the_one_before() -> None:
    chosen = of("")
    assert chosen.period == Period(date(2026, 11, 23), date(2026, 11, 29))
    assert (chosen.span, chosen.unit, chosen.scope, chosen.against) == (Span.WEEK, Unit.DAY, SITE_WIDE, Against.BEFORE)
    assert chosen.other == Period(date(2026, 11, 16), date(2026, 11, 22))
    assert of("", week_starts=6).period == Period(date(2026, 11, 22), date(2026, 11, 28))


@given(
    span=st.sampled_from([span for span in Span if span is not Span.RANGE]), day=st.dates(date(2001, 1, 1), LAST),
    week_starts=st.sampled_from([0, 6]), against=st.sampled_from(Against), camera=st.none() | NAMES,
    line=st.none() | NAMES, zone=st.none() | NAMES, site=st.just("") | NAMES,
)  # fmt: skip
def test_what_is_chosen_comes_back_from_its_address(
    span: Span, day: date, week_starts: int, against: Against, camera: str | None, line: str | None, zone: str | None,
    site: str,
) -> None:  # fmt: skip
    chosen = of(f"span={span.value}&day={day}", week_starts=week_starts)
    scope = Scope(camera, None if zone else line, zone)
    chosen = Chosen(chosen.period, chosen.span, TODAY, scope, against, site, week_starts)
    assert of(chosen.query(), week_starts=week_starts) == chosen


@given(first=DAYS, days=st.integers(0, MOST_DAYS - 1))
def test_a_range_comes_back_from_its_address(first: date, days: int) -> None:
    last = min(LAST, first + timedelta(days=days))
    chosen = of(f"span=range&from={first}&to={last}")
    assert chosen.period == Period(first, last)
    assert of(chosen.query()) == chosen


@given(st.dictionaries(st.sampled_from(KEYS), st.text(max_size=30) | st.dates().map(str), max_size=9))
def test_any_address_gives_something_to_look_at(query: dict[str, str]) -> None:
    chosen = Chosen.of(query, TODAY, 0)
    assert FIRST <= chosen.period.first <= chosen.period.last <= LAST
    assert len(chosen.period) <= MOST_DAYS
    for other in (chosen.earlier(), chosen.later(), chosen.now(), *map(chosen.spanning, Span), chosen.late()):
        assert Chosen.of(dict(parse_qsl(other.query())), TODAY, 0) == other
    assert chosen.other is None or len(chosen.other) >= 1


@pytest.mark.parametrize(
    "query", ["span=range&from=2026-11-25&to=2026-11-24", "span=range&from=2000-01-01&to=2199-12-31", "day=1999-12-31",
              "span=range&from=2026-11-25", "day=20261125", "day=2026-W48-1", "span=year&day=2026-13-01"],
)  # fmt: skip
def test_what_is_wrong_with_the_days_gives_the_present_week(query: str) -> None:
    assert of(query).period == of("").period


@given(span=st.sampled_from(Span), day=st.dates(date(2002, 1, 1), date(2190, 1, 1)))
def test_earlier_and_later_lead_back_and_leave_no_day_out(span: Span, day: date) -> None:
    chosen = of(f"span={span.value}&day={day}&from={day}&to={day + timedelta(days=9)}")
    assert chosen.later().earlier() == chosen
    assert chosen.later().period.first == chosen.period.last + timedelta(days=1)


def test_a_long_range_is_told_by_coarser_parts() -> None:
    def unit(days: int) -> Unit:
        return of(f"span=range&from=2010-01-01&to={date(2010, 1, 1) + timedelta(days=days - 1)}").unit

    units = [unit(days) for days in (1, 2, 3, 100, 101, 400, 401, 5 * 366, 3700, 3701)]
    assert [one.value for one in units] == [
        "hour", "hour", "day", "day", "week", "week", "month", "month", "month", "year",
    ]  # fmt: skip


def test_a_file_is_made_as_programs_expect_it() -> None:
    rows = (
        ('=HYPERLINK("http://example.org")', -3, 0.5), ("@sum", Share(-0.125, signed=True), Lasting(3725.0)),
        ('say "hi", twice', date(2026, 11, 25), Day(date(2026, 3, 1))), ("two\nlines", None, 1234567),
        ("-1", datetime(2026, 11, 25, 9, 5, tzinfo=timezone.utc), 2.0), ("+49 30", "\tx", "plain"),
    )  # fmt: skip
    text = Table(("=1+1", "b", "c"), rows).csv()
    assert text.startswith("\ufeff")
    assert "\r\n" in text
    assert '"say ""hi"", twice"' in text
    read = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert read == [
        ["'=1+1", "b", "c"], ['\'=HYPERLINK("http://example.org")', "-3", "0.5"], ["'@sum", "-0.125", "1:02:05"],
        ['say "hi", twice', "2026-11-25", "2026-03-01"], ["two\nlines", "", "1234567"],
        ["'-1", "2026-11-25T09:05+00:00", "2"], ["'+49 30", "'\tx", "plain"],
    ]  # fmt: skip


@given(st.text(max_size=40))
def test_no_name_becomes_a_formula(name: str) -> None:
    assert not plain(name).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert plain(name).removeprefix("'") == name.removeprefix("'")


def test_cells_are_told_in_words() -> None:
    german = Languages().get("de")
    cells = (None, 1234, 12.5, 12.0, Share(0.125), Share(-0.18, signed=True), Lasting(720.0), Day(TODAY), "Tür")
    assert [shown(german, cell) for cell in cells] == [
        "\N{EN DASH}", "1.234", "12,5", "12", "12 %", "\N{MINUS SIGN}18 %", "12 min", "Mi 25. Nov 2026", "Tür",
    ]  # fmt: skip


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_files_name_is_one_that_every_system_takes(site: str, name: str) -> None:
    made = file_name(site, name)
    assert made
    assert all(letter.isascii() and (letter.isalnum() or letter == "-") for letter in made)


def test_a_files_name_keeps_what_can_be_read() -> None:
    assert file_name('Café "Zur Öse" / ../../etc', "visitors") == "cafe-zur-ose-etc-visitors"
    assert file_name("日本", "") == "statistics"
