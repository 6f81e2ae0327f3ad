"""What rules know of the shop: how many are inside, who stays where, what is pressed, whether it is night. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from edge.core.events import (
    ButtonPressed,
    ButtonReleased,
    DayBroke,
    LineCrossed,
    LineTouched,
    NightFell,
    OccupancyChanged,
    TrackRejected,
    VisitEnded,
    ZoneEntered,
    ZoneExited,
)
from edge.core.notice import Fact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge.core.events import Event

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Stay:
    """Somebody in a zone."""

    camera: str
    zone: str
    track_id: int


@dataclass(frozen=True, slots=True)
class Shop:
    """The state of things, made anew by every event that changes it.

    ``inside`` is the number of people by camera; ``staying`` and ``pressed`` say since when, in the monotonic seconds
    ``decide`` is called with; ``night`` is None until it is known.
    """

    inside: Mapping[str, int] = field(default_factory=dict)
    staying: Mapping[Stay, float] = field(default_factory=dict)
    pressed: Mapping[str, float] = field(default_factory=dict)
    night: bool | None = None

    def inside_at(self, camera: str) -> int:
        """People inside by one camera's count, or by all of them together for ``""``.

        Where the whole shop is counted as one (its number comes with no camera's name), that number holds for all.
        """
        if "" in self.inside:
            return self.inside.get(camera, self.inside[""])
        return self.inside.get(camera, 0) if camera else sum(self.inside.values())

    def after(self, event: Event | Fact | None, now_s: float, camera: str) -> Shop:
        """The shop after an event at a camera."""
        changed = self
        if isinstance(event, OccupancyChanged):
            changed = replace(self, inside={**self.inside, camera: event.inside})
        elif isinstance(event, ZoneEntered):
            changed = replace(self, staying={**self.staying, Stay(camera, event.zone, event.track_id): now_s})
        elif isinstance(event, ZoneExited):
            changed = replace(self, staying=_without(self.staying, Stay(camera, event.zone, event.track_id)))
        elif isinstance(event, ButtonPressed):
            changed = replace(self, pressed={**self.pressed, event.button: now_s})
        elif isinstance(event, ButtonReleased):
            changed = replace(self, pressed=_without(self.pressed, event.button))
        elif isinstance(event, (NightFell, DayBroke)):
            changed = replace(self, night=isinstance(event, NightFell))
        return changed


def told(event: Event | Fact | None) -> str:
    """What happened, in a few words."""
    words = {NightFell: "night fell", DayBroke: "day broke", VisitEnded: "a visit ended"}
    text = words.get(type(event), "only time has passed")
    if isinstance(event, (LineTouched, LineCrossed)):
        way = "came to" if isinstance(event, LineTouched) else "crossed"
        text = f"somebody {way} the line {event.line}, {event.direction.value}wards"
    elif isinstance(event, (ZoneEntered, ZoneExited)):
        text = f"somebody {'entered' if isinstance(event, ZoneEntered) else 'left'} the zone {event.zone}"
    elif isinstance(event, (ButtonPressed, ButtonReleased)):
        text = f"the button {event.button} was {'pressed' if isinstance(event, ButtonPressed) else 'let go'}"
    elif isinstance(event, Fact):
        text = f"there was the notice {event.event}"
    elif isinstance(event, OccupancyChanged):
        text = f"the number inside became {event.inside}"
    elif isinstance(event, TrackRejected):
        text = f"somebody came near the line {event.line} and was not counted"
    return text


def _without(kept: Mapping[Key, float], key: Key) -> dict[Key, float]:
    return {other: since for other, since in kept.items() if other != key}
