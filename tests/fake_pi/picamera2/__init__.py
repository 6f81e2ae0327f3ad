"""A picamera2 without a Pi: it behaves as the real one does where a program can tell, and keeps what was asked of it.

``test_picamera.py`` compares each signature with those recorded from the real package (``signatures.json``).
"""
# ruff: noqa: ANN401, ARG002, B006, FBT001, FBT002 - signatures are the real package's

from __future__ import annotations

import json
import time
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as NoAnswerError
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import libcamera
import numpy as np


@dataclass
class World:
    """What is plugged in, and what is wrong with it."""

    cameras: list[str] = field(default_factory=lambda: ["imx219", "imx708"])
    sensor: tuple[int, int] = (3280, 2464)
    modes: list[dict[str, Any]] | None = None
    controls: tuple[str, ...] = (
        "FrameDurationLimits", "AeExposureMode", "Saturation", "ExposureTime", "AnalogueGain", "ScalerCrop",
    )  # fmt: skip
    tuning_folder: Path | None = None
    in_use: set[int] = field(default_factory=set)
    stride_of: int = 64
    stamp_ahead_s: float = 0.0
    metadata: dict[str, Any] = field(default_factory=dict)
    hangs: bool = False
    patient: bool = False
    breaks: str = ""
    unreadable: str = ""
    starts: bool = True
    opened: list[Picamera2] = field(default_factory=list)
    waited: list[float | None] = field(default_factory=list)


world = World()


def mode(size: tuple[int, int], crop: tuple[int, int, int, int], fps: float, bit_depth: int = 10) -> dict[str, Any]:
    return {"format": f"SRGGB{bit_depth}", "unpacked": f"SRGGB{bit_depth}", "bit_depth": bit_depth, "size": size,
            "fps": fps, "crop_limits": crop, "exposure_limits": (75, 11766829, 20000)}  # fmt: skip


# The modes of an imx219, as the real package lists them.
IMX219 = [
    mode((640, 480), (1000, 752, 1280, 960), 103.33),
    mode((1640, 1232), (0, 0, 3280, 2464), 41.85),
    mode((1920, 1080), (680, 692, 1920, 1080), 47.57),
    mode((3280, 2464), (0, 0, 3280, 2464), 21.19),
]


class Job:
    def __init__(self) -> None:
        self._future: Future[Any] = Future()

    def get_result(self, timeout: float | None = None) -> Any:
        return self._future.result(timeout=timeout)

    def cancel(self) -> None:
        self._future.set_exception(CancelledError())


class CompletedRequest:
    def __init__(self, camera: Picamera2, number: int, stamp_ns: int) -> None:
        self._camera, self._number, self._stamp_ns = camera, number, stamp_ns
        self._released = False

    def make_array(self, name: str) -> np.ndarray:
        assert not self._released, "read after release"
        if world.unreadable:
            raise RuntimeError(world.unreadable)
        wide, high = self._camera.camera_configuration()[name]["size"]
        if name == "main":
            image = np.zeros((high, wide, 3), np.uint8)
            image[:, :, 2] = 200
            return image
        return yuv_patches(wide, high, self._camera.camera_configuration()[name]["stride"], self._number)

    def get_metadata(self) -> dict[str, Any]:
        assert not self._released, "read after release"
        told = {"ExposureTime": 20_000, "AnalogueGain": 2.0, "DigitalGain": 1.5, "Lux": 312.5,
                "SensorTimestamp": self._stamp_ns}  # fmt: skip
        return {**told, **world.metadata}

    def release(self) -> None:
        assert not self._released, "released twice"
        self._released = True
        self._camera.outstanding -= 1


def yuv_patches(wide: int, high: int, stride: int, number: int) -> np.ndarray:
    """Left half red, right half blue, with a grey stripe on top that tells the number; padding is noise."""
    rows = np.full((high * 3 // 2, stride), 77, np.uint8)
    luma = rows[:high]
    luma[:, : wide // 2], luma[:, wide // 2 : wide] = 81, 41
    luma[: high // 8, :wide] = 16 + number % 200
    chroma = rows[high:].reshape(2, high // 2, stride // 2)
    for plane, (red, blue) in zip(chroma, ((90, 240), (240, 110)), strict=True):
        plane[:, : wide // 4], plane[:, wide // 4 : wide // 2] = red, blue
        plane[: high // 16, : wide // 2] = 128
    return rows


class Picamera2:
    def __init__(
        self, camera_num: int = 0, verbose_console: Any = None, tuning: Any = None, allocator: Any = None
    ) -> None:
        if camera_num in world.in_use:
            cause = RuntimeError("Failed to acquire camera: Device or resource busy")
            raise RuntimeError("Camera __init__ sequence did not complete.") from cause
        world.in_use.add(camera_num)
        world.opened.append(self)
        self.number, self.tuning = camera_num, tuning
        self.sensor_resolution = world.sensor
        self.asked: dict[str, Any] = {}
        self.config: dict[str, Any] = {}
        self.outstanding = 0
        self.started = self.is_open = False
        self.is_open = True
        self._jobs: list[Job] = []
        self._frames = 0
        self._stamp_ns = 0

    @staticmethod
    def global_camera_info() -> list[dict[str, Any]]:
        return [{"Model": model, "Id": f"/base/{model}", "Num": n} for n, model in enumerate(world.cameras)]

    @staticmethod
    def load_tuning_file(tuning_file: str, dir: str | None = None) -> dict[str, Any]:  # noqa: A002 - the real one's
        folder = Path(dir) if dir is not None else world.tuning_folder
        path = folder / tuning_file if folder is not None else None
        if path is None or not path.is_file():
            raise RuntimeError("Tuning file not found")
        return dict(json.loads(path.read_text()))

    @property
    def sensor_modes(self) -> list[dict[str, Any]]:
        assert self.is_open
        return IMX219 if world.modes is None else world.modes

    @property
    def camera_controls(self) -> dict[str, Any]:
        return dict.fromkeys(world.controls, (0, 1, 0))

    def create_video_configuration(
        self,
        main: Any = {},
        lores: Any = None,
        raw: Any = {},
        transform: Any = libcamera.Transform(),  # noqa: B008
        colour_space: Any = None,
        buffer_count: int = 6,
        controls: Any = {},
        display: str = "main",
        encode: str = "main",
        queue: bool = True,
        sensor: Any = {},
        use_case: str = "video",
    ) -> dict[str, Any]:
        assert isinstance(transform, libcamera.Transform)
        assert isinstance(colour_space, libcamera.ColorSpace)
        assert set(sensor) <= {"bit_depth", "output_size"}
        return {"main": {"format": "XBGR8888", **main}, "lores": {"format": "YUV420", **lores}, "raw": raw,
                "transform": transform, "colour_space": colour_space, "buffer_count": buffer_count,
                "controls": controls, "queue": queue, "sensor": sensor}  # fmt: skip

    def configure(self, camera_config: Any = None) -> None:
        if self.started:
            raise RuntimeError("Camera must be stopped before configuring")
        for name in ("main", "lores"):
            size = camera_config[name]["size"]
            if type(size) is not tuple or size[0] % 2 or size[1] % 2:
                raise RuntimeError("width and height should be even")
            per_pixel = 3 if name == "main" else 1
            stride = -(-size[0] * per_pixel // world.stride_of) * world.stride_of
            camera_config[name]["stride"] = stride
        if any(a > b for a, b in zip(camera_config["lores"]["size"], camera_config["main"]["size"], strict=True)):
            raise RuntimeError("lores stream dimensions may not exceed main stream")
        self.config = camera_config

    def camera_configuration(self) -> dict[str, Any]:
        return self.config

    def set_controls(self, controls: dict[str, Any]) -> None:
        for name in controls:
            if name not in world.controls:
                raise RuntimeError(f"Control {name} is not advertised by libcamera")
        self.asked |= controls

    def start(self, config: Any = None, show_preview: bool = False) -> None:
        if not self.config:
            raise RuntimeError("Camera has not been configured")
        if not world.starts:
            raise RuntimeError("Failed to start camera: Cannot allocate memory")
        self.started = True
        self._stamp_ns = time.monotonic_ns() + int(world.stamp_ahead_s * 1e9)

    def capture_request(self, wait: Any = None, signal_function: Any = None, flush: Any = None) -> Any:
        assert wait is False, "the real one would wait for ever"
        job = Job()
        if world.breaks:
            job._future.set_exception(RuntimeError(world.breaks))  # noqa: SLF001 - our own
        # All buffers in the hands of the program: no picture can be taken, and the real one says nothing either.
        elif world.hangs or not self.started or self.outstanding >= self.config["buffer_count"]:
            self._jobs.append(job)
        else:
            self._frames += 1
            self._stamp_ns += int(self.asked["FrameDurationLimits"][0] * 1000)
            self.outstanding += 1
            job._future.set_result(CompletedRequest(self, self._frames, self._stamp_ns))  # noqa: SLF001
        return job

    def wait(self, job: Job, timeout: float | None = None) -> Any:
        world.waited.append(timeout)
        if job in self._jobs and not world.patient:
            # Nothing will come of it, however long one waits.
            raise NoAnswerError
        return job.get_result(timeout)

    @property
    def pending(self) -> int:
        """How many captures nothing has come of yet."""
        return len(self._jobs)

    def cancel_all_and_flush(self) -> None:
        jobs, self._jobs = self._jobs, []
        for job in jobs:
            job.cancel()

    def close(self) -> None:
        assert not self._jobs, "the real one would wait for the pending job for ever"
        self.started = self.is_open = False
        world.in_use.discard(self.number)
