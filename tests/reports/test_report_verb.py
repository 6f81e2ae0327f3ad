"""``acm report``: the last week by itself or any days, whole files or none, and each mistake told in a sentence."""

from __future__ import annotations

import json
import shutil
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING

import openpyxl
import pytest
from report_kit import by_hand

from edge.analytics.periods import Period
from edge.app.report import ReportAsk, asked_period, made
from edge.app.run import RunAsk
from edge.cli import main
from edge.config.load import config_from
from edge.core.calendar import day_number
from edge.core.errors import InputError
from edge.storage.panel.store import NAME, PanelStore

if TYPE_CHECKING:
    from pathlib import Path

    from seeded_kit import Seeded

NOW = datetime(2026, 11, 25, 8, tzinfo=timezone.utc)
WEEK = Period(date(2026, 11, 16), date(2026, 11, 22))


@pytest.fixture(scope="module")
def box(shops: dict[str, Seeded], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A box's folder with settings, records, and a panel's notes."""
    folder = tmp_path_factory.mktemp("box")
    shop = shops["day"]
    settings = f'{shop.shop.settings()}\n[reports]\nlanguage = "de"\n'
    (folder / "acm.toml").write_text(settings, encoding="utf-8")
    shutil.copy(shop.path, folder / "records.db")
    (folder / "panel").mkdir()
    with PanelStore(folder / "panel" / NAME) as store:
        store.notes.add(date(2026, 11, 18), date(2026, 11, 18), "weather", "Glatteis", "owner")
        store.notes.add(date(2026, 11, 1), date(2026, 11, 2), "other", "lange davor", "owner")
        began = day_number(date(2026, 11, 10)) * 86_400_000
        found = {"hits": 97, "n": 100, "value": 0.97, "low": 0.92, "high": 0.99}
        store.count_alongs.add(
            began, began + 600_000, camera="", line="", taps=(), counted=(), result={"found": found}, made_by="owner"
        )
    return folder


def run(box: Path, *words: str) -> int:
    return main(["report", *words, "--config", str(box / "acm.toml"), "--state", str(box)])


def test_a_week_in_two_forms(
    box: Path, tmp_path: Path, shops: dict[str, Seeded], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--period", "week", "--date", "2026-W47", "--format", "xlsx,json", "-o", str(tmp_path / "new"))
    assert run(box, *words) == 0
    paths = [tmp_path / "new" / f"report-2026-W47.{form}" for form in ("xlsx", "json")]
    assert capsys.readouterr().out == "".join(f"{path}\n" for path in paths)
    assert sorted((tmp_path / "new").iterdir()) == sorted(paths), "nothing half is left"
    ins, _ = by_hand(shops["day"]).by_day()
    told = json.loads(paths[1].read_text(encoding="utf-8"))
    assert told["figures"]["ins"] == sum(ins[day] for day in WEEK)
    assert (told["language"], told["site"]) == ("de", "The seeded shop"), "the language of the settings"
    notes = next(table for table in told["tables"] if table["key"] == "remarks")["rows"]
    assert notes == [["2026-11-18", "2026-11-18", "Glatteis"]], "that of another week is none of its"
    first = openpyxl.load_workbook(paths[0]).worksheets[0]
    texts = [str(row[0].value) for row in first.iter_rows()]
    assert any("97 %" in text and "10. November 2026" in text for text in texts), "the last count by hand"


def test_what_it_says_for_programs(box: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scope = ("--scope", "camera=hall", "--scope", "zone=counter")
    words = ("--date", "2026-11-19", "--format", "csv", "-o", str(tmp_path), "--language", "en", "--json")
    assert run(box, *words, *scope) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["paths"] == [str(tmp_path / "report-2026-11-19-hall-counter-csv.zip")]
    assert told["title"] == "The seeded shop · Thursday, 19 November 2026 · Camera hall, Zone counter"
    assert "stayed in the zone" in told["sentences"][0]


def test_a_panel_that_may_not_be_read_costs_only_its_notes(box: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.db").write_bytes(b"this is no database" * 100)
    ask = ReportAsk(RunAsk(box / "acm.toml", box), WEEK, ("json",), tmp_path, now=NOW, panel=tmp_path / "broken.db")
    told = json.loads(made(ask).paths[0].read_text(encoding="utf-8"))
    assert not any(table["key"] == "remarks" for table in told["tables"])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--period", "fortnight"), "--period: there is no 'fortnight'"),
        (("--date", "2026-11-31"), "--date: '2026-11-31' is no period"),
        (("--date", "2026-W47", "--period", "month"), "is not one month; leave out --period"),
        (("--date", "9999"), "is not within 1970 to 2200"),
        (("--date", "2199"), "2199-01-01 is still to come"),
        (("--date", "2025-06"), "they begin on 2026-08"),
        (("--format", "pdf,doc"), "--format: there is no 'doc'"),
        (("--format", ""), "--format: there is no ''"),
        (("--language", "xx"), "--language: there is no 'xx'; there are de, en, tr"),
        (("--scope", "zone=windo", "--date", "2026-W47"), "there is no zone 'windo'; did you mean window?"),
        (("--scope", "till", "--date", "2026-W47"), "'till' will not do"),
        (("--scope", "room=till", "--date", "2026-W47"), "there is no 'room'"),
        (("--scope", "zone=window", "--scope", "zone=shelves"), "name each kind once"),
        (("--date", "2026-W47", "-o", "{box}/acm.toml"), "acm.toml is no folder"),
        (("--date", "2026-W47", "-o", "{box}/not/there"), "there is no folder"),
        (("--date", "2026-W47", "--file", "{box}/none.db"), "there are no records"),
        (("--date", "2026-W47", "--file", "{box}/acm.toml"), "acm.toml"),
    ],
)
def test_a_mistake_is_told_in_one_sentence(
    box: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], sentence: str
) -> None:
    where = () if "-o" in words else ("-o", str(tmp_path))
    assert run(box, *(word.format(box=box) for word in words), *where) == 2
    told = capsys.readouterr()
    assert sentence in told.err
    assert told.err.startswith("acm: ")
    assert told.err.count("\n") == 1
    assert told.out == ""
    assert list(tmp_path.iterdir()) == []


def test_records_nobody_was_counted_in(box: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from storage_kit import Box  # noqa: PLC0415 - used here alone

    Box(tmp_path / "acm.db", clock=NOW, uptime_s=0.0).start().close()
    assert run(box, "--date", "2026-W47", "--file", str(tmp_path / "acm.db"), "-o", str(tmp_path)) == 2
    assert "Nobody has been counted yet" in capsys.readouterr().err


def test_a_full_disk_leaves_the_report_of_before(box: Path, tmp_path: Path) -> None:
    """The second file cannot be written: the first is whole, and of the second the old one is still there."""
    (tmp_path / "report-2026-W47.json").mkdir()
    ask = ReportAsk(RunAsk(box / "acm.toml", box), WEEK, ("csv", "json"), tmp_path, now=NOW)
    with pytest.raises(InputError, match="is a folder; name a file in it"):
        made(ask)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report-2026-W47-csv.zip", "report-2026-W47.json"]


@pytest.mark.parametrize(
    ("unit", "when", "starts", "first", "last"),
    [
        ("", "", "monday", "2026-11-16", "2026-11-22"), ("", "", "sunday", "2026-11-15", "2026-11-21"),
        ("day", "", "monday", "2026-11-24", "2026-11-24"), ("month", "", "monday", "2026-10-01", "2026-10-31"),
        ("year", "", "monday", "2025-01-01", "2025-12-31"),
        ("week", "2026-11-25", "monday", "2026-11-23", "2026-11-29"),
        ("week", "2026-11-25", "sunday", "2026-11-22", "2026-11-28"),
        ("", "2026-W47", "sunday", "2026-11-15", "2026-11-21"),
        ("week", "2026-W47", "sunday", "2026-11-15", "2026-11-21"),
        ("month", "2026-11", "monday", "2026-11-01", "2026-11-30"),
        ("", "2026-11-03..2026-11-09", "monday", "2026-11-03", "2026-11-09"),
    ],
)  # fmt: skip
def test_which_days_are_meant(unit: str, when: str, starts: str, first: str, last: str) -> None:
    config = config_from(f'[site]\ntime_zone = "Europe/Berlin"\nweek_starts = "{starts}"\n', "acm.toml")
    period = Period(date.fromisoformat(first), date.fromisoformat(last))
    assert asked_period(unit, when, config, NOW) == period
