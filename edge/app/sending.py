"""Sending to the hub, put together from the settings; without a hub it is nothing."""

from __future__ import annotations

from functools import partial
from threading import Event
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from edge.core.errors import InputError
from edge.services.sync import Sync, SyncHabits
from edge.services.sync_courier import Courier

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path
    from typing import Any

    from edge.config.schema import Config
    from edge.core.clock import Clock
    from edge.core.notice import Fact
    from edge.services.board import Section
    from edge.services.persist import Persist
    from edge.services.service import Service
    from edge.services.sync_courier import Way

    Words = Mapping[str, Any]

# So long a stop waits for the last rows to be on the disk, to send them, too.
SETTLE_S, SETTLE_LOOKS = 1.0, 50
NOW, TAKE = "now", "take"
# What of [upstream] can change while it is sent.
AT_ONCE = ("interval_s", "batch_rows", "window", "limit_kbit_s")


class Sending:
    """The service that sends, if the settings want one; ``folder`` has key and token beside the ``records``."""

    def __init__(  # noqa: PLR0913, PLR0917 - what sending needs
        self,
        config: Config,
        records: Path,
        persist: Persist,
        clock: Clock,
        at: Callable[[float], datetime | None],
        tell: Callable[[Fact], None],
    ) -> None:
        self._config, self._folder, self._clock, self._tell = config, records.parent, clock, tell
        self._courier = Courier(records, lambda: persist.store, tell)
        self.sync: Sync | None = None
        if config.upstream.enabled:
            habits, settle = sync_habits(config), partial(_settle, persist)
            self.sync = Sync(self._courier, self._way, habits, clock, at=at, tell=tell, settle=settle)

    @property
    def services(self) -> Sequence[Service]:
        """What needs a thread."""
        return [] if self.sync is None else [self.sync]

    @property
    def sections(self) -> dict[str, Section]:
        """Figures for the board."""
        return {} if self.sync is None else {"upstream": self.sync.told}

    @property
    def handler(self) -> Callable[[Words], Mapping[str, object]] | None:
        """Answers what is asked about sending over the control socket."""
        return None if self.sync is None else self._asked

    def written(self) -> None:
        """A row more is on the disk."""
        if self.sync is not None:
            self.sync.written()

    def change(self, config: Config) -> None:
        """Go by other settings from now on."""
        if self.sync is not None:
            self.sync.habits = sync_habits(config)

    def _asked(self, asked: Words) -> Mapping[str, object]:
        do = asked.get("do", NOW)
        if do == TAKE:
            self._courier.take(*_taken(asked))
        elif do != NOW:
            raise InputError(f"sync is asked to do {NOW} or {TAKE}, not {do!r}.")
        if self.sync is not None and do == NOW:
            self.sync.now()
        return {}

    def _way(self, hurried: bool) -> Way:  # noqa: FBT001 - as the service asks for it
        # Only who sends pays for the libraries that takes.
        from edge.app.hub_way import open_way  # noqa: PLC0415 - as above

        return open_way(self._config, self._folder, self._clock, self._tell, hurried=hurried)


def _settle(persist: Persist) -> None:
    """Have everything written, and wait for it, but not for a disk in trouble."""
    persist.hurry()
    pause = Event()
    for _ in range(SETTLE_LOOKS):
        if not persist.waiting:
            return
        pause.wait(SETTLE_S / SETTLE_LOOKS)


def sync_habits(config: Config) -> SyncHabits:
    """When what is sent."""
    table = config.upstream
    zone = ZoneInfo(config.site.time_zone)
    return SyncHabits(table.interval_s, table.batch_rows, table.windows(), table.limit_kbit_s, zone)


def waiting_settings(config: Config) -> tuple[str, ...]:
    """What of ``[upstream]`` takes effect after a restart only."""
    return tuple(f"upstream.{key}" for key in type(config.upstream).model_fields if key not in AT_ONCE)


def _taken(asked: Words) -> tuple[str, int, int, list[tuple[int, str]]]:
    """What receipts say, as it came over the control socket."""
    try:
        aside = [(int(seq), str(why)) for seq, why in asked["aside"]]
        return str(asked["epoch"]), int(asked["cursor"]), int(asked["revised"]), aside
    except (KeyError, TypeError, ValueError):
        raise InputError("Receipts have an epoch, a cursor, what is revised and what was set aside.") from None
