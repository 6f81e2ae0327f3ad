"""What the sheets on visitors and the hours of the week show is what plain SQL and plain counting give."""

from __future__ import annotations

import asyncio
import csv
import io
from collections import Counter
from datetime import date, timedelta
from statistics import median
from typing import TYPE_CHECKING

import pytest
from panel.box import Box, box
from seeded_kit import DOORS

from edge.core.errors import InputError
from edge.panel.actions import NotAllowedError
from edge.panel.actions_notes import Noting, Written
from edge.panel.auth.rights import Right, Role
from edge.panel.auth.visitor import Visitor
from edge.panel.pages.statistics.marks import marks_between
from edge.panel.pages.statistics.sheet import asked
from edge.panel.pages.statistics.sheets import SHEETS
from edge.panel.pages.statistics.table import Day, Share
from edge.panel.words import Languages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from seeded_kit import Seeded

    from edge.analytics.periods import Period
    from edge.panel.pages.statistics.figure import Figure

SPOKEN = Languages()
TODAY = date(2026, 11, 25)
OCTOBER = "span=month&day=2026-10-01"


@pytest.fixture(scope="module")
def seen(shops: dict[str, Seeded], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """The panel of the shop that is open by day, the day after its records end."""
    folder, shop = tmp_path_factory.mktemp("visitors"), shops["day"]
    (folder / "records.db").symlink_to(shop.path)
    with box(folder, shop.shop.settings()) as made:
        yield made


@pytest.fixture
def day_shop(shops: dict[str, Seeded]) -> Seeded:
    return shops["day"]


def sheet(seen: Box, name: str, query: str, language: str = "en") -> dict[str, Figure]:
    told = dict(part.split("=") for part in query.split("&") if part)
    found = next(one for one in SHEETS if one.name == name)
    ask = asked(seen.panel, SPOKEN.get(language), told, found)
    return {figure.name: figure for figure in asyncio.run(found.figures(ask))}


def counts(shop: Seeded, first: date, last: date, where: str = DOORS) -> dict[str, tuple[int, int]]:
    """In and out of each day by the rows."""
    rows = shop.sql(
        "SELECT site_day(seq, at_ms) AS day, sum(direction = 0), sum(direction = 1) FROM crossing "  # noqa: S608 - ours
        f"WHERE {where} GROUP BY day HAVING day BETWEEN ? AND ?", first.isoformat(), last.isoformat(),
    )  # fmt: skip
    return {day: (ins, outs) for day, ins, outs in rows}


def days(first: date, number: int) -> list[date]:
    return [first + timedelta(days=more) for more in range(number)]


def test_in_and_out_day_by_day_and_their_sums(seen: Box, day_shop: Seeded) -> None:
    truth = counts(day_shop, date(2026, 10, 1), date(2026, 10, 31))
    found = sheet(seen, "visitors", f"{OCTOBER}&against=none")
    rows = {row[0].day.isoformat(): row[1:3] for row in found["visitors"].table.rows if isinstance(row[0], Day)}
    assert len(rows) == 31
    assert rows == {day.isoformat(): truth.get(day.isoformat(), (0, 0)) for day in days(date(2026, 10, 1), 31)}
    told = dict(found["summary"].table.rows)
    assert told["Came in"] == sum(ins for ins, _ in truth.values())
    assert told["Went out"] == sum(outs for _, outs in truth.values())
    assert told["Days with people"] == len(truth)
    assert str(told["Came in"]) in found["visitors"].said.replace(",", "")


AT_THE_DOOR = f"{DOORS} AND line IN (SELECT id FROM subject WHERE camera = 'door')"  # noqa: S608 - ours
AT_THE_TILL = "line IN (SELECT id FROM subject WHERE kind = 'line' AND name = 'till')"


@pytest.mark.parametrize(
    ("query", "where"), [("camera=door", AT_THE_DOOR), ("camera=hall&line=till", AT_THE_TILL)]
)
def test_a_camera_and_a_line_have_figures_of_their_own(seen: Box, day_shop: Seeded, query: str, where: str) -> None:
    truth = counts(day_shop, date(2026, 10, 1), date(2026, 10, 31), where)
    found = sheet(seen, "visitors", f"{OCTOBER}&{query}")
    told = dict(found["summary"].table.rows)
    assert (told["Came in"], told["Went out"]) == tuple(map(sum, zip(*truth.values(), strict=True)))
    assert told["Most inside"] is None, "how many are inside is known of the whole shop only"
    assert "lines" not in found


def test_the_period_before_lies_beside_it_place_by_place(seen: Box, day_shop: Seeded) -> None:
    now, other = (counts(day_shop, first, first + timedelta(days=6))
                  for first in (date(2026, 11, 16), date(2026, 11, 9)))  # fmt: skip
    found = sheet(seen, "visitors", "span=week&day=2026-11-16&against=before")
    beside = [row[3] for row in found["visitors"].table.rows]
    assert beside == [other.get(day.isoformat(), (0, 0))[0] for day in days(date(2026, 11, 9), 7)]
    ins, before = (sum(one[0] for one in some.values()) for some in (now, other))
    told = dict(found["summary"].table.rows)
    assert (told["In, of the days compared"], told["In, of the other days"]) == (ins, before)
    assert told["Change"] == Share(ins / before - 1)
    percent = f"{abs(ins / before - 1) * 100:.0f}%"
    assert f"{ins:,}" in found["summary"].said
    assert percent in found["summary"].said
    assert f"{before:,}" in found["summary"].said


def test_of_a_week_that_is_not_over_only_whole_days_are_compared(seen: Box, day_shop: Seeded) -> None:
    now, other = (counts(day_shop, first, first + timedelta(days=1))
                  for first in (date(2026, 11, 23), date(2026, 11, 16)))  # fmt: skip
    told = dict(sheet(seen, "visitors", "")["summary"].table.rows)
    assert told["In, of the days compared"] == sum(one[0] for one in now.values())
    assert told["In, of the other days"] == sum(one[0] for one in other.values())


def test_of_today_the_hours_that_are_over_are_compared(seen: Box, day_shop: Seeded) -> None:
    truth = day_shop.sql(
        f"SELECT count(*) FROM crossing WHERE {DOORS} AND direction = 0 AND site_day(seq, at_ms) = '2026-11-24' "  # noqa: S608 - ours
        "AND site_hour(seq, at_ms) < '2026-11-24T13'"
    )[0][0]
    told = dict(sheet(seen, "visitors", "span=day&day=2026-11-25")["summary"].table.rows)
    assert (told["In, of the days compared"], told["In, of the other days"]) == (0, truth)
    assert truth > 0


def test_beside_what_is_usual(seen: Box, day_shop: Seeded) -> None:
    off = {day for first, number in day_shop.shop.gaps for day in days(first, number)}
    fit = lambda day: day not in off and not day_shop.opening.is_holiday(day)  # noqa: E731 - said once
    daily = counts(day_shop, day_shop.shop.first, day_shop.shop.until)
    found = sheet(seen, "visitors", "span=week&day=2026-11-16&against=usual")
    for row, day in zip(found["visitors"].table.rows, days(date(2026, 11, 16), 7), strict=True):
        back = [day - timedelta(days=7 * weeks) for weeks in range(1, 27)]
        eight = [daily.get(one.isoformat(), (0, 0))[0] for one in back if one >= day_shop.shop.first and fit(one)][:8]
        assert row[3] == median(eight), day


def test_a_year_ago_is_nothing_where_the_records_do_not_go_back_so_far(seen: Box) -> None:
    found = sheet(seen, "visitors", "span=week&day=2026-11-16&against=year")
    assert "Change" not in dict(found["summary"].table.rows)
    assert len(found["visitors"].table.columns) == 3


def test_the_busiest_hours_and_the_lines(seen: Box, day_shop: Seeded) -> None:
    hours = Counter(
        dict(day_shop.sql(
            f"SELECT site_hour(seq, at_ms), count(*) FROM crossing WHERE {DOORS} AND direction = 0 "  # noqa: S608 - ours
            "AND site_day(seq, at_ms) BETWEEN '2026-10-01' AND '2026-10-31' GROUP BY 1"
        ))
    )  # fmt: skip
    found = sheet(seen, "visitors", OCTOBER)
    rows = found["busiest"].table.rows
    assert [row[2] for row in rows] == [number for _, number in hours.most_common(10)]
    for day, clock, number in rows:
        assert isinstance(day, Day)
        assert any(at.startswith(f"{day.day}T{str(clock)[:2]}") and hours[at] == number for at in hours)
    lines = {row[0]: row[2:] for row in found["lines"].table.rows}
    truth = day_shop.sql(
        "SELECT camera || ' · ' || name, sum(direction = 0), sum(direction = 1) FROM crossing JOIN subject "
        "ON subject.id = crossing.line WHERE site_day(seq, at_ms) BETWEEN '2026-10-01' AND '2026-10-31' GROUP BY 1"
    )
    assert lines == {name: (ins, outs) for name, ins, outs in truth}


def test_what_is_expected_has_a_band_and_a_table(seen: Box) -> None:
    found = sheet(seen, "visitors", "")
    coming = [(row[0].day, *row[1:]) for row in found["coming"].table.rows if isinstance(row[0], Day)]
    assert [day for day, *_ in coming] == days(TODAY + timedelta(days=1), 7)
    for day, value, low, high in coming:
        assert low <= value <= high
        assert (value == 0) == (day.weekday() == 6), "closed on Sundays"
    hours = found["coming-hours"].table
    for (_, value, *_), row in zip(coming, hours.rows, strict=True):
        assert sum(float(str(cell)) for cell in row[1:]) == pytest.approx(float(str(value)), abs=1.0)
    # In the chart of the week only today and what is to come is expected.
    shown = {row[0].day: row[-3] for row in found["visitors"].table.rows if isinstance(row[0], Day)}
    assert [day for day, value in shown.items() if value is not None] == days(TODAY, 4)
    assert "coming" not in sheet(seen, "visitors", OCTOBER)


def test_hours_of_the_week_are_means_over_its_weekdays(seen: Box, day_shop: Seeded) -> None:
    table = sheet(seen, "hours", OCTOBER)["hours-out"].table
    truth = Counter(
        (date.fromisoformat(day).weekday(), int(at[11:13]))
        for day, at in day_shop.sql(
            f"SELECT site_day(seq, at_ms), site_hour(seq, at_ms) FROM crossing WHERE {DOORS} AND direction = 1 "  # noqa: S608 - ours
            "AND site_day(seq, at_ms) BETWEEN '2026-10-01' AND '2026-10-31'"
        )
    )  # fmt: skip
    often = Counter(day.weekday() for day in days(date(2026, 10, 1), 31))
    assert [row[0] for row in table.rows] == [SPOKEN.get("en").weekday(number) for number in range(7)]
    for weekday, row in enumerate(table.rows):
        for column, cell in zip(table.columns[1:], row[1:], strict=True):
            assert cell == round(truth[weekday, int(column[:2])] / often[weekday], 1)


def test_the_file_is_the_table_and_only_for_who_may_see_it(seen: Box) -> None:
    owner = seen.signed_in("Olga")
    answer = owner.get("/statistics/visitors/visitors.csv?span=month&day=2026-10-01&against=none")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    named = 'attachment; filename="the-seeded-shop-visitors-2026-10-01-2026-10-31.csv"'
    assert answer.headers["content-disposition"] == named
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    table = sheet(seen, "visitors", f"{OCTOBER}&against=none")["visitors"].table
    assert rows[1:] == [[row[0].day.isoformat(), str(row[1]), str(row[2])] for row in table.rows
                        if isinstance(row[0], Day)]  # fmt: skip
    assert [owner.get(f"/statistics/{path}").status_code for path in ("no/a.csv", "visitors/no.csv")] == [404, 404]
    assert seen.browser().get("/statistics/visitors/visitors.csv").status_code in (303, 401)


def test_every_sheet_says_everything_in_every_language(seen: Box) -> None:
    for language in ("en", "de", "tr"):
        for query in ("", OCTOBER, "span=day&day=2026-11-24&against=usual", "span=year&day=2026-01-01"):
            for name in ("visitors", "hours"):
                for figure in sheet(seen, name, query, language).values():
                    assert figure.said, (name, figure.name)
                    assert "statistics." not in f"{figure.title} {figure.said} {figure.note} {figure.table.columns}"
                    assert "statistics." not in str(figure.tiles)


def test_notes_are_kept_changed_and_removed_by_who_may(seen: Box, day_shop: Seeded) -> None:
    seen.user("Tom", Role.TECHNICIAN)
    noting = Noting(seen.panel)
    tom, vera = (Visitor(name, role.rights, "here") for name, role in (("Tom", Role.TECHNICIAN), ("V", Role.VIEWER)))
    written = Written(date(2026, 10, 30), date(2026, 11, 2), "weather", "<b>Storm</b>")

    async def done() -> None:
        await noting.add(tom, written)
        with pytest.raises(NotAllowedError):
            await noting.add(vera, written)
        (note,) = seen.panel.store.notes.between(date(2026, 11, 1), date(2026, 11, 1))
        assert (note.text, note.made_by) == ("<b>Storm</b>", "Tom")
        await noting.change(tom, note.id, Written(note.first, note.first, "other", "Street party"))
        marks = await marks_between(seen.panel, asked_period(seen), day_shop.opening)
        assert [(mark.number, mark.text) for mark in marks] == [(1, ""), (2, "Street party")], "3 October is a holiday"
        with pytest.raises(NotAllowedError):
            await noting.remove(vera, note.id)
        await noting.remove(tom, note.id)
        with pytest.raises(InputError, match="not there any more"):
            await noting.remove(tom, note.id)

    asyncio.run(done())
    told = [change.what for change in seen.panel.store.audit.latest(3)]
    assert told == ["note-removed", "note-changed", "note-added"]


def asked_period(seen: Box) -> Period:
    found = next(one for one in SHEETS if one.name == "visitors")
    return asked(seen.panel, SPOKEN.get("en"), {"span": "month", "day": "2026-10-01"}, found).chosen.period


@pytest.mark.parametrize(
    ("first", "last", "kind", "text"),
    [("2026-10-02", "2026-10-01", "other", "backwards"), ("2026-10-01", "2027-10-02", "other", "too long"),
     ("2026-10-01", "2026-10-01", "party", "no such kind"), ("2026-10-01", "", "other", "   "),
     ("2026-10-01", "", "other", "x" * 201), ("soon", "", "other", "no day"), ("1999-10-01", "", "other", "long ago")],
)  # fmt: skip
def test_what_is_no_note_is_refused_in_a_sentence(first: str, last: str, kind: str, text: str) -> None:
    with pytest.raises(InputError, match=r"^Say it right\.$"):
        Written.read(first, last, kind, text, "Say it right.")


def test_only_who_may_note_may_note() -> None:
    assert [Right.NOTE in role.rights for role in (Role.VIEWER, Role.TECHNICIAN, Role.OWNER)] == [False, True, True]
