"""``acm bench sync``: a real hub on a real PostgreSQL, and what it takes to send a month to it."""

from __future__ import annotations

import shutil
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import timezone
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from edge import __version__
from edge.app.bench_device import chimes_with
from edge.app.child import HOST, answers_at, free_port, hub_at
from edge.app.hub_way import keyring_in
from edge.config.upstream import UpstreamTable
from edge.core.clock import ClockReading, SystemClock, perf_ns, read_clock
from edge.core.errors import AcmError, InputError, UpstreamError
from edge.core.model import Direction
from edge.core.shipment import Standing
from edge.core.timekeeping import to_ms
from edge.host.memory import peak_rss_mb_of
from edge.host.postgres import ThrowawayPostgres
from edge.hub.secrecy import code_hash, fresh_code
from edge.services.bench_sync import Chimes, ChimeTimes, Round, SyncReport
from edge.services.sync import BACKLOG_ROWS, Sync, SyncHabits
from edge.services.sync_courier import Courier, Way
from edge.storage.hub.bare_copy import bare_copy
from edge.storage.hub.registry import Registry
from edge.storage.hub.store import HubStore
from edge.storage.outbox import Outbox
from edge.storage.records import Crossing
from edge.storage.store import Store
from edge.upstream.client import HttpUpstream
from edge.upstream.wire import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TextIO

    from edge.core.ports import Upstream
    from edge.core.shipment import Receipt

DAYS, A_DAY, FORTNIGHT = 30, 2400, 14
DAY_S = 86_400.0
USUAL_BATCH, ROUNDS = 500, 5
AT_ONCE = 2000
# While chimes ring a fortnight waits; after so long the network is back, and all of it is sent.
AWAY_S = 5.0
# Of fewer chimes the bad case is chance.
ENOUGH = 120
NO_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class SyncBenchAsk:
    """What ``acm bench sync`` was asked for. ``database``: an empty PostgreSQL one; one for the while by default."""

    database: str = ""
    as_json: bool = False
    check: bool = False


def bench_sync(ask: SyncBenchAsk, out: TextIO, err: TextIO) -> int:
    """Measure what sending costs here; 1 with ``check`` when a budget is missed. Takes about two minutes."""
    if ask.database and not ask.database.startswith("postgresql://"):
        raise InputError("--database: bench sync compares with PostgreSQL; give an address postgresql://...")
    if err.isatty():
        err.write("Measuring; this takes about two minutes.\n")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="acm-bench-")))
        database = ask.database or stack.enter_context(ThrowawayPostgres()).url
        port = free_port()
        hub = stack.enter_context(hub_at(database, port, folder, NO_LIMIT))
        answers_at(port, hub)
        bench = _Bench(folder, database, port)
        rounds = [bench.round(number) for number in range(ROUNDS)]
        # The hub's memory is read while it lives, after all the rest it had to do.
        chimes = bench.chimes()
        rss_mb = peak_rss_mb_of(hub.process.pid) or 0.0
        report = SyncReport(rounds, bench.wire_bytes(), rss_mb, chimes)
    out.write(report.json() if ask.as_json else report.text())
    return 0 if report.within or not ask.check else 1


class _Network:
    """The way to the hub, away at first."""

    def __init__(self, upstream: Upstream, there: Callable[[], bool]) -> None:
        self._upstream, self._there = upstream, there

    def send(self, body: bytes) -> Receipt:
        """Send a batch, if the network is there."""
        if not self._there():
            raise UpstreamError("The network is away.")
        return self._upstream.send(body)

    def close(self) -> None:
        """Let go of the way."""
        self._upstream.close()


class _Bench:
    def __init__(self, folder: Path, database: str, port: int) -> None:
        self._folder, self._database, self._clock = folder, database, SystemClock()
        self._table = UpstreamTable.model_validate({"enabled": True, "url": f"http://{HOST}:{port}"})
        self._month = folder / "month.db"
        self._record(self._month, DAYS)

    def round(self, number: int) -> Round:
        """A device nobody has heard of sends its month; then the database copies the same rows by itself."""
        folder = self._folder / f"device-{number}"
        folder.mkdir()
        with ExitStack() as stack:
            store = self._opened(shutil.copyfile(self._month, folder / "records.db"))
            stack.enter_context(closing(store))
            way = self._enrolled(folder, number)
            stack.enter_context(closing(way.upstream))
            courier = Courier(store.path, lambda: store, lambda _: None)
            # What every start costs is not what is measured: the first connection, the first answer.
            courier.deliver(way, 1, self._clock.monotonic_s())
            start, rows = perf_ns(), 0
            while True:
                went = courier.deliver(way, BACKLOG_ROWS, self._clock.monotonic_s())
                rows += went.rows
                if not went.more:
                    break
            sent_s = (perf_ns() - start) / 1e9
        if rows != DAYS * A_DAY - 1:
            raise AcmError(f"Only {rows} of {DAYS * A_DAY - 1} rows came through to the hub.")
        return Round(rows, sent_s, self._copied(rows, way.device))

    def chimes(self) -> Chimes:
        """Chimes while there is nothing to send, and while a fortnight is being sent."""
        plain = ChimeTimes(*chimes_with((), ENOUGH))
        folder = self._folder / "fortnight"
        folder.mkdir()
        self._record(folder / "records.db", FORTNIGHT)
        with ExitStack() as stack:
            store = self._opened(folder / "records.db")
            stack.enter_context(closing(store))
            way = self._enrolled(folder, ROUNDS)
            stack.enter_context(closing(way.upstream))
            habits = SyncHabits(60.0, USUAL_BATCH, (), 0, timezone.utc)
            courier = Courier(store.path, lambda: store, lambda _: None)
            back_s = self._clock.monotonic_s() + AWAY_S
            network = _Network(way.upstream, lambda: self._clock.monotonic_s() >= back_s)
            sync = Sync(
                courier, lambda _: Way(way.device, network), habits, self._clock, at=store.at, tell=lambda _: None
            )
            backlog = ChimeTimes(*chimes_with((sync,), ENOUGH))
            if courier.look() is None or (left := sync.told(self._clock.monotonic_s())["waiting"]):
                raise AcmError(f"{left} rows still wait after the network came back.")
            return Chimes(plain, backlog, FORTNIGHT * A_DAY)

    def wire_bytes(self) -> float:
        """Bytes of a crossing on the wire, in batches of the usual size."""
        with closing(self._opened(self._month)) as store, Outbox(self._month, "a" * 16) as outbox:
            draft = outbox.fresh(store.progress, Standing(__version__, 0, None, "synced", 0), USUAL_BATCH)
        return len(encode(draft.shipment)) / draft.shipment.rows

    def _copied(self, rows: int, device: str) -> float:
        """Seconds the database alone takes for the rows of this round's device."""
        store = HubStore.open(self._database)
        try:
            copied = bare_copy(store.database, device, perf_ns)
        finally:
            store.close()
        if copied.rows < rows:
            raise AcmError(f"The hub has {copied.rows} rows of {rows}.")
        return copied.seconds * rows / copied.rows

    def _record(self, path: Path, days: int) -> None:
        """Records of so many days up to now, as the box itself writes them: people come by chance."""
        now, span_s = self._clock.utc_now(), days * DAY_S
        reading = ClockReading(span_s, now, synced=True)
        with closing(Store.open(path, boot="long ago", reading=reading)) as store:
            crossings = list(_by_chance(days * A_DAY, span_s))
            for first in range(0, len(crossings), AT_ONCE):
                store.append(crossings[first : first + AT_ONCE])

    def _opened(self, path: Path) -> Store:
        return Store.open(path, boot="today", reading=read_clock(self._clock, synced=True))

    def _enrolled(self, folder: Path, number: int) -> Way:
        """A device that the hub knows."""
        code, now_ms = fresh_code(), to_ms(self._clock.utc_now())
        store = HubStore.open(self._database)
        try:
            registry = Registry(store)
            registry.add_site(f"shop {number}", "UTC", 0, now_ms)
            registry.claim(f"shop {number}", "bench", code_hash(code), now_ms)
        finally:
            store.close()
        keyring = keyring_in(folder)
        upstream = HttpUpstream(self._table, keyring, self._clock)
        upstream.enrol(code, "bench", __version__)
        return Way(keyring.made_key().device, upstream)


def _by_chance(count: int, span_s: float) -> Iterator[Crossing]:
    """So many crossings at two lines, at moments of chance."""
    dice = Random(count)  # noqa: S311 - people, no secrets
    for uptime_s in sorted(dice.uniform(0.0, span_s) for _ in range(count)):
        line, direction = dice.choice(("entrance", "side door")), dice.choice((Direction.IN, Direction.OUT))
        yield Crossing(uptime_s, "door", line, direction)
