"""``[schedule]`` and ``[[rule]]``: when the shop is open, and what is done about what happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from edge.config.hours import Hours, HoursText, hours
from edge.config.sound import SoundName, Text
from edge.config.table import Name, Table, Whole, telling
from edge.config.times import Anchor, Holiday, Moment, parse_holiday, parse_moment

if TYPE_CHECKING:
    from datetime import date

    from typing_extensions import Self

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
# Each of these may narrow down only these triggers.
FILTERS = {
    "line": ("arriving", "arrival", "departure", "presence"),
    "zone": ("dwell", "presence"),
    "button": ("button",),
    "notice": ("notice",),
    "above": ("occupancy",),
    "below": ("occupancy",),
    "lasting_s": ("occupancy", "empty", "dwell"),
}
# Triggers that last, so that a relay can follow them. The others are over in a moment.
LASTING = ("occupancy", "empty", "dwell", "night", "day", "button", "clock")


def _told_moment(text: str) -> str:
    try:
        parse_moment(text or "00:00")
    except ValueError as error:
        raise telling(str(error)) from None
    return text


def _told_holiday(text: str) -> str:
    try:
        parse_holiday(text)
    except ValueError as error:
        raise telling(str(error)) from None
    return text


MomentText = Annotated[str, AfterValidator(_told_moment)]
HolidayText = Annotated[str, AfterValidator(_told_holiday)]
Seconds = Annotated[float, Field(strict=True, ge=0, le=86400, allow_inf_nan=False)]
SPANS = 'opening hours in a list, such as ["09:00-12:30", "14:00-18:30"]'


class ScheduleTable(Table):
    """``[schedule]``: when the shop is open."""

    mon: tuple[HoursText, ...] = Field(default=(), description=SPANS)
    tue: tuple[HoursText, ...] = Field(default=(), description=SPANS)
    wed: tuple[HoursText, ...] = Field(default=(), description=SPANS)
    thu: tuple[HoursText, ...] = Field(default=(), description=SPANS)
    fri: tuple[HoursText, ...] = Field(default=(), description=SPANS)
    sat: tuple[HoursText, ...] = Field(default=(), description=SPANS)
    sun: tuple[HoursText, ...] = Field(default=(), description=SPANS)
    holidays: tuple[HolidayText, ...] = Field(
        default=(), description='days in a list, such as ["12-25", "2025-08-01..2025-08-15", "easter+1"]'
    )
    holiday_hours: tuple[HoursText, ...] = Field(default=(), description=SPANS)

    @property
    def known(self) -> bool:
        """Whether any opening hours are given."""
        return any(getattr(self, day) for day in WEEKDAYS)

    def days_off(self) -> tuple[Holiday, ...]:
        """The holidays."""
        return tuple(parse_holiday(text) for text in self.holidays)

    def opening(self, day: date, *, holiday: bool) -> tuple[Hours, ...]:
        """When the shop is open on a day."""
        texts: tuple[str, ...] = self.holiday_hours if holiday else getattr(self, WEEKDAYS[day.weekday()])
        return tuple(hours(text) for text in texts)


class RuleTable(Table):
    """``[[rule]]``: something is done when something happens."""

    name: Name = Field(description="what the rule is called, up to 40 characters")
    on: Literal[
        "arriving", "arrival", "departure", "presence", "occupancy", "empty", "dwell", "night", "day", "button",
        "notice", "clock",
    ] = Field(
        description='"arriving", "arrival", "departure", "presence", "occupancy", "empty", "dwell", "night", "day", '
        '"button", "notice" or "clock"'
    )  # fmt: skip
    camera: str = Field(default="", max_length=40, description='the name of a camera, or "" for any')
    line: str = Field(default="", max_length=40, description='the name of a line, or "" for any')
    zone: str = Field(default="", max_length=40, description='the name of a zone, or "" for any')
    button: str = Field(default="", max_length=40, description='the name of a button, or "" for any')
    notice: str = Field(default="", max_length=40, description='a notice such as "camera-lost", or "" for any')
    above: Whole | None = Field(default=None, ge=0, description="a whole number of people, 0 or more")
    below: Whole | None = Field(default=None, ge=1, description="a whole number of people, 1 or more")
    lasting_s: Seconds = Field(default=0.0, description="seconds from 0 to 86400")
    days: tuple[Weekday, ...] = Field(default=(), description='weekdays in a list, such as ["mon", "tue"]')
    holidays: Literal["any", "only", "except"] = Field(default="any", description='"any", "only" or "except"')
    hours: Literal["any", "open", "closed"] = Field(default="any", description='"any", "open" or "closed"')
    start: MomentText = Field(default="", alias="from", description='a time of day such as "22:00" or "sunset-00:30"')
    end: MomentText = Field(default="", alias="to", description='a time of day such as "06:00" or "sunrise+00:30"')
    cooldown_s: Seconds = Field(default=0.0, description="seconds from 0 to 86400")
    chime: SoundName = Field(default="", description='the name of a chime, or "" for none')
    say: Text = Field(default="", description='a text, or "" for none')
    relay: str = Field(default="", max_length=40, description='the name of a relay, or "" for none')
    turn: Literal["on", "off", "pulse", "hold", "follow"] = Field(
        default="pulse", description='"on", "off", "pulse", "hold" or "follow"'
    )
    for_s: Seconds = Field(default=0.0, description="seconds from 0 (the relay's own pulse_s) to 86400")
    light: Literal["", "night", "day", "auto"] = Field(default="", description='"night", "day", "auto" or ""')

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        fault = self._trigger_fault() or self._action_fault()
        if fault:
            raise telling(fault)
        return self

    def _trigger_fault(self) -> str | None:
        for key, triggers in FILTERS.items():
            if getattr(self, key) not in ("", None, 0.0) and self.on not in triggers:
                return f'{key} does not go with on = "{self.on}", only with {" or ".join(triggers)}'
        if self.on == "occupancy" and self.above is None and self.below is None:
            return 'on = "occupancy" needs above or below, a number of people'
        if self.above is not None and self.below is not None and self.below - self.above < 2:  # noqa: PLR2004 - between
            return f"nobody can count more than {self.above} and fewer than {self.below} people"
        if self.on == "dwell" and not self.lasting_s:
            return 'on = "dwell" needs lasting_s, the seconds somebody has to stay'
        if self.on == "clock" and not (self.start or self.end or self.hours != "any"):
            return 'on = "clock" needs a time: from, to, or hours = "open" or "closed"'
        return None

    def _action_fault(self) -> str | None:
        if not (self.chime or self.say or self.relay or self.light):
            return "does nothing; give chime, say, relay or light"
        if self.turn == "follow" and self.on not in LASTING:
            return f'turn = "follow" needs something that lasts: {", ".join(LASTING)}'
        if self.turn == "follow" and (self.chime or self.say or self.light):
            return 'turn = "follow" is for a relay alone; make another rule for chime, say or light'
        if self.turn == "follow" and not self.relay:
            return 'turn = "follow" needs a relay'
        if self.for_s and self.turn not in ("pulse", "hold"):
            return f'for_s does not go with turn = "{self.turn}", only with pulse or hold'
        return None

    def window(self) -> tuple[Moment | None, Moment | None]:
        """From and to, where given."""
        return (
            parse_moment(self.start) if self.start else None,
            parse_moment(self.end) if self.end else None,
        )

    def anchors(self) -> set[Anchor]:
        """What its times are counted from."""
        return {moment.anchor for moment in self.window() if moment is not None}
