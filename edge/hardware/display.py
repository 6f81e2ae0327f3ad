"""A screen at the door: how many are inside, and whether one more may come in. Through pygame (SDL), without a desktop.

It says it without words, so that everybody can read it: a number and a traffic light. Green carries an arrow and red a
bar, for the many who cannot tell the two colours apart.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge.core.errors import DeviceError, DeviceLostError
from edge.hardware.lasting import Lasting
from edge.hardware.sdl import quiet_standard_error, reason, termination_kept, vendor_module

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.core.backoff import Reconnect
    from edge.core.clock import Clock

CONNECTORS = Path("/sys/class/drm")
WITHOUT = "counting goes on without it"
# SDL takes one of these if it finds no screen, and would show everything to nobody.
NOWHERE = ("offscreen", "dummy")
GROUND, INK, FAINT = (16, 18, 22), (245, 245, 240), (150, 152, 156)
GREEN, RED, DARK_GREEN, DARK_RED = (40, 190, 90), (225, 45, 45), (18, 52, 32), (62, 20, 20)
# Parts of the screen: the digits' height by what it has room for, the light's breadth by its own half.
DIGITS, LIMIT_DIGITS, LIGHT, MARGIN = 0.85, 0.24, 0.36, 0.06
Connectors = frozenset[tuple[str, str]]


class PygameDisplay:
    """Draws on the screen that is attached. Everything has to happen on the thread that opens it.

    ``size_px`` is by default the screen's own. Raises ``DeviceError`` if pygame is not installed or there is no screen.
    With ``nowhere`` it also draws where nobody sees it, which is for tests.
    """

    def __init__(
        self, *, size_px: tuple[int, int] = (0, 0), nowhere: bool = False, connectors: Path = CONNECTORS
    ) -> None:
        try:
            self._pygame: Any = vendor_module("pygame")
            self._display: Any = vendor_module("pygame.display")
            self._font: Any = vendor_module("pygame.font")
            self._draw: Any = vendor_module("pygame.draw")
        except ImportError:
            raise DeviceError(
                f"The library for the screen is not installed; {WITHOUT} (pip install customer-messenger[sound])."
            ) from None
        self._connectors = connectors
        self._connected_then = _connected(connectors)
        self._shown: tuple[int, int | None] | None = None
        self._open = False
        self._start(size_px, nowhere=nowhere)

    def _start(self, size_px: tuple[int, int], *, nowhere: bool) -> None:
        pygame = self._pygame
        try:
            with quiet_standard_error(), termination_kept():
                self._display.init()
                driver = self._display.get_driver()
                if driver in NOWHERE and not nowhere:
                    self._display.quit()
                    raise DeviceError(f"There is no screen; {WITHOUT} (is it plugged in, and may this user use it?).")
                self._surface: Any = self._display.set_mode(size_px, pygame.FULLSCREEN | pygame.NOFRAME)
                pygame.mouse.set_visible(False)
                self._font.init()
        except RuntimeError as error:
            self._display.quit()
            raise DeviceError(f"The screen cannot be used ({reason(error)}); {WITHOUT}.") from None
        self._open = True

    @property
    def alive(self) -> bool:
        """Whether the screen is as it was when it was opened. SDL itself does not tell."""
        return self._open and bool(self._display.get_init()) and _connected(self._connectors) == self._connected_then

    def show(self, inside: int, limit: int | None = None) -> None:
        """Show how many are inside and, with a ``limit``, the light. Draws only if something changed.

        Raises ``DeviceError`` when closed or if the screen cannot be drawn on.
        """
        if not self._open:
            raise DeviceError(f"The screen is closed; {WITHOUT}.")
        try:
            # SDL takes a program that never asks for news for one that hangs.
            self._pygame.event.pump()
            if (inside, limit) != self._shown:
                self._paint(inside, limit)
                self._display.flip()
                self._shown = (inside, limit)
        except RuntimeError as error:
            raise DeviceError(f"The screen cannot be drawn on ({reason(error)}); {WITHOUT}.") from None

    def close(self) -> None:
        """Let go of the screen; may be called twice."""
        if self._open:
            self._open = False
            self._font.quit()
            self._display.quit()

    def _paint(self, inside: int, limit: int | None) -> None:
        wide, high = self._surface.get_size()
        self._surface.fill(GROUND)
        if limit is None:
            self._number(str(inside), (0, 0, wide, high), DIGITS, INK)
            return
        count, light = _halves(wide, high)
        left, top, width, height = count
        split = round(0.72 * height)
        self._number(str(inside), (left, top, width, split), DIGITS * height / split, INK)
        self._number(f"/ {limit}", (left, top + split, width, height - split), LIMIT_DIGITS * height / (height - split),
                     FAINT)  # fmt: skip
        self._light(light, full=inside >= limit)

    def _number(self, text: str, area: tuple[int, int, int, int], part: float, colour: tuple[int, int, int]) -> None:
        """Text in the middle of an area, as high as ``part`` of it, or as it has room for."""
        left, top, width, height = area
        size = max(8, round(part * height))
        wide = self._font.Font(None, size).size(text)[0]
        room = (1 - 2 * MARGIN) * width
        if wide > room:
            size = max(8, int(size * room / wide))
        picture = self._font.Font(None, size).render(text, True, colour)  # noqa: FBT003 - smooth, by position in pygame
        # Digits have no descenders: what is drawn goes into the middle, not the line of text.
        drawn = picture.get_bounding_rect()
        x, y = left + (width - drawn.width) // 2, top + (height - drawn.height) // 2
        self._surface.blit(picture, (x - drawn.left, y - drawn.top))

    def _light(self, area: tuple[int, int, int, int], *, full: bool) -> None:
        """A traffic light: red above, green below, one of them lit."""
        left, top, width, height = area
        radius = round(min(LIGHT * width, (0.5 - MARGIN) / 2 * height * 0.95))
        middle = left + width // 2
        upper, lower = top + round(0.28 * height), top + round(0.72 * height)
        self._draw.circle(self._surface, RED if full else DARK_RED, (middle, upper), radius)
        self._draw.circle(self._surface, DARK_GREEN if full else GREEN, (middle, lower), radius)
        if full:
            bar = (middle - round(0.6 * radius), upper - round(0.15 * radius), round(1.2 * radius), round(0.3 * radius))
            self._draw.rect(self._surface, INK, bar)
        else:
            self._draw.polygon(self._surface, INK, _arrow(middle, lower, radius))


class LastingDisplay:
    """The ``Display`` of the product: a screen that may be unplugged and comes back with what was shown last.

    ``open_screen`` opens it or raises ``DeviceError``; it is called on the thread that makes this and calls ``tend``.
    """

    def __init__(
        self, open_screen: Callable[[], PygameDisplay], clock: Clock, *, reconnect: Reconnect | None = None
    ) -> None:
        self._screen = Lasting("The screen", open_screen, clock, reconnect)
        self._wanted: tuple[int, int | None] | None = None

    def show(self, inside: int, limit: int | None = None) -> None:
        """Show how many are inside, and the light. ``DeviceLostError`` while the screen is lost."""
        self._wanted = (inside, limit)
        screen = self._screen.device
        try:
            screen.show(inside, limit)
        except DeviceError as error:
            self._screen.lose(error)
            raise DeviceLostError(str(error)) from None

    def tend(self) -> str | None:
        """See whether the screen is still there and try to get it back; tell news once."""
        news = self._screen.tend()
        if self._wanted is not None:
            with contextlib.suppress(DeviceError):
                # Draws only on a screen that is new, and keeps any other awake.
                self.show(*self._wanted)
        return news

    def close(self) -> None:
        """Let go of the screen; may be called twice."""
        self._screen.close()


def _halves(wide: int, high: int) -> tuple[tuple[int, int, int, int], tuple[int, int, int, int]]:
    """Where the number and the light go: beside each other, or one above the other on an upright screen."""
    if wide >= high:
        return (0, 0, round(0.6 * wide), high), (round(0.6 * wide), 0, wide - round(0.6 * wide), high)
    return (0, 0, wide, round(0.45 * high)), (0, round(0.45 * high), wide, high - round(0.45 * high))


def _arrow(x: int, y: int, radius: int) -> list[tuple[int, int]]:
    """Straight on: up, as on a road."""
    corners = ((0, -0.62), (0.5, -0.08), (0.19, -0.08), (0.19, 0.6), (-0.19, 0.6), (-0.19, -0.08), (-0.5, -0.08))
    return [(x + round(across * radius), y + round(down * radius)) for across, down in corners]


def _connected(folder: Path) -> Connectors:
    """Which sockets for screens there are and what they say of themselves."""
    found = []
    with contextlib.suppress(OSError):
        for path in folder.glob("card*-*/status"):
            with contextlib.suppress(OSError):
                found.append((path.parent.name, path.read_text().strip()))
    return frozenset(found)
