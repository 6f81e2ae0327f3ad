"""Lines as people give them: two ends in fractions of the picture, and which way is in."""

from __future__ import annotations

from difflib import get_close_matches
from math import hypot, isfinite
from typing import TYPE_CHECKING

from edge.core.errors import InputError
from edge.core.model import Tripwire

if TYPE_CHECKING:
    from edge.core.model import Point

MOTIONS: dict[str, tuple[float, float]] = {
    "left-to-right": (1.0, 0.0),
    "right-to-left": (-1.0, 0.0),
    "top-to-bottom": (0.0, 1.0),
    "bottom-to-top": (0.0, -1.0),
}
COORDINATES = 4
# One per cent of the picture: nobody's step is that short, a slip of the hand is.
SHORTEST = 0.01
# Sine of three degrees: a line that lies so nearly along the motion does not tell which side is the shop.
LEAST_SINE = 0.05


def parse_line(text: str, motion: str, name: str = "line", *, where: str = "--line") -> Tripwire:
    """Read ``x1,y1,x2,y2`` (fractions of the picture, 0,0 the upper left); ``motion`` is the way people come in.

    Raises ``InputError``, one sentence that starts with ``where``, when that is no line one can count at.
    """
    parts = text.split(",")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = []
    if len(numbers) != COORDINATES:
        raise InputError(f"{where} {text}: a line is four numbers x1,y1,x2,y2 from 0 to 1, such as 0.5,0,0.5,1.")
    x1, y1, x2, y2 = numbers
    fault = line_fault((x1, y1), (x2, y2), motion)
    if fault:
        raise InputError(f"{where} {text}: {fault}.")
    return tripwire(name, (x1, y1), (x2, y2), motion)


def line_fault(p1: Point, p2: Point, motion: str) -> str | None:
    """Say what keeps people from being counted at the line ``p1``-``p2``; None if nothing does."""
    if motion not in MOTIONS:
        near = get_close_matches(motion, MOTIONS, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else f"the ways in are {', '.join(MOTIONS)}"
        return f"there is no way in called {motion!r}; {hint}"
    if not all(isfinite(number) for number in (*p1, *p2)):
        return "an end of the line is not a number; give fractions of the picture from 0 to 1"
    if not all(0 <= number <= 1 for number in (*p1, *p2)):
        return "the line lies outside the frame; give fractions of the picture from 0 to 1, not pixels"
    length = hypot(p2[0] - p1[0], p2[1] - p1[1])
    if length < SHORTEST:
        return f"the line has no length; its ends must be at least {SHORTEST} apart"
    if abs(_turn(p1, p2, motion)) < LEAST_SINE * length:
        return f"{motion} runs along the line, not across it; turn the line or name another way in"
    return None


def tripwire(name: str, p1: Point, p2: Point, motion: str) -> Tripwire:
    """Make a ``Tripwire`` of two ends in either order, so that people moving along ``motion`` come in.

    Raises ``InputError`` where ``line_fault`` finds a fault.
    """
    fault = line_fault(p1, p2, motion)
    if fault:
        raise InputError(f"line {name}: {fault}.")
    return Tripwire(name, p1, p2) if _turn(p1, p2, motion) > 0 else Tripwire(name, p2, p1)


def _turn(p1: Point, p2: Point, motion: str) -> float:
    """Above 0 if the motion leads to the right hand of somebody who faces ``p2`` from ``p1``, where in is."""
    way = MOTIONS[motion]
    return (p2[0] - p1[0]) * way[1] - (p2[1] - p1[1]) * way[0]
