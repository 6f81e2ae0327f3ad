"""The device's part of ``acm bench``: simulated people, a speaker that is not there, records that are thrown away."""

from __future__ import annotations

from contextlib import closing
from datetime import timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from edge.analytics.chime import Chimes, Manners
from edge.analytics.greeting import Greetings
from edge.config.sound import GreetingTable
from edge.core.clock import SystemClock, read_clock
from edge.core.model import Tripwire
from edge.hardware.sim import SimSpeaker
from edge.hardware.sim_door import SimDoor
from edge.hardware.speech import Speech
from edge.services.bench_device import CHIMES, DeviceCosts, chime_costs, crossing_bytes
from edge.services.capture import CameraPlan
from edge.services.ledger import Ledger
from edge.services.sound import Sound, Voice
from edge.storage.store import Store
from edge.vision.oblique import ObliqueEye

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.services.service import Service

DOOR = Tripwire("door", (0.5, 1.0), (0.5, 0.0))
# A crowd in a hurry, to have enough chimes soon. Faster than this the drawing of the pictures would be measured.
PEOPLE_PER_MINUTE, SPEED = 120.0, 2.0
# Where /tmp is in memory (Debian 13), nothing is written to a disk there.
ON_DISK = Path("/var/tmp")  # noqa: S108 - the folder in it is made with a name of its own


def device_costs() -> DeviceCosts:
    """Measure what a chime and a record cost here; takes about half a minute."""
    with TemporaryDirectory(prefix="acm-bench-", dir=ON_DISK if ON_DISK.is_dir() else None) as folder:
        median_ms, bad_ms, chimes = _chimes(Path(folder), (), CHIMES)
        return DeviceCosts(median_ms, bad_ms, chimes, _bytes(Path(folder)))


def chimes_with(busy: Sequence[Service], enough: int) -> tuple[float, float, int]:
    """Median, bad case (95 %) and number of chimes, in ms, while these services are at work beside."""
    with TemporaryDirectory(prefix="acm-bench-") as folder:
        return _chimes(Path(folder), busy, enough)


def _chimes(folder: Path, busy: Sequence[Service], enough: int) -> tuple[float, float, int]:
    clock, ledger = SystemClock(), Ledger()
    door = SimDoor(clock, people_per_minute=PEOPLE_PER_MINUTE, speed=SPEED)
    manners = Manners(departure="two-tone", group_s=0.0)
    voice = Voice(Greetings(GreetingTable(), "", timezone.utc), Speech(folder))
    sound = Sound(
        SimSpeaker(clock), Chimes(manners, timezone.utc), voice, ledger, clock, at=lambda _: None, tell=lambda _: None
    )
    plan = CameraPlan("bench", door.reopened, live=False, speed=SPEED)
    return chime_costs(plan, ObliqueEye(door.detector()), DOOR, (ledger, sound), clock, busy, enough)


def _bytes(folder: Path) -> float:
    clock = SystemClock()
    store = Store.open(folder / "records.db", boot="bench", reading=read_clock(clock, synced=True))
    with closing(store):
        return crossing_bytes(store, clock)
