"""``acm update``: looks a signed package over, installs it outside opening hours, tells what came of it."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from edge import __version__
from edge.analytics.schedule import Calendar
from edge.app.run import settings_files
from edge.app.upgrade import FLAG, SETTLED_S, WITHIN_S
from edge.core.errors import AcmError, ConfigError, InputError
from edge.core.notices import UPDATE_REFUSED, UPDATE_WAITS
from edge.host.package import Packager
from edge.host.signature import ENDING, keys_in, signed_by
from edge.host.upgrade_note import FOLDER, TAKEN, TAKEN_BACK, load_note
from edge.host.versions import Versions, version_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

    from edge.app.run import RunAsk
    from edge.config.schema import Config
    from edge.core.clock import Clock
    from edge.core.notice import Fact
    from edge.host.package import Package
    from edge.host.signature import Key

KEYS = Path("/etc/acm/update.pub")
STAGED, WAITING = "staged", "waiting"
MOST_BYTES = 2_000_000_000
# Where nobody has said when the shop is open, it is taken to be closed between these hours.
NIGHT_H = range(2, 5)
DECIDED_S = WITHIN_S + SETTLED_S + 60.0


@dataclass(frozen=True, slots=True)
class Updates:
    """What an update has to do with. ``synced`` says whether the time of day can be believed, ``pause`` waits some
    seconds, ``tell`` tells the journal, ``root`` is whether we may change anything."""  # noqa: D205, D209 - one thought

    clock: Clock
    synced: Callable[[], bool | None]
    pause: Callable[[float], object]
    tell: Callable[[Fact], object]
    packager: Packager = field(default_factory=Packager)
    versions: Versions = field(default_factory=Versions)
    folder: Path = FOLDER
    keys: Path = KEYS
    root: bool = field(default_factory=lambda: os.geteuid() == 0)

    @property
    def version(self) -> str:
        """The version in use."""
        return version_of(self.versions.current) or __version__


@dataclass(frozen=True, slots=True)
class UpdateAsk:
    """What ``acm update`` was asked for: a file, whether to wait for closing time, whether it may be older."""

    where: RunAsk
    file: Path
    now: bool = False
    downgrade: bool = False


def standing(updates: Updates, out: TextIO) -> int:
    """Tell which version is in use, which lies beside it, and how the last upgrade went."""
    out.write(f"Version {updates.version} is in use.\n")
    before = version_of(updates.versions.previous)
    if before and before != updates.version:
        out.write(f"Version {before} is kept beside it.\n")
    note, waiting = load_note(updates.folder), _waiting(updates)
    if note is not None and note.state == TAKEN_BACK:
        out.write(f"The upgrade to version {version_of(note.after)} of {note.at} was taken back: {note.why}.\n")
    if (updates.folder / FLAG).exists():
        out.write("The new version is being watched; it is kept or taken back within two minutes.\n")
    if waiting is not None:
        out.write(f"{waiting.name} waits until the shop is closed; acm update --apply FILE --now does not.\n")
    return 0


def check(ask: UpdateAsk, updates: Updates, out: TextIO) -> int:
    """Look a package over without changing anything. ``AcmError`` says why it would not be installed."""
    comment = signed_by(ask.file, _keys(updates))
    package = _suitable(ask.file, updates, downgrade=ask.downgrade)
    out.write(f"{ask.file}: version {package.version} for {package.architecture}, signed: {comment}.\n")
    out.write(f"It can be installed in place of {updates.version}: sudo acm update --apply {ask.file}\n")
    return 0


def apply(ask: UpdateAsk, updates: Updates, out: TextIO) -> int:
    """Install a package now, or once the shop is closed; 1 if the new version was taken back."""
    if not updates.root:
        raise InputError(f"only root may install an update; say: sudo acm update --apply {ask.file}")
    keys = _keys(updates)
    # What is looked at is our own copy: nobody can exchange it between the look and the installation.
    try:
        staged = _staged(ask.file, updates.folder / STAGED)
        signed_by(staged, keys)
        package = _suitable(staged, updates, downgrade=ask.downgrade)
        why = "" if ask.now else _why_not_now(_config(ask.where), updates)
        if why:
            _put_by(staged, updates, downgrade=ask.downgrade)
            updates.tell(UPDATE_WAITS.fact(version=package.version, reason=why))
            out.write(f"Version {package.version} is installed by itself later: {why}. --now does not wait.\n")
            return 0
        return _installed(staged, package, updates, out)
    finally:
        shutil.rmtree(updates.folder / STAGED, ignore_errors=True)


def apply_waiting(where: RunAsk, updates: Updates, out: TextIO) -> int:
    """Install what waits, if the shop is closed. Called by a timer."""
    waiting = _waiting(updates)
    if waiting is None or _why_not_now(_config(where), updates):
        return 0
    downgrade = waiting.parent.name.endswith("downgrade")
    ask = UpdateAsk(where, waiting, now=True, downgrade=downgrade)
    try:
        return apply(ask, updates, out)
    except AcmError as error:
        updates.tell(UPDATE_REFUSED.fact(reason=str(error)))
        return error.exit_code
    finally:
        _forget(updates)


def _installed(staged: Path, package: Package, updates: Updates, out: TextIO) -> int:
    _forget(updates)
    before = load_note(updates.folder)
    out.write(f"Installing version {package.version} ...\n")
    out.flush()
    updates.packager.install(staged)
    out.write(f"Version {package.version} is installed and watched until it has looked at a picture ...\n")
    out.flush()
    began_s = updates.clock.monotonic_s()
    while updates.clock.monotonic_s() - began_s < DECIDED_S:
        note = load_note(updates.folder)
        if note is not None and note != before and note.state in (TAKEN, TAKEN_BACK):
            if note.state == TAKEN_BACK:
                out.write(f"It was taken back: {note.why}. Version {version_of(note.before)} is in use.\n")
                return 1
            out.write(f"Version {version_of(note.after)} is in use.\n")
            return 0
        updates.pause(1.0)
    raise AcmError("What came of the new version is not known; acm status and acm update tell more.")


def _suitable(file: Path, updates: Updates, *, downgrade: bool) -> Package:
    """What a package is. ``InputError`` if it is not for this box, or not newer than what is in use."""
    package = updates.packager.read(file)
    if package.version == updates.version:
        raise InputError(f"{file}: is version {package.version}, which is in use already.")
    if not downgrade and not updates.packager.newer(package.version, updates.version):
        raise InputError(
            f"{file}: is version {package.version}, older than {updates.version}, which is in use; --downgrade takes "
            "it all the same."
        )
    return package


def _keys(updates: Updates) -> list[Key]:
    keys = keys_in(updates.keys)
    if not keys:
        raise InputError(f"{updates.keys}: holds no key, so nothing can be trusted; put the signer's key there.")
    return keys


def _staged(file: Path, folder: Path) -> Path:
    """Our own copy of a package and its signature, in a folder only root can look into."""
    shutil.rmtree(folder, ignore_errors=True)
    signature = file.with_name(file.name + ENDING)
    try:
        folder.mkdir(mode=0o700, parents=True)
        room = shutil.disk_usage(folder).free
        for source in (file, signature):
            size = source.stat().st_size
            if not source.is_file() or size > min(MOST_BYTES, room):
                raise InputError(f"{source}: this disk has no room for it ({size} bytes); free some.")
            shutil.copyfile(source, folder / source.name)
    except FileNotFoundError as error:
        raise InputError(f"{error.filename}: there is no such file; a package lies beside its signature.") from None
    except OSError as error:
        raise InputError(f"{error.filename or folder}: cannot be copied to {folder} ({error.strerror}).") from None
    return folder / file.name


def _config(where: RunAsk) -> Config | None:
    try:
        return settings_files(where).load().config
    except ConfigError:
        return None


def _why_not_now(config: Config | None, updates: Updates) -> str:
    """Why nothing is installed at this moment, as the second half of a sentence; "" if it may be."""
    if config is None:
        return "the settings are wrong, so nobody knows when the shop is open (acm check)"
    if not config.site.clock_trusted and updates.synced() is not True:
        return "this box does not know the time of day for certain, so it may be opening hours"
    calendar = Calendar(config.schedule, config.site.time_zone, config.site.coordinates)
    now = updates.clock.utc_now()
    if not config.schedule.known:
        if calendar.local(now).hour in NIGHT_H:
            return ""
        return f"opening hours are not set, so it is done from {NIGHT_H.start}:00 to {NIGHT_H.stop}:00"
    if calendar.open_since(now) is not None:
        return "the shop is open"
    soon = now + timedelta(seconds=DECIDED_S)
    return "the shop is about to open" if calendar.open_since(soon) is not None else ""


def _put_by(staged: Path, updates: Updates, *, downgrade: bool) -> None:
    _forget(updates)
    staged.parent.rename(updates.folder / (f"{WAITING}-downgrade" if downgrade else WAITING))


def _waiting(updates: Updates) -> Path | None:
    """The package that waits."""
    try:
        files = sorted(updates.folder.glob(f"{WAITING}*/*.deb"))
    except OSError:
        return None
    return files[0] if files else None


def _forget(updates: Updates) -> None:
    for folder in updates.folder.glob(f"{WAITING}*"):
        shutil.rmtree(folder, ignore_errors=True)
