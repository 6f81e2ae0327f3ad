"""How long the stages of a piece of work take, added up by name."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from types import TracebackType


class Timing(Protocol):
    """Something that may measure a stage, or may not care."""

    def stage(self, name: str) -> AbstractContextManager[None]:
        """Use as ``with timing.stage("resize"):`` around the work."""


class _Lap:
    """One stage of a stopwatch. Stages may enclose other stages, but not themselves."""

    __slots__ = ("_now_ns", "_start_ns", "count", "total_ns")

    def __init__(self, now_ns: Callable[[], int]) -> None:
        self._now_ns = now_ns
        self._start_ns = 0
        self.total_ns = 0
        self.count = 0

    def __enter__(self) -> None:
        self._start_ns = self._now_ns()

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        # What broke off half way would only blur the figure.
        if kind is None:
            self.total_ns += self._now_ns() - self._start_ns
            self.count += 1


class Stopwatch:
    """Adds up nanoseconds and counts for each stage. ``now_ns`` is usually ``core.clock.perf_ns``."""

    def __init__(self, now_ns: Callable[[], int]) -> None:
        self._now_ns = now_ns
        self._laps: dict[str, _Lap] = {}

    def stage(self, name: str) -> _Lap:
        """Measure the work under ``with watch.stage(name):``."""
        lap = self._laps.get(name)
        if lap is None:
            lap = self._laps[name] = _Lap(self._now_ns)
        return lap

    @property
    def totals_ns(self) -> dict[str, int]:
        """Nanoseconds by stage, in the order the stages first came."""
        return {name: lap.total_ns for name, lap in self._laps.items()}

    @property
    def counts(self) -> dict[str, int]:
        """How often each stage was gone through to its end."""
        return {name: lap.count for name, lap in self._laps.items()}


class NoStopwatch:
    """Measures nothing and costs next to nothing: what the product runs with."""

    _NOTHING: AbstractContextManager[None] = nullcontext()

    def stage(self, name: str) -> AbstractContextManager[None]:  # noqa: ARG002 - as Timing has it
        """Do nothing around the work."""
        return self._NOTHING
