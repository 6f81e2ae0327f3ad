"""Cameras and eyes as the settings want them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from edge.config.camera_source import CameraKind, camera_source
from edge.core.errors import CameraError
from edge.core.model import Mount
from edge.hardware.jetson_camera import JetsonCamera
from edge.hardware.opencv_camera import OpenCvCamera
from edge.hardware.picamera import PiCamera
from edge.hardware.sim_door import Faults, SimDoor, StallingEye
from edge.hardware.tflite import TfliteDetector
from edge.hardware.video_source import Kind, source_of
from edge.services.capture import CameraPlan
from edge.vision.oblique import ObliqueEye
from edge.vision.overhead import OverheadEye

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.config.schema import CameraTable, DetectorTable
    from edge.core.clock import Clock
    from edge.core.ports import Camera, Detector, Eye


@dataclass(frozen=True, slots=True)
class Seeing:
    """How a camera is read, and how an eye for its pictures is made. ``set_mono`` takes the colours from them."""

    plan: CameraPlan
    open_eye: Callable[[], Eye]
    set_mono: Callable[[bool], None] | None = None


def seeing(table: CameraTable, wanted: DetectorTable, clock: Clock) -> Seeing:
    """What the settings say of a camera. The detector is loaded here: ``ModelError`` if it is none.

    The camera itself is not opened: whether it is there shows when it is read.
    """
    source = camera_source(table.source)
    if source.kind is CameraKind.SIM:
        return _simulated(table, clock)
    if source.kind is CameraKind.PICAMERA:
        pi = _Pi(table, source.number, clock)
        return Seeing(CameraPlan(table.name, pi.open), _eye_opener(table, wanted), pi.set_mono)
    if source.kind is CameraKind.JETSON:

        def open_jetson() -> Camera:
            return JetsonCamera(source.number, fps=table.fps, turned=table.turned == UPSIDE_DOWN, clock=clock)

        return Seeing(CameraPlan(table.name, open_jetson), _eye_opener(table, wanted))
    return Seeing(_video_plan(table, clock), _eye_opener(table, wanted))


UPSIDE_DOWN = 180


class _Pi:
    """A Pi's own camera, opened again and again, grey or in colours as it was last wanted."""

    def __init__(self, table: CameraTable, number: int, clock: Clock) -> None:
        self._table, self._number, self._clock = table, number, clock
        self._mono = False
        self._camera: PiCamera | None = None

    def open(self) -> Camera:
        """Open it; ``CameraError`` if it is not there."""
        table = self._table
        self._camera = PiCamera(
            self._number, fps=table.fps, turned=table.turned == UPSIDE_DOWN, mono=self._mono, tuning=table.tuning,
            clock=self._clock,
        )  # fmt: skip
        return self._camera

    def set_mono(self, mono: bool) -> None:  # noqa: FBT001 - on or off is what it is about
        """Grey pictures from now on, or coloured ones."""
        self._mono = mono
        if self._camera is not None:
            self._camera.set_mono(mono)


def _video_plan(table: CameraTable, clock: Clock) -> CameraPlan:
    recorded = source_of(table.source).kind is Kind.FILE

    def open_video() -> Camera:
        camera = OpenCvCamera(
            table.source, fps=table.fps, turned=table.turned == UPSIDE_DOWN, realtime=recorded, speed=table.speed,
            clock=clock,
        )  # fmt: skip
        if camera.live is recorded:
            camera.close()
            raise CameraError(f"The source of the camera {table.name} is a recording on a server; copy it here first.")
        return camera

    return CameraPlan(table.name, open_video, live=not recorded, repeat=table.repeat, speed=table.speed)


def _simulated(table: CameraTable, clock: Clock) -> Seeing:
    sim = table.sim
    faults = Faults(sim.lost_after_s, sim.lost_for_s, sim.hang_after_s, sim.stall_after_s)
    door = SimDoor(
        clock, people_per_minute=sim.people_per_minute, seed=sim.seed, mount=table.mount, fps=table.fps,
        speed=table.speed, faults=faults,
    )  # fmt: skip

    def open_eye() -> Eye:
        return StallingEye(_eye(table.mount, door.detector()), faults)

    return Seeing(CameraPlan(table.name, door.reopened, live=False, speed=table.speed), open_eye)


def _eye_opener(table: CameraTable, wanted: DetectorTable) -> Callable[[], Eye]:
    if table.mount is Mount.OVERHEAD:
        return OverheadEye
    # Loading takes a good part of a second: once for all reels.
    found = detector(wanted)
    return lambda: _eye(table.mount, found)


def detector(wanted: DetectorTable) -> Detector:
    """The detector the settings name, loaded. ``ModelError`` if it is none."""
    return TfliteDetector(
        Path(wanted.model) if wanted.model else None,
        threads=wanted.threads,
        delegate=Path(wanted.delegate) if wanted.delegate else None,
    )


def _eye(mount: Mount, detector: Detector) -> Eye:
    return OverheadEye() if mount is Mount.OVERHEAD else ObliqueEye(detector)
