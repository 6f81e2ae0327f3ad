"""A writer that is killed in the middle of its work, again and again, and a look at what is left each time.

By hand: ``python tests/storage/crash_rig.py ROUNDS``. A nursery process imports everything once and forks a writer for
each round, so that a round takes a fraction of a second. What a writer acknowledged it tells through a pipe at once.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

ROOT = Path(__file__).parents[2]
if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from storage_kit import BERLIN, MONDAY, figures_differing, kept, sql, visit  # noqa: E402 - found only from here on

from edge.core.calendar import SiteCalendar  # noqa: E402 - the same
from edge.core.clock import ClockReading  # noqa: E402 - the same
from edge.core.notices import UNCLEAN_STOP  # noqa: E402 - the same
from edge.storage.database import close, connect_reader, quick_fault  # noqa: E402 - the same
from edge.storage.records import Crossing, Step, Visit, Walk  # noqa: E402 - the same
from edge.storage.retention import Keeping  # noqa: E402 - the same
from edge.storage.store import Store  # noqa: E402 - the same

# Each visit has a number of its own, by which it is found again: its stay in tenths of a second.
NUMBERS_A_ROUND = 100_000
MOST_ACKS = 25
# A write takes about a millisecond; so long after an acknowledgement the next blow may fall.
BLOW_S = 0.004
KEEP = Keeping(counted_days=0, walks_h=1)
PATIENCE_S = 30.0


@dataclass
class Findings:
    """What was found over all rounds."""

    acknowledged: set[int] = field(default_factory=set)
    rounds: int = 0
    kept: int = 0
    lost: int = 0
    doubled: int = 0
    halved: int = 0
    faults: list[str] = field(default_factory=list)


class Writer:
    """One round's writer: everything a store can be asked to do, in random order, until it is killed."""

    def __init__(self, path: Path, number: int, out: int) -> None:
        self._dice = Random(number)
        self._number = number * NUMBERS_A_ROUND
        self._out = out
        # Every third round is another start of the machine, and not every one hears a time server.
        self._uptime_s = 10.0 + 5000.0 * (number % 3)
        self._clock = MONDAY + timedelta(hours=number)
        self._synced = number % 4 == 3
        boot = f"boot-{number // 3}"
        self._store = Store.open(path, boot=boot, reading=self._reading(), calendar=BERLIN)
        events = {fact.event for fact in self._store.facts}
        if events - {UNCLEAN_STOP.event}:
            self._tell(f"fault {sorted(events)}")

    def work(self) -> None:
        while True:
            self._uptime_s += self._dice.uniform(0.1, 300)
            what = self._dice.random()
            if what < 0.8:
                self._write()
            elif what < 0.86:
                self._synced = self._synced or self._dice.random() < 0.5
                self._clock += timedelta(seconds=self._dice.choice([0, 0, -7200, 3600]))
                self._store.observe(self._reading())
            elif what < 0.9:
                self._store.set_calendar(self._dice.choice([BERLIN, SiteCalendar(ZoneInfo("UTC"))]))
            elif what < 0.95:
                self._store.tidy(KEEP)
            else:
                self._store.rest()

    def _write(self) -> None:
        numbers = range(self._number, self._number + self._dice.randint(1, 6))
        self._number = numbers.stop
        records = [record for number in numbers for record in visit(self._uptime_s, number / 10, f"c{number % 3}")]
        self._store.append([*records, Walk(self._uptime_s, "door", (Step(0, 0.5, 0.5),))])
        self._tell("ack " + " ".join(map(str, numbers)))

    def _reading(self) -> ClockReading:
        return ClockReading(self._uptime_s, self._clock + timedelta(seconds=self._uptime_s), self._synced)

    def _tell(self, line: str) -> None:
        os.write(self._out, f"{line}\n".encode())


def nurse() -> None:
    """For each ``PATH ROUND`` on the input fork a writer and tell its number; tell when it is dead."""
    for line in sys.stdin:
        path, number = line.rsplit(maxsplit=1)
        child = os.fork()
        if child == 0:
            try:
                os.write(1, b"born %d\n" % os.getpid())
                Writer(Path(path), int(number), 1).work()
            except BaseException as error:  # noqa: BLE001 - whatever it is, the rig has to hear of it
                os.write(1, f"fault {error!r}\n".encode())
            finally:
                os._exit(1)
        os.waitpid(child, 0)
        os.write(1, b"dead\n")


class Rig:
    """Kills writers and looks at what is left."""

    def __init__(self, path: Path, seed: int = 0) -> None:
        self.path, self.found = path, Findings()
        self._dice = Random(seed)
        command = [sys.executable, str(Path(__file__)), "nurse"]
        self._nursery = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - our own
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        self._in, self._out = self._nursery.stdin, self._nursery.stdout.fileno()
        self._rest = b""

    def close(self) -> None:
        self._in.close()
        self._nursery.wait(PATIENCE_S)
        os.close(self._out)
        with suppress(OSError):
            self._nursery.stdout.close()  # type: ignore[union-attr]

    def round(self) -> None:
        """Let a writer write, kill it, and look."""
        self._in.write(f"{self.path} {self.found.rounds}\n".encode())
        self._in.flush()
        self.found.rounds += 1
        victim = int(self._line().removeprefix("born "))
        # Some are killed while they open the file, before they have acknowledged anything.
        for _ in range(self._dice.choice([0, 1, self._dice.randint(2, MOST_ACKS)])):
            if not self._take(self._line()):
                break
        # The blow falls at any moment of a write: this pause is the test itself.
        select.select([], [], [], self._dice.uniform(0, BLOW_S))
        with suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
        while self._take(self._line()):
            pass
        self.look()

    def look(self) -> None:
        """Compare what is left with what was acknowledged."""
        found = self.found
        if not self.path.exists() or not self.path.stat().st_size:
            return
        database = connect_reader(self.path)
        fault = quick_fault(database, self.path)
        close(database, self.path)
        if fault is not None:
            found.faults.append(fault)
        if not sql(self.path, "SELECT count(*) FROM sqlite_master WHERE name = 'visit'")[0][0]:
            return
        visits = [round(row.record.stay_s * 10) for row in kept(self.path, Visit) if isinstance(row.record, Visit)]
        found.kept = len(visits)
        found.lost += len(found.acknowledged - set(visits))
        found.doubled += len(visits) - len(set(visits))
        found.halved += abs(len(kept(self.path, Crossing)) - 2 * len(visits))
        differing = figures_differing(self.path)
        if differing:
            found.faults.append(f"{differing} figures are not what making them anew gives")

    def _take(self, line: str) -> bool:
        """Note what a writer says; False if it is dead."""
        word, _, rest = line.partition(" ")
        if word == "ack":
            self.found.acknowledged |= set(map(int, rest.split()))
        elif word == "fault":
            self.found.faults.append(rest)
        return word != "dead"

    def _line(self) -> str:
        while b"\n" not in self._rest:
            ready, _, _ = select.select([self._out], [], [], PATIENCE_S)
            more = os.read(self._out, 65536) if ready else b""
            assert more, "the nursery has gone silent"
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode()


def by_hand(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        rig = Rig(Path(folder) / "acm.db", seed=rounds)
        for number in range(rounds):
            rig.round()
            if number % 50 == 49:
                print(number + 1, rig.found.kept, rig.found.faults)  # noqa: T201 - it is run by hand
        rig.close()
    found = rig.found
    print(  # noqa: T201 - it is run by hand
        f"{found.rounds} kills: {len(found.acknowledged)} visits acknowledged, {found.kept} kept, {found.lost} lost, "
        f"{found.doubled} doubled, {found.halved} crossings without their visit, faults: {found.faults or 'none'}"
    )


if __name__ == "__main__":
    if sys.argv[1] == "nurse":
        nurse()
    else:
        by_hand(int(sys.argv[1]))
