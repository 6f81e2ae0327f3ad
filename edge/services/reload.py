"""Takes changed settings into use while people are being counted."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from edge.config.table import Table
from edge.core.errors import ConfigError
from edge.core.notices import CONFIG_REFUSED, CONFIG_RELOADED, CONFIG_WAITS
from edge.services.analysis import CountingPlan

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from edge.config.schema import CameraTable, Config
    from edge.core.notice import Fact
    from edge.services.analysis import Analysis

# What of a camera can change while it is open.
COUNTING = ("line", "zone")
NOTHING = "nothing has changed"


def counting_plan(camera: CameraTable) -> CountingPlan:
    """Where a camera counts, by its settings."""
    return CountingPlan(camera.tripwires(), camera.zones(), camera.doors())


class Reloader:
    """Reads the settings again and applies what can change at run time.

    ``load`` reads and checks all files. ``appliers`` are called, each for its tables of the file, with the whole new
    settings; ``keys`` of a table named in ``waiting`` (as ``table.key``), and tables nobody applies, wait for a
    restart. Wrong settings change nothing at all.
    """

    def __init__(  # noqa: PLR0913 - what was read, how to read it, who takes it, who is told
        self,
        config: Config,
        load: Callable[[], Config],
        analyses: Mapping[str, Analysis],
        appliers: Mapping[str, Callable[[Config], None]],
        *,
        waiting: Collection[str] = (),
        tell: Callable[[Fact], None],
    ) -> None:
        self._config, self._load = config, load
        # What waits is in force since the start.
        self._started = config
        self._analyses, self._appliers = dict(analyses), dict(appliers)
        self._waiting, self._tell = frozenset(waiting), tell
        self._lock = Lock()

    @property
    def config(self) -> Config:
        """The settings read last; what waits for a restart is not yet in force."""
        return self._config

    def reload(self) -> tuple[list[str], list[str]]:
        """Read the settings again; return what was changed by it and what waits for a restart.

        Raises ``ConfigError`` with all faults (told to the journal, too) and leaves everything as it is.
        """
        with self._lock:
            try:
                fresh = self._load()
            except ConfigError as error:
                for row in str(error).splitlines():
                    self._tell(CONFIG_REFUSED.fact(reason=row))
                raise
            changed, waiting = self._take(fresh)
            self._config = fresh
        self._tell(CONFIG_RELOADED.fact(changed=", ".join(changed) or NOTHING))
        if waiting:
            self._tell(CONFIG_WAITS.fact(changed=", ".join(waiting)))
        return changed, waiting

    def _take(self, fresh: Config) -> tuple[list[str], list[str]]:
        changed, waiting = self._take_cameras(fresh)
        taken = [self._appliers["camera"]] if changed and "camera" in self._appliers else []
        for table in _differing(self._config, fresh):
            if table == "camera":
                continue
            now, later = self._sorted(table, fresh)
            changed += now
            waiting += later
            if now and self._appliers[table] not in taken:
                taken.append(self._appliers[table])
        for apply in taken:
            apply(fresh)
        return changed, waiting

    def _sorted(self, table: str, fresh: Config) -> tuple[list[str], list[str]]:
        """What of a changed table can be taken now, and what waits."""
        before, after = getattr(self._config, table), getattr(fresh, table)
        keys = [f"{table}.{key}" for key in _differing(before, after)] if isinstance(after, Table) else [table]
        if table not in self._appliers:
            return [], self._still_waiting(table, fresh, keys)
        waiting = [key for key in keys if key in self._waiting]
        return [key for key in keys if key not in self._waiting], self._still_waiting(table, fresh, waiting)

    def _still_waiting(self, table: str, fresh: Config, keys: list[str]) -> list[str]:
        """Of what was changed, what is not as it was at the start: the rest has been changed back."""
        before, after = getattr(self._started, table), getattr(fresh, table)
        if not isinstance(after, Table):
            return keys if before != after else []
        return [key for key in keys if key.removeprefix(f"{table}.") in set(_differing(before, after))]

    def _take_cameras(self, fresh: Config) -> tuple[list[str], list[str]]:
        before = {camera.name: camera for camera in self._config.camera}
        after = {camera.name: camera for camera in fresh.camera}
        started = {camera.name: camera for camera in self._started.camera}
        changed: list[str] = []
        waiting = [
            f"camera {name}" for name in {**after, **before} if (name in before) != (name in after) != (name in started)
        ]
        for name in (name for name in after if name in before):
            keys = list(_differing(before[name], after[name]))
            if any(key in COUNTING for key in keys) and name in self._analyses:
                self._analyses[name].recount(counting_plan(after[name]))
            changed += [f"{key} of camera {name}" for key in keys if key in COUNTING]
            back = {key for key in keys if name in started and getattr(started[name], key) == getattr(after[name], key)}
            waiting += [f"{key} of camera {name}" for key in keys if key not in COUNTING and key not in back]
        return changed, waiting


def _differing(before: Table, after: Table) -> Iterator[str]:
    return (name for name in type(after).model_fields if getattr(before, name) != getattr(after, name))
