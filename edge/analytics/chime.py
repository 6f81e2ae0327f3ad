"""When to sound what: the manners of a chime.

A chime should greet, not nag. Of a family that comes in one after the other only the first is greeted; somebody who
dithers on the line is greeted once; nobody is greeted at night. Every decision carries its reason, since "why was there
no chime?" is asked more often than anything else about it.

Time is an argument: seconds of a clock that never goes back for what lies between two people, the time of day for the
hours of quiet.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from edge.config.hours import within
from edge.core.events import LineCrossed, LineTouched
from edge.core.model import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, tzinfo

    from edge.config.hours import Hours
    from edge.config.sound import SoundTable
    from edge.core.events import Event

# A stream of people without a gap is no family any more: it is greeted again so often.
GROUP_MOST_S = 30.0
# Somebody who came to the line and has not passed it is the same visitor for so long after the last attempt.
DITHERS_S = 120.0


class ChimeReason(str, Enum):
    """Why there was a chime, or none. The values are sentences a person reads."""

    ARRIVAL = "somebody comes in"
    EMPTY = "somebody comes into the empty shop"
    DEPARTURE = "somebody leaves"
    NOT_WANTED = "departures are not sounded"
    OTHER_LINE = "this line is not a door"
    QUIET = "these are quiet hours"
    SAME_PERSON = "the same person was greeted already and has not passed the line yet"
    GROUP = "somebody of the same group was greeted just now"
    COOLDOWN = "the last chime was too short a while ago"


@dataclass(frozen=True, slots=True)
class ChimeDecision:
    """``sound`` is None for silence; ``volume`` is 0..1. ``greet``: it is for an arrival, words may take its place."""

    sound: str | None
    reason: ChimeReason
    volume: float = 0.0
    greet: bool = False


@dataclass(frozen=True, slots=True)
class Manners:
    """What the owner wants. ``empty`` and ``departure`` may be None; ``lines`` None means all of them."""

    arrival: str = "two-tone"
    empty: str | None = None
    departure: str | None = None
    volume: float = 0.8
    night: tuple[Hours, ...] = ()
    night_volume: float = 0.4
    quiet: tuple[Hours, ...] = ()
    group_s: float = 3.0
    cooldown_s: float = 0.0
    lines: frozenset[str] | None = None

    @classmethod
    def of(cls, table: SoundTable, lines: Iterable[str] | None = None) -> Manners:
        """The settings as manners; ``lines`` names the doors."""
        return cls(
            arrival=table.arrival,
            empty=table.empty or None,
            departure=table.departure or None,
            volume=table.volume,
            night=table.night_hours(),
            night_volume=table.night_volume,
            quiet=table.quiet_hours(),
            group_s=table.group_s,
            cooldown_s=table.cooldown_s,
            lines=None if lines is None else frozenset(lines),
        )


@dataclass(slots=True)
class _Group:
    """People who came one after the other, the same way."""

    began_s: float
    last_s: float


Who = tuple[str, int, str, Direction]


class Chimes:
    """Decides for each person at a line whether there is a chime, and which. ``zone`` is the site's time zone.

    Told every event of every camera, in order. New ``manners`` may be set at any time; what is known about the people
    at the door stays.
    """

    def __init__(self, manners: Manners, zone: tzinfo) -> None:
        self.manners = manners
        self._zone = zone
        self._groups: dict[Direction, _Group] = {}
        self._last_s: float | None = None
        self._at_the_line: dict[Who, float] = {}

    @property
    def at_the_line(self) -> int:
        """How many people are remembered who came to a line and have not passed it."""
        return len(self._at_the_line)

    def loudness(self, now: datetime | None) -> float | None:
        """How loud something that a rule asks for may be at ``now`` (aware, None if unknown); None in quiet hours."""
        return None if self._in_any(now, self.manners.quiet) else self._volume(now)

    def decide(
        self, event: Event, *, now_s: float, now: datetime | None, inside: int, camera: str = ""
    ) -> ChimeDecision | None:
        """What follows from an event; None if it is none that a chime could follow from.

        ``now_s`` are monotonic seconds, ``now`` is the aware time of day (None while it is not known: then there are
        no quiet hours and no night), ``inside`` how many people are inside before this person is counted.
        """
        if isinstance(event, LineCrossed):
            # Passed at last: if the same person comes again, it is another visit.
            self._at_the_line.pop((camera, event.track_id, event.line, event.direction), None)
            return None
        if not isinstance(event, LineTouched):
            return None
        silence = self._unwanted(event) or self._impolite(event, now_s, now, camera)
        if silence is not None:
            return ChimeDecision(None, silence)
        self._last_s = now_s
        sound, reason = self._sound(event.direction, inside)
        return ChimeDecision(sound, reason, self._volume(now), greet=event.direction is Direction.IN)

    def _unwanted(self, event: LineTouched) -> ChimeReason | None:
        """Whether the owner wants nothing to be heard of such an event at all."""
        if event.direction is Direction.OUT and self.manners.departure is None:
            return ChimeReason.NOT_WANTED
        if self.manners.lines is not None and event.line not in self.manners.lines:
            return ChimeReason.OTHER_LINE
        return None

    def _impolite(self, event: LineTouched, now_s: float, now: datetime | None, camera: str) -> ChimeReason | None:
        """Whether a chime now would be bad manners. Takes note of who is at the line all the same."""
        dithers = self._dithers((camera, event.track_id, event.line, event.direction), now_s)
        if self._in_any(now, self.manners.quiet):
            return ChimeReason.QUIET
        if dithers:
            return ChimeReason.SAME_PERSON
        if self._joins(event.direction, now_s):
            return ChimeReason.GROUP
        if self._last_s is not None and now_s - self._last_s < self.manners.cooldown_s:
            return ChimeReason.COOLDOWN
        return None

    def _dithers(self, who: Who, now_s: float) -> bool:
        """Whether this person came to this line already without passing it."""
        came_s = self._at_the_line.pop(who, None)
        self._at_the_line[who] = now_s
        # The oldest stand first: whoever has been away for long is forgotten.
        for other, last_s in list(self._at_the_line.items()):
            if now_s - last_s <= DITHERS_S:
                break
            del self._at_the_line[other]
        return came_s is not None and now_s - came_s <= DITHERS_S

    def _joins(self, direction: Direction, now_s: float) -> bool:
        """Whether this person belongs to those who came just before; otherwise a new group begins."""
        group = self._groups.get(direction)
        group_s = self.manners.group_s
        if group is not None and now_s - group.last_s < group_s and now_s - group.began_s < max(GROUP_MOST_S, group_s):
            group.last_s = now_s
            return True
        self._groups[direction] = _Group(now_s, now_s)
        return False

    def _sound(self, direction: Direction, inside: int) -> tuple[str | None, ChimeReason]:
        manners = self.manners
        if direction is Direction.OUT:
            return manners.departure, ChimeReason.DEPARTURE
        if inside == 0 and manners.empty is not None:
            return manners.empty, ChimeReason.EMPTY
        return manners.arrival, ChimeReason.ARRIVAL

    def _volume(self, now: datetime | None) -> float:
        return self.manners.night_volume if self._in_any(now, self.manners.night) else self.manners.volume

    def _in_any(self, now: datetime | None, spans: tuple[Hours, ...]) -> bool:
        """Whether it is within one of the hours by the site's wall clock."""
        if now is None:
            return False
        if now.tzinfo is None:
            raise ValueError("the time of day has to be aware of its zone")
        local = now.astimezone(self._zone).time()
        return any(within(local, span) for span in spans)
