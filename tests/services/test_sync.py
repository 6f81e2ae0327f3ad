"""Sending over real records to a hub that fails in every way: in the end it has what the device has, row by row."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta, timezone
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from fake_hub import FakeHub, Row
from storage_kit import IN, MONDAY, OUT, Box, kept, visit
from sync_kit import Life

from edge.core.clock import ManualClock
from edge.core.errors import InputError
from edge.core.shipment import Standing
from edge.core.timekeeping import to_ms
from edge.services.sync import BACKLOG_ROWS, BEAT_S, REFUSED_S, TOLD_AFTER_S, Sync, SyncHabits
from edge.services.sync_ahead import Ahead, point
from edge.services.sync_courier import Courier, Way
from edge.storage.outbox import Outbox
from edge.storage.records import Correction, Crossing, Told, Visit, ZoneStay
from edge.upstream.wire import decode

if TYPE_CHECKING:
    from pathlib import Path

    from edge.core.notice import Fact
    from edge.storage.kept import Kept
    from edge.storage.records import Record
    from edge.storage.store import Store

DEVICE = "abcdefghij234567"
UTC = ZoneInfo("UTC")
HABITS = SyncHabits(60.0, 50, (), 0, UTC)
SENT: tuple[type[Record], ...] = (Crossing, Visit, ZoneStay, Correction, Told)


def said(found: Kept) -> Row:
    """What a row says, as ``fake_hub`` has it."""
    record, at_ms = found.record, None if found.at is None else to_ms(found.at)
    head = (found.version, at_ms)
    if isinstance(record, Crossing):
        return ("crossing", *head, record.camera, record.line, int(record.direction is OUT))
    if isinstance(record, Visit):
        return ("visit", *head, record.camera, "", round(record.stay_s * 10))
    if isinstance(record, ZoneStay):
        return ("zone_stay", *head, record.camera, record.zone, round(record.dwell_s * 10))
    if isinstance(record, Correction):
        return ("correction", *head, "", "", record.change)
    assert isinstance(record, Told)
    told = json.dumps(dict(record.fact.values), ensure_ascii=False, separators=(",", ":"))
    return ("notice", *head, "", record.fact.event, told)


def device_rows(path: Path) -> dict[int, Row]:
    return {found.seq: said(found) for found in kept(path, *SENT)}


@dataclass
class Shop:
    """A box that counts and sends. Time passes only as it is told to."""

    box: Box
    hub: FakeHub = field(default_factory=FakeHub)
    habits: SyncHabits = HABITS
    device: str = DEVICE
    facts: list[Fact] = field(default_factory=list)
    ways: int = 0

    def __post_init__(self) -> None:
        self.box.start()
        self.start()

    def start(self) -> None:
        """The program starts."""
        self.clock = ManualClock(self.box.uptime_s, MONDAY)
        self.courier = Courier(self.box.path, lambda: self.box.store, self.facts.append)
        self.sync = Sync(
            self.courier, self.opened, self.habits, self.clock, at=self.at, tell=self.facts.append, seed=self.ways,
        )  # fmt: skip

    def opened(self, hurried: bool) -> Way:  # noqa: FBT001 - as the service calls it
        self.ways += 1
        assert hurried in {True, False}
        return Way(self.device, self.hub)

    def at(self, now_s: float) -> datetime | None:
        return self.store.at(now_s)

    @property
    def store(self) -> Store:
        assert self.box.store is not None
        return self.box.store

    def pass_time(self, seconds: float) -> None:
        """As the service's thread would: a step, a pause, the next step."""
        end_s = self.clock.monotonic_s() + seconds
        while True:
            pause_s = self.sync.step(self.clock.monotonic_s())
            left_s = end_s - self.clock.monotonic_s()
            if left_s <= 0:
                return
            self.clock.advance(min(max(pause_s, 0.001), left_s))
            self.box.uptime_s = max(self.box.uptime_s, self.clock.monotonic_s())

    def count(self, visits: int) -> None:
        for _ in range(visits):
            self.store.append(visit(self.box.wait(1.0), 5.0))
            self.sync.written(3)

    def restart(self) -> None:
        """The power is cut, and comes back: what was only in memory is gone."""
        self.store._unsaved = None  # noqa: SLF001 - nothing is saved in a power cut
        self.box.reboot(MONDAY + timedelta(seconds=self.box.uptime_s), synced=True)
        self.start()

    def events(self) -> Counter[str]:
        return Counter(fact.event for fact in self.facts)

    def told(self) -> dict[str, object]:
        return self.sync.told(self.clock.monotonic_s())

    def check(self) -> None:
        assert self.hub.everything == device_rows(self.box.path)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(Box(tmp_path / "records.db"))


class TestWhen:
    def test_rows_are_sent_within_the_interval_and_once(self, shop: Shop) -> None:
        shop.count(4)
        shop.pass_time(70.0)
        shop.check()
        first = len(shop.hub.bodies)
        shop.pass_time(300.0)
        assert len(shop.hub.bodies) == first, "there was nothing to say"
        shop.count(1)
        shop.pass_time(61.0)
        shop.check()
        assert [batch.rows for batch in shop.hub.batches] == [12, 3]

    def test_a_batch_that_is_full_does_not_wait(self, shop: Shop) -> None:
        shop.pass_time(70.0)
        shop.count(16)
        assert not shop.sync.bell.is_set()
        shop.count(1)
        assert shop.sync.bell.is_set()
        shop.pass_time(0.2)
        shop.check()

    def test_a_backlog_goes_in_large_batches_without_a_pause_for_long(self, shop: Shop) -> None:
        shop.store.append([record for _ in range(14_000) for record in visit(shop.box.wait(0.3), 5.0)])
        shop.pass_time(12.0)
        shop.check()
        rest = 42_000 - 2 * BACKLOG_ROWS - 50
        assert [batch.rows for batch in shop.hub.batches] == [50, BACKLOG_ROWS, BACKLOG_ROWS, rest]

    def test_the_hub_hears_from_a_box_that_has_nothing_to_say(self, shop: Shop) -> None:
        shop.pass_time(4 * BEAT_S)
        assert 4 <= len(shop.hub.batches) <= 5
        assert all(batch.rows == 0 for batch in shop.hub.batches)
        assert shop.hub.batches[-1].standing.clock == "synced"
        assert shop.store._unsaved is None, "that costs the card nothing"  # noqa: SLF001 - there is no other way to know

    def test_only_in_its_hours(self, tmp_path: Path) -> None:
        hours = SyncHabits(60.0, 50, ((time(22), time(6)),), 0, ZoneInfo("Europe/Berlin"))
        shop = Shop(Box(tmp_path / "records.db"), habits=hours)
        shop.count(30)
        # Monday, 9 in the morning in Berlin.
        shop.pass_time(12.5 * 3600)
        assert shop.hub.batches == []
        assert shop.told()["state"] == "closed"
        shop.pass_time(3600.0)
        shop.check()

    def test_whoever_asks_gets_it_at_any_hour(self, tmp_path: Path) -> None:
        shop = Shop(Box(tmp_path / "records.db"), habits=SyncHabits(60.0, 50, ((time(22), time(6)),), 0, UTC))
        shop.count(40)
        shop.sync.now()
        shop.pass_time(1.0)
        shop.check()
        assert [batch.rows for batch in shop.hub.batches] == [50, 70], "all of it, not a batch"

    def test_no_faster_than_the_meter_allows(self, tmp_path: Path) -> None:
        shop = Shop(Box(tmp_path / "records.db"), habits=SyncHabits(60.0, 50, (), 8, UTC))
        shop.count(400)
        began_s = shop.clock.monotonic_s()
        shop.pass_time(10.0)
        while shop.told()["waiting"]:
            shop.pass_time(1.0)
        spent_s = shop.clock.monotonic_s() - began_s
        sent = sum(len(body) for body in shop.hub.bodies)
        assert sent / (spent_s + 1) <= 1000
        shop.check()

    def test_many_boxes_do_not_come_at_the_same_moment(self, tmp_path: Path) -> None:
        firsts = set()
        for number in range(8):
            folder = tmp_path / str(number)
            folder.mkdir()
            shop = Shop(Box(folder / "records.db"), ways=number)
            firsts.add(round(shop.sync.step(shop.clock.monotonic_s()), 3))
        assert len(firsts) == 8


class TestTrouble:
    def test_it_backs_off_up_to_a_quarter_of_an_hour_and_counting_never_notices(self, shop: Shop) -> None:
        shop.hub.fault = lambda: "away"
        shop.count(2)
        shop.pass_time(24 * 3600.0)
        tries = shop.hub.heard["away"]
        assert 24 * 4 <= tries <= 24 * 12
        assert shop.events()["sending-failed"] == 1
        assert shop.told()["state"] == "failing"
        assert shop.told()["why"] == "The hub does not answer."
        shop.hub.fault = lambda: ""
        shop.pass_time(901.0)
        shop.check()
        assert shop.events()["sending-back"] == 1

    def test_a_short_failure_is_nobodys_business(self, shop: Shop) -> None:
        shop.hub.fault = lambda: "away"
        shop.count(2)
        shop.pass_time(TOLD_AFTER_S / 2)
        shop.hub.fault = lambda: ""
        shop.pass_time(TOLD_AFTER_S)
        shop.check()
        assert shop.facts == []

    def test_a_busy_hub_is_left_alone_for_as_long_as_it_asks(self, shop: Shop) -> None:
        shop.hub.fault = lambda: "busy"
        shop.count(2)
        shop.pass_time(11.0)
        assert shop.hub.heard["busy"] == 1
        shop.pass_time(108.0)
        assert shop.hub.heard["busy"] == 1
        shop.pass_time(30.0)
        assert shop.hub.heard["busy"] == 2

    def test_a_hub_that_refuses_this_box_is_asked_once_an_hour(self, shop: Shop) -> None:
        shop.hub.fault = lambda: "refused"
        shop.count(2)
        shop.pass_time(5 * REFUSED_S)
        assert 5 <= shop.hub.heard["refused"] <= 6
        assert shop.told()["state"] == "refused"
        assert shop.events()["sending-refused"] == shop.hub.heard["refused"], "the journal says it once a day"
        shop.hub.fault = lambda: ""
        before = shop.ways
        shop.sync.now()
        shop.pass_time(1.0)
        assert shop.ways == before + 1, "it may have a new token"
        shop.check()

    def test_a_way_that_cannot_be_opened_is_tried_again(self, shop: Shop) -> None:
        locked = [InputError("upstream.key cannot be read")] * 3

        def open_way(_: bool) -> Way:  # noqa: FBT001 - as the service calls it
            if locked:
                raise locked.pop()
            return Way(DEVICE, shop.hub)

        shop.sync._open_way = open_way  # noqa: SLF001 - a key that is mended
        shop.count(2)
        shop.pass_time(90.0)
        shop.check()

    def test_records_that_cannot_be_had_are_waited_for(self, shop: Shop) -> None:
        shop.count(2)
        store, shop.box.store = shop.box.store, None
        shop.sync._at = lambda _: MONDAY  # noqa: SLF001 - without records nobody asks them
        shop.pass_time(100.0)
        assert shop.hub.batches == []
        shop.box.store = store
        shop.pass_time(70.0)
        shop.check()


class TestRowsAtFault:
    @pytest.mark.parametrize("bad", [{7}, {1}, {300}, {7, 8, 9, 200}, set(range(40, 60))], ids=str)
    def test_a_row_the_hub_refuses_keeps_no_other_from_being_sent(self, shop: Shop, bad: set[int]) -> None:
        shop.hub.poison = bad
        shop.count(100)
        shop.pass_time(120.0)
        wanted = device_rows(shop.box.path)
        assert shop.hub.everything == {seq: row for seq, row in wanted.items() if seq not in bad}
        assert shop.told()["set_aside"] == len(bad)
        assert shop.told()["waiting"] == 0
        assert shop.events()["rows-set-aside"] >= 1
        shop.count(10)
        shop.pass_time(70.0)
        assert len(shop.hub.everything) == 330 - len(bad)

    def test_few_batches_find_it(self, shop: Shop) -> None:
        shop.hub.poison = {77}
        shop.count(100)
        shop.pass_time(120.0)
        assert shop.hub.heard[""] < 40

    def test_a_row_the_hub_fails_over_is_found_though_it_takes_longer(self, shop: Shop) -> None:
        shop.hub.choke = {20}
        shop.count(30)
        shop.pass_time(3600.0)
        assert set(device_rows(shop.box.path)) - set(shop.hub.everything) == {20}
        assert shop.told()["set_aside"] == 1

    @pytest.mark.parametrize("fault", ["failed", "too old"])
    def test_a_hub_that_takes_nothing_costs_no_row(self, shop: Shop, fault: str) -> None:
        shop.hub.fault = lambda: fault
        shop.count(30)
        shop.pass_time(24 * 3600.0)
        assert shop.told()["set_aside"] == 0
        shop.hub.fault = lambda: ""
        shop.pass_time(901.0)
        shop.check()

    def test_a_hub_that_fails_now_and_then_costs_no_row(self, shop: Shop) -> None:
        dice = Random(3)
        shop.hub.fault = lambda: dice.choice(["failed", ""])
        for _ in range(20):
            shop.count(20)
            shop.pass_time(1800.0)
        shop.hub.fault = lambda: ""
        shop.pass_time(1000.0)
        assert shop.told()["set_aside"] == 0
        shop.check()

    def test_rows_it_lists_are_set_aside_with_its_reason(self, shop: Shop) -> None:
        shop.hub.dislikes = {2: "a direction nobody goes", 999: "never sent"}
        shop.count(2)
        shop.pass_time(70.0)
        assert set(shop.hub.everything) == {1, 3, 4, 5, 6}
        (fact,) = [fact for fact in shop.facts if fact.event == "rows-set-aside"]
        assert "a direction nobody goes" in fact.message

    def test_a_row_set_aside_is_sent_once_it_is_given_another_time(self, tmp_path: Path) -> None:
        """A clock in the seventies: no hub takes that."""
        shop = Shop(Box(tmp_path / "records.db", clock=datetime(1970, 1, 2, tzinfo=timezone.utc)))
        shop.count(2)
        shop.pass_time(70.0)
        assert shop.told()["set_aside"] == 6
        assert shop.hub.everything == {}
        # A time server is heard for the first time in this start: now they get the true one.
        shop.box.reboot(datetime(1970, 1, 2, 1, tzinfo=timezone.utc), synced=False)
        shop.start()
        shop.count(2)
        shop.pass_time(70.0)
        assert shop.told()["set_aside"] == 12
        shop.box.clock, shop.box.synced = MONDAY, True
        shop.box.look()
        shop.pass_time(70.0)
        assert set(shop.hub.everything) == set(range(7, 13))
        assert shop.told()["set_aside"] == 6


class TestTimesGivenAnew:
    def carried_over(self, shop: Shop) -> None:
        """After a power cut nobody knows how long it was dark."""
        shop.count(20)
        shop.pass_time(70.0)
        shop.box.reboot(MONDAY + timedelta(seconds=shop.box.uptime_s), synced=False)
        shop.start()
        shop.count(40)
        shop.pass_time(70.0)
        shop.check()

    def test_rows_given_another_time_replace_the_old_ones(self, shop: Shop) -> None:
        self.carried_over(shop)
        shop.box.synced = True
        shop.box.step_clock(7200.0)
        shop.box.look()
        shop.count(5)
        shop.pass_time(70.0)
        shop.check()
        assert {row[1] for row in shop.hub.everything.values()} == {1, 2}
        assert [batch.revised for batch in shop.hub.batches[-4:]] == [True, True, True, False]
        sent = len(shop.hub.bodies)
        shop.pass_time(300.0)
        assert len(shop.hub.bodies) == sent, "each change is sent once"

    def test_a_kill_in_the_middle_of_it_does_no_harm(self, shop: Shop) -> None:
        self.carried_over(shop)
        shop.box.synced = True
        shop.box.step_clock(7200.0)
        shop.box.look()
        shop.hub.fault = lambda: "" if len(shop.hub.batches) % 2 else "away"
        shop.pass_time(3.0)
        shop.restart()
        shop.hub.fault = lambda: ""
        shop.pass_time(200.0)
        shop.check()

    def test_what_waits_for_the_clock_is_told(self, tmp_path: Path) -> None:
        shop = Shop(Box(tmp_path / "records.db", clock=datetime(1970, 1, 1, tzinfo=timezone.utc), synced=False))
        shop.count(5)
        shop.pass_time(100.0)
        assert shop.hub.everything == {}
        assert shop.told()["state"] == "waiting for the clock"
        assert shop.told()["waiting"] == 15
        shop.box.clock, shop.box.synced = MONDAY, True
        shop.box.look()
        shop.pass_time(70.0)
        shop.check()
        assert not any(batch.revised for batch in shop.hub.batches), "nobody has them by another time"


class TestOtherRecords:
    def test_a_hub_put_back_to_an_older_copy_is_given_the_rest_again(self, shop: Shop) -> None:
        shop.count(20)
        shop.pass_time(70.0)
        (name,) = shop.hub.cursors
        shop.hub.cursors[name] = 30
        shop.hub.rows[name] = {seq: row for seq, row in shop.hub.rows[name].items() if seq <= 30}
        shop.count(1)
        shop.pass_time(70.0)
        shop.check()
        assert shop.events()["sending-went-back"] == 1

    def test_and_the_later_times_of_rows_it_still_has(self, shop: Shop) -> None:
        """Its copy is from before they were given other times."""
        shop.count(10)
        shop.box.reboot(MONDAY + timedelta(seconds=shop.box.uptime_s), synced=False)
        shop.start()
        shop.count(10)
        shop.pass_time(70.0)
        (name,) = shop.hub.cursors
        copy = {seq: row for seq, row in shop.hub.rows[name].items() if seq <= 45}
        shop.box.synced = True
        shop.box.step_clock(7200.0)
        shop.box.look()
        shop.pass_time(70.0)
        shop.check()
        shop.hub.cursors[name], shop.hub.rows[name] = 45, copy
        shop.count(1)
        shop.pass_time(70.0)
        shop.check()

    def test_another_hub_is_given_everything(self, shop: Shop) -> None:
        shop.count(20)
        shop.pass_time(70.0)
        shop.hub.cursors, shop.hub.rows = {}, {}
        shop.count(1)
        shop.pass_time(70.0)
        shop.check()

    def test_a_hub_that_never_has_enough_is_not_asked_without_end(self, shop: Shop) -> None:
        shop.count(20)
        shop.pass_time(70.0)
        shop.hub.take = lambda _: shop_kept()  # type: ignore[method-assign] # a hub gone mad
        shop.count(1)
        shop.pass_time(600.0)
        assert shop.hub.heard[""] < 60

    def test_new_records_have_an_epoch_of_their_own(self, shop: Shop) -> None:
        shop.count(4)
        shop.pass_time(70.0)
        first = dict(shop.hub.rows)
        shop.box.stop()
        for file in shop.box.path.parent.glob("records.db*"):
            file.unlink()
        shop.box.start()
        shop.count(2)
        shop.pass_time(70.0)
        assert len(shop.hub.rows) == 2
        (fresh,) = [rows for name, rows in shop.hub.rows.items() if name not in first]
        assert fresh == device_rows(shop.box.path)

    def test_an_old_copy_put_back_is_told_from_what_it_was(self, shop: Shop) -> None:
        shop.count(10)
        shop.pass_time(70.0)
        shop.store.save_sent()
        shop.store.rest()
        copy = shop.box.path.read_bytes()
        shop.count(30)
        shop.pass_time(70.0)
        before = len(shop.hub.everything)
        shop.box.stop()
        shop.box.path.write_bytes(copy)
        shop.box.start()
        shop.count(3)
        shop.pass_time(200.0)
        assert shop.events()["records-are-old-copy"] == 1
        assert len(shop.hub.rows) == 2
        assert sum(len(rows) for rows in shop.hub.rows.values()) == before + 9, "nothing lost, nothing twice"


def shop_kept() -> object:
    from edge.core.shipment import Receipt, Verdict  # noqa: PLC0415 - for one test

    return Receipt(Verdict.KEPT, 3, sentence="more")


class TestStop:
    def test_the_rest_is_sent_at_the_stop(self, shop: Shop) -> None:
        shop.pass_time(70.0)
        shop.count(3)
        shop.sync.close()
        shop.check()
        assert shop.hub.closed == 2

    def test_a_hub_that_could_not_be_had_is_not_tried_again_at_the_stop(self, shop: Shop) -> None:
        shop.hub.fault = lambda: "away"
        shop.count(3)
        shop.pass_time(30.0)
        tries = shop.hub.heard["away"]
        shop.sync.close()
        assert shop.hub.heard["away"] == tries

    def test_what_is_lost_at_the_stop_comes_after_the_next_start(self, shop: Shop) -> None:
        shop.pass_time(70.0)
        shop.hub.fault = lambda: "answer lost"
        shop.count(3)
        shop.sync.close()
        shop.restart()
        shop.hub.fault = lambda: ""
        shop.count(1)
        shop.pass_time(70.0)
        shop.check()


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_the_hub_has_in_the_end_what_the_device_has(tmp_path: Path, seed: int) -> None:
    """Lives thrown by dice: visits, power cuts, clocks that are unset or step; a hub that fails most of the time."""
    dice = Random(seed)
    life = Life(tmp_path / "records.db", seed=seed, clock_unset=seed % 3 == 0)
    hub, shop = FakeHub(), Shop.__new__(Shop)
    shop.box, shop.hub, shop.habits, shop.device, shop.facts, shop.ways = life.box, hub, HABITS, DEVICE, [], seed
    shop.start()
    hub.fault = lambda: dice.choice(["", "", "away", "answer lost", "failed", "busy", "answer lost"])
    for _ in range(30):
        life.live(dice.randint(5, 60))
        shop.clock.advance(max(0.0, life.box.uptime_s - shop.clock.monotonic_s()))
        shop.pass_time(dice.choice([1.0, 30.0, 400.0]))
        if dice.random() < 0.3:
            shop.store._unsaved = None  # noqa: SLF001 - killed before it was written down
            life.power_cut(synced=dice.random() < 0.5)
            shop.start()
    life.hear_the_time()
    hub.fault = lambda: ""
    shop.pass_time(2000.0)
    assert shop.told()["waiting"] == 0
    assert shop.told()["set_aside"] == 0
    shop.check()


def test_a_fortnight_without_a_network_is_drained_in_order(tmp_path: Path) -> None:
    """2,400 crossings a day for 14 days; then everything goes, oldest first."""
    shop = Shop(Box(tmp_path / "records.db"), habits=SyncHabits(60.0, 500, (), 0, UTC))
    shop.hub.fault = lambda: "away"
    for day in range(14):
        at_s = [day * 86400.0 + 3600 * 10 + step * 15.0 for step in range(2400)]
        crossings = [Crossing(at, "door", "entrance", OUT if step % 2 else IN) for step, at in enumerate(at_s)]
        for first in range(0, 2400, 200):
            shop.store.append(crossings[first : first + 200])
        shop.box.uptime_s = (day + 1) * 86400.0
        shop.clock.advance(max(0.0, shop.box.uptime_s - shop.clock.monotonic_s() - 3600))
        shop.pass_time(3600.0)
    assert shop.told()["waiting"] == 33_600
    shop.hub.fault = lambda: ""
    began_s = shop.clock.monotonic_s()
    while shop.told()["waiting"]:
        shop.pass_time(1.0)
    assert shop.clock.monotonic_s() - began_s < 901 + 30
    assert len(shop.hub.everything) == 33_600
    order = [seq for batch in shop.hub.batches for seq in batch.seqs().tolist()]
    assert order == sorted(order)
    shop.check()


def test_times_that_become_known_while_the_next_batch_is_made_are_sent(tmp_path: Path) -> None:
    """What was made ready before rows got other times is not what is sent."""
    shop = Shop(Box(tmp_path / "records.db"))
    place = shop.store.path
    shop.count(120)
    with Outbox(place, "a" * 16) as outbox:
        progress = shop.store.progress
        at = point(outbox, "a" * 16, progress, 60)
        ahead = Ahead(place)
        ahead.prepare(at, Standing("1", 0, None, "synced", 0))
        ready = ahead.take(at)
        assert ready is not None
        assert decode(ready[1]).crossings == ready[0].shipment.crossings
        ahead.prepare(at, Standing("1", 0, None, "synced", 0))
        assert ahead.take(replace(at, change=at.change + 1)) is None
        ahead.prepare(replace(at, change=at.change + 1), Standing("1", 0, None, "synced", 0))
        assert ahead.take(replace(at, change=at.change + 1)) is None, "the records say otherwise"
