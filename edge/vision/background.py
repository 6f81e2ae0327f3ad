"""What the floor looks like, learned from the pictures: whatever differs from it is somebody (or a shadow).

The picture is small (120 lines) and lightly smoothed, so noise is averaged away. Three things a plain running average
gets wrong are treated apart: the camera's exposure and colour moving (unrest: what does not move then is floor), light
going on and off in the whole picture (the same), and somebody standing still (kept in a layer of his own, so that the
floor under him is not forgotten and leaves no ghost when he goes).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edge.core.frame import Frame

    Grey = NDArray[np.float32]
    Mask = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class BackgroundSettings:
    """Differences are grey levels of 255, times are seconds, parts are of the picture."""

    height_px: int = 120
    # A body differs from the floor by this much in one colour at least; noise of the small picture is below 3.
    difference: float = 18.0
    # Somebody who walks differs from himself a moment ago.
    moving: float = 12.0
    moment_s: float = 0.2
    # Exposure at work: half of all that does not move has changed by more than rounding within a moment.
    unrest: float = 6.0
    unrest_part: float = 0.6
    settle_s: float = 0.3
    # A camera just switched on finds its exposure in a second: until then there is nothing to see.
    wake_s: float = 1.0
    learn_s: float = 15.0
    still_s: float = 4.0
    forget_s: float = 600.0


@dataclass(frozen=True, slots=True)
class Difference:
    """Two masks of ``height_px`` lines in the frame's shape, uint8, 255 where it holds, and a measure.

    ``strange``: not the floor. ``moving``: unlike a moment ago. ``brighter``: natural logarithm of how many times as
    bright as the floor it is (float32, 0: as bright). ``settled``: the camera's exposure is at rest.
    """

    strange: Mask
    moving: Mask
    brighter: Grey
    settled: bool


class _Seen:
    """One small picture: colours (height x width x 3), grey, and the colours less the grey."""

    def __init__(self, picture: Grey) -> None:
        self.picture = picture
        self.grey = _grey(picture)
        self.tint: Grey = picture - self.grey[..., None]


class Background:
    """Learns one camera's floor. ``compare`` takes frames in order of time, at any spacing."""

    def __init__(self, settings: BackgroundSettings | None = None) -> None:
        self._settings = settings or BackgroundSettings()
        self._floor: Grey | None = None
        self._t_s = 0.0
        self._unrest_t_s = self._begun_t_s = 0.0
        self._past: list[tuple[float, _Seen]] = []

    def compare(self, frame: Frame) -> Difference:
        """Tell a frame from the floor."""
        picture = self._small(frame.image)
        floor = self._floor
        if floor is None or floor.shape != picture.shape:
            return self._begin(picture, frame.t_s)
        dt, self._t_s = max(frame.t_s - self._t_s, 0.0), frame.t_s
        seen = _Seen(picture)
        moving, shift = self._moving(seen, frame.t_s)
        away = _apart(picture, floor)
        # While exposure moves, the floor is known as it was a moment ago.
        least = self._least(floor) + (shift if shift > self._settings.unrest else 0.0)
        off_floor = away > least
        brighter = np.log((seen.grey + DARK) / (_grey(floor) + DARK))
        strange = off_floor & (_apart(picture, self._guest) > least) if self._guests else off_floor
        if shift > self._settings.unrest or float(strange.mean()) > self._settings.unrest_part:
            self._unrest_t_s = frame.t_s
        waking = frame.t_s - self._begun_t_s < self._settings.wake_s
        restless = waking or frame.t_s - self._unrest_t_s < self._settings.settle_s
        if restless:
            self._adopt(picture, moving)
            self._calm_s = 0.0
        else:
            self._learn(picture, off_floor, strange & ~moving, dt)
            self._calm_s += dt
            weight = max(1 - exp(-dt / self._settings.learn_s), dt / (self._calm_s + 1.0))
            self._restless += weight * (np.minimum(away, 2 * self._settings.difference) - self._restless)
        return Difference(_mask(strange & (not waking)), _mask(moving), brighter, settled=self._calm_s > CALM_S)

    def _begin(self, picture: Grey, t_s: float) -> Difference:
        self._floor = picture.copy()
        self._t_s = self._unrest_t_s = self._begun_t_s = t_s
        self._past = [(t_s, _Seen(picture))]
        self._guests = False
        self._calm_s = 0.0
        self._restless = np.zeros(picture.shape[:2], np.float32)
        # Somebody who has stood still so long that he is scenery for now; far from any picture where there is nobody.
        self._guest: Grey = np.full_like(picture, -1e3)
        self._guest_s = self._still_s = np.zeros(picture.shape[:2], np.float32)
        nothing = np.zeros(picture.shape[:2], np.uint8)
        return Difference(nothing, nothing, np.zeros(picture.shape[:2], np.float32), settled=False)

    def _least(self, floor: Grey) -> Grey:
        """How much each pixel must differ: more beside sharp edges (a camera shakes) and in restless spots."""
        grey = _grey(floor)
        steep = cv2.dilate(grey, CROSS) - cv2.erode(grey, CROSS)
        return np.asarray(self._settings.difference + STEEP * steep + RESTLESS * self._restless, dtype=np.float32)

    def _small(self, image: NDArray[np.uint8]) -> Grey:
        high, wide = image.shape[:2]
        size = (max(1, round(wide * self._settings.height_px / high)), self._settings.height_px)
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.GaussianBlur(small, (3, 3), 0), dtype=np.float32)

    def _moving(self, now: _Seen, t_s: float) -> tuple[NDArray[np.bool_], float]:
        """Which pixels differ from a moment ago beyond what exposure explains, and how much exposure moved."""
        s = self._settings
        while len(self._past) > 1 and self._past[1][0] <= t_s - s.moment_s:
            del self._past[0]
        before = self._past[0][1]
        self._past.append((t_s, now))
        expected = _exposed(before.grey, now.grey)
        shift = float(np.median(cv2.absdiff(expected, before.grey)))
        # Colour moves without a change of brightness, too; white balance moves everything at once.
        tint = _apart(now.tint, before.tint)
        tint -= np.median(tint)
        apart = cv2.max(cv2.absdiff(now.grey, expected), tint)
        return apart > s.moving, shift

    def _adopt(self, picture: Grey, moving: NDArray[np.bool_]) -> None:
        """Exposure is at work: what does not move is floor, as bright as it is now."""
        near = cv2.dilate(moving.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        self._mix(picture, np.where(near, 0.0, 0.7))
        self._guest[~near] = -1e3
        self._still_s = np.zeros_like(self._still_s)

    def _learn(self, picture: Grey, off_floor: NDArray[np.bool_], idle: NDArray[np.bool_], dt: float) -> None:
        s = self._settings
        self._mix(picture, np.where(off_floor, 0.0, 1 - exp(-dt / s.learn_s)))
        self._still_s = np.where(idle, self._still_s + dt, 0).astype(np.float32)
        settled = self._still_s > s.still_s
        self._guest[settled] = picture[settled]
        self._guest[~off_floor] = -1e3
        present = self._guest[..., 0] >= 0
        self._guests = bool(present.any())
        self._guest_s = np.where(present, self._guest_s + dt, 0).astype(np.float32)
        for_good = self._guest_s > s.forget_s
        if for_good.any() and self._floor is not None:
            self._floor[for_good] = self._guest[for_good]
            self._guest[for_good] = -1e3

    def _mix(self, picture: Grey, weight: NDArray[np.float64]) -> None:
        if self._floor is not None:
            self._floor += weight[..., None].astype(np.float32) * (picture - self._floor)


def _mask(where: NDArray[np.bool_]) -> Mask:
    return where.astype(np.uint8) * np.uint8(255)


def _apart(one: Grey, other: Grey) -> Grey:
    """The greatest difference over the colours, height x width."""
    blue, green, red = cv2.split(cv2.absdiff(one, other))
    return np.asarray(cv2.max(cv2.max(blue, green), red), dtype=np.float32)


def _grey(picture: Grey) -> Grey:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), dtype=np.float32)


BINS = 16
CROSS = np.ones((3, 3), np.uint8)
STEEP = 0.3
RESTLESS = 2.0
# So long after exposure came to rest the play of light is known.
CALM_S = 2.0
# In the dark a ratio is noise: this many grey levels are added to both sides.
DARK = 6.0


def _exposed(old: Grey, new: Grey) -> Grey:
    """An earlier grey picture as bright as it would be at the exposure of ``new`` (height x width).

    The brightness transfer is read off the pictures: over sixteen equally filled steps of the earlier brightness, the
    median of the later one. People are the minority of each step.
    """
    flat_old, flat_new = old[::2, ::2].ravel(), new[::2, ::2].ravel()
    order = np.argsort(flat_old, kind="stable")
    count = len(order) // BINS * BINS
    if count == 0:
        return old
    steps_old = np.median(flat_old[order[:count]].reshape(BINS, -1), axis=1)
    steps_new = np.median(flat_new[order[:count]].reshape(BINS, -1), axis=1)
    shift = np.interp(np.arange(256), steps_old, steps_new - steps_old).astype(np.float32)
    return np.asarray(old + cv2.LUT(old.astype(np.uint8), shift), dtype=np.float32)
