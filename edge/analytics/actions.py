"""What rules ask for. Whoever carries it out is given these and nothing else; each names the rule it came from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edge.core.light import LightMode


class Turn(str, Enum):
    """How a relay is switched.

    *Pulse*: on for a time; asking again meanwhile changes nothing. *Hold*: on until a time after it was last asked
    for. *Follow*: on as long as something lasts; beginning and end are told apart by ``SwitchRelay.begins``.
    """

    ON = "on"
    OFF = "off"
    PULSE = "pulse"
    HOLD = "hold"
    FOLLOW = "follow"


@dataclass(frozen=True, slots=True)
class Chime:
    """Play a sound, by its name or the path of a file."""

    sound: str
    rule: str


@dataclass(frozen=True, slots=True)
class Say:
    """Speak a text; what stands in braces in it is for the speaker to fill in."""

    text: str
    rule: str


@dataclass(frozen=True, slots=True)
class SwitchRelay:
    """Switch a relay. ``for_s`` is for pulse and hold; without it the relay's own pulse time is meant.

    ``begins`` is for follow: whether what it follows began or ended.
    """

    relay: str
    turn: Turn
    rule: str
    for_s: float | None = None
    begins: bool = True


@dataclass(frozen=True, slots=True)
class SetLight:
    """See by day or by the lamp from now on, whatever the light; None leaves it to the light again."""

    mode: LightMode | None
    rule: str


Action = Chime | Say | SwitchRelay | SetLight
