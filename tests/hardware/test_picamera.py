"""A Pi's camera on a stand-in for picamera2, whose signatures are those of the real package."""
# ruff: noqa: ANN401 - the stand-in's classes are known only once its folder is on the path

from __future__ import annotations

import inspect
import json
import sys
from importlib import import_module
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pi import FAKES, forget, installed

from edge.core.backoff import Reconnect
from edge.core.clock import ManualClock, SystemClock
from edge.core.errors import CameraError
from edge.core.frame import Exposure
from edge.hardware.pi_pictures import exposure_of, grey_as_bgr, sizes_for, whole_view, yuv420_as_bgr
from edge.hardware.picamera import PiCamera

if TYPE_CHECKING:
    from collections.abc import Iterator

RED, BLUE = (0, 0, 255), (255, 0, 0)


@pytest.fixture(autouse=True)
def package() -> Iterator[Any]:
    with installed() as picamera2:
        yield picamera2


@pytest.fixture
def world(package: Any) -> Any:
    return package.world


def live(**settings: Any) -> PiCamera:
    return PiCamera(clock=SystemClock(), reconnect=Reconnect(1.0, jitter=0.0), **settings)


# The real package


SIGNATURES: dict[str, dict[str, list[str]]] = json.loads((FAKES / "signatures.json").read_text())


@pytest.mark.parametrize("version", SIGNATURES)
def test_the_stand_in_is_called_as_the_real_package_is(package: Any, version: str) -> None:
    recorded = SIGNATURES[version]
    assert len(recorded) == 19
    for name, parameters in recorded.items():
        owner, _, member = name.partition(".")
        real = [parameter.partition("=")[0] for parameter in parameters]
        if real == ["attribute"]:
            assert hasattr(getattr(package, owner), member) or member == "sensor_resolution"
            continue
        ours = inspect.signature(getattr(getattr(package, owner), member)).parameters
        assert list(ours) == real, name
        required = [p.name for p in ours.values() if p.default is inspect.Parameter.empty]
        assert required == [p for p in parameters if "=" not in p], name


def test_nothing_is_used_that_was_not_recorded(package: Any) -> None:
    source = (Path(inspect.getfile(PiCamera))).read_text()
    recorded = {name.partition(".")[2] for name in SIGNATURES["0.3.38"]}
    public = {name for name in vars(package.Picamera2) if not name.startswith("_")}
    for name in public:
        if f".{name}" in source or f'"{name}"' in source:
            assert name in recorded


# Frames


def test_frames_have_colours_times_and_exposures(world: Any) -> None:
    camera = live(fps=8.0)
    frames = [camera.read() for _ in range(4)]
    for index, frame in enumerate(frames):
        assert frame is not None
        assert frame.image.shape == (480, 640, 3)
        assert frame.image.dtype == np.uint8
        assert frame.index == index
        assert frame.exposure == Exposure(0.02, 3.0, 312.5)
        assert np.abs(frame.image[300, 160].astype(int) - RED).max() < 6
        assert np.abs(frame.image[300, 480].astype(int) - BLUE).max() < 6
    times = [frame.t_s for frame in frames if frame]
    assert np.diff(times) == pytest.approx([0.125] * 3)
    assert abs(times[0] - SystemClock().monotonic_s()) < 1.0
    assert world.waited == [5.0] * 4
    camera.close()


@pytest.mark.parametrize("stride_of", [32, 64, 128, 256])
def test_padded_rows_are_cut_off(world: Any, stride_of: int) -> None:
    world.stride_of, world.sensor = stride_of, (4056, 3040)
    camera = live()
    frame = camera.read()
    assert frame is not None
    assert frame.image.shape == (480, 640, 3)
    image = frame.image[100:].astype(int)
    assert np.abs(image[:, :316] - RED).max() < 6
    assert np.abs(image[:, 324:] - BLUE).max() < 6


def test_planes_and_colours_of_odd_strides() -> None:
    package = import_module("picamera2")
    for wide, high, stride in ((64, 32, 64), (64, 32, 96), (638, 358, 640), (2, 2, 64)):
        plain = package.yuv_patches(wide, high, wide, 3)
        padded = package.yuv_patches(wide, high, stride, 3)
        assert np.array_equal(yuv420_as_bgr(padded, wide, high), yuv420_as_bgr(plain, wide, high))
    assert grey_as_bgr(np.full((4, 6), 7, np.uint8)).tolist() == np.full((4, 6, 3), 7).tolist()


def test_every_exposure_goes_back_to_the_camera(world: Any) -> None:
    camera = live()
    for _ in range(20):
        assert camera.read() is not None
        assert camera.still().shape == (962, 1280, 3)
    assert world.opened[0].outstanding == 0


def test_the_big_picture_is_whole_and_in_colour() -> None:
    camera = live()
    still = camera.still()
    assert still[100, 100].tolist() == [0, 0, 200]
    assert still.flags.c_contiguous
    camera.close()
    with pytest.raises(CameraError, match="is closed"):
        camera.still()


def test_times_of_another_clock_are_not_believed_and_never_go_back(world: Any) -> None:
    world.stamp_ahead_s = 500.0
    clock = ManualClock(10.0)
    camera = PiCamera(clock=clock)
    times = []
    for _ in range(3):
        frame = camera.read()
        assert frame is not None
        times.append(frame.t_s)
    assert times == pytest.approx([10.0, 10.001, 10.002])


def test_what_a_camera_does_not_tell_is_not_made_up() -> None:
    assert exposure_of({}) == Exposure(None, None, None)
    assert exposure_of({"ExposureTime": 0, "AnalogueGain": 4.0}) == Exposure(0.0, 4.0, None)


# Configuration


def test_the_whole_view_is_taken_whatever_modes_there_are(world: Any) -> None:
    live()
    config = world.opened[0].config
    assert config["sensor"] == {"output_size": (1640, 1232), "bit_depth": 10}
    assert config["main"]["size"] == (1280, 962)
    assert config["lores"]["size"] == (640, 480)
    assert config["main"]["format"] == "RGB888"
    assert config["lores"]["format"] == "YUV420"


def test_choosing_a_mode(package: Any) -> None:
    modes = package.IMX219
    assert whole_view(modes, 10.0) == modes[1]
    assert whole_view(modes, 45.0) == modes[2]
    assert whole_view(modes, 60.0) == modes[0]
    assert whole_view(modes, 200.0) is None
    assert whole_view([{"format": "YUYV"}], 10.0) is None
    assert whole_view([], 10.0) is None


def test_pictures_have_the_sensors_shape() -> None:
    assert sizes_for((4608, 2592)).main == (1280, 720)
    assert sizes_for((4608, 2592)).lores == (640, 360)
    assert sizes_for((640, 480)).main == sizes_for((640, 480)).lores == (640, 480)


def test_turned_mono_and_pace(world: Any) -> None:
    libcamera = import_module("libcamera")
    camera = live(turned=True, mono=True, fps=5.0)
    opened = world.opened[0]
    assert opened.config["transform"] == libcamera.Transform(hflip=1, vflip=1)
    assert opened.asked == {
        "FrameDurationLimits": (200_000, 200_000), "AeExposureMode": libcamera.AeExposureModeEnum.Short,
        "Saturation": 0.0,
    }  # fmt: skip
    frame = camera.read()
    assert frame is not None
    assert (frame.image[:, :, 0] == frame.image[:, :, 2]).all()
    camera.set_mono(False)
    camera.set_longest_exposure(0.5)
    assert opened.asked["Saturation"] == 1.0
    assert opened.asked["FrameDurationLimits"] == (200_000, 500_000)
    camera.set_longest_exposure(0.01)
    assert opened.asked["FrameDurationLimits"] == (200_000, 200_000)
    coloured = camera.read()
    assert coloured is not None
    assert (coloured.image[:, :, 0] != coloured.image[:, :, 2]).any()


def test_wishes_outlast_a_loss(world: Any) -> None:
    clock = ManualClock()
    camera = PiCamera(clock=clock, reconnect=Reconnect(1.0, jitter=0.0))
    world.hangs = True
    with pytest.raises(CameraError):
        camera.read()
    camera.set_mono(True)
    camera.set_longest_exposure(0.25)
    world.hangs = False
    clock.advance(1.0)
    assert camera.read() is not None
    assert world.opened[1].asked["Saturation"] == 0.0
    assert world.opened[1].asked["FrameDurationLimits"] == (100_000, 250_000)


def test_a_camera_with_few_controls_is_asked_for_few(world: Any) -> None:
    world.controls, world.modes = (), [{"format": "YUYV"}]
    world.metadata = {}
    camera = live()
    assert world.opened[0].asked == {}
    assert world.opened[0].config["sensor"] == {}
    camera.set_mono(True)
    camera.close()


def test_a_tuning_file_by_name_or_path(world: Any, tmp_path: Path) -> None:
    (tmp_path / "imx219_noir.json").write_text('{"version": 2.0}')
    world.tuning_folder = tmp_path
    live(tuning="imx219_noir.json").close()
    world.tuning_folder = None
    live(tuning=str(tmp_path / "imx219_noir.json")).close()
    assert [camera.tuning for camera in world.opened] == [{"version": 2.0}] * 2
    live().close()
    assert world.opened[2].tuning is None
    (tmp_path / "broken.json").write_text("{")
    for name in ("imx999.json", str(tmp_path / "broken.json")):
        with pytest.raises(CameraError, match=r"The tuning file .* of the camera picamera:0 cannot be used"):
            live(tuning=name)


# What goes wrong


def test_each_trouble_at_the_start_is_one_sentence(world: Any) -> None:
    first = live()
    with pytest.raises(CameraError) as in_use:
        live()
    assert str(in_use.value) == (
        "The camera picamera:0 cannot be opened (Failed to acquire camera: Device or resource busy); if another program"
        " uses it (rpicam-hello, motion, a second acm), stop that one."
    )
    first.close()
    with pytest.raises(CameraError) as wrong:
        live(number=2)
    assert str(wrong.value) == "There is no camera picamera:2; there is picamera:0 (imx219), picamera:1 (imx708)."
    world.starts = False
    with pytest.raises(CameraError, match=r"cannot be started \(Failed to start camera: Cannot allocate memory\)"):
        live()
    assert world.in_use == set(), "a camera that does not start is let go"
    world.cameras = []
    with pytest.raises(CameraError, match=r"the Pi sees no camera at all; check its ribbon cable"):
        live()


@pytest.mark.parametrize(
    ("init", "said"),
    [
        ("import libcamera_of_a_pi", r"does not load \(No module named 'libcamera_of_a_pi'\); install it"),
        ("import sys; sys.of_another_libcamera", r"does not load \(module 'sys' has no attribute"),
        ("raise ValueError('numpy.dtype size changed')", "does not fit this environment's NumPy"),
        ("class Picamera2: pass", "too old; bring it up to date"),
    ],
)
def test_a_package_that_does_not_fit_is_told_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, init: str, said: str
) -> None:
    (tmp_path / "picamera2.py").write_text(init)
    monkeypatch.syspath_prepend(str(tmp_path))
    forget()
    with pytest.raises(CameraError, match=said) as told:
        live()
    assert "python3-picamera2" in str(told.value)
    assert str(told.value).count(". ") == 0


def test_without_the_package_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(CameraError) as told:
        live()
    assert "(apt install python3-picamera2)" in str(told.value)
    assert "--system-site-packages" in str(told.value)


def test_a_camera_that_hangs_is_let_go_and_comes_back(world: Any) -> None:
    clock = ManualClock(100.0)
    camera = PiCamera(clock=clock, reconnect=Reconnect(1.0, jitter=0.0), limit_s=3.0)
    assert camera.read() is not None
    world.hangs = True
    with pytest.raises(CameraError) as hung:
        camera.read()
    assert str(hung.value) == (
        "The camera picamera:0 has given no picture for 3 s; check its ribbon cable (with the power off)."
        " Trying again in 1 s."
    )
    assert world.waited == [3.0, 3.0]
    assert not world.opened[0].is_open
    # Not before its time, and then from the beginning.
    with pytest.raises(CameraError, match="is lost; trying again in 1 s"):
        camera.read()
    assert len(world.opened) == 1
    clock.advance(1.0)
    with pytest.raises(CameraError, match="no picture for 3 s"):
        camera.read()
    world.hangs, world.cameras = False, []
    clock.advance(2.0)
    with pytest.raises(CameraError, match=r"sees no camera .* Trying again in 4 s\."):
        camera.read()
    world.cameras = ["imx219"]
    clock.advance(camera.retry_in_s)
    frame = camera.read()
    assert frame is not None
    assert frame.index == 1
    assert camera.retry_in_s == 0


def test_a_camera_that_breaks_says_why(world: Any) -> None:
    camera = live()
    world.breaks = "Camera frontend has timed out!"
    with pytest.raises(CameraError, match=r"picamera:0 fails \(Camera frontend has timed out!\); check its ribbon"):
        camera.read()
    camera.close()
    assert camera.read() is None


def test_a_picture_that_cannot_be_copied_still_goes_back(world: Any) -> None:
    camera = live()
    world.unreadable = "Failed to map the buffer"
    with pytest.raises(CameraError, match=r"picamera:0 fails \(Failed to map the buffer\)"):
        camera.read()
    assert world.opened[0].outstanding == 0
    assert not world.opened[0].is_open


def test_closing_twice_is_legal_and_nothing_follows(world: Any) -> None:
    camera = live()
    camera.close()
    camera.close()
    assert camera.read() is None
    assert world.in_use == set()


def test_closing_from_another_thread_ends_a_read_that_waits(world: Any) -> None:
    world.hangs = world.patient = True
    camera = live(limit_s=30.0)
    got: list[Any] = []
    reader = Thread(target=lambda: got.append(camera.read()))
    reader.start()
    for _ in range(1000):
        if world.opened[0].pending:
            break
        Event().wait(0.005)
    camera.close()
    reader.join(5.0)
    assert not reader.is_alive()
    assert got == [None]
    assert world.in_use == set()
