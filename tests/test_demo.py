"""The demonstration: newest frame first, live counts, the window, the chime."""

from __future__ import annotations

import io
import urllib.error
import urllib.request
from contextlib import closing
from threading import Event as Flag
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from edge.analytics.scene import Scene
from edge.core.clock import ManualClock
from edge.core.errors import CameraError
from edge.core.events import LineCrossed, LineTouched, OccupancyChanged
from edge.core.frame import Frame
from edge.core.model import Direction, Sighting, Tripwire
from edge.hardware.sim import SimSpeaker
from edge.services.demo import Demo, Ringing, Showing, Telling
from edge.services.handoff import LatestFrame
from edge.services.window import LivePicture, Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.core.events import Event

WIRE = Tripwire("door", (0.5, 1.0), (0.5, 0.0))
IN, OUT = Direction.IN, Direction.OUT


def frame(number: int) -> Frame:
    return Frame(np.full((48, 64, 3), number, dtype=np.uint8), number / 10, number)


class Camera:
    """Gives frames as fast as they are read; after the last it ends or breaks."""

    def __init__(self, frames: int, error: CameraError | None = None) -> None:
        self._frames, self._error = frames, error
        self._number = 0
        self.at_end = Flag()
        self.closed = False

    def read(self) -> Frame | None:
        if self._number == self._frames:
            self.at_end.set()
            if self._error is not None:
                raise self._error
            return None
        self._number += 1
        return frame(self._number - 1)

    def close(self) -> None:
        self.closed = True


class SlowEye:
    """Looks at the first frame until the camera has given all."""

    def __init__(self, camera: Camera) -> None:
        self._camera = camera

    def see(self, frame: Frame) -> Sighting:
        assert self._camera.at_end.wait(10)
        return Sighting(frame.t_s, ())


class Diary:
    def __init__(self) -> None:
        self.times: list[float] = []

    def saw(self, frame: Frame, sighting: Sighting, scene: Scene, events: Sequence[Event]) -> None:  # noqa: ARG002
        self.times.append(frame.t_s)


def played(camera: Camera, diary: Diary) -> None:
    demo = Demo(lambda: camera, lambda: SlowEye(camera), lambda aspect: Scene([WIRE], (), aspect))
    demo.play([diary], lambda: False)


def test_the_newest_frame_wins_and_keeps_its_own_time() -> None:
    camera, diary = Camera(50), Diary()
    played(camera, diary)
    assert len(diary.times) <= 2
    assert diary.times[-1] == 4.9
    assert camera.closed


def test_a_camera_that_breaks_ends_the_demonstration() -> None:
    camera = Camera(3, CameraError("The camera is gone."))
    with pytest.raises(CameraError, match="gone"):
        played(camera, Diary())
    assert camera.closed


class QuickEye:
    def see(self, frame: Frame) -> Sighting:
        return Sighting(frame.t_s, ())


class Endless(Camera):
    """Gives frames for ever."""

    def __init__(self) -> None:
        super().__init__(-1)


def test_it_ends_when_somebody_says_so_but_not_before_the_first_picture() -> None:
    camera, diary = Endless(), Diary()
    demo = Demo(lambda: camera, QuickEye, lambda aspect: Scene([WIRE], (), aspect))
    outcome = demo.play([diary], lambda: True)
    assert len(diary.times) == 1
    assert outcome.frames == 1
    assert camera.closed


def test_the_handoff_counts_what_it_drops() -> None:
    latest = LatestFrame()
    for number in range(3):
        latest.put(frame(number))
    latest.end()
    taken = latest.take()
    assert taken is not None
    assert taken.index == 2
    assert latest.dropped == 2
    assert latest.take() is None


def counted(direction: Direction, t_s: float) -> list[Event]:
    return [LineCrossed(t_s, "door", direction, 1, t_s, t_s), OccupancyChanged(t_s, 1)]


def test_telling_into_a_file_gives_a_line_per_crossing_and_every_ten_seconds() -> None:
    out = io.StringIO()
    telling, scene = Telling(out), Scene([WIRE])
    scene.totals["door"][IN] = 1
    for number in range(250):
        events = counted(IN, 3.0) if number == 30 else []
        telling.saw(frame(number), Sighting(number / 10, ()), scene, events)
    telling.end()
    assert out.getvalue().splitlines() == [
        "00:03  door: in  ->  in 1  out 0  inside 0",
        "00:10  in 1  out 0  inside 0",
        "00:20  in 1  out 0  inside 0",
    ]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_telling_on_a_terminal_rewrites_one_line() -> None:
    out = Terminal()
    telling = Telling(out)
    for number in range(20):
        telling.saw(frame(number), Sighting(number / 10, ()), Scene([WIRE]), counted(IN, 1.0))
    telling.end()
    assert out.getvalue().count("\n") == 1
    assert out.getvalue().count("\r") == 20


def test_telling_the_last_time() -> None:
    for out in (io.StringIO(), Terminal()):
        telling, scene = Telling(out), Scene([WIRE])
        telling.stop()
        scene.totals["door"][IN] = 3
        telling.saw(frame(7), Sighting(0.7, ()), scene, [])
        telling.stop()
        telling.end()
        lines = out.getvalue().split("\n")
        assert lines[0] == "Stopped before the first picture."
        assert lines[-2].endswith("Stopped at 00:00  in 3  out 0  inside 0")
        assert lines[-1] == ""


def test_the_chime_sounds_for_arrivals_as_soon_as_they_are_foreseen() -> None:
    speaker, err = SimSpeaker(ManualClock()), io.StringIO()
    ringing, scene = Ringing(speaker, err), Scene([WIRE])
    ringing.saw(frame(0), Sighting(0.0, ()), scene, [LineTouched(0.0, "door", OUT, 1)])
    ringing.saw(frame(1), Sighting(0.1, ()), scene, counted(IN, 0.1))
    assert speaker.played == []
    ringing.saw(frame(2), Sighting(0.2, ()), scene, [LineTouched(0.2, "door", IN, 1)])
    assert [sound for _, sound in speaker.played] == ["two-tone"]
    speaker.lost = True
    for number in range(3):
        ringing.saw(frame(number), Sighting(1.0, ()), scene, [LineTouched(1.0, "door", IN, number)])
    assert err.getvalue().count("No chime: ") == 1


def got(address: str, host: str | None = None) -> tuple[str, bytes]:
    request = urllib.request.Request(address, headers={"Host": host} if host else {})  # noqa: S310 - our own server
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - as above
        return answer.headers["Content-Type"], answer.read(20_000)


def test_the_window_shows_the_painted_picture_on_this_machine_only() -> None:
    picture = LivePicture()
    with closing(Window(picture)) as window, closing(Window(LivePicture())) as second:
        assert window.address.startswith("http://127.0.0.1:")
        assert second.address != window.address
        Showing(picture).saw(frame(200), Sighting(0.0, ()), Scene([WIRE]), [])
        kind, page = got(window.address)
        assert kind.startswith("text/html")
        assert b"/live.mjpg" in page
        kind, jpeg = got(window.address + "frame.jpg")
        assert kind == "image/jpeg"
        image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert image is not None
        assert image.shape == (48, 64, 3)
        for address, host, code in (("frame.jpg", "shop.example", 403), ("other", None, 404)):
            with pytest.raises(urllib.error.HTTPError) as caught:
                got(window.address + address, host)
            with caught.value as answer:
                assert answer.code == code


def test_the_film_ends_when_the_window_closes() -> None:
    picture = LivePicture()
    window = Window(picture)
    picture.show(np.zeros((48, 64, 3), dtype=np.uint8))
    with urllib.request.urlopen(window.address + "live.mjpg", timeout=10) as film:  # noqa: S310 - our own server
        assert film.readline() == b"--picture\r\n"
        window.close()
        rest = film.read()
    assert rest.endswith(b"\xff\xd9\r\n")
