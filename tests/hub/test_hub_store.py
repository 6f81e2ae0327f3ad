"""Batches in the hub's store: each row once and in its latest version, and figures that are always the rows' sum."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hub_kit import (
    NOW,
    Box,
    closer_kept,
    closer_remade,
    counted_by_hand,
    counted_by_hub,
    figures_kept,
    figures_remade,
    kept,
    opened,
    wanted,
)
from hypothesis import given
from shipment_kit import DEVICE, crossings, shipment, shipments

from edge.core.calendar import SiteCalendar, day_number
from edge.core.shipment import NO_CURSOR, Crossings, Subject, Verdict, column
from edge.core.timekeeping import to_ms
from edge.storage.hub import models, streams
from edge.storage.hub.errors import HubAddressError, HubAwayError, HubNewerError
from edge.storage.hub.hours import SiteHours
from edge.storage.hub.migrations import UPGRADES, bring_up
from edge.storage.hub.registry import Registry
from edge.storage.hub.retention import let_go
from edge.storage.hub.store import HubStore, UnknownDeviceError

# A day of 25 hours is near, one of 23 in spring.
AUTUMN = to_ms(datetime(2026, 10, 25, 1, tzinfo=timezone.utc))
SPRING = to_ms(datetime(2026, 3, 29, 1, tzinfo=timezone.utc))
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("zone", "starts_h"), [("Europe/Berlin", 0), ("Australia/Lord_Howe", 5)])
def test_whatever_comes_twice_late_or_revised_every_row_is_there_once(
    url: str, seed: int, zone: str, starts_h: int
) -> None:
    dice = Random(seed)
    box = Box(dice, dice.choice((AUTUMN, SPRING)))
    store = opened(url, zone, starts_h)
    sent, cursor, now = [], NO_CURSOR, NOW
    for _ in range(12):
        box.live(dice.randrange(1, 15))
        last_seq = box.rows[-1].seq
        fresh = box.batch(max(0, cursor), last_seq)
        # Its answer is lost now and then, so that it comes again with more rows behind it.
        cursor = store.take(fresh, now).cursor if dice.random() < 0.8 else cursor
        sent.append(fresh)
        if len(box.rows) > 2 and dice.random() < 0.6:
            first, last = box.restamp()
            sent.append(box.batch(first - 1, min(last, cursor), revised=True))
            store.take(sent[-1], now)
        for again in dice.sample(sent, min(3, len(sent))):
            assert store.take(again, now).verdict is not Verdict.REJECTED
        assert figures_kept(store) == figures_remade(store)
        assert closer_kept(store) == closer_remade(store)
        now += dice.choice((HOUR, 40 * 24 * HOUR))
    assert store.take(box.batch(max(0, cursor), box.rows[-1].seq), now).verdict is Verdict.ACCEPTED
    # A revision that was cut short by the cursor comes once more.
    store.take(box.batch(0, box.rows[-1].seq, revised=True), now)
    assert kept(store) == wanted(box)
    assert counted_by_hub(store) == counted_by_hand(box, zone, starts_h)
    assert figures_kept(store) == figures_remade(store)
    store.close()


@pytest.mark.parametrize("seed", range(4))
def test_shuffled_batches_are_all_there_once_the_gaps_are_filled(url: str, seed: int) -> None:
    dice = Random(seed)
    box = Box(dice, AUTUMN)
    box.live(120)
    edges = [0, *sorted(dice.sample(range(1, box.rows[-1].seq), 9)), box.rows[-1].seq]
    waiting = [box.batch(edges[place], edges[place + 1]) for place in range(10)]
    waiting += dice.sample(waiting, 4)
    store = opened(url)
    while waiting:
        dice.shuffle(waiting)
        waiting = [batch for batch in waiting if store.take(batch, NOW).verdict is Verdict.KEPT]
    assert kept(store) == wanted(box)
    assert figures_kept(store) == figures_remade(store)
    store.close()


def test_a_gap_is_told_and_nothing_of_the_batch_is_taken(url: str) -> None:
    store = opened(url)
    assert store.take(crossings(10), NOW).cursor == crossings(10).last_seq
    cursor = crossings(10).last_seq
    late = crossings(5, after_seq=cursor + 3)
    receipt = store.take(late, NOW)
    assert (receipt.verdict, receipt.cursor) == (Verdict.KEPT, cursor)
    assert str(cursor) in receipt.sentence
    assert len(kept(store)) == 10
    # What the device has no more cannot be waited for.
    assert store.take(replace(late, kept_from_seq=cursor + 4), NOW).verdict is Verdict.ACCEPTED
    assert len(kept(store)) == 15
    store.close()


def test_a_revision_of_rows_the_hub_has_not_is_a_gap(url: str) -> None:
    store = opened(url)
    receipt = store.take(replace(crossings(5), revised=True), NOW)
    assert (receipt.verdict, receipt.cursor) == (Verdict.KEPT, NO_CURSOR)
    assert kept(store) == {}
    store.close()


def test_an_empty_batch_says_i_am_here_and_moves_the_cursor(url: str) -> None:
    store = opened(url)
    assert store.take(shipment(0, 0), NOW).cursor == 0
    assert store.take(shipment(0, 7), NOW).cursor == 7
    assert store.take(shipment(7, 7), NOW).verdict is Verdict.ACCEPTED
    store.close()


def test_an_older_version_changes_nothing_and_a_greater_one_replaces(url: str) -> None:
    store = opened(url)
    first = crossings(3)
    store.take(first, NOW)
    moved = replace(first.crossings, version=column(3, 3, 3), at_ms=first.crossings.at_ms + 86_400_000)
    store.take(replace(first, revised=True, crossings=moved), NOW)
    older = replace(first.crossings, version=column(2, 2, 2))
    store.take(replace(first, crossings=older), NOW)
    assert [row[1:] for row in kept(store).values()] == [(3, at_ms) for at_ms in moved.at_ms.tolist()]
    assert figures_kept(store) == figures_remade(store)
    store.close()


@given(sent=shipments())
def test_any_batch_that_the_wire_lets_through_is_taken(pair: tuple[HubStore, HubStore], sent: object) -> None:
    for store in pair:
        with store.database.writing():
            for table in models.TABLES[7:]:
                store.database.run(f"DELETE FROM {table._meta.table_name}")  # noqa: S608, SLF001 - peewee's own way
        batch = replace(sent, device=DEVICE, revised=False, kept_from_seq=sent.after_seq + 1)  # type: ignore[type-var, attr-defined]
        receipt = store.take(batch, NOW)
        assert (receipt.verdict, receipt.rejected) == (Verdict.ACCEPTED, ())
        assert sorted(kept(store)) == batch.seqs().tolist()
        assert figures_kept(store) == figures_remade(store)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, postgres: object) -> object:
    folder = tmp_path_factory.mktemp("pair")
    stores = (opened(f"sqlite:///{folder}/hub.db"), opened(postgres.database()))  # type: ignore[attr-defined]
    yield stores
    for store in stores:
        store.close()


def test_two_epochs_of_a_device_are_apart(url: str) -> None:
    store = opened(url)
    store.take(crossings(10), NOW)
    assert store.take(replace(crossings(4, seed=1), epoch="another"), NOW).verdict is Verdict.ACCEPTED
    with store.database.using():
        found = store.database.run("SELECT epoch, count(*) FROM crossing GROUP BY epoch ORDER BY epoch").fetchall()
    assert [tuple(row) for row in found] == [(1, 10), (2, 4)]
    store.close()


def test_many_at_once_leave_each_row_once(url: str) -> None:
    box = Box(Random(5), AUTUMN)
    box.live(200)
    store = opened(url)
    edges = list(range(0, box.rows[-1].seq, 40))
    batches = [box.batch(start, start + 40) for start in edges]
    failures: list[BaseException] = []

    def send() -> None:
        try:
            for batch in batches:
                while store.take(batch, NOW).verdict is Verdict.KEPT:
                    pass
        except BaseException as error:  # noqa: BLE001 - told by the test
            failures.append(error)
        finally:
            store.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert kept(store) == wanted(box)
    assert figures_kept(store) == figures_remade(store)
    store.close()


def test_who_is_not_known_or_was_revoked_leaves_nothing(url: str) -> None:
    store = opened(url)
    with pytest.raises(UnknownDeviceError, match="not known"):
        store.take(replace(crossings(3), device="a" * 16), NOW)
    Registry(store).revoke(DEVICE, to_ms(NOW))
    with pytest.raises(UnknownDeviceError, match="revoked"):
        store.take(crossings(3), NOW)
    with store.database.using():
        assert store.database.run("SELECT count(*) FROM stream").fetchone()[0] == 0
    store.close()


def test_too_many_names_are_refused_row_by_row(url: str) -> None:
    store = opened(url)
    with store.database.writing():
        named = [(1, number, "line", "door", f"old {number}", 0) for number in range(1, streams.MOST_SUBJECTS - 1)]
        store.database.insert(models.Subject, named)
    subjects = tuple(Subject("line", "door", f"line {number}") for number in range(3))
    rows = Crossings(column(1, 2, 3), column(1, 1, 1), column(*[AUTUMN] * 3), column(0, 1, 2), column(0, 0, 0))
    receipt = store.take(shipment(0, 3, subjects=subjects, crossings=rows), NOW)
    assert [seq for seq, _ in receipt.rejected] == [3]
    assert "lines" in receipt.rejected[0][1]
    assert (receipt.verdict, receipt.cursor, sorted(kept(store))) == (Verdict.ACCEPTED, 3, [1, 2])
    store.close()


def test_old_months_go_figures_stay_and_are_not_made_anew(url: str) -> None:
    store = opened(url)
    old, new = crossings(50), crossings(50, seed=2, after_seq=crossings(50).last_seq, from_ms=to_ms(NOW))
    store.take(old, NOW - timedelta(days=100))
    store.take(new, NOW)
    before, closer = figures_kept(store), closer_kept(store)
    assert let_go(store.database, 1, NOW) == 50
    assert let_go(store.database, 1, NOW) == 0
    assert len(kept(store)) == 50
    Registry(store).rebuild()
    assert (figures_kept(store), closer_kept(store)) == (before, closer)
    # Neither are its rows taken again, in whatever version.
    store.take(replace(old, crossings=replace(old.crossings, version=old.crossings.version + 1)), NOW)
    assert figures_kept(store) == before
    assert len(kept(store)) == 50
    store.close()


def test_another_zone_has_its_hours_counted_anew(url: str) -> None:
    box = Box(Random(3), AUTUMN)
    box.live(100)
    store = opened(url, "Europe/Berlin")
    store.take(box.batch(0, box.rows[-1].seq), NOW)
    Registry(store).change_site("Main street", "Asia/Kathmandu", 6)
    assert counted_by_hub(store) == counted_by_hand(box, "Asia/Kathmandu", 6)
    store.close()


def test_a_newer_schema_is_refused_and_an_older_one_brought_up(url: str) -> None:
    store = opened(url)
    steps = [*UPGRADES, lambda database: database.run("CREATE TABLE added (a INTEGER)"), lambda _: None]
    assert bring_up(store.database, steps) == 3
    with store.database.using():
        assert store.database.run("SELECT value FROM about WHERE key = 'schema'").fetchone()[0] == "5"
        store.database.run("SELECT a FROM added")
    with pytest.raises(HubNewerError, match="schema 5, this one knows 3"):
        HubStore.open(url)
    store.close()


def test_a_database_of_the_first_schema_gets_its_figures_of_closer_looks(url: str) -> None:
    box = Box(Random(5), AUTUMN)
    box.live(200)
    store = opened(url)
    store.take(box.batch(0, box.rows[-1].seq), NOW)
    before = closer_kept(store)
    with store.database.writing():
        for table in ("stay_figure", "level_figure", "report_file"):
            store.database.run(f"DROP TABLE {table}")
        store.database.run("UPDATE about SET value = '1' WHERE key = 'schema'")
    assert bring_up(store.database) == 1
    assert closer_kept(store) == before
    assert all(before)
    store.close()


def made_of(store: HubStore) -> list[tuple[str, ...]]:
    """Everything there is in a database by the words that would make it, but for what is counted up."""
    postgres = (
        "SELECT table_name, column_name, data_type || is_nullable FROM information_schema.columns "
        "WHERE table_schema = 'public' UNION ALL SELECT tablename, indexname, indexdef FROM pg_indexes "
        "WHERE schemaname = 'public' ORDER BY 1, 2, 3"
    )
    sqlite = "SELECT tbl_name, name, coalesce(sql, '') FROM sqlite_master ORDER BY 1, 2"
    with store.database.using():
        return store.database.run(postgres if store.database.on_postgres else sqlite).fetchall()


def test_a_database_of_the_second_schema_is_given_what_a_new_one_has(url: str) -> None:
    store = opened(url)
    fresh = made_of(store)
    with store.database.writing():
        store.database.run("DROP TABLE report_file")
        store.database.run("UPDATE about SET value = '2' WHERE key = 'schema'")
    assert bring_up(store.database) == 2
    assert made_of(store) == fresh
    assert any("report_file" in row[0] for row in fresh)
    store.close()


def test_many_processes_may_start_at_once(url: str) -> None:
    failures: list[BaseException] = []

    def start() -> None:
        try:
            HubStore.open(url).close()
        except BaseException as error:  # noqa: BLE001 - told by the test
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_every_column_is_explained() -> None:
    for table in models.TABLES:
        assert table.__doc__
        for field in table._meta.sorted_fields:  # noqa: SLF001 - peewee's own way
            assert field.help_text, f"{table.__name__}.{field.name}"


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns", "Asia/Gaza"]
)
def test_hours_are_those_of_the_sites_calendar(zone: str) -> None:
    calendar = SiteCalendar(ZoneInfo(zone), 4)
    dice = np.random.default_rng(1)
    at_ms = dice.integers(to_ms(datetime(2009, 1, 1, tzinfo=timezone.utc)), to_ms(NOW), 4000)
    found = SiteHours(calendar).of(at_ms)
    for at, day, start_min, clock_hour in zip(at_ms.tolist(), *found, strict=True):
        hour = calendar.hour_of(at)
        assert (day, start_min, clock_hour) == (day_number(hour.day), hour.start_ms // 60_000, hour.clock_hour)


@pytest.mark.parametrize("url", ["mysql://a:word@b/c", "/var/lib/hub.db", "", "sqlite://"])
def test_an_address_that_is_none_is_told_without_its_password(url: str) -> None:
    with pytest.raises(HubAddressError) as caught:
        HubStore.open(url)
    assert "word" not in str(caught.value)


def test_a_database_that_is_away_is_told_without_its_password() -> None:
    with pytest.raises(HubAwayError, match=r"acm:\*\*\*@127.0.0.1:1/x.*cannot be used now") as caught:
        HubStore.open("postgresql://acm:word@127.0.0.1:1/x")
    assert "word" not in str(caught.value)
