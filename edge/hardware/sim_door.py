"""A door that is not there, passed by drawn people for ever: for rehearsals, load and endurance.

It can be lost for a while, hang in a read and hang in a look, as the real parts do, at times set beforehand.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from threading import Event
from typing import TYPE_CHECKING

from edge.core.errors import CameraError
from edge.core.frame import Frame
from edge.core.model import Mount
from edge.hardware.sim import SimCamera, SimDetector, Walker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edge.core.clock import Clock
    from edge.core.model import Sighting
    from edge.core.ports import Eye

# Whoever has left the picture is remembered for so long: a look at an older picture still finds them.
REMEMBERED_S = 5.0
SECONDS_A_MINUTE = 60.0
# The same person is this high from the side, this broad from above (frame heights).
STATURE = {Mount.OBLIQUE: (0.3, 0.45), Mount.OVERHEAD: (0.18, 0.22)}


@dataclass(frozen=True, slots=True)
class Faults:
    """When what breaks, in seconds from the first picture on; 0 is never."""

    lost_after_s: float = 0.0
    lost_for_s: float = 30.0
    hang_after_s: float = 0.0
    stall_after_s: float = 0.0

    def lost(self, t_s: float) -> bool:
        """Whether the camera is unplugged at a time."""
        return 0 < self.lost_after_s <= t_s < self.lost_after_s + self.lost_for_s


class SimDoor:
    """A camera whose people never end; ``speed`` times as fast as life. Closed and opened again, time has gone on.

    A frame's ``t_s`` are the seconds since the first picture, by life's time. Raises ``CameraError`` while it is lost.
    """

    def __init__(  # noqa: PLR0913 - a rehearsal has many knobs, each with a usual value
        self,
        clock: Clock,
        *,
        people_per_minute: float = 20.0,
        seed: int = 1,
        mount: Mount = Mount.OBLIQUE,
        fps: float = 10.0,
        speed: float = 1.0,
        faults: Faults = Faults(),
        wait: Callable[[float], object] | None = None,
    ) -> None:
        self.faults = faults
        self._clock, self._fps, self._speed = clock, fps, speed
        self._wait = wait or Event().wait
        self._camera = SimCamera((), mount=mount, times=(), seed=seed)
        self._people = passers_by(people_per_minute, mount, seed)
        self._next_person = next(self._people, None)
        self._start_s: float | None = None
        self._index = 0
        self._hung = False

    def detector(self) -> SimDetector:
        """A detector that finds the drawn people."""
        return SimDetector(self._camera, jitter=0.004, seed=1)

    def reopened(self) -> SimDoor:
        """Plug it in (again); ``CameraError`` while it is lost."""
        self._check(self._now_t_s())
        return self

    def read(self) -> Frame | None:
        """Wait for the next picture's time and return it."""
        t_s = self._index / self._fps
        early_s = t_s - self._now_t_s()
        if early_s > 0:
            self._wait(early_s / self._speed)
        else:
            # Pictures for which there was no time were never taken.
            self._index += int(-early_s * self._fps)
            t_s = self._index / self._fps
        self._check(t_s)
        if 0 < self.faults.hang_after_s <= t_s and not self._hung:
            self._hung = True
            Event().wait()
        self._come_and_go(t_s)
        self._index += 1
        return Frame(self._camera.picture(t_s), t_s, self._index - 1)

    def close(self) -> None:
        """Unplug it; may be called twice."""

    def _now_t_s(self) -> float:
        now_s = self._clock.monotonic_s()
        if self._start_s is None:
            self._start_s = now_s
        return (now_s - self._start_s) * self._speed

    def _check(self, t_s: float) -> None:
        if self.faults.lost(t_s):
            raise CameraError("The simulated camera is lost, as set in [camera.sim]; it comes back by itself.")

    def _come_and_go(self, t_s: float) -> None:
        here = [w for w in self._camera.walkers if w.waypoints[-1][0] + REMEMBERED_S > t_s]
        while self._next_person is not None and self._next_person.waypoints[0][0] <= t_s:
            here.append(self._next_person)
            self._next_person = next(self._people, None)
        self._camera.walkers = tuple(here)


class StallingEye:
    """Looks by another eye until the time set for it to hang has come."""

    def __init__(self, eye: Eye, faults: Faults) -> None:
        self._eye, self._faults = eye, faults

    def see(self, frame: Frame) -> Sighting:
        """Look, or never come back."""
        if 0 < self._faults.stall_after_s <= frame.t_s:
            Event().wait()
        return self._eye.see(frame)


def passers_by(people_per_minute: float, mount: Mount, seed: int) -> Iterator[Walker]:
    """People without end, in order of when they come, at chance times; none at all for 0 a minute.

    They walk from one side of the picture to the other; one in ten stops half way, one in ten turns back there.
    """
    chance = Random(f"passers-by {seed}")  # noqa: S311 - seeded on purpose
    t_s, number = 1.0, 0
    while people_per_minute > 0:
        number += 1
        yield _person(f"person {number}", t_s, mount, chance)
        t_s += chance.expovariate(people_per_minute / SECONDS_A_MINUTE)


def _person(name: str, t_s: float, mount: Mount, chance: Random) -> Walker:
    y = chance.uniform(0.55, 0.95) if mount is Mount.OBLIQUE else chance.uniform(0.2, 0.8)
    from_x, to_x = chance.choice(((-0.1, 1.1), (1.1, -0.1)))
    half_s = 0.6 / chance.uniform(0.15, 0.3)
    middle = chance.uniform(0.4, 0.6)
    mood = chance.random()
    stop_s = chance.uniform(1.0, 4.0) if mood < 0.2 else 0.0  # noqa: PLR2004 - one in five stops
    end_x = from_x if mood < 0.1 else to_x  # noqa: PLR2004 - one in ten turns back
    halfway_s = t_s + half_s
    way = ((t_s, from_x, y), (halfway_s, middle, y), (halfway_s + stop_s, middle, y),
           (halfway_s + stop_s + half_s, end_x, y))  # fmt: skip
    colour = (chance.randrange(30, 200), chance.randrange(30, 200), chance.randrange(30, 200))
    return Walker(name, way, chance.uniform(*STATURE[mount]), colour)
