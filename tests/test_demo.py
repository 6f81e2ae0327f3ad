"""The demonstration: live counts, totals of each pass, the window, and settings made of the command line."""

from __future__ import annotations

import io
import urllib.error
import urllib.request
from contextlib import closing
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from edge.analytics.scene import Scene
from edge.app.demo import DemoAsk, demo_config
from edge.app.footage import DetectorChoice
from edge.core.events import LineCrossed, OccupancyChanged
from edge.core.frame import Frame
from edge.core.model import Direction, Mount, Sighting, Tripwire, Zone
from edge.services.demo import Showing, Telling
from edge.services.plan import Plan, Wish
from edge.services.window import LivePicture, Window

if TYPE_CHECKING:
    from edge.core.events import Event

WIRE = Tripwire("door", (0.5, 1.0), (0.5, 0.0))
IN, OUT = Direction.IN, Direction.OUT


def frame(number: int) -> Frame:
    return Frame(np.full((48, 64, 3), number, dtype=np.uint8), number / 10, number)


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
    telling, scene = Telling(out), Scene([WIRE])
    for number in range(20):
        telling.saw(frame(number), Sighting(number / 10, ()), scene, counted(IN, 1.0))
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


def test_each_pass_has_totals_of_its_own() -> None:
    out = io.StringIO()
    telling = Telling(out)
    for entered in (2, 3):
        scene = Scene([WIRE])
        for number in range(30):
            scene.totals["door"][IN] = entered
            telling.saw(frame(number), Sighting(number / 10, ()), scene, [])
    telling.tell_pass()
    telling.tell_pass()
    rows = [" ".join(row.split()) for row in out.getvalue().splitlines()]
    assert rows == [
        "Pass 1: 30 pictures looked at, the last at 2.9 s", "door in 2 out 0",
        "Pass 2: 30 pictures looked at, the last at 2.9 s", "door in 3 out 0",
    ]  # fmt: skip


DOWN, UP = Tripwire("a", (0.2, 0.1), (0.9, 0.8)), Tripwire("b", (0.9, 0.8), (0.2, 0.1))


@pytest.mark.parametrize("wire", [WIRE, DOWN, UP, Tripwire("c", (0.0, 0.5), (1.0, 0.5))])
def test_the_command_lines_wishes_become_settings_that_mean_the_same(wire: Tripwire) -> None:
    zone = Zone("till", ((0.1, 0.1), (0.4, 0.1), (0.4, 0.4)))
    ask = DemoAsk("walk.avi", Wish(), DetectorChoice(threads=2), once=True, sound=False)
    config = demo_config("walk.avi", Plan((wire,), (zone,), Mount.OVERHEAD, 7.5), ask)
    (camera,) = config.camera
    assert camera.tripwires() == (wire,)
    assert camera.zones() == (zone,)
    assert (camera.mount, camera.fps, camera.repeat) == (Mount.OVERHEAD, 7.5, False)
    assert (config.detector.threads, config.sound.enabled, config.gpio.driver) == (2, False, "sim")


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
