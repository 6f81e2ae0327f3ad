"""What a hub tells of a shop is what its box tells, figure by figure, its rows having gone over the wire."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from shipping_kit import NOW, known, shipped

from edge.analytics.periods import Period, Unit
from edge.analytics.told import SITE_WIDE, Scope
from edge.core.timekeeping import to_ms
from edge.storage.hub.errors import HubAwayError, HubStorageError, UnknownNameError
from edge.storage.hub.reader import HubReader
from edge.storage.hub.retention import let_go
from edge.storage.hub.store import HubStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from postgres_kit import Postgres
    from seeded_kit import Seeded

    from edge.storage.hub.statistics import SiteStatistics
    from edge.storage.statistics.reader import StatisticsReader

SHOPS = ("day", "night")
SCOPES = (SITE_WIDE, Scope("door"), Scope("hall", "till"), Scope("hall", zone="shelves"))
NAMES = {"day": "abcdefgh22222222", "night": "abcdefgh33333333"}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(
    request: pytest.FixtureRequest, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory,
    shops: dict[str, Seeded],
) -> str:  # fmt: skip
    """A hub that has the rows of both shops."""
    folder = tmp_path_factory.mktemp("hub")
    url = postgres.database() if request.param == "postgresql" else f"sqlite:///{folder}/hub.db"
    store = HubStore.open(url)
    for name in SHOPS:
        site = shops[name].shop.site(shops[name].shop.until)
        known(store, name, NAMES[name], site.zone_name, site.day_starts_h)
        assert shipped(shops[name].path, store, NAMES[name]) > 1000
    store.close()
    return url


@pytest.fixture(params=SHOPS)
def pair(
    request: pytest.FixtureRequest, url: str, shops: dict[str, Seeded]
) -> Iterator[tuple[SiteStatistics, StatisticsReader, Period]]:
    """A shop at the hub, at its box, and all its days."""
    reader = HubReader(url)
    with shops[request.param].reader() as box, reader.site(request.param) as hub:
        whole = box.recorded()
        assert whole is not None
        yield hub, box, whole
    reader.close()


def _periods(whole: Period) -> list[Period]:
    middle = whole.first + timedelta(days=len(whole) // 2)
    return [whole, Period(middle, middle + timedelta(days=6)), Period(whole.last, whole.last)]


@pytest.mark.parametrize("scope", SCOPES)
def test_flows_and_what_is_told_of_them(
    pair: tuple[SiteStatistics, StatisticsReader, Period], scope: Scope
) -> None:
    hub, box, whole = pair
    assert hub.recorded() == whole
    assert hub.calendar() == box.calendar()
    for period in _periods(whole):
        for unit in Unit:
            assert hub.flow(period, unit, scope) == box.flow(period, unit, scope)
        assert hub.summary(period, scope) == box.summary(period, scope)
        assert hub.compare(period, scope=scope) == box.compare(period, scope=scope)
        assert hub.daily(period, scope) == box.daily(period, scope)
        assert hub.by_clock_hour(period, scope) == box.by_clock_hour(period, scope)
        assert hub.density(period, scope) == box.density(period, scope)
        assert hub.busiest(period, 7, scope) == box.busiest(period, 7, scope)
        assert hub.notable(period, scope=scope) == box.notable(period, scope=scope)
    assert hub.usual_day(whole.last, scope=scope) == box.usual_day(whole.last, scope=scope)
    assert hub.lines(whole) == box.lines(whole)


def test_how_many_were_inside(pair: tuple[SiteStatistics, StatisticsReader, Period]) -> None:
    hub, box, whole = pair
    for period in _periods(whole):
        for unit in Unit:
            assert hub.levels(period, unit) == box.levels(period, unit)
        assert hub.clock_hour_levels(period) == box.clock_hour_levels(period)
        assert hub.drift(period) == box.drift(period)
    curves = [(hub.curve(day), box.curve(day)) for day in whole if day.day % 5 == 0]
    assert any(curve is not None for curve, _ in curves)
    for curve, of_box in curves:
        assert curve == of_box


@pytest.mark.parametrize("scope", SCOPES)
def test_stays(pair: tuple[SiteStatistics, StatisticsReader, Period], scope: Scope) -> None:
    hub, box, whole = pair
    for period in _periods(whole):
        assert hub.stays(period, scope) == box.stays(period, scope)
        assert hub.places(period) == box.places(period)
        for unit in Unit:
            assert hub.stay_parts(period, unit, scope) == box.stay_parts(period, unit, scope)


def test_when_the_box_was_off(pair: tuple[SiteStatistics, StatisticsReader, Period]) -> None:
    hub, box, whole = pair
    ours, theirs = hub.quality(whole), box.quality(whole)
    assert [gap for gap in ours.gaps if gap.camera] == [
        gap.__class__(gap.start, gap.end, gap.camera, mine.open_s)
        for gap, mine in zip(
            [gap for gap in theirs.gaps if gap.camera], [gap for gap in ours.gaps if gap.camera], strict=True
        )
    ]
    # What took days is known from the rows alone, but not to the minute.
    long = [gap for gap in theirs.gaps if not gap.camera and gap.lasted_s > 86_400]
    assert long
    for gap in long:
        assert any(mine.start <= gap.end and gap.start <= mine.end for mine in ours.gaps if not mine.camera)
    fit = hub.fit_days(whole)
    silent = next(day for day in whole if long[0].start.date() < day < long[0].end.date() and day.weekday() < 5)
    assert not fit(silent)
    assert sum(map(fit, whole)) > len(whole) * 0.8


def test_all_sites_together(url: str, shops: dict[str, Seeded]) -> None:
    reader = HubReader(url)
    with reader.every_site() as both, shops["day"].reader() as day, shops["night"].reader() as night:
        known_days = both.recorded()
        assert known_days is not None
        flows = both.flow(known_days, Unit.DAY)
        apart = [{flow.slot.first: flow for flow in box.flow(known_days, Unit.DAY)} for box in (day, night)]
        for flow in flows:
            assert flow.ins == sum(box[flow.slot.first].ins for box in apart)
        assert both.summary(known_days).peak is None
        hourly = both.by_clock_hour(known_days)
        assert sum(map(sum, hourly.values())) == sum(flow.ins for flow in flows)
        one = date(2026, 4, 10)
        hours = both.flow(Period(one, one), Unit.HOUR)
        assert [flow.slot.clock_hour for flow in hours] == list(range(24))
        assert sum(flow.ins for flow in hours) == next(flow.ins for flow in flows if flow.slot.first == one) > 0
    reader.close()


def test_another_box_at_the_same_door_goes_on_with_its_line(tmp_path: Path, shops: dict[str, Seeded]) -> None:
    store = HubStore.open(f"sqlite:///{tmp_path}/hub.db")
    for device in ("abcdefgh22222222", "abcdefgh44444444"):
        known(store, "day", device, "Europe/Berlin")
        shipped(shops["day"].path, store, device)
    reader = HubReader(store.database.url)
    with reader.site("day") as hub, shops["day"].reader() as box:
        whole = box.recorded()
        assert whole is not None
        assert [(line.line, line.ins) for line in hub.lines(whole)] == [
            (line.line, 2 * line.ins) for line in box.lines(whole)
        ]
        assert [place.stays.count for place in hub.places(whole)] == [
            2 * place.stays.count for place in box.places(whole)
        ]
        assert hub.levels(whole, Unit.DAY)[-1].inside == 2 * box.levels(whole, Unit.DAY)[-1].inside
        assert hub.summary(whole).peak == 2 * (box.summary(whole).peak or 0)
        assert hub.curve(whole.last) is not None
    reader.close()
    store.close()


def test_figures_outlive_their_rows(tmp_path: Path, shops: dict[str, Seeded]) -> None:
    store = HubStore.open(f"sqlite:///{tmp_path}/hub.db")
    known(store, "day", NAMES["day"], "Europe/Berlin")
    shipped(shops["day"].path, store, NAMES["day"], NOW - timedelta(days=70))
    assert let_go(store.database, 1, NOW) > 1000
    reader = HubReader(store.database.url)
    with reader.site("day") as hub, shops["day"].reader() as box:
        whole = box.recorded()
        assert whole is not None
        assert hub.summary(whole) == box.summary(whole)
        assert hub.levels(whole, Unit.MONTH) == box.levels(whole, Unit.MONTH)
        day = next(flow.slot.first for flow in box.flow(whole, Unit.DAY)[::-1] if flow.ins)
        by_hour, exact = hub.curve(day), box.curve(day)
        assert by_hour is not None
        assert exact is not None
        assert (by_hour.start, len(by_hour.inside)) == (exact.start, len(exact.inside))
        assert by_hour.inside[-1] == exact.inside[-1]
    reader.close()
    store.close()


def test_nothing_can_be_written_through_it_and_troubles_are_told(url: str, tmp_path: Path) -> None:
    reader = HubReader(url)
    with pytest.raises(UnknownNameError, match="no site 'Nowhere'"), reader.site("Nowhere"):
        pass
    with pytest.raises(Exception, match=r"read-?only"), reader.database.one_state():
        reader.database.run("DELETE FROM device")
    standing = {device.name: device for device in reader.devices()}
    assert {device.site for device in standing.values()} == set(SHOPS)
    assert all(device.seen_ms == to_ms(NOW) and not device.revoked for device in standing.values())
    reader.close()
    nowhere = HubReader(f"sqlite:///{tmp_path}/none.db")
    with pytest.raises(HubAwayError, match="cannot be used now"):
        nowhere.sites()
    empty = HubStore.open(f"sqlite:///{tmp_path}/old.db")
    with empty.database.writing():
        empty.database.run("UPDATE about SET value = '1' WHERE key = 'schema'")
    empty.close()
    old = HubReader(f"sqlite:///{tmp_path}/old.db")
    with pytest.raises(HubStorageError, match="start acm hub"):
        old.sites()
    old.close()
