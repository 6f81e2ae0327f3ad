"""``acm run``: the daemon, from its settings to its orderly end."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from edge import __version__
from edge.app.box import Box, Surroundings
from edge.app.where import RECORDS, RunAsk, settings_files
from edge.config.files import state_folder
from edge.core.clock import SystemClock
from edge.core.errors import AcmError, ConfigError
from edge.core.notices import STARTING
from edge.host.clock_sync import clock_synced
from edge.host.control_place import server_socket
from edge.host.journal import open_journal
from edge.host.machine import Machine
from edge.host.notify import open_notifier
from edge.services.conductor import Conductor
from edge.storage.restoring import REQUEST, take, waits

if TYPE_CHECKING:
    from pathlib import Path

    from edge.config.files import SettingsFiles
    from edge.config.load import InForce
    from edge.services.signals import Signals

__all__ = ["RECORDS", "RunAsk", "run", "settings_files"]

# Copying and checking the records of years, on a slow card.
RESTORE_TAKES_S = 600.0


def run(ask: RunAsk, signals: Signals) -> int:
    """Count until a signal says stop; return the exit code. ``AcmError`` if it cannot start."""
    files = settings_files(ask)
    settings = _checked(files)
    state = _prepared(state_folder(ask.config, ask.state))
    clock = SystemClock()
    around = Surroundings(
        clock, open_journal(), open_notifier(), Machine(), ask.control or server_socket(), clock_synced, ask
    )
    wanted = files.overrides.resolve().parent / REQUEST
    if waits(wanted, state / RECORDS):
        around.notifier.extend_timeout(RESTORE_TAKES_S)
    restored = take(wanted, state / RECORDS)
    box = Box(settings.config, lambda: files.load().config, state / RECORDS, around)
    for fact in (STARTING.fact(version=__version__), *([] if restored is None else [restored])):
        box.news.tell(fact)
    conductor = Conductor(
        box.supervisor, box.board, around.notifier, clock, box.news.tell, reload=box.reloader.reload, over=box.over
    )
    late = conductor.run(signals)
    box.close()
    code = 0 if signals.stop is not None else 1
    if late:
        # A thread that hangs in a driver would crash in the interpreter's own end.
        os._exit(code)
    return code


def _checked(files: SettingsFiles) -> InForce:
    settings = files.load()
    if not settings.config.camera:
        raise ConfigError(f"{files.base}: there is no camera; add a table headed [[camera]].")
    return settings


def _prepared(state: Path) -> Path:
    """The folder for what is remembered, made if need be. ``AcmError`` if it cannot be written."""
    try:
        state.mkdir(mode=0o755, parents=True, exist_ok=True)
    except OSError as error:
        raise AcmError(
            f"The folder {state} cannot be made ({error.strerror}); name another with --state, or in [records]."
        ) from None
    return state
