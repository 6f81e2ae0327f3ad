"""Devices that are killed while they count and send. By hand: ``DEVICE_KILLS=200 pytest tests/sync -k random_moments``.

A nursery process imports everything once and forks a device for each round, so that a round takes a moment.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from random import Random

ROOT = Path(__file__).parents[2]
if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "storage")]

from storage_kit import MONDAY  # noqa: E402 - found only from here on
from sync_kit import Life  # noqa: E402 - the same
from sync_rig import PATIENT, Sender, settings  # noqa: E402 - the same

MOST_TURNS = 12
# A turn takes some 10 ms; so long after one the blow may fall.
BLOW_S = 0.02
PATIENCE_S = 60.0
BOOTS_A_ROUND = 1000


def reborn(path: Path, url: str, number: int) -> Sender:
    """The device as it is after so many starts, a day later each time."""
    begins = MONDAY + timedelta(days=number)
    life = Life(path, number, clock_unset=number % 3 == 0, begins=begins, boot=1 + BOOTS_A_ROUND * number)
    return Sender(life, settings(url), PATIENT, batch_rows=40, seed=number)


def live_and_send(path: Path, url: str, number: int) -> None:
    """Until it is killed. Each turn is told."""
    device, chance = reborn(path, url, number), Random(number)
    while True:
        device.life.live(chance.randint(1, 60))
        if chance.random() < 0.2:
            device.life.hear_the_time()
        for _ in range(chance.randint(1, 4)):
            device.sync.now()
            device.step()
        os.write(1, b"turn\n")


def nurse() -> None:
    """For each ``ROUND URL PATH`` on the input fork a device and tell its number; tell when it is dead."""
    for line in sys.stdin:
        number, url, path = line.rstrip("\n").split(" ", 2)
        child = os.fork()
        if child == 0:
            try:
                os.write(1, b"born %d\n" % os.getpid())
                live_and_send(Path(path), url, int(number))
            except BaseException as error:  # noqa: BLE001 - whatever it is, the rig has to hear of it
                os.write(1, f"fault {error!r}\n".encode())
            finally:
                os._exit(1)
        os.waitpid(child, 0)
        os.write(1, b"dead\n")


class DeviceRig:
    """Kills devices. ``turns`` is how many were lived through, ``faults`` what they ended of beside the blows."""

    def __init__(self, path: Path, url: str, seed: int = 0) -> None:
        self._path, self._url, self._dice = path, url, Random(seed)
        self.rounds, self.turns, self.faults = 0, 0, list[str]()
        command = [sys.executable, str(Path(__file__))]
        self._nursery = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - our own
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        self._in, self._out = self._nursery.stdin, self._nursery.stdout
        self._rest = b""

    def close(self) -> None:
        self._in.close()
        self._nursery.wait(PATIENCE_S)
        self._out.close()

    def round(self) -> None:
        """Let a device live, and kill it."""
        self.rounds += 1
        self._in.write(f"{self.rounds} {self._url} {self._path}\n".encode())
        self._in.flush()
        victim = int(self._line().removeprefix("born "))
        # Some are killed while they start.
        for _ in range(self._dice.choice([0, 1, self._dice.randint(2, MOST_TURNS)])):
            if not self._take(self._line()):
                break
        # The blow falls at any moment of a turn: this pause is the test itself.
        select.select([], [], [], self._dice.uniform(0, BLOW_S))
        with suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
        while self._take(self._line()):
            pass

    def _take(self, line: str) -> bool:
        self.turns += line == "turn"
        if line.startswith("fault"):
            self.faults.append(line)
        return line != "dead"

    def _line(self) -> str:
        while b"\n" not in self._rest:
            ready, _, _ = select.select([self._out], [], [], PATIENCE_S)
            more = os.read(self._out.fileno(), 65536) if ready else b""
            assert more, "the nursery has gone silent"
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode()


if __name__ == "__main__":
    nurse()
