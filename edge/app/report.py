"""``acm report``: a report of some days, made beside the counter."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from edge.analytics.audit import Share
from edge.analytics.periods import DAY, Period, Unit, parse_period, period_of
from edge.analytics.schedule import Calendar
from edge.analytics.told import SITE_WIDE
from edge.app.settings import calendar
from edge.app.where import RECORDS, settings_files
from edge.config.files import state_folder
from edge.config.panel_place import OWN
from edge.core.clock import SystemClock
from edge.core.errors import InputError
from edge.core.timekeeping import from_ms, to_ms
from edge.host.errand import stand_back
from edge.host.whole_file import WholeFile
from edge.reports.asked import Asked, CountedAlong, Floor, Look, Remark
from edge.reports.cells import Teller, in_words
from edge.reports.contents import gather
from edge.reports.locales import languages
from edge.reports.logo import read_logo
from edge.reports.written import written
from edge.storage.errors import StorageError
from edge.storage.panel.beside import last_count_beside, notes_beside
from edge.storage.panel.store import NAME
from edge.storage.statistics.reader import StatisticsReader

if TYPE_CHECKING:
    from datetime import datetime
    from typing import TextIO

    from edge.analytics.told import Scope
    from edge.app.where import RunAsk
    from edge.config.schema import Config
    from edge.reports.written import Made

# Where the panel of an installed box keeps what is its own, beside the counter's folder.
INSTALLED_PANEL = "acm-panel"
# Nobody was counted before, and sums of days have to stay within what a calendar holds.
FIRST_YEAR, LAST_YEAR = 1970, 2200
# An ISO week is the one its Thursday is in.
TO_THURSDAY = 3 * DAY


@dataclass(frozen=True, slots=True)
class ReportAsk:
    """What ``acm report`` was asked for: of which days, in which of ``FORMS``, into which folder.

    ``language`` empty: that of the settings. ``records``, ``panel``: other files than the box's own.
    """

    where: RunAsk
    period: Period
    forms: tuple[str, ...]
    folder: Path
    language: str = ""
    scope: Scope = SITE_WIDE
    records: Path | None = None
    panel: Path | None = None
    now: datetime | None = None


@dataclass(frozen=True, slots=True)
class MadeReport:
    """The files of a report, what it is called, and the same in some sentences, of which the first says how it was."""

    paths: list[Path]
    sentences: list[str]
    title: str


def report(ask: ReportAsk, out: TextIO, *, as_json: bool = False) -> int:
    """Make a report and say where it is."""
    stand_back()
    done = made(ask)
    if as_json:
        told = {"paths": [str(path) for path in done.paths], "sentences": done.sentences, "title": done.title}
        out.write(f"{json.dumps(told, ensure_ascii=False)}\n")
    else:
        out.writelines(f"{path}\n" for path in done.paths)
    return 0


def made(ask: ReportAsk) -> MadeReport:
    """Make a report: every file whole or not at all. ``AcmError`` says in a sentence why it cannot be."""
    _try_place(ask.folder)
    config = settings_files(ask.where).load().config
    now = ask.now or SystemClock().utc_now()
    state = state_folder(ask.where.config, ask.where.state)
    table = config.reports
    look = Look(table.paper, read_logo(Path(table.logo)) if table.logo else b"", table.currency)
    words = languages().get(ask.language, table.language, config.panel.language)
    with _records(ask, state) as source:
        _refuse_unknown(source, config, ask.scope)
        found = gather(source, _asked(ask, config, now, ask.panel or _panel_file(state)))
    files = [file for form in dict.fromkeys(ask.forms) for file in written(found, look, words, form)]
    teller = Teller.of(found, words, look)
    title = " · ".join(part for part in (config.site.name, teller.period(found), teller.scope(found)) if part)
    return MadeReport(_put(files, ask.folder), in_words(found, words, look), title)


def _records(ask: ReportAsk, state: Path) -> StatisticsReader:
    """The records. ``InputError`` if there are none, or if what somebody named cannot be read as some."""
    path = ask.records or state / RECORDS
    if not path.exists():
        raise InputError(f"{path}: there are no records; name a file with --file.")
    try:
        return StatisticsReader(path)
    except StorageError as error:
        if ask.records is None:
            raise
        raise InputError(str(error)) from None


def asked_period(unit: str, when: str, config: Config, now: datetime) -> Period:
    """The days meant by ``--period`` and ``--date``, each of which may be left out (empty).

    Without a date it is the last one that is over; a week, if nothing is said at all. ``InputError`` if they disagree.
    """
    starts = config.site.first_weekday
    if not when:
        this = period_of(Unit(unit or "week"), calendar(config).day_of(to_ms(now)), starts)
        return period_of(Unit(unit or "week"), this.first - DAY, starts)
    try:
        found = parse_period(when)
    except ValueError as error:
        raise InputError(f"--date: {error}.") from None
    if not FIRST_YEAR <= found.first.year <= found.last.year <= LAST_YEAR:
        raise InputError(f"--date: {when} is not within {FIRST_YEAR} to {LAST_YEAR}; name days that were counted on.")
    if "W" in when:
        # Weeks of a site that begin on another day are those with the same middle.
        found = period_of(Unit.WEEK, found.first + TO_THURSDAY, starts)
    if not unit:
        return found
    whole = period_of(Unit(unit), found.first, starts)
    if len(found) > 1 and whole != found:
        raise InputError(f"--date: {when} is not one {unit}; leave out --period, or name a day of the {unit}.")
    return whole


def _asked(ask: ReportAsk, config: Config, now: datetime, panel: Path) -> Asked:
    opening = Calendar(config.schedule, config.site.time_zone) if config.schedule.known else None
    remarks, counted = _left_on_the_panel(panel, ask.period, now)
    floors = tuple(Floor(camera.name, camera.zones()) for camera in config.camera)
    return Asked(
        ask.period, now, config.site.name, ask.scope, config.site.first_weekday, opening, floors, remarks, counted
    )


def _left_on_the_panel(panel: Path, period: Period, now: datetime) -> tuple[tuple[Remark, ...], CountedAlong | None]:
    """Notes and the last count by hand. They are the panel's own: whoever may not read them reports without."""
    with suppress(StorageError, OSError):
        if panel.exists():
            notes = notes_beside(panel, period.first, period.last)
            remarks = tuple(Remark(note.first, note.last, note.text) for note in notes)
            last = last_count_beside(panel, to_ms(now))
            found = last[1].get("found") if last is not None else None
            counted = CountedAlong(from_ms(last[0]), Share(**found)) if last is not None and found else None
            return remarks, counted
    return (), None


def _panel_file(state: Path) -> Path:
    """Where the panel's records lie: beside the counter's on an installed box, else within."""
    beside = state.parent / INSTALLED_PANEL / NAME
    with suppress(OSError):
        if beside.exists():
            return beside
    return state / OWN / NAME


def _refuse_unknown(source: StatisticsReader, config: Config, scope: Scope) -> None:
    """Names are those of the settings or, of what was there once, of the records."""
    known = source.recorded()
    lines = source.lines(known) if known is not None else []
    places = source.places(known) if known is not None else []
    cameras = {camera.name for camera in config.camera} | {line.camera for line in lines}
    wishes = (
        ("camera", scope.camera, cameras | {place.camera for place in places}),
        ("line", scope.line, {line.line for line in lines} | {one.name for cam in config.camera for one in cam.line}),
        ("zone", scope.zone, {place.zone for place in places if place.zone}
         | {one.name for cam in config.camera for one in cam.zone}),
    )  # fmt: skip
    for kind, name, names in wishes:
        if name is not None and name not in names:
            near = get_close_matches(name, names, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(names)) or 'none'}."
            raise InputError(f"--scope: there is no {kind} {name!r}; {hint}")


def _try_place(folder: Path) -> None:
    """Refuse a place where no file can be put before the work is done, not after it."""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"-o: {folder} is no folder; name one to put the report in.")
    if not folder.absolute().parent.is_dir():
        raise InputError(f"-o: there is no folder {folder.absolute().parent}; make it first or name another place.")


def _put(files: list[Made], folder: Path) -> list[Path]:
    """Write files, each under a name for the time being first. Nothing is written before all of them are made."""
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise InputError(f"-o: the folder {folder} cannot be made ({error.strerror}); name another place.") from None
    paths = []
    for file in files:
        path = folder / file.name
        with WholeFile(path, "-o") as whole:
            whole.write(file.data)
        paths.append(path)
    return paths
