"""Run by the tests inside the unit's sandbox: tries what the product has to do there, and what it must not be able to.

Prints one JSON object: what came of each trial, "done" or the reason why not.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np

from edge.core.clock import SystemClock
from edge.core.frame import Frame
from edge.hardware.sound import PygameSpeaker
from edge.hardware.tflite import TfliteDetector
from edge.host.clock_sync import kernel_synced
from edge.host.health import read_health
from edge.host.machine import Machine

if TYPE_CHECKING:
    from collections.abc import Callable

STATE = Path(os.environ["STATE_DIRECTORY"])
HEARD = STATE / "heard.raw"


def infer() -> None:
    detector = TfliteDetector()
    detector.detect(Frame(np.full((480, 640, 3), 128, np.uint8), 0.0))
    detector.close()


def chime() -> None:
    os.environ.update(SDL_AUDIODRIVER="disk", SDL_DISKAUDIOFILE=str(HEARD))
    speaker = PygameSpeaker()
    speaker.play("two-tone")
    for _ in range(100):
        if HEARD.exists() and any(HEARD.read_bytes()):
            break
        time.sleep(0.02)
    else:
        raise OSError("silence")
    speaker.close()


def record() -> None:
    with sqlite3.connect(STATE / "trial.db") as database:
        database.execute("pragma journal_mode=wal")
        database.execute("create table trial (t real)")


def read_clock() -> None:
    if kernel_synced() is None:
        raise OSError("the kernel may not be asked")


def look_at_machine() -> None:
    health = read_health(Machine(), STATE)
    if not health.boot_id or health.disk is None or health.written_mb is None:
        raise OSError(f"too little is told: {health}")


def run_a_program() -> None:
    subprocess.run(["/bin/true"], check=True)


def set_clock() -> None:
    time.clock_settime(time.CLOCK_REALTIME, SystemClock().utc_now().timestamp())


def read_kernel_log() -> None:
    Path("/dev/kmsg").read_bytes()


def make_a_device() -> None:
    os.mknod(STATE / "device", 0o600 | 0o020000, os.makedev(1, 1))


def write(path: str) -> Callable[[], None]:
    return lambda: Path(path).write_text("trial", encoding="utf-8")


TRIALS: dict[str, Callable[[], object]] = {
    "infer": infer,
    "chime": chime,
    "record": record,
    "read the clock": read_clock,
    "look at the machine": look_at_machine,
    "run a program": run_a_program,
    "write state": write(f"{STATE}/trial"),
    "write runtime": write("/run/acm/trial"),
    "write temporary": write("/tmp/trial"),  # noqa: S108 - the sandbox's own
    "write settings": write("/etc/acm/trial"),
    "write system": write("/usr/trial"),
    "write home": write("/root/trial"),
    "write other state": write("/var/lib/trial"),
    "see processes": Path("/proc/1/cmdline").stat,
    "set the clock": set_clock,
    "read the kernel's log": read_kernel_log,
    "make a device": make_a_device,
    "become root": lambda: os.setuid(0),
}


def tried(trial: Callable[[], object]) -> str:
    try:
        trial()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
        return str(error) or type(error).__name__
    return "done"


if __name__ == "__main__":
    print(json.dumps({name: tried(trial) for name, trial in TRIALS.items()}))  # noqa: T201 - its answer
