"""Devices that are not there: scripted people, a camera that draws them, a detector that knows them, a speaker.

They behave as the real ones do and keep what happened. The script gives the exact truth to compare a count with.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import pi, sin
from random import Random
from typing import TYPE_CHECKING

import cv2
import numpy as np

from edge.core.errors import DeviceError, DeviceLostError
from edge.core.frame import Frame
from edge.core.geometry import offset_from_line
from edge.core.model import Box, Detection, Direction, Mount

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from edge.core.clock import Clock
    from edge.core.model import Point, Tripwire

WIDTH_PX, HEIGHT_PX, FPS = 640, 480, 10.0
# From so many places the noise of a picture may be taken.
GRAINS = 300_000
# A body's breadth by its stature, seen from the side; its depth by its breadth, seen from above.
BREADTH, DEPTH = 0.36, 0.6
# The parts of a figure by its stature: how far down the head and the trunk reach, and how thick a leg is.
HEAD, TRUNK, LEG = 0.16, 0.56, 0.09
STEP_S = 1.1
SKIN = (140, 170, 205)
FLOOR, FLOOR_GRAIN = 110.0, 40.0
# Less of a person than this is not seen at the picture's edge.
LEAST_SEEN = 0.2


@dataclass(frozen=True, slots=True)
class Walker:
    """Somebody's way: corners ``(t_s, x, y)`` in fractions of the frame, straight and at even pace between them.

    The place is the foot, under an overhead camera the middle. Nobody is there before the first corner and after the
    last. ``stature`` is in frame heights: the body's height, under an overhead camera the breadth of the shoulders.
    """

    name: str
    waypoints: tuple[tuple[float, float, float], ...]
    stature: float = 0.35
    colour: tuple[int, int, int] = (60, 50, 160)

    def at(self, t_s: float) -> Point | None:
        """Where the person is at a time."""
        for (t0, x0, y0), (t1, x1, y1) in pairwise(self.waypoints):
            if t0 <= t_s <= t1:
                part = (t_s - t0) / (t1 - t0) if t1 > t0 else 1.0
                return (x0 + part * (x1 - x0), y0 + part * (y1 - y0))
        return None

    def box(self, t_s: float, aspect: float, mount: Mount) -> Box | None:
        """The whole body's box at a time; may reach beyond the frame."""
        place = self.at(t_s)
        if place is None:
            return None
        x, y = place
        if mount is Mount.OVERHEAD:
            half_wide, half_high = self.stature / 2 / aspect, self.stature * DEPTH / 2
            return Box(x - half_wide, y - half_high, x + half_wide, y + half_high)
        half_wide = self.stature * BREADTH / 2 / aspect
        return Box(x - half_wide, y - self.stature, x + half_wide, y)

    def crossings(self, tripwire: Tripwire) -> list[tuple[float, Direction]]:
        """When and which way the person goes over the line: at the moment the line is left behind."""
        came_from = 0.0
        crossed = []
        for (t0, x0, y0), (t1, x1, y1) in pairwise(self.waypoints):
            across0, along0 = offset_from_line((x0, y0), tripwire.start, tripwire.end)
            across1, along1 = offset_from_line((x1, y1), tripwire.start, tripwire.end)
            side = across0 or came_from
            if side * across1 < 0:
                part = across0 / (across0 - across1)
                if 0 <= along0 + part * (along1 - along0) <= 1:
                    crossed.append((t0 + part * (t1 - t0), Direction.IN if across1 > 0 else Direction.OUT))
            came_from = across1 or side
        return crossed


class SimCamera:
    """Draws scripted people on a textured floor, ``fps`` pictures a second or at the given ``times``, to the end.

    ``duration_s`` is by default a second more than the longest way. ``uneven`` (0..1) spreads the times by that part
    of their spacing, ``noise`` is the sensor's (standard deviation, grey levels). The same arguments give the same
    pictures.
    """

    def __init__(  # noqa: PLR0913 - a scene has many knobs, each with a usual value
        self,
        walkers: Sequence[Walker],
        *,
        mount: Mount = Mount.OBLIQUE,
        width_px: int = WIDTH_PX,
        height_px: int = HEIGHT_PX,
        fps: float = FPS,
        duration_s: float | None = None,
        times: Iterable[float] | None = None,
        uneven: float = 0.0,
        noise: float = 0.0,
        seed: int = 0,
    ) -> None:
        self.walkers = tuple(walkers)
        self.mount = mount
        self.aspect = width_px / height_px
        if duration_s is None:
            duration_s = 1.0 + max((walker.waypoints[-1][0] for walker in self.walkers), default=0.0)
        self._times = list(times) if times is not None else _times(fps, duration_s, uneven, seed)
        self._noise = noise
        self._chance = np.random.default_rng(seed)
        self._stock = np.empty(0, np.int16)
        self._floor = _floor(width_px, height_px, self._chance)
        self._index = 0
        self.closed = False

    def read(self) -> Frame | None:
        """Return the next frame, None at the end or when closed."""
        if self.closed or self._index >= len(self._times):
            return None
        index = self._index
        self._index += 1
        return Frame(self.picture(self._times[index]), self._times[index], index)

    def close(self) -> None:
        """Give no more frames."""
        self.closed = True

    def truth(self, tripwire: Tripwire) -> list[tuple[float, Direction]]:
        """Every crossing of the line, in order of time."""
        return sorted(
            (crossing for walker in self.walkers for crossing in walker.crossings(tripwire)),
            key=lambda crossing: crossing[0],
        )

    def boxes_at(self, t_s: float) -> list[Box]:
        """What is to be seen of each person, nearest first: boxes cut off at the frame."""
        whole = (walker.box(t_s, self.aspect, self.mount) for walker in self._far_to_near(t_s))
        seen = [cut for box in whole if box is not None and (cut := _cut(box)) is not None]
        return seen[::-1]

    def picture(self, t_s: float) -> NDArray[np.uint8]:
        """The picture at a time: height x width x 3, uint8, BGR."""
        image = self._floor.copy()
        draw = _from_above if self.mount is Mount.OVERHEAD else _figure
        for walker in self._far_to_near(t_s):
            box = walker.box(t_s, self.aspect, self.mount)
            if box is not None:
                draw(image, box, walker.colour, t_s)
        if self._noise > 0:
            grain = self._grain(image.size).reshape(image.shape)
            return np.asarray(cv2.add(image, grain, dtype=cv2.CV_8U), np.uint8)
        return image

    def _grain(self, size: int) -> NDArray[np.int16]:
        """Noise for a picture: from one stock, from another place each time, which is as good and much quicker."""
        if self._stock.size < size:
            self._stock = np.rint(self._chance.normal(0, self._noise, size + GRAINS)).astype(np.int16)
        first = int(self._chance.integers(GRAINS))
        return self._stock[first : first + size]

    def _far_to_near(self, t_s: float) -> list[Walker]:
        places = [(place[1], number) for number, walker in enumerate(self.walkers) if (place := walker.at(t_s))]
        return [self.walkers[number] for _, number in sorted(places)]


class SimDetector:
    """Finds the scripted people of a ``SimCamera``, as well as it is told to.

    ``miss_rate`` of the finds are left out; ``jitter`` is the standard deviation of every edge in frame heights; a
    person whose box is covered by a nearer one to more than the part ``hidden_from`` is missed, or, with ``merge``,
    becomes one box with the nearer. The same frame always gives the same finds.
    """

    def __init__(  # noqa: PLR0913 - a detector has many faults, none of them usual
        self,
        camera: SimCamera,
        *,
        miss_rate: float = 0.0,
        jitter: float = 0.0,
        score: float = 0.9,
        hidden_from: float = 1.0,
        merge: bool = False,
        seed: int = 0,
    ) -> None:
        self._camera = camera
        self._miss_rate, self._jitter, self._score = miss_rate, jitter, score
        self._hidden_from, self._merge, self._seed = hidden_from, merge, seed

    def detect(self, frame: Frame) -> list[Detection]:
        """People in the frame, nearest first."""
        chance = Random(f"{self._seed} {frame.t_s:.6f}")  # noqa: S311 - seeded on purpose
        found = []
        for box in self._visible(frame.t_s):
            missed = chance.random() < self._miss_rate
            trembling = self._trembling(box, chance)
            if not missed and trembling is not None:
                found.append(Detection(trembling, self._score))
        return found

    def _visible(self, t_s: float) -> list[Box]:
        seen: list[Box] = []
        for box in self._camera.boxes_at(t_s):
            covering = next((near for near in seen if _covered(box, near) > self._hidden_from), None)
            if covering is None:
                seen.append(box)
            elif self._merge:
                seen[seen.index(covering)] = Box(
                    min(box.left, covering.left), min(box.top, covering.top),
                    max(box.right, covering.right), max(box.bottom, covering.bottom),
                )  # fmt: skip
        return seen

    def _trembling(self, box: Box, chance: Random) -> Box | None:
        left, top, right, bottom = (chance.gauss(0, self._jitter) if self._jitter else 0.0 for _ in range(4))
        wide = self._camera.aspect
        return _cut(Box(box.left + left / wide, box.top + top, box.right + right / wide, box.bottom + bottom), least=0)


class SimSpeaker:
    """Keeps what it was to play: ``(t_s, sound)``, with the clock's monotonic seconds, and how loud.

    Setting ``lost`` pulls the plug; the next ``tend`` tells it, as it tells that the speaker is back. ``find`` raises
    ``DeviceError`` for a sound that does not exist, as ``sound_file`` does; without it every sound exists.
    """

    def __init__(self, clock: Clock, find: Callable[[str], object] | None = None) -> None:
        self._clock, self._find = clock, find
        self.loaded: set[str] = set()
        self.played: list[tuple[float, str]] = []
        self.volumes: list[float] = []
        self.lost = False
        self.closed = False
        self._told_lost = False

    def load(self, sound: str) -> None:
        """Note that the sound is at hand."""
        self._look_up(sound)
        self.loaded.add(sound)

    def length_s(self, sound: str) -> float:  # noqa: ARG002 - as a real speaker has it
        """Every sound lasts a second."""
        return 1.0

    def play(self, sound: str, volume: float = 1.0) -> float:
        """Note the sound and return when; ``DeviceLostError`` while lost, ``DeviceError`` when closed or unknown."""
        if self.closed:
            raise DeviceError("The speaker is closed; counting goes on without the chime.")
        if self.lost:
            raise DeviceLostError("The speaker is lost; counting goes on without the chime.")
        self._look_up(sound)
        now_s = self._clock.monotonic_s()
        self.played.append((now_s, sound))
        self.volumes.append(volume)
        return now_s

    def _look_up(self, sound: str) -> None:
        if self._find is not None and sound not in self.loaded:
            self._find(sound)

    def tend(self) -> str | None:
        """Tell once that the speaker was lost, and once that it is back."""
        if self.lost == self._told_lost:
            return None
        self._told_lost = self.lost
        if self.lost:
            return "The speaker is lost; counting goes on without the chime."
        return "The speaker is back."

    def close(self) -> None:
        """Play no more; may be called twice."""
        self.closed = True


def _times(fps: float, duration_s: float, uneven: float, seed: int) -> list[float]:
    chance = Random(f"times {seed}")  # noqa: S311 - seeded on purpose
    shift = [uneven * chance.uniform(-0.5, 0.5) for _ in range(int(duration_s * fps) + 1)]
    return [max(0.0, (number + part) / fps) for number, part in enumerate(shift)]


def _cut(box: Box, least: float = LEAST_SEEN) -> Box | None:
    """The part of a box inside the frame, None if too little of it is."""
    seen = Box(max(0.0, box.left), max(0.0, box.top), min(1.0, box.right), min(1.0, box.bottom))
    if seen.width <= 0 or seen.height <= 0 or seen.width * seen.height < least * box.width * box.height:
        return None
    return seen


def _covered(far: Box, near: Box) -> float:
    """How much of the farther box the nearer one covers, 0..1."""
    wide = min(far.right, near.right) - max(far.left, near.left)
    high = min(far.bottom, near.bottom) - max(far.top, near.top)
    return max(0.0, wide) * max(0.0, high) / (far.width * far.height)


def _floor(width_px: int, height_px: int, chance: np.random.Generator) -> NDArray[np.uint8]:
    """Speckled stone: something to tell a moving person from, the same in every frame."""
    coarse = chance.normal(0, 1, (height_px // 8 + 1, width_px // 8 + 1)).astype(np.float32)
    fine = chance.normal(0, 1, (height_px, width_px)).astype(np.float32)
    stone = FLOOR + FLOOR_GRAIN * (0.5 * cv2.resize(coarse, (width_px, height_px)) + 0.15 * fine)
    grey = np.clip(stone, 0, 255).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def _ellipse(image: NDArray[np.uint8], box: Box, colour: tuple[int, int, int]) -> None:
    high, wide = image.shape[:2]
    middle = (round((box.left + box.right) / 2 * wide), round((box.top + box.bottom) / 2 * high))
    half = (max(1, round(box.width / 2 * wide)), max(1, round(box.height / 2 * high)))
    cv2.ellipse(image, middle, half, 0, 0, 360, colour, cv2.FILLED, cv2.LINE_AA)


def _figure(image: NDArray[np.uint8], box: Box, colour: tuple[int, int, int], t_s: float) -> None:
    """A person from the side: two swinging legs, a trunk, a head."""
    high, wide = image.shape[:2]
    x = (box.left + box.right) / 2
    hip = (round(x * wide), round((box.top + TRUNK * box.height) * high))
    swing = 0.3 * box.width * sin(2 * pi * t_s / STEP_S)
    dark = (colour[0] // 3, colour[1] // 3, colour[2] // 3)
    thick = max(1, round(LEG * box.height * high))
    for side in (-1, 1):
        foot = (round((x + side * swing) * wide), round(box.bottom * high) - thick // 2)
        cv2.line(image, hip, foot, dark, thick, cv2.LINE_AA)
    neck = box.top + 0.9 * HEAD * box.height
    _ellipse(image, Box(box.left, neck, box.right, box.top + (TRUNK + 0.06) * box.height), colour)
    _ellipse(image, Box(x - 0.2 * box.width, box.top, x + 0.2 * box.width, box.top + HEAD * box.height), SKIN)


def _from_above(image: NDArray[np.uint8], box: Box, colour: tuple[int, int, int], _: float) -> None:
    """A person from straight above: shoulders, and a dark head between them."""
    _ellipse(image, box, colour)
    x, y = box.centre
    _ellipse(image, Box(x - 0.22 * box.width, y - 0.4 * box.height, x + 0.22 * box.width, y + 0.4 * box.height),
             (35, 40, 50))  # fmt: skip
