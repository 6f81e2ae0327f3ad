"""What somebody at the broker asks for: done if it is on the list, refused and told if not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.analytics.actions import Turn
from edge.core.errors import AcmError, InputError
from edge.core.notices import COMMAND_REFUSED, COMMAND_TAKEN
from edge.integrations.mqtt_topics import shorts

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from edge.core.notice import Fact
    from edge.integrations.mqtt import Heard
    from edge.integrations.mqtt_topics import Topics

# Longer ones are none of ours. Home Assistant sends PRESS for a button.
MOST_BYTES = 16
TURNS = {"ON": Turn.ON, "OFF": Turn.OFF, "PULSE": Turn.PULSE}
PRESS = ("PRESS", "")
# Chimes one after the other are a nuisance, whoever asks for them.
CHIME_EVERY_S = 2.0
NOT_LISTED = "it is not in commands of [mqtt]"


class Remote:
    """Carries commands out by ``switch`` and ``ring``, which raise ``AcmError`` if that cannot be.

    ``relays`` are those there are, ``allowed`` those that may be switched; ``chime``: whether it may be rung.
    """

    def __init__(  # noqa: PLR0913 - what is there, what is allowed, and how it is done
        self,
        topics: Topics,
        relays: Sequence[str],
        allowed: Collection[str],
        *,
        chime: bool,
        switch: Callable[[str, Turn], None],
        ring: Callable[[], object],
        tell: Callable[[Fact], None],
    ) -> None:
        self._topics, self._allowed, self._chime = topics, frozenset(allowed), chime
        self._relays = {topics.relay_command(short): name for name, short in shorts(relays).items()}
        self._switch, self._ring, self._tell = switch, ring, tell
        self._rung_s = float("-inf")

    @property
    def listens_to(self) -> tuple[str, ...]:
        """The topics that commands come under."""
        return self._topics.relay_command("+"), self._topics.chime_command

    def hear(self, heard: Heard, now_s: float) -> bool:
        """Do what is asked for, or tell why not. Returns whether something was done."""
        relay = self._relays.get(heard.topic)
        # What strangers made up is all called alike, or they could fill the journal with names.
        verb = "chime" if heard.topic == self._topics.chime_command else f"relay:{relay}" if relay else "something"
        word = _word(heard.payload)
        reason = self._reason(heard, relay, word)
        if not reason:
            try:
                self._do(relay, word, now_s)
            except AcmError as error:
                reason = str(error)
        if reason:
            self._tell(COMMAND_REFUSED.fact(verb=verb, reason=reason))
            return False
        self._tell(COMMAND_TAKEN.fact(verb=verb, turn=word.lower() or "press"))
        return True

    def _reason(self, heard: Heard, relay: str | None, word: str) -> str:
        """Why not; empty if it is to be done."""
        rings = heard.topic == self._topics.chime_command
        if relay is None and not rings:
            return "there is no such relay"
        if not (self._chime if rings else relay in self._allowed):
            return NOT_LISTED
        if heard.retained:
            return "it was left lying at the broker; a command must not be retained"
        if word not in (PRESS if rings else TURNS):
            return f"it has to be {'PRESS' if rings else ', '.join(TURNS)}"
        return ""

    def _do(self, relay: str | None, word: str, now_s: float) -> None:
        if relay is None:
            if now_s - self._rung_s < CHIME_EVERY_S:
                raise InputError(f"it was rung less than {CHIME_EVERY_S:g} s ago")
            self._rung_s = now_s
            self._ring()
        else:
            self._switch(relay, TURNS[word])


def _word(payload: bytes) -> str:
    """The command in a payload, "?" if it cannot be one."""
    text = payload.decode("ascii", "replace").strip() if len(payload) <= MOST_BYTES else "?"
    return text.upper() if text.isascii() else "?"
