"""What a chime and a record cost: from the picture to the first sample, and bytes written to the card a crossing."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event as Flag
from typing import TYPE_CHECKING

from edge.core.model import Direction
from edge.host.notify import Notifier
from edge.services.analysis import Analysis, CountingPlan, Outlet
from edge.services.capture import CameraWatch, Capture
from edge.services.supervisor import Supervisor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.core.clock import Clock
    from edge.core.model import Tripwire
    from edge.core.ports import Eye
    from edge.services.capture import CameraPlan
    from edge.services.ledger import Ledger
    from edge.services.service import Service
    from edge.services.sound import Sound
    from edge.storage.store import Store

CHIMES, WITHIN_S, LOOK_S = 40, 40.0, 0.1
CROSSINGS = 200
CHIME_BUDGET_MS = 30.0


@dataclass(frozen=True, slots=True)
class DeviceCosts:
    """``chime_ms`` (median and bad case) is from a picture taken to the first sample queued, the network left out.

    ``crossing_bytes`` are written to the disk for a crossing that comes alone, with all its figures.
    """

    chime_ms: float
    chime_bad_ms: float
    chimes: int
    crossing_bytes: float


def chime_costs(  # noqa: PLR0913, PLR0917 - who walks where, who hears it, and what goes on beside
    plan: CameraPlan, eye: Eye, wire: Tripwire, listening: tuple[Ledger, Sound], clock: Clock,
    busy: Sequence[Service] = (), enough: int = CHIMES,
) -> tuple[float, float, int]:  # fmt: skip
    """Have people walk by, on the product's own threads; median, 95 % and number of chimes, in ms."""
    ledger, sound = listening
    counting = CountingPlan((wire,), (), frozenset({wire.name}))
    analysis = Analysis(plan.name, counting, lambda: eye, Outlet(ledger, (sound,)), clock, speed=plan.speed)
    watch = CameraWatch(plan.name, clock, lambda _: None)
    supervisor = Supervisor(clock, lambda _: None, Notifier())
    for service in (*busy, sound, analysis, Capture(plan, analysis.latest, watch, clock)):
        supervisor.add(service)
    supervisor.start()
    pause, end_s = Flag(), clock.monotonic_s() + WITHIN_S * enough / CHIMES
    while sound.reaction_ms.count < enough and clock.monotonic_s() < end_s:
        pause.wait(LOOK_S)
    supervisor.stop()
    reaction = sound.reaction_ms
    return reaction.at(0.5) or 0.0, reaction.at(0.95) or 0.0, reaction.count


def crossing_bytes(store: Store, clock: Clock) -> float:
    """Bytes written to the disk a crossing, each committed alone."""
    before = store.statistics().written_since_open_bytes
    for number in range(CROSSINGS):
        direction = Direction.IN if number % 2 else Direction.OUT
        store.crossing("bench", "door", direction, clock.monotonic_s())
    return (store.statistics().written_since_open_bytes - before) / CROSSINGS
