"""``acm panel``: the window on a phone or computer, a process of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.app.run import RECORDS
from edge.app.serve_panel import prepared, serve_panel
from edge.config.files import USUAL_FILE, SettingsFiles
from edge.config.panel_place import daemon_folder, panel_folder
from edge.core.clock import SystemClock
from edge.core.errors import InputError
from edge.host.yielding import give_way
from edge.integrations.web_push import PUBLIC, Reach
from edge.panel.panel import Panel
from edge.storage.panel.store import NAME, PanelStore

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TextIO

# Counting comes first. The unit says so too; this is for whoever starts the panel by hand.
NICENESS = 10


@dataclass(frozen=True, slots=True)
class PanelAsk:
    """What ``acm panel`` was asked for.

    ``state`` is where the counter remembers things, ``own`` where the panel does; ``host`` and ``port`` go before the
    settings. ``claim``: print a link that sets a new owner's password. ``next_port``: take the next free one.
    ``guest``: let in whoever has the link that is printed, and end with the input: for demonstrations on this machine.
    ``push_authority``: who vouches for push services in this network; without it only public ones are spoken to.
    """

    config: Path = USUAL_FILE
    state: Path | None = None
    own: Path | None = None
    control: Path | None = None
    host: str = ""
    port: int = 0
    claim: bool = False
    next_port: bool = False
    guest: bool = False
    push_authority: Path | None = None


def panel(ask: PanelAsk, out: TextIO) -> int:
    """Serve until a signal says stop. ``AcmError`` if it cannot start."""
    give_way(NICENESS)
    state = daemon_folder(ask.config, ask.state)
    files = SettingsFiles.around(ask.config, state)
    with PanelStore(prepared(panel_folder(state, ask.own)) / NAME) as store:
        made = Panel.of(
            files, state / RECORDS, store, control=ask.control, clock=SystemClock(), reach=_reach(ask.push_authority)
        )
        serve_panel(made, ask, out)
    return 0


def _reach(authority: Path | None) -> Reach:
    """Which push services may be spoken to."""
    if authority is None:
        return PUBLIC
    if not authority.is_file():
        raise InputError(f"--push-authority: there is no file {authority}; name a file of certificates (PEM).")
    return Reach(private=True, authority=authority)

