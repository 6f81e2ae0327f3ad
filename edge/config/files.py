"""Which settings files there are on a box, and how they lie over each other."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from edge.config.load import InForce, Text, in_force, read_text

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


def state_folder(asked: Path | None = None) -> Path:
    """Where the box keeps what it remembers: as asked, or as the service manager says, or the usual place."""
    if asked is not None:
        return asked
    given = os.environ.get("STATE_DIRECTORY", "")
    # The service manager separates several folders by colons; ours is the first.
    return Path(given.split(":")[0]) if given else USUAL_STATE
