"""The settings as the panel sees and changes them: read again when a file changes, written into ``overrides.toml``."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from edge.analytics.schedule import Calendar
from edge.config.change import Edit, differences, edited
from edge.config.load import Text, in_force, read_text
from edge.core.calendar import SiteCalendar
from edge.core.errors import ConfigError, InputError
from edge.host.whole_file import WholeFile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from edge.config.change import Difference
    from edge.config.files import SettingsFiles
    from edge.config.load import InForce
    from edge.config.schema import Config

WHERE = "the panel's changes"
MARK_LETTERS = 32


class StaleError(InputError):
    """Somebody else has set something meanwhile."""

    def __init__(self) -> None:
        super().__init__("The settings have been changed meanwhile; look at them again before you change them.")


class Settings:
    """What is set on this box. May be used from any thread."""

    def __init__(self, files: SettingsFiles) -> None:
        """Read the files. ``ConfigError`` if they are wrong."""
        self.files = files
        self._lock = Lock()
        self._stamp = self._stamps()
        self._settings = files.load()

    @property
    def now(self) -> InForce:
        """What is in force in the files now. While they are wrong, what was before."""
        with self._lock:
            stamp = self._stamps()
            if stamp != self._stamp:
                self._stamp = stamp
                # While they are wrong, acm check and the journal of acm run tell what is wrong with them.
                with suppress(ConfigError):
                    self._settings = self.files.load()
            return self._settings

    @property
    def config(self) -> Config:
        """The same, checked."""
        return self.now.config

    @property
    def calendar(self) -> SiteCalendar:
        """The site's days."""
        site = self.config.site
        return SiteCalendar(ZoneInfo(site.time_zone), site.day_starts_h)

    @property
    def opening(self) -> Calendar | None:
        """When the shop is open; None if that was never said."""
        config = self.config
        return Calendar(config.schedule, config.site.time_zone) if config.schedule.known else None

    def tried(self, edits: Sequence[Edit]) -> list[Difference]:
        """What some edits would change. ``ConfigError`` with a line for each fault."""
        with self._lock:
            _, after, _ = self._after(edits)
            return differences(self.files.load().config, after)

    @property
    def mark(self) -> str:
        """Stands for the settings as they are in the files: another one as soon as anything is set."""
        with self._lock:
            return self._mark()

    def change(self, edits: Sequence[Edit], known: str = "") -> tuple[list[Difference], list[Edit]]:
        """Write some edits; return what they changed, and the edits that undo them.

        With ``known``, a ``mark`` of before, ``StaleError`` if the settings are no longer those. Raises ``ConfigError``
        with a line for each fault, or another ``InputError`` if the file cannot be written; then everything is as it
        was.
        """
        with self._lock:
            if known and known != self._mark():
                raise StaleError
            text, after, undo = self._after(edits)
            changed = differences(self.files.load().config, after)
            # The file may be a link into the folder the panel can write.
            with WholeFile(self.files.overrides.resolve(), WHERE) as whole:
                whole.write_text(text)
                whole.part.chmod(0o640)
        return changed, undo

    def _after(self, edits: Sequence[Edit]) -> tuple[str, Config, list[Edit]]:
        """The new text of the overrides, all settings as they would be, and what undoes the edits."""
        overrides = self.files.overrides
        text, undo = edited(read_text(overrides) if overrides.exists() else "", edits)
        texts = [Text(str(self.files.base), read_text(self.files.base)), Text(str(overrides), text)]
        if self.files.secrets.exists():
            texts.append(Text(str(self.files.secrets), read_text(self.files.secrets), secret=True))
        return text, in_force(tuple(texts)).config, undo

    def _mark(self) -> str:
        made = hashlib.sha256()
        for path in (self.files.base, self.files.overrides):
            made.update((read_text(path) if path.exists() else "").encode() + b"\0")
        # Not of the secrets themselves: nobody shall try out from the mark what they might be.
        made.update(repr(_stamp(self.files.secrets)).encode())
        return made.hexdigest()[:MARK_LETTERS]

    def _stamps(self) -> tuple[tuple[int, int] | None, ...]:
        return tuple(_stamp(path) for path in (self.files.base, self.files.overrides, self.files.secrets))


def _stamp(path: Path) -> tuple[int, int] | None:
    """Tells whether a file is another one than before."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino
