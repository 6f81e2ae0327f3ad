"""``acm db``: looking after the records from outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.app.run import RECORDS, settings_files
from edge.app.settings import calendar
from edge.config.files import state_folder
from edge.core.errors import InputError
from edge.storage.care import backup, check, rebuild
from edge.storage.export import export

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path
    from typing import TextIO

    from edge.app.run import RunAsk


@dataclass(frozen=True, slots=True)
class RecordsAsk:
    """What ``acm db`` was asked for. ``file`` are the records themselves, by default the box's own."""

    where: RunAsk
    file: Path | None = None

    @property
    def records(self) -> Path:
        """Where the records lie."""
        return self.file or state_folder(self.where.config, self.where.state) / RECORDS


def check_records(ask: RecordsAsk, out: TextIO) -> int:
    """Look the whole file over; 1 if there are faults."""
    if not ask.records.exists():
        raise InputError(f"{ask.records}: there are no records; name a file with --file.")
    checked = check(ask.records)
    out.writelines(f"{ask.records}: {fault}\n" for fault in checked.faults)
    if checked.sound:
        rows = ", ".join(f"{count} of {table}" for table, count in checked.rows.items() if count) or "nothing yet"
        out.write(f"{ask.records}: sound. {checked.bytes / 1e6:.1f} MB, schema {checked.schema}: {rows}.\n")
        if checked.unset:
            out.write(f"{checked.unset} rows wait for the time of day to become known.\n")
    return int(not checked.sound)


def back_up(ask: RecordsAsk, target: Path | None, out: TextIO) -> int:
    """Copy the records, in use or not."""
    out.write(f"{backup(ask.records, target)} is a whole and checked copy.\n")
    return 0


def rebuild_figures(ask: RecordsAsk, out: TextIO, *, own_days: bool) -> int:
    """Make the figures of hours and days anew; with ``own_days`` by the days the settings tell now."""
    days = calendar(settings_files(ask.where).load().config) if own_days else None
    out.write(f"Figures were made anew from {rebuild(ask.records, days)} rows.\n")
    return 0


def export_records(ask: RecordsAsk, what: str, form: str, days: tuple[date, date] | None, out: TextIO) -> int:
    """Write records as text."""
    export(ask.records, what, form, out, days)
    return 0
