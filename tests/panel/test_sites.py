"""How devices are judged, how a site's day and week are told beside others, and that nothing is ever changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from panel.hub_window_kit import life
from shipping_kit import known

from edge.config.change import Edit
from edge.config.hub_panel import HubPanelTable
from edge.core.clock import SystemClock
from edge.core.errors import InputError
from edge.core.shipment import Standing
from edge.core.timekeeping import to_ms
from edge.panel.health import Level
from edge.panel.pages.statistics.table import plain
from edge.panel.sites.judging import judged, lasting
from edge.panel.sites.looking import Sites
from edge.panel.sites.settings import HubSettings
from edge.panel.sites.tables import devices_table, sites_table
from edge.panel.words import Languages
from edge.storage.hub.reader import DeviceStanding, HubReader
from edge.storage.hub.store import HubStore

if TYPE_CHECKING:
    from pathlib import Path

# A Wednesday, in the middle of an hour.
NOW = datetime(2026, 11, 25, 12, 30, tzinfo=timezone.utc)
NOW_MS, MINUTE_MS = to_ms(NOW), 60_000
WELL = DeviceStanding(
    "a", "door", "Anger", "0.2.0", 0, revoked=False, seen_ms=NOW_MS, waiting=3, oldest_ms=0, clock="synced",
    uptime_s=90, zone="UTC", told=(),
)  # fmt: skip
WORDS = Languages().get("en")
BOX = "abcdefgh22222222"


class Then(SystemClock):
    """It is always the same moment of the same day."""

    def utc_now(self) -> datetime:
        return NOW


@pytest.mark.parametrize(
    ("device", "level", "said"),
    [
        (WELL, Level.GOOD, ""),
        (replace(WELL, seen_ms=NOW_MS - 29 * MINUTE_MS), Level.GOOD, ""),
        (replace(WELL, seen_ms=NOW_MS - 31 * MINUTE_MS), Level.WARN, "Nothing was heard for 31 min"),
        (replace(WELL, seen_ms=NOW_MS - 7 * 60 * MINUTE_MS), Level.BAD, "Nothing was heard for 7 h 00 min"),
        (replace(WELL, seen_ms=None), Level.WARN, "not sent anything yet"),
        (replace(WELL, waiting=6000, oldest_ms=NOW_MS - 60 * MINUTE_MS), Level.WARN, "6,000 rows were still"),
        (replace(WELL, waiting=9, oldest_ms=NOW_MS - 50 * 60 * MINUTE_MS), Level.WARN, "the oldest 2 days old"),
        (replace(WELL, clock="estimated"), Level.WARN, "clock is only estimated"),
        (replace(WELL, clock="unset"), Level.WARN, "does not know the time"),
        (replace(WELL, clock="holdover"), Level.GOOD, ""),
        (replace(WELL, zone="Asia/Tokyo"), Level.WARN, "It goes by Asia/Tokyo, the site by UTC"),
        (replace(WELL, told=('{"rows": 4}', '{"rows": 3}', "[]", "no", '{"rows": -9}')), Level.WARN, "7 rows were not"),
        (replace(WELL, version="0.1.9"), Level.WARN, "runs version 0.1.9; the newest here is 0.2.0"),
        (replace(WELL, version="0.2.0+dev"), Level.GOOD, ""),
        (replace(WELL, revoked=True, seen_ms=None), Level.GOOD, ""),
    ],
)
def test_a_device_is_judged_and_the_reason_said(device: DeviceStanding, level: Level, said: str) -> None:
    newest = replace(WELL, id="b", site="Zoo")
    row, _ = judged([device, newest], {"Anger": "UTC", "Zoo": "UTC"}, NOW_MS)
    assert row.level is level
    sentences = [fault.sentence(WORDS) for fault in row.faults]
    assert any(said in sentence for sentence in sentences) if said else sentences == []


def test_the_worst_comes_first() -> None:
    row, _ = judged([replace(WELL, clock="unset", seen_ms=1000), WELL], {}, NOW_MS)
    assert [fault.level for fault in row.faults] == [Level.BAD, Level.WARN]
    assert lasting(WORDS, 3 * 86_400 + 5) == "3 days"


@pytest.fixture
def sites(tmp_path: Path) -> Sites:
    """A hub with one shop: ten an hour for weeks, five an hour on this Wednesday; and a site without a box."""
    store = HubStore.open(f"sqlite:///{tmp_path}/hub.db")
    known(store, "=1+1", BOX, "Europe/Berlin")
    known(store, "Bare", "abcdefgh33333333", "UTC")
    store.take(life(BOX, NOW, 10, Standing("0.1.0", 0, None, "synced", 5)), NOW)
    store.close()
    return Sites(HubReader(f"sqlite:///{tmp_path}/hub.db"), Then())


def test_a_days_and_a_weeks_figures(sites: Sites) -> None:
    assert sites.look()
    assert not sites.look(), "nothing is news"
    row, bare = sites.rows
    told = row.figures
    assert told is not None
    # Berlin is an hour ahead: its day began at 23 by UTC, and the people of an hour come at its beginning.
    assert (told.now.hour, told.today, told.week) == (13, 140, 10 * (24 + 24 + 14))
    assert told.before == pytest.approx(10 * (24 + 24 + 13.5))
    assert told.usual == pytest.approx(135.0)
    assert told.against_before == pytest.approx(620 / 615 - 1)
    assert (told.inside, told.peak, told.stay_s) == (0, 10, 30.0)
    assert (bare.figures, bare.level) == (None, Level.WARN)
    assert sites.health.level is Level.WARN
    assert sites.names == ("=1+1", "Bare")
    shop, every = sites.shop("=1+1"), sites.shop("nobody")
    assert [camera.name for camera in shop.cameras] == ["door"]
    assert (shop.cameras[0].lines, shop.cameras[0].zones) == (("entrance", "side"), ("till",))
    assert (every.name, every.together, every.cameras) == ("", True, ())
    sites.close()


def test_tables_are_for_other_programs_too(sites: Sites) -> None:
    sites.look()
    table = sites_table(sites, WORDS)
    assert [plain(cell) for cell in table.rows[0][:2]] == ["'=1+1", "140"]
    assert "'=1+1,140," in table.csv()
    assert len(devices_table(sites, WORDS).rows) == 2
    sites.close()


def test_a_database_that_is_away_is_told_and_the_last_figures_stay(sites: Sites, tmp_path: Path) -> None:
    sites.look()
    (tmp_path / "hub.db").rename(tmp_path / "gone.db")
    assert sites.look()
    assert "cannot be used" in sites.away
    assert (sites.health.level, len(sites.rows)) == (Level.BAD, 2)
    (tmp_path / "gone.db").rename(tmp_path / "hub.db")
    assert sites.look()
    assert not sites.away
    sites.close()


def test_settings_are_those_of_the_file_and_stay_so() -> None:
    settings = HubSettings(HubPanelTable(title="Shops & Co", week_starts="sunday", language="de"))
    config = settings.config
    assert (config.site.name, config.site.first_weekday, config.panel.language) == ("Shops & Co", 6, "de")
    assert settings.change([]) == ([], [])
    with pytest.raises(InputError, match=r"hub\.toml"):
        settings.change([Edit(("site", "name"), "x")])


def test_a_site_that_nobody_has_heard_of_for_days_still_tells_its_week(tmp_path: Path) -> None:
    store = HubStore.open(f"sqlite:///{tmp_path}/hub.db")
    known(store, "Anger", BOX, "UTC")
    before = NOW - timedelta(days=3)
    store.take(life(BOX, before, 10, Standing("0.1.0", 0, None, "synced", 5)), before)
    store.close()
    sites = Sites(HubReader(f"sqlite:///{tmp_path}/hub.db"), Then())
    sites.look()
    (row,) = sites.rows
    assert row.figures is not None
    assert (row.level, row.figures.today, row.figures.week) == (Level.BAD, 0, 0)
    sites.close()
