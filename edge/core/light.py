"""Whether a camera sees by daylight or by its own lamp."""

from __future__ import annotations

from enum import Enum


class LightMode(str, Enum):
    """How a camera with infra-red parts sees. The values are words a person reads."""

    UNKNOWN = "not yet decided"
    DAY = "day"
    NIGHT = "night"
    PROBE = "night, lamp off for a look"

    @property
    def is_night(self) -> bool:
        """Whether filter and colours are as at night; the lamp may be off for a look."""
        return self in (LightMode.NIGHT, LightMode.PROBE)
