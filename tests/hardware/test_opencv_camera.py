"""The camera that reads files, devices and streams: times, thinning, broken ends, lost streams that come back."""

from __future__ import annotations

from contextlib import closing
from itertools import pairwise
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from clips import write_clip, write_uneven
from streams import HIGH_PX, WIDE_PX, HttpCamera, RtspCamera, SilentCamera, number_of

from edge.core.backoff import Reconnect
from edge.core.clock import ManualClock
from edge.core.errors import CameraError
from edge.hardware.live_reader import bgr
from edge.hardware.opencv_camera import OpenCvCamera

if TYPE_CHECKING:
    from pathlib import Path

    from edge.core.frame import Frame

TIMES_MS = (0, 100, 150, 900, 950, 2000, 2040, 2900, 5000)


def all_of(camera: OpenCvCamera) -> list[Frame]:
    frames = []
    while (frame := camera.read()) is not None:
        frames.append(frame)
    return frames


@pytest.mark.parametrize("name", ["walk.avi", "walk.mp4"])
def test_a_file_is_read_to_its_end(tmp_path: Path, name: str) -> None:
    with closing(OpenCvCamera(str(write_clip(tmp_path / name, 30)))) as camera:
        frames = all_of(camera)
        assert [number_of(frame.image) for frame in frames] == [n % 20 for n in range(30)]
        assert [frame.t_s for frame in frames] == pytest.approx([n / 10 for n in range(30)])
        assert [frame.index for frame in frames] == list(range(30))
        assert (frames[0].width_px, frames[0].height_px) == (WIDE_PX, HIGH_PX)
        assert camera.read() is None
        assert (camera.warning, camera.retry_in_s) == (None, 0.0)
        assert camera.duration_s == pytest.approx(3.0)


def test_the_same_file_twice_gives_the_same_pictures(tmp_path: Path) -> None:
    path = str(write_clip(tmp_path / "walk.mp4", 12))
    first, second = (all_of(OpenCvCamera(path)) for _ in range(2))
    assert all(np.array_equal(a.image, b.image) and a.t_s == b.t_s for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize(("fps", "numbers"), [(5.0, range(0, 30, 2)), (1.0, (0, 10, 20)), (25.0, range(30))])
def test_thinning_keeps_times_and_numbers(tmp_path: Path, fps: float, numbers: range) -> None:
    frames = all_of(OpenCvCamera(str(write_clip(tmp_path / "walk.avi", 30)), fps=fps))
    assert [frame.index for frame in frames] == list(numbers)
    assert [number_of(frame.image) for frame in frames] == [n % 20 for n in numbers]
    assert [frame.t_s for frame in frames] == pytest.approx([n / 10 for n in numbers])


def test_a_file_s_own_uneven_times_are_kept(tmp_path: Path) -> None:
    frames = all_of(OpenCvCamera(str(write_uneven(tmp_path / "phone.mkv", TIMES_MS))))
    assert [number_of(frame.image) for frame in frames] == list(range(len(TIMES_MS)))
    assert all(a.t_s < b.t_s for a, b in pairwise(frames))
    # The file has no rate, and what is guessed for it is believed until it is a quarter of a second off.
    assert [f.t_s for f in frames[3:]] == pytest.approx([ms / 1000 for ms in TIMES_MS[3:]])
    assert [f.t_s for f in frames[:3]] == pytest.approx([ms / 1000 for ms in TIMES_MS[:3]], abs=0.25)
    thinned = all_of(OpenCvCamera(str(tmp_path / "phone.mkv"), fps=1.0))
    assert [frame.t_s for frame in thinned] == pytest.approx([0.0, 2.0, 5.0])


@pytest.mark.parametrize("part", [0.3, 0.7])
def test_a_file_that_breaks_off_is_used_and_told(tmp_path: Path, part: float) -> None:
    path = write_clip(tmp_path / "cut.avi", 60)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
    camera = OpenCvCamera(str(path))
    frames = all_of(camera)
    assert 0 < len(frames) < 60 * part
    assert camera.warning is not None
    assert f"cut.avi is incomplete: it breaks off after {len(frames) / 10:.1f} of 6.0 s" in camera.warning


@pytest.mark.parametrize("name", ["scratched.mp4", "scratched.avi"])
def test_spoiled_pictures_in_the_middle_are_passed_over(tmp_path: Path, name: str) -> None:
    path = write_clip(tmp_path / name, 40)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 1000] = bytes(1000)
    path.write_bytes(content)
    camera = OpenCvCamera(str(path))
    frames = all_of(camera)
    assert 30 <= len(frames) < 40
    assert number_of(frames[-1].image) == 19
    assert frames[-1].t_s == pytest.approx(3.9, abs=0.3)
    assert all(a.t_s < b.t_s for a, b in pairwise(frames))
    assert camera.warning is None


def test_closing_twice_is_legal_and_ends_reading(tmp_path: Path) -> None:
    camera = OpenCvCamera(str(write_clip(tmp_path / "walk.avi", 30)))
    assert camera.read() is not None
    camera.close()
    camera.close()
    assert camera.read() is None
    assert camera.warning is None


def test_real_time_is_the_pace_it_was_shot_at(tmp_path: Path) -> None:
    clock = ManualClock(1000.0)
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        clock.advance(seconds)

    path = str(write_clip(tmp_path / "walk.avi", 10))
    camera = OpenCvCamera(path, realtime=True, clock=clock, wait=wait)
    for _ in range(5):
        assert camera.read() is not None
    assert waits == pytest.approx([0.1] * 4)
    clock.advance(0.25)
    assert camera.read() is not None
    assert camera.read() is not None
    # Two pictures late: they come at once, and the next has its own time again.
    assert len(waits) == 4
    assert camera.read() is not None
    assert waits[4:] == pytest.approx([0.05])


def test_a_recording_can_be_played_faster_than_it_was_shot(tmp_path: Path) -> None:
    clock = ManualClock(1000.0)
    path = str(write_clip(tmp_path / "walk.avi", 10))
    camera = OpenCvCamera(path, realtime=True, speed=4.0, clock=clock, wait=clock.advance)
    frames = all_of(camera)
    assert frames[-1].t_s == pytest.approx(0.9)
    assert clock.monotonic_s() == pytest.approx(1000.0 + 0.9 / 4)


def test_closing_ends_a_wait_for_the_right_moment(tmp_path: Path) -> None:
    camera = OpenCvCamera(str(write_clip(tmp_path / "slow.avi", 3, fps=0.02)), realtime=True)
    assert camera.read() is not None
    last: list[Frame | None] = []
    reading = Event()

    def read() -> None:
        reading.set()
        last.append(camera.read())

    reader = Thread(target=read)
    reader.start()
    assert reading.wait(10)
    camera.close()
    reader.join(10)
    assert last == [None]


@pytest.mark.parametrize("kind", [HttpCamera, RtspCamera])
def test_a_stream_carries_the_clock_s_seconds(kind: type[SilentCamera]) -> None:
    clock = ManualClock(500.0)
    with kind() as server, closing(OpenCvCamera(server.address, timeout_s=4.0, clock=clock)) as camera:
        assert camera.duration_s is None
        for number in range(10):
            frame = camera.read()
            assert frame is not None
            assert frame.t_s == pytest.approx(500.0 + number)
            assert number_of(frame.image) == number
            clock.advance(1.0)


class Ticking(ManualClock):
    """A tenth of a second passes with each look at it."""

    def monotonic_s(self) -> float:
        self.advance(0.1)
        return super().monotonic_s()


def test_a_stream_is_thinned_by_the_clock() -> None:
    with HttpCamera() as server, closing(OpenCvCamera(server.address, fps=2.0, clock=Ticking(500.02))) as camera:
        numbers = [frame.index for frame in (camera.read() for _ in range(4)) if frame is not None]
    # Pictures in between were passed over and not kept waiting, so that none of them is old.
    assert [b - a for a, b in pairwise(numbers[1:])] == [5, 5]


@pytest.mark.parametrize("kind", [HttpCamera, RtspCamera])
def test_a_stream_that_falls_silent_is_lost_in_time(kind: type[SilentCamera]) -> None:
    with kind(pictures=60) as server, closing(OpenCvCamera(server.address, timeout_s=2.0)) as camera:
        for _ in range(60):
            assert camera.read() is not None
        start_s = monotonic()
        with pytest.raises(CameraError, match="check power, cable and network") as told:
            camera.read()
        assert monotonic() - start_s < 1.0
        assert "hunter2" not in str(told.value)
        assert "\n" not in str(told.value)


@pytest.mark.parametrize("kind", [HttpCamera, RtspCamera])
def test_a_stream_that_dies_comes_back(kind: type[SilentCamera]) -> None:
    clock, pauses = ManualClock(500.0), Reconnect(1.0, 8.0, jitter=0.0)
    server = kind()
    camera = OpenCvCamera(server.address, timeout_s=2.0, clock=clock, reconnect=pauses)
    with closing(camera):
        assert camera.read() is not None
        server.close()
        told = failures(camera, clock)
        assert [pause for pause, _ in told] == pytest.approx([1.0, 2.0, 4.0])
        assert all("hunter2" not in sentence and f"{server.scheme}://***@" in sentence for _, sentence in told)
        assert "is lost; check power" in told[0][1]
        assert "cannot be reached" in told[1][1]
        with kind(server.port):
            clock.advance(camera.retry_in_s)
            frame = camera.read()
            assert frame is not None
            assert frame.t_s == clock.monotonic_s()
            assert camera.retry_in_s == 0.0
            assert camera.read() is not None


def failures(camera: OpenCvCamera, clock: ManualClock) -> list[tuple[float, str]]:
    """Read until the camera has failed three times, each after its pause: (seconds until the next try, sentence)."""
    told: list[tuple[float, str]] = []
    while len(told) < 3:
        clock.advance(camera.retry_in_s)
        with pytest.raises(CameraError) as failure:
            all_of(camera)
        told.append((camera.retry_in_s, str(failure.value)))
        # Nothing is tried before its time, whoever asks.
        with pytest.raises(CameraError, match="trying again in"):
            camera.read()
    return told


def test_a_lost_stream_can_be_closed() -> None:
    server = HttpCamera()
    camera = OpenCvCamera(server.address, timeout_s=2.0)
    server.close()
    with pytest.raises(CameraError):
        all_of(camera)
    camera.close()
    camera.close()
    assert camera.read() is None


@pytest.mark.parametrize(
    ("image", "colour"),
    [
        (np.full((4, 6), 90, np.uint8), (90, 90, 90)),
        (np.full((4, 6, 1), 90, np.uint8), (90, 90, 90)),
        (np.full((4, 6), 90 << 8, np.uint16), (90, 90, 90)),
        (np.full((4, 6, 4), (10, 20, 30, 255), np.uint8), (10, 20, 30)),
        (np.full((4, 6, 3), (10, 20, 30), np.uint8), (10, 20, 30)),
        (np.full((4, 6, 2), (126, 128), np.uint8), (128, 128, 128)),
    ],
)
def test_any_kind_of_picture_becomes_colour(image: np.ndarray, colour: tuple[int, int, int]) -> None:
    made = bgr(image)
    assert made.shape == (4, 6, 3)
    assert made.dtype == np.uint8
    assert np.abs(made.astype(int) - colour).max() <= 1


def test_a_grey_film_is_read_as_colour(tmp_path: Path) -> None:
    path = tmp_path / "grey.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"FFV1"), 10.0, (64, 48), isColor=False)
    assert writer.isOpened()
    for level in (10, 200):
        writer.write(np.full((48, 64), level, np.uint8))
    writer.release()
    frames = all_of(OpenCvCamera(str(path)))
    assert [frame.image.shape for frame in frames] == [(48, 64, 3)] * 2
    assert float(frames[1].image.mean()) == pytest.approx(200, abs=3)


def test_a_camera_that_hangs_upside_down_gives_upright_pictures(tmp_path: Path) -> None:
    clip = str(write_clip(tmp_path / "walk.avi", 6))
    upright, turned = OpenCvCamera(clip), OpenCvCamera(clip, turned=True)
    for _ in range(6):
        seen, righted = upright.read(), turned.read()
        assert seen is not None
        assert righted is not None
        assert np.array_equal(righted.image, seen.image[::-1, ::-1])
        assert righted.image.flags.c_contiguous
        assert (righted.t_s, righted.index) == (seen.t_s, seen.index)
    assert turned.read() is None
