"""``acm hub panel``: the window on all shops, a process of its own beside the hub. It only looks into the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edge.app.hub import HubAsk
from edge.app.serve_panel import prepared, serve_panel
from edge.config.panel_place import hub_panel_folder
from edge.core.clock import SystemClock
from edge.panel.panel import Panel
from edge.storage.hub.reader import HubReader
from edge.storage.panel.store import NAME, PanelStore

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TextIO


@dataclass(frozen=True, slots=True)
class HubPanelAsk:
    """What ``acm hub panel`` was asked for. ``hub`` says where the hub's settings and database are.

    ``own`` is where the panel keeps its users and sessions; the rest is told at ``serve_panel.Serving``.
    """

    hub: HubAsk = field(default_factory=HubAsk)
    own: Path | None = None
    host: str = ""
    port: int = 0
    claim: bool = False
    next_port: bool = False
    guest: bool = False


def hub_panel(ask: HubPanelAsk, out: TextIO) -> int:
    """Serve until a signal says stop. ``AcmError`` if it cannot start; a database that is away is waited for."""
    settings = ask.hub.settings()
    reader = HubReader(settings.server.database.get_secret_value())
    with PanelStore(prepared(hub_panel_folder(ask.own)) / NAME) as store:
        serve_panel(Panel.of_hub(settings.panel, reader, store, clock=SystemClock()), ask, out)
    return 0
