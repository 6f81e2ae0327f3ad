"""Kinds of words on the command line, each refused in one sentence where it will not do."""

from __future__ import annotations

import argparse
import math
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_THREADS = 16


def one_of(choices: tuple[str, ...]) -> Callable[[str], str]:
    """One of these words."""

    def chosen(text: str) -> str:
        if text not in choices:
            near = get_close_matches(text, choices, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"it is one of {', '.join(choices)}."
            raise argparse.ArgumentTypeError(f"there is no {text!r}; {hint}")
        return text

    return chosen


def positive(text: str) -> float:
    """A number above 0."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a rate; give a number above 0, such as 10.")
    return number


def threads(text: str) -> int:
    """A number of processor threads."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(MOST_THREADS)) else 0
    if not 1 <= number <= MOST_THREADS:
        raise argparse.ArgumentTypeError(f"{text!r} will not do; give a whole number from 1 to {MOST_THREADS}.")
    return number


def port(text: str) -> int:
    """A port's number."""
    return _between(text, 1, 65535)


def hour(text: str) -> int:
    """An hour of the clock."""
    return _between(text, 0, 23)


def _between(text: str, least: int, most: int) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(most)) else -1
    if not least <= number <= most:
        raise argparse.ArgumentTypeError(f"{text!r} will not do; give a whole number from {least} to {most}.")
    return number


def whole(text: str) -> int:
    """A whole number from 1 on."""
    number = int(text) if text.isascii() and text.isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} will not do; give a whole number from 1 on.")
    return number
