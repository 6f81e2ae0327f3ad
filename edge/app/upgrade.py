"""An upgrade of the installed package: copies before it, a watch after it, and the way back if it is no good.

The version before does all of it, the watch included: a new version that does not even start cannot watch itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge.app.run import RECORDS
from edge.config.files import state_folder
from edge.core.errors import AcmError
from edge.core.notices import UPGRADE_TAKEN, UPGRADE_TAKEN_BACK
from edge.host.control_wire import ControlError
from edge.host.upgrade_note import FOLDER, PREPARED, TAKEN, TAKEN_BACK, UpgradeNote, load_note, save_note
from edge.host.versions import Versions, version_of
from edge.storage.copies import copy_to
from edge.storage.put_back import put_back

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from edge.app.run import RunAsk
    from edge.core.clock import Clock
    from edge.core.notice import Fact
    from edge.host.units import Units

COUNTER, PANEL = "acm.service", "acm-panel.service"
PANEL_RECORDS = Path("/var/lib/acm-panel/panel.db")
# The copies; and a file that is there from the moment the new version is the current one until it is decided on.
BEFORE, FLAG = "before", "watching"
# A picture has to be looked at within this time of the restart, and things have to stay well for a while then.
WITHIN_S, SETTLED_S = 60.0, 5.0
LOOK_EVERY_S = 1.0
# A program that ends as often as this will end again.
MOST_ENDS = 3
RUNNING = ("active", "activating", "reloading")


class _HopelessError(Exception):
    """Waiting any longer is of no use."""


@dataclass(frozen=True, slots=True)
class Upgrades:
    """What an upgrade has to do with. ``ask`` gives the running program's status, or raises ``ControlError``;
    ``pause`` waits some seconds; ``tell`` tells the journal."""  # noqa: D205, D209 - one thought

    units: Units
    clock: Clock
    ask: Callable[[], Mapping[str, Any]]
    pause: Callable[[float], object]
    tell: Callable[[Fact], object]
    versions: Versions = field(default_factory=Versions)
    folder: Path = FOLDER


def prepare(ask: RunAsk, upgrades: Upgrades, after: str, panel: Path = PANEL_RECORDS) -> UpgradeNote:
    """Copy the records while they are in use, and note how everything stands. ``AcmError`` if they cannot be copied."""
    folder = upgrades.folder / BEFORE
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise AcmError(f"{folder} cannot be made ({error.strerror}); only root can look after upgrades.") from None
    files = [file for file in (state_folder(ask.config, ask.state) / RECORDS, panel) if file.is_file()]
    copies = [(str(file), str(copy_to(file, folder / file.name))) for file in files]
    active = tuple(unit for unit in (COUNTER, PANEL) if upgrades.units.standing(unit)[0] in RUNNING)
    note = UpgradeNote(
        PREPARED, upgrades.versions.current, after, upgrades.clock.utc_now().isoformat(timespec="seconds"),
        active=active, seeing=_seeing(upgrades), copies=tuple(copies),
    )  # fmt: skip
    save_note(note, upgrades.folder)
    return note


def _seeing(upgrades: Upgrades) -> tuple[str, ...]:
    """The cameras that give pictures now."""
    try:
        cameras = upgrades.ask()["cameras"]
    except ControlError:
        return ()
    return tuple(str(camera["name"]) for camera in cameras if camera["state"] == "running" and camera["frames"])


def watch(upgrades: Upgrades) -> bool:
    """Start the new version, and look at it until it is well or its time is over; whether it is kept."""
    note, flag = load_note(upgrades.folder), upgrades.folder / FLAG
    if note is None or not flag.exists() or upgrades.versions.current in ("", note.before):
        flag.unlink(missing_ok=True)
        return True
    note = replace(note, after=upgrades.versions.current)
    why = _seen_to(note, upgrades)
    flag.unlink(missing_ok=True)
    return not why


def _seen_to(note: UpgradeNote, upgrades: Upgrades) -> str:
    """Start the new version, and keep it or take it back; why it was taken back, or ""."""
    if COUNTER not in note.active:
        # Somebody had stopped it before: it is theirs to start, and nothing can be told of it until then.
        _take(note, upgrades)
        return ""
    upgrades.units.restart(note.active)
    why = _trouble_until_well(note, upgrades)
    if why:
        take_back(note, upgrades, why)
    else:
        _take(note, upgrades)
    return why


def _trouble_until_well(note: UpgradeNote, upgrades: Upgrades) -> str:
    """Wait until all has been well for a while; "" then, or what is wrong when the time is over."""
    began_s = upgrades.clock.monotonic_s()
    well_s: float | None = None
    while True:
        upgrades.pause(LOOK_EVERY_S)
        now_s = upgrades.clock.monotonic_s()
        try:
            trouble = _trouble(note, upgrades)
        except _HopelessError as error:
            return str(error)
        well_s = None if trouble else now_s if well_s is None else well_s
        if well_s is not None and now_s - well_s >= SETTLED_S:
            return ""
        if well_s is None and now_s - began_s >= WITHIN_S:
            return trouble


def _trouble(note: UpgradeNote, upgrades: Upgrades) -> str:
    """What keeps the new version from being well at this moment, or ""."""
    state, ended = upgrades.units.standing(COUNTER)
    if state == "failed":
        raise _HopelessError("its service failed")
    if ended >= MOST_ENDS:
        raise _HopelessError(f"its service ended {ended} times")
    if state != "active":
        return f"its service was not ready within {WITHIN_S:.0f} s"
    try:
        told = upgrades.ask()
        blind = [str(c["name"]) for c in told["cameras"] if not c["frames"] and c["name"] in note.seeing]
        running = told["state"] == "running"
    except ControlError:
        return "it did not answer at its control socket"
    except (KeyError, TypeError):
        return "it answered what cannot be understood"
    if blind:
        return f"no picture of the camera {', '.join(blind)} was looked at within {WITHIN_S:.0f} s"
    return "" if running else f"it was not ready within {WITHIN_S:.0f} s"


def _take(note: UpgradeNote, upgrades: Upgrades) -> None:
    save_note(replace(note, state=TAKEN), upgrades.folder)
    upgrades.tell(UPGRADE_TAKEN.fact(version=version_of(note.after), before=version_of(note.before)))


def take_back(note: UpgradeNote, upgrades: Upgrades, why: str) -> None:
    """Go on with the version before. Records the new version has altered are put back as they were before it."""
    units = note.active or (COUNTER,)
    upgrades.units.stop(units)
    told = [why, *(text for file, copy in note.copies if (text := _put_back(note, Path(file), Path(copy))))]
    upgrades.versions.turn_to(note.before)
    upgrades.versions.take_units(note.before)
    save_note(replace(note, state=TAKEN_BACK, why="; ".join(told)), upgrades.folder)
    upgrades.tell(
        UPGRADE_TAKEN_BACK.fact(version=version_of(note.after), before=version_of(note.before), reason="; ".join(told))
    )
    upgrades.units.restart(units)


def _put_back(note: UpgradeNote, file: Path, copy: Path) -> str:
    try:
        aside = put_back(file, copy, f"of-{version_of(note.after)}")
    except AcmError as error:
        # The version before says it, too, and counts meanwhile.
        return str(error).removesuffix(".")
    return f"{file} was put back, and what it had become lies in {aside}" if aside else ""
