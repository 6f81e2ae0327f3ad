"""The bench: shares come out right on a clock that only the measured work moves."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from edge.core.errors import CameraError
from edge.core.frame import Frame
from edge.core.model import Box, Detection
from edge.services.bench import Costs, costs, empty_pictures, frames_of
from edge.services.bench_device import DeviceCosts
from edge.services.bench_report import BenchReport, InvokeComparison

if TYPE_CHECKING:
    from collections.abc import Sequence

MS = 1_000_000


class Clock:
    """Stands still until somebody works."""

    def __init__(self) -> None:
        self.now_ns = 0

    def __call__(self) -> int:
        return self.now_ns

    def work(self, ms: float) -> None:
        self.now_ns += round(ms * MS)


class Detector:
    """Takes 1 ms to prepare, ``invoke_ms`` to run and 2 ms to decode."""

    def __init__(self, clock: Clock, invoke_ms: float) -> None:
        self._clock, self._invoke_ms = clock, invoke_ms

    def prepare(self, image_bgr: np.ndarray) -> np.ndarray:
        self._clock.work(1)
        return image_bgr

    def invoke(self, tensor: np.ndarray) -> Any:  # noqa: ANN401
        self._clock.work(self._invoke_ms)
        return tensor

    def decode(self, outputs: np.ndarray, image_shape: tuple[int, ...]) -> Sequence[Detection]:
        self._clock.work(2)
        assert outputs.shape == image_shape
        # Only the restless pictures hold somebody.
        return [Detection(Box(0.4, 0.2, 0.5, 0.8), 0.9)] if outputs.std() > 20 else []


class Camera:
    """Noise of 320x240; 0.5 ms a picture."""

    def __init__(self, clock: Clock, frames: int, spread: int = 255) -> None:
        self._clock, self._frames, self._spread = clock, frames, spread
        self._chance = np.random.default_rng(7)
        self._number = 0

    def read(self) -> Frame | None:
        if self._number == self._frames:
            return None
        self._clock.work(0.5)
        self._number += 1
        image = self._chance.integers(0, self._spread, (240, 320, 3), dtype=np.uint8)
        return Frame(image, self._number / 10, self._number)

    def close(self) -> None:
        pass


def measured() -> Costs:
    clock = Clock()
    detectors = {1: Detector(clock, 10), 2: Detector(clock, 6)}
    empty = empty_pictures(Camera(clock, 40, spread=2))
    return costs(frames_of(Camera(clock, 40), 40, clock), empty, detectors, clock)


def test_every_stage_has_its_share() -> None:
    told = measured()
    assert told.stages_ms["read"] == pytest.approx(0.5)
    assert told.stages_ms["resize"] == pytest.approx(1)
    assert told.stages_ms["invoke"] == pytest.approx(10)
    assert told.stages_ms["decode"] == pytest.approx(2)
    assert told.overhead_share == pytest.approx(0.3)
    assert told.frames == 30


def test_an_empty_picture_costs_nothing_on_this_clock_but_a_look_now_and_then() -> None:
    told = measured()
    assert told.gated_share == 0
    # One picture in twenty is looked at whatever the gate says.
    assert 0 < told.empty_share < 0.15


def test_frames_a_second_count_reading_and_threads() -> None:
    told = measured()
    assert told.fps[1] == pytest.approx(1000 / 13.5)
    assert told.fps[2] == pytest.approx(1000 / 9.5)


def test_frames_are_brought_to_one_size_outside_the_clock() -> None:
    clock = Clock()
    (frame, read_ns), *others = frames_of(Camera(clock, 5), 3, clock)
    assert frame.image.shape == (480, 640, 3)
    assert read_ns == 0.5 * MS
    assert len(others) == 2


@pytest.mark.parametrize("frames", [0, 5])
def test_a_video_too_short_is_refused(frames: int) -> None:
    clock = Clock()
    with pytest.raises(CameraError):
        costs(
            frames_of(Camera(clock, frames), 40, clock),
            empty_pictures(Camera(clock, 3, spread=2)),
            {1: Detector(clock, 10)},
            clock,
        )
    with pytest.raises(CameraError):
        empty_pictures(Camera(clock, 0))


def report(rss_mb: float, invoke: InvokeComparison) -> BenchReport:
    return BenchReport(measured(), rss_mb, invoke, "clip.avi")


def test_the_table_says_ok_and_over() -> None:
    good = report(120.0, InvokeComparison(10.0, 9.0))
    assert good.within
    assert "over" not in good.text()
    assert "1.11 of it" in good.text()
    bad = report(251.0, InvokeComparison(reason="litert-benchmark is not installed"))
    assert not bad.within
    (row,) = [row for row in bad.text().splitlines() if row.endswith("over")]
    assert "memory" in row
    assert "not installed" in bad.text()


def test_json_holds_every_figure() -> None:
    told = json.loads(report(120.0, InvokeComparison(10.0, 8.0)).json())
    assert told["overhead_share"] == pytest.approx(0.3)
    assert set(told["stages_ms"]) == {"read", "gate", "resize", "invoke", "decode", "track", "scene", "rest"}
    assert told["fps"].keys() == {"1", "2"}
    assert told["invoke"] == {"ours_ms": 10.0, "litert_benchmark_ms": 8.0, "share": 1.25, "reason": None}
    assert told["peak_rss_mb"] == 120.0
    assert told["within"] is True


def test_what_the_device_costs_is_told_with_its_budget() -> None:
    for bad_ms, within in ((12.0, True), (31.0, False)):
        device = DeviceCosts(chime_ms=2.0, chime_bad_ms=bad_ms, chimes=40, crossing_bytes=7516.2)
        full = replace(report(120.0, InvokeComparison(10.0, 8.0)), device=device)
        assert full.within is within
        assert "7516 bytes written" in full.text()
        told = json.loads(full.json())
        assert told["chime_ms"] == {"p50": 2.0, "p95": bad_ms, "count": 40}
        assert told["written_bytes_per_crossing"] == 7516


MEMORY = """
from edge.host.memory import peak_rss_mb
import numpy as np
before = peak_rss_mb()
block = np.ones(8 << 20, dtype=np.float64)
del block
print(before, peak_rss_mb())
"""


def test_peak_memory_is_this_process_s_and_stays_when_it_is_given_back() -> None:
    # A process of its own: this one may have been bigger before.
    command = [sys.executable, "-c", MEMORY]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - ourselves
    before, after = map(float, done.stdout.split())
    assert 10 < before < 200
    assert after - before == pytest.approx(64, abs=10)
