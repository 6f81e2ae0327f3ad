"""What a rule would have done: its own judgement, put to what was recorded. Pure but for its name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from edge.analytics.actions import Chime, Say, SetLight, SwitchRelay, Turn
from edge.analytics.rules import Rules
from edge.core.events import LineCrossed, LineTouched, OccupancyChanged, ZoneEntered, ZoneExited
from edge.core.model import Direction
from edge.storage.records import Correction, Crossing, Told, ZoneStay

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from edge.analytics.actions import Action
    from edge.config.schema import Config
    from edge.core.events import Event
    from edge.core.notice import Fact
    from edge.storage.kept import Kept

# Between events the rules are asked this often, so that what lasts and what the clock says is seen.
TICK = timedelta(seconds=15)
KINDS = (Crossing, ZoneStay, Correction, Told)


@dataclass(frozen=True, slots=True)
class Happened:
    """An event at a time of day."""

    at: datetime
    camera: str
    event: Event | Fact


@dataclass(frozen=True, slots=True)
class Done:
    """What a rule would have done at a time."""

    at: datetime
    actions: tuple[Action, ...]


def alone(config: Config, rule: str) -> Config:
    """The settings with that rule only."""
    return config.model_copy(update={"rule": tuple(one for one in config.rule if one.name == rule)})


def replayed(config: Config, happened: Iterable[Happened], start: datetime, end: datetime) -> list[Done]:
    """What the rules of ``config`` would have done about what happened from ``start`` to ``end``."""
    rules = Rules(config)
    done = []
    for at, camera, event in _moments(happened, start, end):
        actions = rules.decide(event, at, (at - start).total_seconds(), camera)
        if actions:
            done.append(Done(at, tuple(actions)))
    return done


def at_once(config: Config, event: Event | Fact | None, at: datetime, camera: str) -> str:
    """What a rule would make of an event at a time: its own sentence."""
    rules = Rules(config)
    # Rules are looked at once before, as after a start: then only what is new counts.
    rules.decide(None, at - TICK, 0.0)
    return " ".join(str(verdict) for verdict in rules.explain(event, at, TICK.total_seconds(), camera))


def happened(kept: Sequence[Kept]) -> list[Happened]:
    """The events that records tell of, in order; each arrival came to the line first."""
    inside = 0
    rows: list[Happened] = []
    for one in sorted((one for one in kept if one.at is not None), key=lambda one: (one.at, one.seq)):
        assert one.at is not None  # noqa: S101 - sorted out above
        record = one.record
        if isinstance(record, Crossing):
            way = record.direction
            step = LineCrossed(0.0, record.line, way, one.seq, 0.0, 0.0)
            rows.append(Happened(one.at, record.camera, LineTouched(0.0, record.line, way, one.seq)))
            rows.append(Happened(one.at, record.camera, step))
            if record.door:
                inside = max(0, inside + (1 if way is Direction.IN else -1))
                rows.append(Happened(one.at, "", OccupancyChanged(0.0, inside)))
        elif isinstance(record, Correction):
            inside = max(0, inside + record.change)
            rows.append(Happened(one.at, "", OccupancyChanged(0.0, inside)))
        elif isinstance(record, ZoneStay):
            entered = one.at - timedelta(seconds=record.dwell_s)
            rows.append(Happened(entered, record.camera, ZoneEntered(0.0, record.zone, one.seq)))
            rows.append(Happened(one.at, record.camera, ZoneExited(0.0, record.zone, one.seq, record.dwell_s)))
        elif isinstance(record, Told):
            rows.append(Happened(one.at, "", record.fact))
    return sorted(rows, key=lambda row: row.at)


def told_action(action: Action) -> tuple[str, dict[str, object]]:
    """What is done, as a key of ``words`` with its values."""
    if isinstance(action, Chime):
        return "rules.did_chime", {"sound": action.sound.rpartition("/")[2]}
    if isinstance(action, Say):
        return "rules.did_say", {"text": action.text}
    if isinstance(action, SwitchRelay):
        key = "rules.did_end" if action.turn is Turn.FOLLOW and not action.begins else f"rules.did_{action.turn.value}"
        return key, {"relay": action.relay}
    assert isinstance(action, SetLight)  # noqa: S101 - there are no others
    return f"rules.did_light_{'auto' if action.mode is None else action.mode.value}", {}


def _moments(
    rows: Iterable[Happened], start: datetime, end: datetime
) -> Iterator[tuple[datetime, str, Event | Fact | None]]:
    """Every event, and the ticks between them."""
    next_tick = start
    for row in rows:
        if not start <= row.at < end:
            continue
        while next_tick <= row.at:
            yield next_tick, "", None
            next_tick += TICK
        yield row.at, row.camera, row.event
    while next_tick < end:
        yield next_tick, "", None
        next_tick += TICK
