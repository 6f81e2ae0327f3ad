"""Where the panel finds what the counter remembers, and where it keeps what is its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from edge.config.files import USUAL_STATE
from edge.config.load import read_text
from edge.core.errors import ConfigError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

OWN = "panel"
USUAL_HUB_PANEL = Path("/var/lib/acm-hub-panel")


def daemon_folder(base: Path, asked: Path | None = None) -> Path:
    """Where the counter keeps what it remembers: as asked, as the settings say, or the usual place.

    Unlike the counter itself the panel does not ask the service manager, which tells each of them its own folder.
    """
    if asked is not None:
        return asked
    try:
        records = tomllib.loads(read_text(base)).get("records", {})
    except (tomllib.TOMLDecodeError, ConfigError):
        # Told with all the other faults when the file is loaded.
        return USUAL_STATE
    folder = records.get("folder") if isinstance(records, dict) else None
    return Path(folder) if isinstance(folder, str) and folder else USUAL_STATE


def panel_folder(state: Path, asked: Path | None = None) -> Path:
    """Where the panel keeps users and sessions: as asked, as the service manager says, or within the counter's."""
    if asked is not None:
        return asked
    given = os.environ.get("STATE_DIRECTORY", "")
    return Path(given.split(":")[0]) if given else state / OWN


def hub_panel_folder(asked: Path | None = None) -> Path:
    """Where a hub's panel keeps users and sessions: as asked, as the service manager says, or the usual place."""
    if asked is not None:
        return asked
    given = os.environ.get("STATE_DIRECTORY", "")
    return Path(given.split(":")[0]) if given else USUAL_HUB_PANEL
