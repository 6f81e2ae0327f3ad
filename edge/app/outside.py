"""What goes from the box to others by itself: rows to the hub, reports to people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edge.app.reporting import Reporting
from edge.app.sending import Sending

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from edge.app.run import RunAsk
    from edge.config.schema import Config
    from edge.core.clock import Clock
    from edge.core.notice import Fact
    from edge.services.board import Section
    from edge.services.persist import Persist
    from edge.services.service import Service


class Outside:
    """Both together; ``where`` is what children go by, without it there are no reports."""

    def __init__(  # noqa: PLR0913, PLR0917 - what both need
        self,
        config: Config,
        records: Path,
        persist: Persist,
        clock: Clock,
        at: Callable[[float], datetime | None],
        where: RunAsk | None,
        tell: Callable[[Fact], None],
    ) -> None:
        self._sending = Sending(config, records, persist, clock, at, tell)
        self._reporting = None if where is None else Reporting(config, records.parent, persist, at, where, tell)

    @property
    def services(self) -> Sequence[Service]:
        """What needs a thread."""
        return [*self._sending.services, *(() if self._reporting is None else self._reporting.services)]

    @property
    def sections(self) -> dict[str, Section]:
        """Figures for the board."""
        return self._sending.sections | ({} if self._reporting is None else self._reporting.sections)

    @property
    def handlers(self) -> dict[str, Callable[[Mapping[str, Any]], Mapping[str, object]] | None]:
        """What answers over the control socket, by what the desk calls it."""
        return {
            "sync": self._sending.handler, "reports": None if self._reporting is None else self._reporting.handler,
        }  # fmt: skip

    def written(self) -> None:
        """A row more is on the disk."""
        self._sending.written()

    def change(self, config: Config) -> None:
        """Go by other settings from now on."""
        self._sending.change(config)
        if self._reporting is not None:
            self._reporting.change(config)
