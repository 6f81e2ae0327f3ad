"""The traffic light of the box, with its reasons: what the counter told of itself, judged. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from edge.config.schema import Config
    from edge.panel.words import Words

# A camera that gives less than this of what is asked is slow; so does the counter itself judge it.
ENOUGH = 0.7
SETTLED_S = 60.0


class Level(str, Enum):
    """How bad it is. The values are the colours of the light."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the light is not green: a key of ``words`` and what is filled in."""

    level: Level
    key: str
    values: Mapping[str, object]

    def sentence(self, words: Words) -> str:
        """The reason in a language."""
        values = self.values.items()
        plain = {name: words.number(value) if isinstance(value, (int, float)) else value for name, value in values}
        return words.filled(self.key, plain)


@dataclass(frozen=True, slots=True)
class Health:
    """The light: its colour, a word for it, and every reason, the worst first."""

    level: Level
    word: str
    reasons: tuple[Reason, ...]


def health(status: Mapping[str, Any] | None, gone: str, config: Config) -> Health:
    """Judge what the counter told last (None: nothing yet); ``gone`` is why it does not answer, or empty."""
    if gone or status is None:
        return Health(Level.BAD, "health.gone", (Reason(Level.BAD, gone or "health.no_daemon", {}),))
    if status["state"] == "starting":
        return Health(Level.WARN, "health.starting", ())
    reasons = sorted(_reasons(status, config), key=lambda reason: reason.level is not Level.BAD)
    level = reasons[0].level if reasons else Level.GOOD
    return Health(level, f"health.{level.value}", tuple(reasons))


def _reasons(status: Mapping[str, Any], config: Config) -> Iterator[Reason]:
    for camera in status["cameras"]:
        yield from _camera(camera)
    yield from _records(status["records"])
    if status["sound"].get("speaker") == "lost":
        yield Reason(Level.WARN, "health.speaker", {})
    for switch in status["relays"]["switches"]:
        if switch["lost"]:
            yield Reason(Level.WARN, "health.relay", {"relay": switch["name"]})
    yield from _machine(status["machine"], config)
    for part, figures in status["services"].items():
        if figures["failing_s"] > 0:
            yield Reason(Level.BAD, "health.failing", {"part": part})


def _camera(camera: Mapping[str, Any]) -> Iterator[Reason]:
    name = {"camera": camera["name"]}
    if camera["state"] == "hanging":
        yield Reason(Level.BAD, "health.camera_hangs", name)
    elif camera["state"] == "lost":
        yield Reason(Level.BAD, "health.camera_lost", name)
    elif camera["since_s"] > SETTLED_S and camera["fps"] < ENOUGH * camera["wanted_fps"]:
        yield Reason(Level.WARN, "health.camera_slow",
                     {**name, "fps": round(camera["fps"]), "wanted": round(camera["wanted_fps"])})  # fmt: skip


def _records(records: Mapping[str, Any]) -> Iterator[Reason]:
    if records["state"] != "written":
        yield Reason(Level.BAD, "health.records", {})
    if records["dropped"]:
        yield Reason(Level.BAD, "health.records_lost", {"n": records["dropped"]})
    if records["clock"] == "unset":
        yield Reason(Level.WARN, "health.clock", {})


def _machine(machine: Mapping[str, Any], config: Config) -> Iterator[Reason]:
    if machine.get("pictures_part", 1.0) < 1:
        yield Reason(Level.WARN, "health.hot", {"celsius": round(machine.get("celsius") or 0)})
    if (machine.get("power") or {}).get("undervolted"):
        yield Reason(Level.WARN, "health.power", {})
    disk = machine.get("disk") or {}
    if disk.get("read_only"):
        yield Reason(Level.BAD, "health.disk_read_only", {})
    elif disk.get("free_mb", config.health.disk_low_mb) < config.health.disk_low_mb:
        yield Reason(Level.WARN, "health.disk", {"mb": round(disk["free_mb"])})
