"""The control socket's thread: answers questions, and tells subscribers what happens."""

from __future__ import annotations

from dataclasses import fields
from enum import Enum
from typing import TYPE_CHECKING

from edge.services.service import Service

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edge.host.control import ControlServer
    from edge.services.happening import Happening

WAIT_S = 1.0


class Control(Service):
    """Serves the control socket; as a sink it passes every event on to those who subscribed."""

    def __init__(self, server: ControlServer) -> None:
        super().__init__("control")
        self._server = server

    def take(self, happenings: Sequence[Happening]) -> None:
        """Pass events on to subscribers."""
        for happening in happenings:
            self._server.publish(told(happening))

    def tell(self, words: Mapping[str, object]) -> None:
        """Tell subscribers something else than an event."""
        self._server.publish(words)

    def step(self, now_s: float) -> float:
        """Serve whoever asks; wait for somebody to do so."""
        self._server.step(now_s, WAIT_S)
        return 0.0

    def leave(self) -> None:
        """End the waiting."""
        self._server.wake()

    def close(self) -> None:
        """Take the socket away."""
        self._server.close()


def told(happening: Happening) -> dict[str, object]:
    """An event as subscribers get it: its kind in words with hyphens, its values, and the moment it happened."""
    event = happening.event
    kind = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in type(event).__name__)
    values = {field.name: _plain(getattr(event, field.name)) for field in fields(event)}
    return {"event": kind.lstrip("-"), "camera": happening.camera, "at_s": round(happening.at_s, 3), **values}


def _plain(value: object) -> object:
    return value.value if isinstance(value, Enum) else round(value, 3) if isinstance(value, float) else value
