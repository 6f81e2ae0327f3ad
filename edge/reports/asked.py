"""What a report is asked for, and what is known beside the records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.analytics.told import SITE_WIDE

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from edge.analytics.audit import Share
    from edge.analytics.periods import Period
    from edge.analytics.schedule import Calendar
    from edge.analytics.told import Scope
    from edge.core.model import Zone


@dataclass(frozen=True, slots=True)
class Floor:
    """A camera and the zones in its picture."""

    camera: str
    zones: tuple[Zone, ...] = ()


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody noted about some days."""

    first: date
    last: date
    text: str


@dataclass(frozen=True, slots=True)
class CountedAlong:
    """The last time somebody counted beside the box: when, and the share of people it counted right."""

    at: datetime
    found: Share


@dataclass(frozen=True, slots=True)
class Sales:
    """What a till took: how many receipts, and how much in all."""

    receipts: int
    amount: float


@dataclass(frozen=True, slots=True)
class Asked:
    """Which days of which site are reported, as seen at ``now`` (aware).

    ``opening``: when the shop is open, None if that is not known. ``sales`` gives those of some days, None where there
    are none; without it a report says nothing of sales. Weeks begin on ``week_starts``, 0 being Monday.
    """

    period: Period
    now: datetime
    site: str = ""
    scope: Scope = SITE_WIDE
    week_starts: int = 0
    opening: Calendar | None = None
    floors: tuple[Floor, ...] = ()
    remarks: tuple[Remark, ...] = ()
    counted_along: CountedAlong | None = None
    sales: Callable[[Period], Sales | None] | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What a report looks like. ``logo`` is a PNG's bytes, or empty."""

    paper: str = "A4"
    logo: bytes = b""
    currency: str = "EUR"
