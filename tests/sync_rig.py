"""A device that sends: a shop's life, the real records, the real service and client, driven step by step.

Nothing here waits: time is what the box's own clock says, and passes when a test lets it.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sync_kit import Life, device_rows, differing, hub_rows, hub_totals, totals

from edge import __version__
from edge.config.upstream import UpstreamTable
from edge.core.clock import SystemClock
from edge.services.sync import Sync, SyncHabits
from edge.services.sync_courier import Courier, Way
from edge.storage.database import connect_reader
from edge.storage.models import Restamp
from edge.storage.outbox import Outbox
from edge.upstream.client import HttpUpstream
from edge.upstream.keyring import Keyring
from edge.upstream.troubles import Limits

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from edge.core.notice import Fact
    from edge.storage.store import Store

# A hub that hangs is waited for so long; for the device it is a minute.
QUICK = Limits(connect_s=2.0, read_s=0.4, whole_s=0.8)
PATIENT = Limits(connect_s=5.0, read_s=20.0, whole_s=30.0)
# Whatever the seed, it has to come to an end.
MOST_STEPS = 3000


class LifeClock:
    """What the box's own clocks say."""

    def __init__(self, life: Life) -> None:
        self._life = life

    def monotonic_s(self) -> float:
        return self._life.box.uptime_s

    def utc_now(self) -> datetime:
        return self._life.box.reading().utc


class Network(SystemClock):
    """Time limits of connections are real; what day the box takes it for is its own matter."""

    def __init__(self, life: Life) -> None:
        self._life = life

    def utc_now(self) -> datetime:
        return self._life.box.reading().utc


@dataclass
class Sender:
    """A device; ``table`` has its settings, ``limits`` the client's patience. ``facts`` are what it told."""

    life: Life
    table: UpstreamTable
    limits: Limits = QUICK
    batch_rows: int = 60
    seed: int = 0
    facts: list[Fact] = field(default_factory=list)
    sync: Sync = field(init=False)
    upstream: HttpUpstream | None = field(init=False, default=None)
    starts: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        folder = self.life.path.parent / f"{self.life.path.stem}-keys"
        folder.mkdir(exist_ok=True)
        self.keyring = Keyring(folder, _write)
        self.start()

    @property
    def device(self) -> str:
        return self.keyring.made_key().device

    @property
    def store(self) -> Store:
        assert self.life.box.store is not None
        return self.life.box.store

    def start(self) -> None:
        """The program starts: nothing is known but what is on the disk."""
        self.starts += 1
        if self.upstream is not None:
            self.upstream.close()
        # Also what is kept in memory of key and token goes.
        self.keyring = Keyring(self.keyring._folder, _write)  # noqa: SLF001 - the same folder
        self.upstream = HttpUpstream(self.table, self.keyring, Network(self.life), self.limits)
        courier = Courier(self.life.path, lambda: self.life.box.store, self.facts.append)
        habits = SyncHabits(60.0, self.batch_rows, (), 0, self.life.box.calendar.zone)
        self.sync = Sync(
            courier, lambda _: Way(self.device, self.upstream), habits, LifeClock(self.life),
            at=self.at, tell=self.facts.append, seed=self.seed + self.starts,
        )  # fmt: skip

    def at(self, now_s: float) -> datetime | None:
        return self.store.at(now_s)

    def close(self) -> None:
        """The end of it."""
        assert self.upstream is not None
        self.upstream.close()
        self.life.box.stop()

    def enrol(self, code: str) -> None:
        # No fault is tried here; the hub may be slow on a busy machine.
        patient = HttpUpstream(self.table, self.keyring, Network(self.life), PATIENT)
        with closing(patient):
            patient.enrol(code, self.life.path.stem, __version__)

    def step(self) -> float:
        """One step of the service, and the pause after it, in the box's own time."""
        pause_s = self.sync.step(self.life.now_s)
        self.life.wait(pause_s + 0.001)
        return pause_s

    def run_for(self, seconds: float) -> int:
        """Steps until so much time has passed; how many."""
        end_s, steps = self.life.now_s + seconds, 0
        while self.life.now_s < end_s:
            self.step()
            steps += 1
            assert steps < MOST_STEPS, "it never rests"
        return steps

    def drain(self) -> int:
        """Steps until the hub has said that it has everything; how many."""
        for steps in range(MOST_STEPS):
            if self.all_sent:
                return steps
            self.step()
        told = self.sync.told(self.life.now_s)
        raise AssertionError(f"not everything is sent after {MOST_STEPS} steps: {told}")

    @property
    def all_sent(self) -> bool:
        progress = self.store.progress
        database = connect_reader(self.life.path)
        try:
            changes = [number for (number,) in Restamp.select(Restamp.id).tuples().execute(database)]
        finally:
            database.close()
        with Outbox(self.life.path, self.device) as outbox:
            revised = outbox.passed_over(progress).revised
            return outbox.backlog(progress).rows == 0 and revised >= max(changes, default=0)

    def differs(self, database: str) -> list[str]:
        """Where the hub does not have exactly what is on the device: rows, versions, times, values, or figures."""
        ours = device_rows(self.life.path)
        return differing(ours, hub_rows(database, self.device, self.store.epoch))

    def figures_differ(self, database: str) -> bool:
        """Whether the hub's figures are not the sums of the device's rows (of a device with one database only)."""
        return hub_totals(database, self.device) != totals(device_rows(self.life.path))


def settings(url: str, **more: object) -> UpstreamTable:
    """``[upstream]`` with this hub."""
    return UpstreamTable.model_validate({"enabled": True, "url": url, **more})


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    path.chmod(0o600)
