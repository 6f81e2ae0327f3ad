"""Which settings files there are on a box, and how they lie over each other."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from edge.config.load import InForce, Text, in_force, read_text
from edge.core.errors import ConfigError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

USUAL_FILE = Path("/etc/acm/acm.toml")
USUAL_STATE = Path("/var/lib/acm")
OVERRIDES, SECRETS = "overrides.toml", "secrets.toml"


@dataclass(frozen=True, slots=True)
class SettingsFiles:
    """``base`` must be there. ``overrides`` (what the panel changed) and ``secrets`` lie over it if they are."""

    base: Path
    overrides: Path
    secrets: Path

    @classmethod
    def around(cls, base: Path, state: Path) -> SettingsFiles:
        """The files that go with ``base`` on a box that keeps what it remembers in the folder ``state``.

        Secrets that the service manager hands over (``LoadCredential=secrets.toml:...``) come before a file beside
        ``base``.
        """
        handed_over = os.environ.get("CREDENTIALS_DIRECTORY")
        secrets = Path(handed_over) / SECRETS if handed_over else None
        if secrets is None or not secrets.exists():
            secrets = base.parent / SECRETS
        return cls(base, state / OVERRIDES, secrets)

    def load(self) -> InForce:
        """Read and check them. Raises ``ConfigError`` with a line for each fault."""
        texts = [Text(str(self.base), read_text(self.base))]
        if self.overrides.exists():
            texts.append(Text(str(self.overrides), read_text(self.overrides)))
        if self.secrets.exists():
            texts.append(Text(str(self.secrets), read_text(self.secrets), secret=True))
        return in_force(tuple(texts))


def state_folder(base: Path, asked: Path | None = None) -> Path:
    """Where the box keeps what it remembers.

    As asked, or as the service manager says, or as ``folder`` in ``[records]`` of the owner's own file does (what is
    laid over that file lies in this folder itself), or the usual place.
    """
    if asked is not None:
        return asked
    given = os.environ.get("STATE_DIRECTORY", "")
    if given:
        # The service manager separates several folders by colons; ours is the first.
        return Path(given.split(":")[0])
    try:
        records = tomllib.loads(read_text(base)).get("records", {})
    except (tomllib.TOMLDecodeError, ConfigError):
        # Told with all the other faults when the file is loaded.
        return USUAL_STATE
    folder = records.get("folder") if isinstance(records, dict) else None
    return Path(folder) if isinstance(folder, str) and folder else USUAL_STATE
