"""Reports that come round, put together from the settings: what the counter has of them."""

from __future__ import annotations

import hashlib
import tempfile
from datetime import date
from typing import TYPE_CHECKING, Any

from edge.analytics.due import Round
from edge.analytics.periods import Unit
from edge.app.settings import calendar
from edge.config.mail import ADDRESS
from edge.core.errors import InputError
from edge.core.timekeeping import Quality
from edge.host.errand import Errand
from edge.host.whole_file import write_private
from edge.services.reporter import Plan, Reporter
from edge.storage.reported import Reported

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from edge.app.run import RunAsk
    from edge.config.report_way import ReportTable
    from edge.config.schema import Config
    from edge.core.notice import Fact
    from edge.services.board import Section
    from edge.services.persist import Persist
    from edge.services.service import Service

    Words = Mapping[str, Any]

LIST, AGAIN, TEST = "list", "again", "test"
LONGEST_NAME = 40


class Reporting:
    """The service that has reports made. ``folder`` is where the box remembers; ``where``: what its children go by."""

    def __init__(  # noqa: PLR0913, PLR0917 - what it is made of
        self,
        config: Config,
        folder: Path,
        persist: Persist,
        at: Callable[[float], datetime | None],
        where: RunAsk,
        tell: Callable[[Fact], None],
    ) -> None:
        self._persist, self._at, self._where = persist, at, where
        self._heard = False
        self.reporter = Reporter(plans(config), Reported(folder, write_private), self._now, self._start, tell)

    @property
    def services(self) -> Sequence[Service]:
        """What needs a thread."""
        return [self.reporter]

    @property
    def sections(self) -> dict[str, Section]:
        """Figures for the board."""
        return {"reports": self.reporter.told}

    def change(self, config: Config) -> None:
        """Go by other settings from now on."""
        self.reporter.set_plans(plans(config))

    def handler(self, asked: Words) -> Mapping[str, object]:
        """Answer what is asked about reports over the control socket."""
        do = asked.get("do", LIST)
        if do == LIST:
            told = [one.told() for one in self.reporter.deliveries()]
            return {"deliveries": told, "orders": self.reporter.orders()}
        if do == AGAIN:
            return self.reporter.again(str(asked.get("report", ""))[:LONGEST_NAME], _day(asked)).told()
        if do == TEST:
            return self.reporter.test(_address(asked), str(asked.get("language", ""))[:5]).told()
        raise InputError(f"reports is asked to do {LIST}, {AGAIN} or {TEST}, not {do!r}.")

    def _now(self, now_s: float) -> datetime | None:
        """The time of day, once a time server was heard (or a person vouches for the clock)."""
        store = self._persist.store
        self._heard = self._heard or (store is not None and store.quality is Quality.SYNCED)
        return self._at(now_s) if self._heard else None

    def _start(self, words: Sequence[str]) -> Errand:
        # Open as long as the child may write: it is ended, and this closed, by the reporter.
        said = tempfile.TemporaryFile()  # noqa: SIM115 - as above
        where = self._where
        more = ["--config", str(where.config), *(["--state", str(where.state)] if where.state else [])]
        return Errand([*words, *more], said)


def plans(config: Config) -> list[Plan]:
    """The reports that come round, by the settings."""
    days, first = calendar(config), config.site.first_weekday
    return [
        Plan(table.name, Round(Unit(table.every), table.clock, days, first), _print_of(table, config))
        for table in config.report if table.enabled
    ]  # fmt: skip


def _print_of(table: ReportTable, config: Config) -> str:
    """Another text whenever what a report is made and sent by is another, the password included; it tells nothing."""
    secret, hub = config.mail.password.get_secret_value(), config.upstream.url if table.hub else ""
    return hashlib.sha256(f"{table!r}\n{config.mail!r}\n{secret}\n{hub}".encode()).hexdigest()


def _day(asked: Words) -> date:
    try:
        return date.fromisoformat(str(asked.get("first", "")))
    except ValueError:
        raise InputError("first is a day such as 2026-11-16.") from None


def _address(asked: Words) -> str:
    address = str(asked.get("address", ""))
    if not ADDRESS.match(address):
        raise InputError("This is no mail address; write it alone, such as owner@example.org.")
    return address
