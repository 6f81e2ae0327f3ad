"""What counting costs, in shares of the network's own run, so that figures mean the same on any machine.

Everything compared is measured in turns on the same pictures, and told as medians: noise hits both sides.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any, Protocol

import cv2
import numpy as np

from edge.analytics.scene import Scene
from edge.core.errors import CameraError
from edge.core.frame import Frame
from edge.core.model import Tripwire
from edge.vision.gate import MotionGate
from edge.vision.oblique import ObliqueEye
from edge.vision.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from edge.core.model import Detection, Track
    from edge.core.ports import Camera

WIDTH_PX, HEIGHT_PX = 640, 480
STAGES = ("read", "gate", "resize", "invoke", "decode", "track", "scene", "rest")
NS_A_MS = 1e6
# The first frames fill caches and learn the background.
WARM_UP = 10
EMPTY_NOISE = 2.0
EMPTY_VARIANTS = 8


class StagedDetector(Protocol):
    """A detector whose stages can be run one by one."""

    def prepare(self, image_bgr: NDArray[np.uint8]) -> NDArray[Any]:
        """The network's input."""

    def invoke(self, tensor: NDArray[Any]) -> Any:  # noqa: ANN401 - the detector's own business
        """The network's outputs."""

    def decode(self, outputs: Any, image_shape: tuple[int, ...]) -> Sequence[Detection]:  # noqa: ANN401 - as above
        """People."""


@dataclass(slots=True)
class Laps:
    """Times of one frame, nanoseconds by stage."""

    now_ns: Callable[[], int]
    frame: dict[str, int] = field(default_factory=dict)

    def time(self, stage: str, work: Callable[[], Any]) -> Any:  # noqa: ANN401 - passes through what the work gives
        """Do the work; note how long it took."""
        start = self.now_ns()
        result = work()
        self.frame[stage] = self.frame.get(stage, 0) + self.now_ns() - start
        return result


class _TimedDetector:
    def __init__(self, detector: StagedDetector, laps: Laps) -> None:
        self._detector, self._laps = detector, laps

    def detect(self, frame: Frame) -> Sequence[Detection]:
        tensor = self._laps.time("resize", lambda: self._detector.prepare(frame.image))
        outputs = self._laps.time("invoke", lambda: self._detector.invoke(tensor))
        people: Sequence[Detection] = self._laps.time(
            "decode", lambda: self._detector.decode(outputs, frame.image.shape)
        )
        return people


class _TimedGate(MotionGate):
    def __init__(self, laps: Laps) -> None:
        super().__init__()
        self._laps = laps

    def open(self, frame: Frame, *, busy: bool) -> bool:
        return bool(self._laps.time("gate", lambda: super(_TimedGate, self).open(frame, busy=busy)))


class _TimedTracker(Tracker):
    def __init__(self, laps: Laps) -> None:
        super().__init__()
        self._laps = laps

    def update(self, detections: Sequence[Detection], t_s: float, aspect: float) -> tuple[list[Track], list[int]]:
        result: tuple[list[Track], list[int]] = self._laps.time(
            "track", lambda: super(_TimedTracker, self).update(detections, t_s, aspect)
        )
        return result


class Line:
    """One product pipeline whose stages are timed."""

    def __init__(self, detector: StagedDetector, now_ns: Callable[[], int]) -> None:
        self._now_ns = now_ns
        self._laps = Laps(now_ns)
        self._eye = ObliqueEye(_TimedDetector(detector, self._laps), _TimedTracker(self._laps), _TimedGate(self._laps))
        self._scene = Scene([Tripwire("line", (0.5, 1.0), (0.5, 0.0))], (), WIDTH_PX / HEIGHT_PX)

    def see(self, frame: Frame) -> dict[str, int]:
        """Put one frame through; return the nanoseconds by stage, ``whole`` and ``rest`` among them."""
        self._laps.frame = {}
        start = self._now_ns()
        sighting = self._eye.see(frame)
        self._laps.time("scene", lambda: self._scene.update(sighting))
        whole = self._now_ns() - start
        told = dict(self._laps.frame)
        told["rest"] = whole - sum(told.values())
        told["whole"] = whole
        return told


@dataclass(frozen=True, slots=True)
class Costs:
    """Medians in milliseconds, and shares."""

    stages_ms: dict[str, float]
    overhead_share: float
    gated_ms: float
    gated_share: float
    empty_share: float
    fps: dict[int, float]
    people: float
    frames: int


def costs(
    frames: Iterator[tuple[Frame, int]],
    empty: Sequence[NDArray[np.uint8]],
    detectors: dict[int, StagedDetector],
    now_ns: Callable[[], int],
) -> Costs:
    """Measure on ``frames`` (each with the nanoseconds its reading took) and, in turns, on ``empty`` pictures.

    ``detectors`` by number of threads; 1 must be among them and is what the shares are told of.
    """
    lines = {threads: Line(detector, now_ns) for threads, detector in detectors.items()}
    quiet = Line(detectors[1], now_ns)
    full: dict[int, list[dict[str, int]]] = {threads: [] for threads in detectors}
    idle: list[dict[str, int]] = []
    for number, (frame, read_ns) in enumerate(frames):
        for threads, line in lines.items():
            told = line.see(frame)
            if number >= WARM_UP and "invoke" in told:
                full[threads].append({**told, "read": read_ns})
        told = quiet.see(Frame(empty[number % len(empty)], frame.t_s, number))
        if number >= WARM_UP:
            idle.append(told)
    gated = [told for told in idle if "invoke" not in told]
    if not full[1] or not gated:
        raise CameraError("The video is too short, or nothing moves in it; give one of a minute with people walking.")
    return _summed(full, gated, idle)


def _summed(full: dict[int, list[dict[str, int]]], gated: list[dict[str, int]], idle: list[dict[str, int]]) -> Costs:
    one = full[1]
    whole = median(told["whole"] for told in one)
    return Costs(
        stages_ms={stage: median(told.get(stage, 0) for told in one) / NS_A_MS for stage in STAGES},
        overhead_share=median((told["whole"] - told["invoke"]) / told["invoke"] for told in one),
        gated_ms=median(told["whole"] for told in gated) / NS_A_MS,
        gated_share=median(told["whole"] for told in gated) / whole,
        empty_share=sum(told["whole"] for told in idle) / len(idle) / whole,
        fps={threads: 1e9 / median(told["whole"] + told["read"] for told in rows) for threads, rows in full.items()},
        people=0.0,
        frames=len(one),
    )


def frames_of(camera: Camera, count: int, now_ns: Callable[[], int]) -> Iterator[tuple[Frame, int]]:
    """Up to ``count`` frames brought to 640x480, each with the nanoseconds reading took (resizing left out)."""
    for _ in range(count):
        start = now_ns()
        frame = camera.read()
        read_ns = now_ns() - start
        if frame is None:
            return
        yield Frame(_at_size(frame.image), frame.t_s, frame.index), read_ns


def empty_pictures(camera: Camera, looks: int = 800, every: int = 20, seed: int = 1) -> list[NDArray[np.uint8]]:
    """The same view without people (median over time), with a sensor's noise laid over it afresh."""
    seen = []
    for number in range(looks):
        frame = camera.read()
        if frame is None:
            break
        if number % every == 0:
            seen.append(_at_size(frame.image))
    if not seen:
        raise CameraError("The video holds no picture; give one that plays.")
    view = np.median(np.stack(seen), axis=0)
    chance = np.random.default_rng(seed)
    return [
        np.clip(view + chance.normal(0, EMPTY_NOISE, view.shape), 0, 255).astype(np.uint8)
        for _ in range(EMPTY_VARIANTS)
    ]


def _at_size(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(image, (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_AREA), dtype=np.uint8)
