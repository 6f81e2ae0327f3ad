"""What lies at the broker on our behalf, remembered on disk: what has gone from the settings is cleared up there."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILE = "mqtt.json"
MOST_BYTES = 262_144


@dataclass(frozen=True, slots=True)
class Left:
    """What may lie there: the ``topics`` of figures, the topic of the announcement, and the platforms it named."""

    topics: frozenset[str] = frozenset()
    config: str = ""
    platforms: dict[str, str] = field(default_factory=dict)


class Memory:
    """``path`` is the file; ``write`` puts it there, whole or not at all."""

    def __init__(self, path: Path, write: Callable[[Path, bytes], None]) -> None:
        self._path, self._write = path, write
        self._left: Left | None = None

    def left(self) -> Left:
        """What is remembered; nothing, if the file is not there or not ours."""
        if self._left is None:
            try:
                with self._path.open("rb") as file:
                    self._left = _read(json.loads(file.read(MOST_BYTES)))
            except (OSError, ValueError, RecursionError):
                self._left = Left()
        return self._left

    def keep(self, left: Left) -> None:
        """Remember this instead. A disk that takes nothing costs leftovers at the broker, and no more."""
        if left == self.left():
            return
        self._left = left
        told = {"topics": sorted(left.topics), "config": left.config, "platforms": left.platforms}
        self._write(self._path, json.dumps(told, indent=1).encode())


def _read(told: Any) -> Left:  # noqa: ANN401 - whatever stands in the file
    try:
        topics, config, platforms = list(told["topics"]), told["config"], dict(told["platforms"])
    except (TypeError, KeyError, ValueError):
        return Left()
    sound = all(isinstance(word, str) for word in (config, *topics, *platforms, *platforms.values()))
    return Left(frozenset(topics), config, platforms) if sound else Left()
