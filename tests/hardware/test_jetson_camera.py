"""A Jetson's camera: what OpenCV is asked for, what it refuses, and how it comes back."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from argus import Sensor

from edge.core.errors import CameraError
from edge.hardware.jetson_camera import JetsonCamera, WholePictures, open_pipeline, pipeline
from edge.hardware.video_source import Kind, Limits, Source


@pytest.fixture
def sensor() -> Sensor:
    return Sensor()


def test_the_pipeline_names_sensor_size_and_turn() -> None:
    assert pipeline(1, (640, 480), turned=True) == (
        "nvarguscamerasrc sensor-id=1"
        " ! video/x-raw(memory:NVMM), width=1640, height=1232, format=NV12, framerate=30/1"
        " ! nvvidconv flip-method=2 ! video/x-raw, width=640, height=480, format=BGRx"
        " ! videoconvert ! video/x-raw, format=BGR ! appsink drop=true max-buffers=1 sync=false"
    )
    assert "flip-method=0" in pipeline(0, (640, 480), turned=False)


def test_it_asks_for_the_camera_it_was_told_and_within_limits(sensor: Sensor) -> None:
    camera = sensor.camera(sensor=1, turned=True, size_px=(320, 240), timeout_s=4.0)
    ((source, limits),) = sensor.opened
    assert source == Source(Kind.DEVICE, pipeline(1, (320, 240), turned=True), "camera jetson:1")
    assert limits.open_s + limits.read_s < 4.0
    camera.close()


def test_frames_are_thinned_out_and_carry_the_clocks_time(sensor: Sensor) -> None:
    camera = sensor.camera(fps=10.0)
    times = []
    for _ in range(20):
        frame = camera.read()
        assert frame is not None
        assert frame.image.shape == (480, 640, 3)
        times.append(frame.t_s)
    assert times[0] == 50.0
    assert np.diff(times).mean() == pytest.approx(0.1, abs=0.01)


def test_a_lost_camera_is_told_and_comes_back(sensor: Sensor) -> None:
    camera = sensor.camera()
    assert camera.read() is not None
    sensor.there = False
    with pytest.raises(CameraError, match=r"Camera jetson:0 is lost; check power, cable .* Trying again in 1 s"):
        camera.read()
    with pytest.raises(CameraError, match="trying again in 1 s"):
        camera.read()
    assert len(sensor.opened) == 1
    sensor.clock.advance(1.0)
    with pytest.raises(CameraError, match="gives no picture"):
        camera.read()
    sensor.there = True
    sensor.clock.advance(camera.retry_in_s)
    assert camera.read() is not None
    assert camera.retry_in_s == 0
    camera.close()
    camera.close()
    assert sensor.released == 2
    assert camera.read() is None


def test_a_camera_that_is_not_there_is_no_camera(sensor: Sensor) -> None:
    sensor.there = False
    with pytest.raises(CameraError, match="gives no picture"):
        sensor.camera()


def test_an_opencv_without_gstreamer_is_refused_in_a_sentence() -> None:
    # The one that pip installs has none; a Jetson's own would get as far as the sensor that is not there.
    with pytest.raises(CameraError) as refused:
        JetsonCamera()
    told = str(refused.value)
    without = "this OpenCV was built without GStreamer" in told and "--system-site-packages" in told
    assert without != cv2.videoio_registry.hasBackend(cv2.CAP_GSTREAMER)
    assert told.startswith("The camera jetson:0 ")
    assert told.count(". ") == 0
    with pytest.raises(CameraError):
        open_pipeline(Source(Kind.DEVICE, "videotestsrc ! fakesink", "camera jetson:0"), Limits.within(1.0))


class TimedOut:
    """OpenCV over GStreamer (measured on 4.10): grab says yes although no picture came in time."""

    def __init__(self, *pictures: np.ndarray | None) -> None:
        self._pictures = list(pictures)
        self.released = False

    def grab(self) -> bool:
        return True

    def retrieve(self) -> tuple[bool, np.ndarray | None]:
        picture = self._pictures.pop(0)
        if picture is not None and picture.size == 1:
            raise cv2.error
        return picture is not None, picture

    def get(self, propId: int) -> float:  # noqa: N803 - OpenCV's name
        return float(propId)

    def release(self) -> None:
        self.released = True


def test_a_picture_that_did_not_come_in_time_is_not_taken_for_one() -> None:
    picture = np.zeros((48, 64, 3), np.uint8)
    capture = TimedOut(picture, None, np.zeros((0,)), np.zeros((1,)), picture)
    pictures = WholePictures(capture)  # type: ignore[arg-type]
    seen = []
    for _ in range(5):
        grabbed = pictures.grab()
        assert not grabbed or pictures.retrieve() == (True, picture)
        seen.append(grabbed)
    assert seen == [True, False, False, False, True]
    assert pictures.get(5) == 5.0
    pictures.release()
    assert capture.released
