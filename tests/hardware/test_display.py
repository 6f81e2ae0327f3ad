"""The screen at the door, looked at pixel by pixel. SDL draws into memory here."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pygame
import pytest

from edge.core.backoff import Reconnect
from edge.core.clock import ManualClock
from edge.core.errors import DeviceError, DeviceLostError
from edge.hardware.display import DARK_GREEN, DARK_RED, GREEN, GROUND, INK, RED, LastingDisplay, PygameDisplay
from edge.hardware.sim_output import SimDisplay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from edge.core.ports import Display

LANDSCAPE, UPRIGHT, SMALL = (1024, 768), (720, 1280), (480, 320)


@pytest.fixture(autouse=True)
def driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")


@pytest.fixture(params=[LANDSCAPE, UPRIGHT, SMALL], ids=str)
def screen(request: pytest.FixtureRequest) -> Iterator[PygameDisplay]:
    with closing(PygameDisplay(size_px=request.param, nowhere=True)) as display:
        yield display


def pixels() -> np.ndarray:
    """What is on the screen: width x height x 3."""
    return pygame.surfarray.array3d(pygame.display.get_surface())


def part_of(colour: tuple[int, int, int]) -> float:
    return float((pixels() == colour).all(axis=2).mean())


def middle_of(colour: tuple[int, int, int]) -> tuple[float, float]:
    """Where a colour is, on average, in fractions of the screen."""
    across, down = np.nonzero((pixels() == colour).all(axis=2))
    wide, high = pixels().shape[:2]
    return float(across.mean() / wide), float(down.mean() / high)


def test_green_below_the_limit_and_red_from_it_on(screen: PygameDisplay) -> None:
    screen.show(11, 12)
    assert part_of(GREEN) > 0.03
    assert part_of(RED) == 0
    assert part_of(DARK_RED) > 0.03
    green_at = middle_of(GREEN)
    for inside in (12, 13):
        screen.show(inside, 12)
        assert part_of(RED) > 0.03
        assert part_of(GREEN) == 0
        assert part_of(DARK_GREEN) > 0.03
    # Red is the upper one, as everywhere.
    assert middle_of(RED)[1] < green_at[1] - 0.1
    screen.show(0, 12)
    assert part_of(GREEN) > 0.03


def test_the_two_lights_differ_in_shape_too(screen: PygameDisplay) -> None:
    marks = []
    for inside, colour in ((3, GREEN), (12, RED)):
        screen.show(inside, 12)
        lit = (pixels() == colour).all(axis=2)
        across, down = np.nonzero(lit)
        window = pixels()[across.min() : across.max() + 1, down.min() : down.max() + 1]
        mark = (window == INK).all(axis=2)
        assert 0.05 < mark.mean() < 0.5
        marks.append(mark)
    smaller = np.minimum(marks[0].shape, marks[1].shape)
    assert (marks[0][: smaller[0], : smaller[1]] != marks[1][: smaller[0], : smaller[1]]).mean() > 0.1


def test_without_a_limit_there_is_a_number_and_no_light(screen: PygameDisplay) -> None:
    screen.show(8)
    assert part_of(INK) > 0.02
    assert part_of(GREEN) == part_of(RED) == part_of(DARK_GREEN) == part_of(DARK_RED) == 0
    eight = pixels()
    screen.show(9)
    assert (pixels() != eight).any()
    x, y = middle_of(INK)
    assert x == pytest.approx(0.5, abs=0.05)
    assert y == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("inside", [0, 12, 345, 6789, 100_000])
@pytest.mark.parametrize("limit", [None, 200_000])
def test_every_number_has_room(screen: PygameDisplay, inside: int, limit: int | None) -> None:
    screen.show(inside, limit)
    seen = pixels()
    for border in (seen[0], seen[-1], seen[:, 0], seen[:, -1]):
        assert (border == GROUND).all()
    assert part_of(INK) > 0.005
    if limit is not None:
        # Number and light stay apart.
        number = (seen == INK).all(axis=2)
        lamp = (seen == GREEN).all(axis=2)
        across, down = np.nonzero(lamp)
        around = number[across.min() - 1 : across.max() + 2, down.min() - 1 : down.max() + 2]
        assert not np.concatenate((around[0], around[-1], around[:, 0], around[:, -1])).any()


@pytest.mark.parametrize("name", ["dummy", "offscreen"])
def test_it_draws_only_if_something_changed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", name)
    with closing(PygameDisplay(nowhere=True)) as display:
        display.show(3, 12)
        pygame.display.get_surface().fill((1, 2, 3))
        display.show(3, 12)
        assert part_of((1, 2, 3)) == 1.0
        display.show(4, 12)
        assert part_of((1, 2, 3)) == 0


def test_closing_twice_is_legal_and_a_closed_screen_says_so() -> None:
    display = PygameDisplay(nowhere=True)
    assert display.alive
    display.close()
    display.close()
    assert not display.alive
    with pytest.raises(DeviceError, match="The screen is closed"):
        display.show(1)


def test_where_there_is_no_screen_it_says_so_instead_of_drawing_for_nobody() -> None:
    with pytest.raises(DeviceError, match=r"^There is no screen; counting goes on without it \(is it plugged in"):
        PygameDisplay()
    assert not pygame.display.get_init()


def test_without_a_screen_nothing_is_spoiled() -> None:
    script = (
        "import signal\n"
        "from edge.hardware.display import PygameDisplay\n"
        "from edge.core.errors import DeviceError\n"
        "before = signal.getsignal(signal.SIGTERM)\n"
        "try: PygameDisplay()\n"
        "except DeviceError as error: print(error)\n"
        "assert signal.getsignal(signal.SIGTERM) is before\n"
    )
    for env in ({}, {"SDL_VIDEODRIVER": "kmsdrm"}, {"SDL_VIDEODRIVER": "nonsense"}):
        done = subprocess.run(  # noqa: S603 - our own words
            [sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True
        )
        assert done.stderr == ""
        assert done.stdout.startswith(("There is no screen", "The screen cannot be used (")), done.stdout
        assert done.stdout.count("\n") == 1


def sockets(folder: Path, status: str) -> None:
    (folder / "card1-HDMI-A-1").mkdir(parents=True, exist_ok=True)
    (folder / "card1-HDMI-A-1" / "status").write_text(f"{status}\n")


def opener(tmp_path: Path) -> Callable[[], PygameDisplay]:
    def open_screen() -> PygameDisplay:
        if "dis" in (tmp_path / "card1-HDMI-A-1" / "status").read_text():
            raise DeviceError("There is no screen.")
        return PygameDisplay(nowhere=True, connectors=tmp_path)

    return open_screen


def test_a_screen_that_is_unplugged_comes_back_with_what_was_shown_last(tmp_path: Path) -> None:
    sockets(tmp_path, "connected")
    clock = ManualClock()
    with closing(LastingDisplay(opener(tmp_path), clock, reconnect=Reconnect(1.0, 8.0, jitter=0.0))) as display:
        display.show(3, 12)
        assert display.tend() is None
        sockets(tmp_path, "disconnected")
        assert display.tend() == "There is no screen."
        with pytest.raises(DeviceLostError, match="The screen is lost"):
            display.show(12, 12)
        clock.advance(0.5)
        assert display.tend() is None
        sockets(tmp_path, "connected")
        clock.advance(8.0)
        assert display.tend() == "The screen is back."
        assert part_of(RED) > 0.03


def test_no_screen_at_the_start_is_told_once(tmp_path: Path) -> None:
    sockets(tmp_path, "disconnected")
    clock = ManualClock()
    display = LastingDisplay(opener(tmp_path), clock)
    news = []
    for _ in range(200):
        news.append(display.tend())
        clock.advance(1.0)
    assert [told for told in news if told] == ["There is no screen."]
    display.close()
    display.close()


def test_a_screen_that_fails_while_it_is_drawn_on_is_lost(tmp_path: Path) -> None:
    sockets(tmp_path, "connected")
    clock = ManualClock()
    with closing(LastingDisplay(opener(tmp_path), clock, reconnect=Reconnect(1.0, jitter=0.0))) as display:
        display.show(1)
        # Somebody else in the process took SDL's screen away.
        pygame.display.quit()
        with pytest.raises(DeviceLostError, match="cannot be drawn on"):
            display.show(2)
        assert "cannot be drawn on" in str(display.tend())
        clock.advance(1.0)
        assert display.tend() == "The screen is back."
        assert part_of(INK) > 0.02


def test_the_simulated_screen_behaves_alike() -> None:
    display = SimDisplay()
    for inside in (1, 1, 2):
        display.show(inside, 12)
    assert display.shown == [(1, 12), (2, 12)]
    display.lost = True
    with pytest.raises(DeviceLostError):
        display.show(3)
    assert [display.tend(), display.tend()] == ["The screen is lost; counting goes on without it.", None]
    display.lost = False
    assert [display.tend(), display.tend()] == ["The screen is back.", None]
    display.close()
    display.close()
    with pytest.raises(DeviceError, match="closed"):
        display.show(3)


def test_both_are_displays() -> None:
    def use(display: Display) -> None:
        display.show(1, 2)
        assert display.tend() is None
        display.close()
        display.close()

    use(SimDisplay())
    use(LastingDisplay(lambda: PygameDisplay(nowhere=True), ManualClock()))
