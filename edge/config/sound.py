"""``[sound]`` and ``[greeting]``: what is heard in the shop, when, and how loud."""

from __future__ import annotations

import string
from typing import Annotated

from pydantic import AfterValidator, Field

from edge.config.hours import Hours, HoursText, hours
from edge.config.table import Fraction, Line, Switch, Table, Whole, telling

PLACEHOLDERS = ("greeting", "shop", "count")
# What is longer than this holds people up at the door.
LONGEST_TEXT = 200
SLOWEST, FASTEST = 80, 300


def _fillable(text: str) -> str:
    """Refuse a greeting with a placeholder that nothing can be put for."""
    try:
        parts = [part[1:] for part in string.Formatter().parse(text)]
    except ValueError:
        raise telling("a brace stands alone; placeholders are {greeting}, {shop} and {count}") from None
    for name, form, conversion in parts:
        if name is not None and (name not in PLACEHOLDERS or form or conversion):
            raise telling(f"nothing can be put for {{{name}}}; placeholders are {{greeting}}, {{shop}} and {{count}}")
    return text


Seconds = Annotated[float, Field(strict=True, ge=0, le=3600, allow_inf_nan=False)]
SoundName = Annotated[Line, Field(max_length=200)]
Text = Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(_fillable)]
Word = Annotated[str, Field(max_length=60)]


class SoundTable(Table):
    """``[sound]``: what is heard in the shop."""

    enabled: Switch = Field(default=True, description="true or false")
    device: Line = Field(
        default="", max_length=200, description='the name of a sound device, such as "hw:CARD=Headphones", or ""'
    )
    arrival: SoundName = Field(
        default="two-tone", min_length=1, description="the name of a chime, such as two-tone, or a sound file"
    )
    empty: SoundName = Field(default="", description='the name of a chime, or "" for the same as arrival')
    departure: SoundName = Field(default="", description='the name of a chime, or "" for silence')
    volume: Fraction = Field(default=0.8, description="loudness from 0 to 1")
    night: tuple[HoursText, ...] = Field(default=(), description='hours in a list, such as ["20:00-08:00"]')
    night_volume: Fraction = Field(default=0.4, description="loudness from 0 to 1")
    quiet: tuple[HoursText, ...] = Field(default=(), description='hours in a list, such as ["22:00-07:00"]')
    group_s: Seconds = Field(default=3.0, description="seconds from 0 to 3600")
    cooldown_s: Seconds = Field(default=0.0, description="seconds from 0 to 3600")

    def night_hours(self) -> tuple[Hours, ...]:
        """When the night volume is used."""
        return tuple(hours(text) for text in self.night)

    def quiet_hours(self) -> tuple[Hours, ...]:
        """When nothing is heard."""
        return tuple(hours(text) for text in self.quiet)


class GreetingTable(Table):
    """``[greeting]``: what is said to people who come in."""

    text: Text = Field(
        default="", description=f"a text of up to {LONGEST_TEXT} characters with {{greeting}}, {{shop}} or {{count}}"
    )
    language: Annotated[str, Field(pattern=r"^[a-z]{2,4}([-+][A-Za-z0-9]+)*$")] = Field(
        default="en", description='a voice of espeak-ng, such as "en", "de" or "pt-br"'
    )
    words_per_minute: Whole = Field(
        default=150, ge=SLOWEST, le=FASTEST, description=f"a whole number from {SLOWEST} to {FASTEST}"
    )
    morning: Word = Field(default="", description="up to 60 characters")
    afternoon: Word = Field(default="", description="up to 60 characters")
    evening: Word = Field(default="", description="up to 60 characters")
