"""What every camera promises (``core.ports.Camera``), asked of each that there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from argus import Sensor
from clips import write_clip, write_uneven
from pi import installed
from streams import HttpCamera, RtspCamera

from edge.core.errors import CameraError
from edge.hardware.opencv_camera import OpenCvCamera
from edge.hardware.picamera import PiCamera
from edge.hardware.sim import SimCamera, Walker

if TYPE_CHECKING:
    from edge.core.frame import Frame
    from edge.core.ports import Camera

Maker = Callable[[Path], Iterator["Camera"]]
MOST = 40


def sim(_: Path) -> Iterator[Camera]:
    yield SimCamera([Walker("w", ((0.0, 0.1, 0.8), (2.0, 0.9, 0.8)))], noise=2.0)


def sim_uneven(_: Path) -> Iterator[Camera]:
    yield SimCamera([], duration_s=3.0, uneven=0.9)


def avi(folder: Path) -> Iterator[Camera]:
    yield OpenCvCamera(str(write_clip(folder / "walk.avi", 30)))


def mp4_thinned(folder: Path) -> Iterator[Camera]:
    yield OpenCvCamera(str(write_clip(folder / "walk.mp4", 60)), fps=5.0)


def matroska(folder: Path) -> Iterator[Camera]:
    yield OpenCvCamera(str(write_uneven(folder / "phone.mkv", (0, 100, 150, 900, 950, 2000))))


def http(_: Path) -> Iterator[Camera]:
    with HttpCamera() as server:
        yield OpenCvCamera(server.address, timeout_s=4.0)


def rtsp(_: Path) -> Iterator[Camera]:
    with RtspCamera() as server:
        yield OpenCvCamera(server.address, timeout_s=4.0)


def pi_camera(_: Path) -> Iterator[Camera]:
    with installed():
        yield PiCamera(fps=8.0)


def pi_camera_turned_and_grey(_: Path) -> Iterator[Camera]:
    with installed() as picamera2:
        picamera2.world.stride_of = 128
        yield PiCamera(turned=True, mono=True)


def jetson(_: Path) -> Iterator[Camera]:
    sensor = Sensor()
    yield sensor.camera(fps=10.0)


RECORDED: tuple[Maker, ...] = (sim, sim_uneven, avi, mp4_thinned, matroska)
LIVE: tuple[Maker, ...] = (http, rtsp, pi_camera, pi_camera_turned_and_grey, jetson)


@pytest.fixture
def camera(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Camera]:
    for made in request.param(tmp_path):
        yield made
        made.close()


@pytest.fixture
def frames(camera: Camera) -> list[Frame]:
    seen: list[Frame] = []
    while len(seen) < MOST and (frame := camera.read()) is not None:
        seen.append(frame)
    return seen


every = pytest.mark.parametrize("camera", [*RECORDED, *LIVE], indirect=True)
recorded = pytest.mark.parametrize("camera", RECORDED, indirect=True)


@every
def test_frames_are_colour_pictures_of_one_size(frames: list[Frame]) -> None:
    assert len(frames) > 4
    assert {frame.image.shape for frame in frames} == {frames[0].image.shape}
    assert all(frame.image.ndim == 3 and frame.image.shape[2] == 3 for frame in frames)
    assert all(frame.image.dtype == np.uint8 for frame in frames)


@every
def test_frames_come_in_order_of_time(frames: list[Frame]) -> None:
    assert all(a.t_s < b.t_s and a.index < b.index for a, b in pairwise(frames))


@every
def test_a_frame_stays_as_it_was_given(camera: Camera) -> None:
    first = camera.read()
    assert first is not None
    kept = first.image.copy()
    for _ in range(3):
        assert camera.read() is not None
    assert np.array_equal(first.image, kept)


@recorded
def test_the_end_is_told_again_and_again(camera: Camera) -> None:
    while camera.read() is not None:
        pass
    assert camera.read() is None
    assert camera.read() is None


@every
def test_closing_twice_is_legal_and_nothing_follows(camera: Camera) -> None:
    assert camera.read() is not None
    camera.close()
    camera.close()
    assert camera.read() is None


@pytest.mark.parametrize("server", [HttpCamera, RtspCamera])
def test_what_cannot_be_read_now_is_an_error_and_no_end(server: type[HttpCamera | RtspCamera]) -> None:
    with server() as running:
        camera = OpenCvCamera(running.address, timeout_s=2.0)
        assert camera.read() is not None
    for _ in range(2):
        with pytest.raises(CameraError):
            read_on(camera)
    camera.close()


def read_on(camera: Camera) -> None:
    while camera.read() is not None:
        pass
