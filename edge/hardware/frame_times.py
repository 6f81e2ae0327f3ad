"""When the pictures of a recording were taken, and which of them are looked at."""

from __future__ import annotations

from math import isfinite

# Above this a rate is the unit of the file's clock and not how often there is a picture.
MOST_FPS = 480.0
# What a file that tells no times is taken to have been shot with.
USUAL_FPS = 25.0
# A file's own times may be this far from an even spacing before they are believed instead. Containers start their
# clock up to three pictures late.
DRIFT_S = 0.25
DRIFT_FRAMES = 3.5
# Fractions of a second are not exact: a picture this much early is on time.
EARLY_S = 1e-6
LEAST_STEP_S = 1e-3
# No recording lasts a month; a time beyond that is a damaged number.
LONGEST_S = 30 * 86_400.0


def sane_fps(fps: float) -> float | None:
    """A rate in pictures a second, or None if it cannot be one."""
    return fps if isfinite(fps) and 0 < fps <= MOST_FPS else None


class RecordingTimes:
    """The seconds into a recording of each of its pictures.

    Evenly spaced by the file's rate; by the file's own times if there is no sane rate, or from where they are clearly
    uneven (phones and network recorders shoot as the light and the line allow).
    """

    def __init__(self, fps: float) -> None:
        self._fps = sane_fps(fps)
        self._spacing_s = 1 / (self._fps or USUAL_FPS)
        self._drift_s = max(DRIFT_S, DRIFT_FRAMES * self._spacing_s)
        self._uneven = self._fps is None
        self._trusted = True
        self._last_own_s = -1.0
        self._last_s = -1.0

    @property
    def end_s(self) -> float:
        """Where the recording ends, as far as it was read."""
        return max(0.0, self._last_s + self._spacing_s)

    def at(self, index: int, own_s: float) -> float:
        """Seconds of picture ``index`` (all pictures have to be asked for), which the file says are ``own_s``."""
        self._trusted = self._trusted and self._last_own_s < own_s < LONGEST_S
        self._last_own_s = own_s
        even_s = index * self._spacing_s if self._fps is None else index / self._fps
        if abs(own_s - even_s) > self._drift_s:
            self._uneven = True
        # A container's clock may start a little before its first picture.
        t_s = max(0.0, own_s) if self._trusted and self._uneven else even_s
        if t_s <= self._last_s:
            t_s = self._last_s + LEAST_STEP_S
        self._last_s = t_s
        return t_s


class Thinning:
    """Chooses ``fps`` pictures a second by their times, or all of them if ``fps`` is None."""

    def __init__(self, fps: float | None) -> None:
        self._fps = fps
        self._next = 0

    def keeps(self, t_s: float) -> bool:
        """Whether the picture of this time is wanted. Times come in order."""
        if self._fps is None:
            return True
        if t_s + EARLY_S < self._next / self._fps:
            return False
        self._next = int(t_s * self._fps + EARLY_S) + 1
        return True
