"""Seeded records are sound, alike for the same seed, as the shop's hours say; the forecast is judged by them."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest
from seeded_kit import DOORS, Seeded
from storage_kit import figures_differing

from edge.analytics.whatif import Look, what_if
from edge.cli import main
from edge.core.model import Tripwire
from edge.core.timekeeping import from_ms
from edge.storage.care import check
from edge.storage.statistics.reader import StatisticsReader
from tools.seed import LINES, Shop, seed

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


def test_sound_and_its_figures_are_those_of_the_rows(shop: Seeded) -> None:
    assert check(shop.path).sound
    assert figures_differing(shop.path) == 0


def test_the_same_seed_makes_the_same_shop(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("one.db", "two.db", "other.db")]
    rows = [seed(path, Shop(years=0.02, people=50, seed=1 + (path is paths[2]))) for path in paths]
    shops = [Seeded(Shop(), path) for path in paths]
    table = [shop.sql("SELECT seq, at_ms, line, direction FROM crossing") for shop in shops]
    for shop in shops:
        shop.plain.close()
    assert rows[0] == rows[1]
    assert table[0] == table[1] != table[2]


def test_nobody_comes_while_it_is_closed(shop: Seeded) -> None:
    if shop.shop.moved is not None:
        return
    days = [date.fromisoformat(row[0]) for row in shop.sql("SELECT DISTINCT site_day(seq, at_ms) FROM crossing")]
    closed = [day for day in days if not shop.opening.opening(day)]
    assert not closed
    out = shop.sql(f"SELECT sum(direction = 0), sum(direction = 1) FROM crossing WHERE {DOORS}")[0]  # noqa: S608 - ours
    assert out[0] == pytest.approx(out[1], rel=0.02)


def test_walks_lead_through_the_door_as_they_were_counted(shops: dict[str, Seeded]) -> None:
    shop = shops["day"]
    (_, y) = LINES["door", "entrance"]
    with StatisticsReader(shop.path) as reader:
        end = reader.recorded()
        assert end is not None
        ways = reader.ways("door", *(_midnight(shop, day) for day in (end.last, shop.shop.until)))
    found = what_if(ways, Tripwire("entrance", (0.1, y), (0.9, y)), Look())
    truth = shop.sql(
        "SELECT sum(direction = 0), sum(direction = 1) FROM crossing JOIN subject ON id = line"
        " WHERE name = 'entrance' AND site_day(seq, at_ms) = ?",
        end.last.isoformat(),
    )[0]
    assert (found.ins, found.outs) == truth


def _midnight(shop: Seeded, day: date) -> datetime:
    return from_ms(shop.shop.site(day).start_ms(day))


def test_settings_fit_and_the_forecast_beats_last_week(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop, settings, path = Shop(years=1.0, people=60), tmp_path / "acm.toml", tmp_path / "year.db"
    settings.write_text(shop.settings(), encoding="utf-8")
    seed(path, shop)
    words = ["bench", "forecast", "--file", str(path), "--config", str(settings), "--state", str(tmp_path)]
    assert main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["days"] > 250
    assert told["ratio"] < 0.85
    assert told["fair_ratio"] < 0.95
    assert told["hour_error"] < told["naive_hour_error"]
    assert 0.7 < told["held"] < 0.92
    assert main(words) == 0
    assert "same as last week" in capsys.readouterr().out


def test_a_box_without_records_has_nothing_to_judge(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings, path = tmp_path / "acm.toml", tmp_path / "young.db"
    settings.write_text(Shop().settings(), encoding="utf-8")
    seed(path, Shop(years=0.02, people=20))
    words = ["bench", "forecast", "--file", str(path), "--config", str(settings), "--state", str(tmp_path)]
    assert main(words) == 1
    assert "there are no 28 days of records yet" in capsys.readouterr().err
