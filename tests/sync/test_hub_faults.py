"""Hubs and databases that end at the worst moment: what was accepted is there, what was not comes again.

More rounds by hand: ``HUB_KILLS=100 pytest tests/sync/test_hub_faults.py``.
"""

from __future__ import annotations

import os
import select
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from random import Random
from threading import Barrier
from typing import TYPE_CHECKING

import psycopg
import pytest
from fault_proxy import Dice, Fault, FaultProxy, Script
from hub_rig import HubProcess, HubThread, claim
from postgres_kit import Postgres
from sync_kit import Life
from sync_rig import PATIENT, Sender, settings

from edge.core.notices import SENDING_WENT_BACK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

KILLS = int(os.environ.get("HUB_KILLS", "3"))
# A batch takes some 10 ms; the blow falls before, in the middle or after.
BLOW_S = 0.03


@contextmanager
def device_at(url: str, hub: HubProcess | HubThread, folder: Path, seed: int = 0) -> Iterator[Sender]:
    """A device known to the hub, which it reaches at ``url``."""
    device = Sender(Life(folder / f"device-{seed}.db", seed), settings(hub.url), PATIENT, batch_rows=150, seed=seed)
    try:
        device.enrol(claim(hub.database, f"shop {seed}", device.life.true_time))
        device.table = settings(url)
        device.start()
        yield device
    finally:
        device.close()


@contextmanager
def soon(chance: Random, blow: Callable[[], None]) -> Iterator[None]:
    """The blow falls while something is done."""

    def fall() -> None:
        # This pause is the test itself.
        select.select([], [], [], chance.uniform(0, BLOW_S))
        blow()

    with ThreadPoolExecutor(1) as other:
        falling = other.submit(fall)
        yield
        falling.result()


def assert_same(device: Sender, database: str) -> None:
    assert device.differs(database) == []
    assert not device.figures_differ(database)
    assert device.sync.told(device.life.now_s)["set_aside"] == 0


def send_at_once(device: Sender) -> None:
    """Whatever pause it had, it sends now, a few batches one after the other."""
    for _ in range(3):
        device.sync.now()
        device.step()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_hub_killed_again_and_again(kind: str, postgres: Postgres, tmp_path: Path) -> None:
    chance = Random(KILLS)
    database = postgres.database() if kind == "postgresql" else f"sqlite:///{tmp_path}/hub.db"
    with HubProcess(tmp_path, database) as hub, device_at(hub.url, hub, tmp_path) as device:
        for _ in range(KILLS):
            device.life.live(300)
            with soon(chance, hub.kill):
                send_at_once(device)
            hub.start()
            send_at_once(device)
        device.life.hear_the_time()
        device.drain()
        assert_same(device, database)


def test_a_hub_killed_with_rows_written_and_nothing_committed(postgres: Postgres, tmp_path: Path) -> None:
    """It has copied the rows and waits for the figures, which somebody else has locked; there it ends."""
    database = postgres.database()
    with HubProcess(tmp_path, database) as hub, device_at(hub.url, hub, tmp_path) as device:
        device.life.live(100)
        device.drain()
        before = device.store.progress.cursor
        device.life.live(100)
        with psycopg.connect(database) as other, ThreadPoolExecutor(1) as thread:
            other.execute("LOCK TABLE hour_figure IN ACCESS EXCLUSIVE MODE")
            sending = thread.submit(send_at_once, device)
            with psycopg.connect(database, autocommit=True) as looking:
                while not looking.execute(WAITING).fetchone():
                    assert not sending.done(), f"it did not wait: {device.sync.told(device.life.now_s)}\n{hub.said}"
            hub.kill()
            sending.result()
        assert device.store.progress.cursor == before, "it was not told that the hub has them"
        with psycopg.connect(database) as looking:
            (count,) = looking.execute("SELECT count(*) FROM crossing WHERE seq > %s", (before,)).fetchone() or (0,)
        assert count == 0, "nothing is kept by halves"
        hub.start()
        device.drain()
        assert_same(device, database)


WAITING = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'hour_figure'::regclass"


def test_the_database_is_restarted(tmp_path: Path) -> None:
    chance = Random(KILLS)
    with Postgres() as server:
        database = server.database()
        with HubThread(database) as hub, device_at(hub.url, hub, tmp_path) as device:
            for number in range(KILLS):
                device.life.live(300)
                with soon(chance, server.crash if number % 3 else server.stop):
                    send_at_once(device)
                device.life.live(20)
                send_at_once(device)
                assert device.sync.told(device.life.now_s)["state"] == "failing"
                server.start()
                device.drain()
            assert_same(device, database)


def test_two_hubs_of_which_one_is_killed(postgres: Postgres, tmp_path: Path) -> None:
    """Two devices send through both in turns, and both hubs are sent what the other has, too."""
    database = postgres.database()
    faults = (Fault.TWICE, Fault.OLD_ONES, Fault.ANSWER_LOST)
    with (
        HubProcess(tmp_path, database) as one,
        HubProcess(tmp_path, database) as other,
        FaultProxy(Dice(1, 0.5, faults), one.port, other.port) as proxy,
        device_at(proxy.url, one, tmp_path, 1) as first,
        device_at(proxy.url, other, tmp_path, 2) as second,
        ThreadPoolExecutor(2) as threads,
    ):
        devices = (first, second)
        for doing in (None, one.kill, None, one.start, None):
            if doing is not None:
                doing()
            for device in devices:
                device.life.live(150)
            list(threads.map(send_at_once, devices))
        list(threads.map(Sender.drain, devices))
        for device in devices:
            assert_same(device, database)
        assert proxy.met[Fault.TWICE] > 0


def test_the_same_batches_at_two_hubs_at_the_same_moment(postgres: Postgres, tmp_path: Path) -> None:
    database = postgres.database()
    with (
        HubThread(database) as one,
        HubThread(database) as other,
        FaultProxy(Script(), one.port) as proxy,
        device_at(proxy.url, one, tmp_path) as device,
        ThreadPoolExecutor(4) as threads,
    ):
        barrier = Barrier(4)

        def again(port: int) -> set[int]:
            seen = set()
            for request in proxy.before:
                barrier.wait(20.0)
                seen.add(proxy.ask(request, port).status)
            return seen

        for _ in range(8):
            device.life.live(100)
            device.drain()
        # The hub forgets all of them; then all four come with each batch at once.
        with psycopg.connect(database, autocommit=True) as looking:
            looking.execute("DELETE FROM crossing; DELETE FROM visit; DELETE FROM zone_stay; DELETE FROM correction")
            looking.execute("DELETE FROM notice; DELETE FROM hour_figure; DELETE FROM arrival; DELETE FROM stream")
        many = len(proxy.before) >= 8
        assert many
        for seen in threads.map(again, [one.port, other.port, one.port, other.port]):
            assert seen == {200}
        assert_same(device, database)


def test_a_hub_put_back_to_an_older_copy(tmp_path: Path) -> None:
    """What it lost is sent again, and what was revised since."""
    file, copy = tmp_path / "hub.db", tmp_path / "copy.db"
    database = f"sqlite:///{file}"
    with HubProcess(tmp_path, database) as hub, device_at(hub.url, hub, tmp_path) as device:
        device.life.live(300)
        device.drain()
        hub.stop()
        copy.write_bytes(file.read_bytes())
        hub.start()
        device.life.live(300)
        device.life.hear_the_time()
        device.drain()
        hub.stop()
        file.write_bytes(copy.read_bytes())
        hub.start()
        assert device.differs(database) != []
        device.life.live(10)
        send_at_once(device)
        device.drain()
        assert SENDING_WENT_BACK.event in {fact.event for fact in device.facts}
        assert_same(device, database)
