"""Devices that are killed, get another card, do not know what year it is, or hear of no network for two weeks."""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
from fault_proxy import HANGING, Dice, Fault, FaultProxy, Script
from hub_rig import HubThread, claim
from storage_kit import IN, MONDAY, OUT
from sync_kit import Life, device_rows, differing, hub_rows, hub_totals, totals
from sync_rig import Sender, settings

from edge.core.clock import ManualClock
from edge.core.notices import RECORDS_ARE_OLD_COPY
from edge.storage.records import Crossing
from edge.upstream.wire import decode

sys.path.append(str(Path(__file__).parent))
from device_rig import DeviceRig, reborn

if TYPE_CHECKING:
    from collections.abc import Callable

    from postgres_kit import Postgres

    Sending = Callable[..., Sender]

KILLS = int(os.environ.get("DEVICE_KILLS", "16"))
DAYS, CROSSINGS_A_DAY = 14, 2400
A_YEAR = timedelta(days=365)


def assert_same(device: Sender, database: str) -> None:
    assert device.differs(database) == []
    assert device.sync.told(device.life.now_s)["set_aside"] == 0


def test_a_device_killed_at_random_moments(hub: HubThread, tmp_path: Path) -> None:
    path = tmp_path / "device.db"
    faults = [fault for fault in Fault if fault not in HANGING]
    with FaultProxy(Dice(KILLS, 0.2, faults), hub.port) as proxy:
        first = reborn(path, hub.url, 0)
        first.enrol(claim(hub.database, "killed", MONDAY))
        first.close()
        rig = DeviceRig(path, proxy.url, KILLS)
        try:
            for _ in range(KILLS):
                rig.round()
        finally:
            rig.close()
        assert rig.faults == []
        assert rig.turns > KILLS
        device = reborn(path, hub.url, KILLS + 1)
        device.life.hear_the_time()
        device.drain()
        assert_same(device, hub.database)
        assert not device.figures_differ(hub.database)
        rows = len(device_rows(path))
        device.close()
    sys.stderr.write(f"\n{KILLS} kills: {rig.turns} turns, {rows} rows, all of them in the hub once\n")


def test_other_records_in_the_same_box(hub: HubThread, sender: Sending) -> None:
    """A new card: rows are numbered from 1 again, under another name, and those of before stay."""
    device = sender(hub.url)
    device.life.live(200)
    device.drain()
    before, old_epoch = device_rows(device.life.path), device.store.epoch
    device.life.replace_records()
    device.start()
    device.life.live(200)
    device.life.hear_the_time()
    device.drain()
    assert device.store.epoch != old_epoch
    assert_same(device, hub.database)
    assert differing(before, hub_rows(hub.database, device.device, old_epoch)) == []
    both = [totals(before), totals(device_rows(device.life.path))]
    assert hub_totals(hub.database, device.device) == {name: sum(one[name] for one in both) for name in both[0]}


@pytest.mark.parametrize("offline_rows", [60, 500])
def test_an_older_copy_of_the_records_put_back(offline_rows: int, hub: HubThread, sender: Sending) -> None:
    """What the hub has of the time after the copy stays; what is counted from now on is not taken for it."""
    device = sender(hub.url)
    device.life.live(200)
    device.drain()
    device.life.box.stop()
    copy = device.life.path.read_bytes()
    device.life.box.start()
    device.life.live(200)
    device.life.hear_the_time()
    device.drain()
    before, old_epoch = device_rows(device.life.path), device.store.epoch
    device.life.box.stop()
    device.life.path.write_bytes(copy)
    device.life.box.start()
    device.start()
    device.life.live(offline_rows)
    device.life.hear_the_time()
    device.drain()
    device.life.live(200)
    device.drain()
    assert RECORDS_ARE_OLD_COPY.event in {fact.event for fact in device.facts}
    since = device_rows(device.life.path, device.store.progress.first_seq)
    assert len(since) > 200
    assert differing(since, hub_rows(hub.database, device.device, device.store.epoch)) == []
    kept = hub_rows(hub.database, device.device, old_epoch)
    assert {seq: row for seq, row in before.items() if kept.get(seq) != row} == {}


@pytest.mark.parametrize("wrong_by", [A_YEAR, -A_YEAR])
def test_a_device_that_is_wrong_by_a_year(wrong_by: timedelta, hub: HubThread, sender: Sending) -> None:
    """Its rows go with a wrong time at first, and again with the right one as soon as a time server is heard."""
    device = sender(hub.url)
    device.life.live(80)
    device.life.power_cut(synced=False, wrong_by=wrong_by)
    device.start()
    device.life.box.look()
    device.life.visitors(10)
    device.drain()
    wrong = hub_rows(hub.database, device.device, device.store.epoch)
    device.life.hear_the_time()
    device.life.live(20)
    device.drain()
    assert_same(device, hub.database)
    assert not device.figures_differ(hub.database)
    right = hub_rows(hub.database, device.device, device.store.epoch)
    assert any(right[seq] != row for seq, row in wrong.items()), "some had a wrong time"


@pytest.mark.parametrize("wrong_by", [A_YEAR, -A_YEAR])
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_hub_that_is_wrong_by_a_year(kind: str, wrong_by: timedelta, postgres: Postgres, tmp_path: Path) -> None:
    """And then is set right: its months go back or on, its rows do not mind."""
    database = postgres.database() if kind == "postgresql" else f"sqlite:///{tmp_path}/hub.db"
    clock = ManualClock(utc=MONDAY + wrong_by)
    with HubThread(database, clock) as hub:
        device = Sender(Life(tmp_path / "device.db"), settings(hub.url))
        device.enrol(claim(database, "shop", clock.utc_now()))
        for now in (clock.utc_now(), MONDAY, MONDAY + timedelta(days=40)):
            clock.set_utc(now)
            device.life.live(100)
            device.life.hear_the_time()
            device.drain()
            assert_same(device, database)
            assert not device.figures_differ(database)
        device.close()


def test_two_weeks_without_network(hub: HubThread, sender: Sending) -> None:
    chance = Random(14)
    with FaultProxy(Script(), hub.port) as proxy:
        device = sender(proxy.url)
        proxy.shut()
        for _ in range(DAYS):
            for _ in range(CROSSINGS_A_DAY // 40):
                device.life.wait(chance.uniform(300, 900))
                device.store.append([
                    Crossing(device.life.now_s, "door", "entrance", chance.choice((IN, OUT))) for _ in range(40)
                ])  # fmt: skip
            # A morning's tries: the pauses between them have long been as long as they get.
            device.run_for(4 * 3600)
        told = device.sync.told(device.life.now_s)
        assert (told["state"], told["waiting"]) == ("failing", DAYS * CROSSINGS_A_DAY)
        proxy.open()
        device.drain()
        sent = [decode(request.body) for request in proxy.before]
        ends = [(one.after_seq, one.last_seq) for one in sent if one.rows]
        assert sum(one.rows for one in sent) == DAYS * CROSSINGS_A_DAY, "each once"
        assert all(before[1] == after[0] for before, after in pairwise(ends)), "oldest first"
        assert_same(device, hub.database)
        assert not device.figures_differ(hub.database)
