"""Where a box's settings and records are: what every verb that works beside the counter needs, and nothing more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.config.files import USUAL_FILE, SettingsFiles, state_folder

if TYPE_CHECKING:
    from pathlib import Path

RECORDS = "records.db"


@dataclass(frozen=True, slots=True)
class RunAsk:
    """What ``acm run`` was asked for: a settings file, a folder for what is remembered, a control socket."""

    config: Path = USUAL_FILE
    state: Path | None = None
    control: Path | None = None


def settings_files(ask: RunAsk) -> SettingsFiles:
    """The files that make up the settings."""
    return SettingsFiles.around(ask.config, state_folder(ask.config, ask.state))
