"""The doctor's checks of the machine itself. Each function makes one; nothing is looked at before its turn.

What they read can be made up: the machine's files below a root, other programs' words by a function.
"""

from __future__ import annotations

import grp
import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from edge.host.clock_sync import clock_synced
from edge.host.control_client import ControlClient
from edge.host.control_wire import NotRunningError
from edge.host.doctor import Check, Finding, fail, ok, warn
from edge.host.health import WORN, HealthLimits
from edge.host.machine import Machine, device_of
from edge.host.network import check_network
from edge.host.programs import told_by

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from edge.host.programs import Told

USER = "acm"
UNIT = "acm.service"
UNIT_PROPERTIES = "LoadState,ActiveState,SubState,NRestarts,StatusText,Result"
MANY_RESTARTS = 5
# Which group a kind of device is for, and what of ours needs it.
DEVICE_GROUPS = {"video": "video*", "gpio": "gpiochip*", "audio": "snd/pcm*"}
# File systems of other machines: locks do not hold there, and a database is damaged sooner or later.
NETWORK_FILES = frozenset({"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "fuse.glusterfs", "ceph", "afs"})
JOURNAL_PLACES = ("usr/lib/systemd", "run/systemd", "etc/systemd")


@dataclass(frozen=True, slots=True)
class Places:
    """What is where: the database, the settings files in force, the secrets, and the hub's address ("" for none)."""

    database: Path
    settings: tuple[Path, ...]
    secrets: Path
    hub: str = ""


def host_checks(
    places: Places,
    limits: HealthLimits,
    machine: Machine | None = None,
    connect: Callable[[], ControlClient] = ControlClient,
) -> list[Check]:
    """All checks of the machine, in the order in which one thing needs the other."""
    machine = Machine() if machine is None else machine
    records = places.database.parent
    return [
        check_power(machine),
        check_heat(limits, machine),
        check_disk(records, limits, machine),
        check_card(records, machine),
        check_clock(),
        check_settings(places.settings, places.secrets),
        check_records(places.database),
        check_groups(machine),
        check_unit(),
        check_running(connect),
        check_journal(Path("/")),
        check_network(places.hub),
    ]


def check_running(connect: Callable[[], ControlClient] = ControlClient) -> Check:
    """Whether the running program answers at its control socket."""

    def look() -> Finding:
        try:
            with connect() as client:
                client.ask("status")
        except NotRunningError as error:
            return warn(str(error), "")
        return ok("The running program answers.")

    return Check("control", look)


def check_clock(synced: Callable[[], bool | None] = clock_synced) -> Check:
    """Whether the time of day can be believed."""

    def look() -> Finding:
        told = synced()
        if told:
            return ok("The time of day comes from a time server.")
        if told is None:
            return warn("Nobody here knows whether the time of day is right.", "timedatectl tells more.")
        return warn(
            "The time of day does not come from a time server; records get their times when one is reached.",
            "Give the box network, and see timedatectl timesync-status.",
        )

    return Check("clock", look)


def check_disk(records: Path, limits: HealthLimits, machine: Machine) -> Check:
    """Whether there is room for records, on a disk that is fit for them."""

    def look() -> Finding:
        folder = _existing(records)
        disk = machine.disk(folder)
        if disk is None:
            return fail(f"The disk of {records} cannot be looked at.", f"ls -ld {records} tells why.")
        room = f"{disk.free_mb:.0f} MB of {disk.total_mb:.0f} MB are free at {folder}"
        if disk.read_only:
            return fail(f"{room}, but the disk may only be read.", "dmesg tells why; a worn card has to be replaced.")
        kind = machine.file_system(folder)
        if kind in NETWORK_FILES:
            return fail(f"{folder} is on another machine ({kind}).", "Keep records on a disk of this machine.")
        if disk.free_mb < limits.disk_low_mb:
            return warn(f"{room}.", "Make room: journalctl --vacuum-size=20M, apt clean; df -h shows where it went.")
        return ok(f"{room}.")

    return Check("disk", look)


def check_card(records: Path, machine: Machine) -> Check:
    """How worn the card is, as far as it says."""

    def look() -> Finding:
        device = device_of(_existing(records))
        worn, written_mb = machine.card_worn(device), machine.card_written_mb(device)
        told = "" if written_mb is None else f"; {written_mb:.0f} MB were written to it since the machine's start"
        if worn is None:
            return ok(f"The disk does not say how worn it is{told}.")
        if worn >= WORN:
            return warn(f"The disk says that {worn:.0%} of its life is over{told}.", "Replace it soon.")
        return ok(f"The disk says that at most {worn:.0%} of its life is over{told}.")

    return Check("card", look)


def check_heat(limits: HealthLimits, machine: Machine) -> Check:
    """Whether the processor is cool enough."""

    def look() -> Finding:
        celsius = machine.celsius()
        if celsius is None:
            return ok("This board does not say how hot it is.")
        if celsius >= limits.hot_c:
            return warn(f"The processor has {celsius:.0f} degrees.", "Give it air, shade or a fan.")
        return ok(f"The processor has {celsius:.0f} degrees.")

    return Check("temperature", look)


def check_power(machine: Machine) -> Check:
    """Whether the power supply is strong enough."""

    def look() -> Finding:
        power = machine.power()
        if power.undervolted:
            return fail(
                "The power supply is too weak at the moment.",
                "Use the board's own supply with a short, thick cable; power speaker and relays from another one.",
            )
        if power.slowed:
            return warn(f"The board slows itself down: {power.slowed}.", "Give it air, or a better power supply.")
        untold = power.undervolted is None and power.slowed is None
        return ok("This board does not say how its power supply is." if untold else "The power supply is good.")

    return Check("power", look)


def check_records(database: Path, owner: str = USER) -> Check:
    """Whether the database can be written by the one who has to."""

    def look() -> Finding:
        if not database.parent.is_dir():
            return warn(f"There is no folder {database.parent} yet.", "It is made when the service starts.")
        wrong = [path for path in _with_logs(database) if path.exists() and not _writable_by(path, owner)]
        if wrong:
            names = ", ".join(path.name for path in wrong)
            return fail(
                f"{names} in {database.parent} cannot be written by the user {owner}.",
                f"sudo chown -R {owner}:{owner} {database.parent}",
            )
        return ok(f"{database} can be written." if database.exists() else f"There is no {database} yet.")

    return Check("records", look)


def check_settings(settings: Sequence[Path], secrets: Path) -> Check:
    """Whether settings can be read, and secrets only by those they are for."""

    def look() -> Finding:
        for path in (*settings, secrets):
            if path.exists() and not os.access(path, os.R_OK):
                return fail(f"{path} cannot be read.", f"sudo chgrp {USER} {path} && sudo chmod g+r {path}")
        if secrets.exists() and stat.S_IMODE(secrets.stat().st_mode) & 0o027:
            return fail(
                f"{secrets} can be read or changed by others than its owner and group.", f"sudo chmod 640 {secrets}"
            )
        open_ones = [path for path in settings if path.exists() and stat.S_IMODE(path.stat().st_mode) & stat.S_IWOTH]
        if open_ones:
            names = " ".join(str(path) for path in open_ones)
            return fail(f"{names} can be changed by everybody.", f"sudo chmod o-w {names}")
        return ok("Settings and secrets can be read by those they are for.")

    return Check("permissions", look)


def check_groups(machine: Machine) -> Check:
    """Whether the devices that are there belong to the groups the service is in."""

    def look() -> Finding:
        faults = []
        for group, pattern in DEVICE_GROUPS.items():
            number = _group_number(group)
            if number is None:
                faults.append(f"there is no group {group}")
                continue
            strangers = [path for path in machine.devices(pattern) if not _for_group(path, number)]
            faults += [f"{path} is not for the group {group}" for path in strangers[:2]]
        if faults:
            return warn(
                f"{'; '.join(faults)}.",
                "sudo systemd-sysusers makes the groups; devices get theirs by 60-acm.rules, which the package brings: "
                "sudo udevadm control --reload && sudo udevadm trigger.",
            )
        return ok("Cameras, relays and sound are for their groups.")

    return Check("groups", look)


def check_unit(ask: Callable[[Sequence[str]], Told] = told_by) -> Check:
    """How the service is, as the service manager sees it."""

    def look() -> Finding:
        told = ask(["systemctl", "show", UNIT, "--property", UNIT_PROPERTIES])
        if told.failed:
            return warn(f"The service manager cannot be asked ({told.failed}).", "")
        unit = dict(row.split("=", 1) for row in told.text.splitlines() if "=" in row)
        return _unit_finding(unit)

    return Check("service", look)


def _unit_finding(unit: Mapping[str, str]) -> Finding:
    if unit.get("LoadState") == "not-found":
        return warn(f"{UNIT} is not installed.", "Fine for a trial; on a box install the package.")
    state, restarts = unit.get("ActiveState", ""), int(unit.get("NRestarts") or 0)
    if state != "active":
        return fail(
            f"{UNIT} is {state} ({unit.get('Result')}).", f"journalctl -xu {UNIT} -n 30 tells why; start: sudo "
            f"systemctl start acm"
        )  # fmt: skip
    told = f"{UNIT} runs: {unit.get('StatusText') or 'it says nothing'}"
    if restarts >= MANY_RESTARTS:
        return warn(f"{told}. It had to be restarted {restarts} times.", f"journalctl -xu {UNIT} -p warning tells why.")
    return ok(f"{told}.")


def check_journal(root: Path) -> Check:
    """Whether the journal is kept, and cannot fill the disk."""

    def look() -> Finding:
        said = _journal_settings(root)
        cap, storage = said.get("SystemMaxUse", ""), said.get("Storage", "auto")
        if storage in ("volatile", "none"):
            return warn(
                f"The journal is lost when the power is cut (Storage={storage}).",
                "Install systemd/journald.conf.d/acm.conf.",
            )
        if not cap:
            return warn(
                "The journal may take a tenth of the disk (SystemMaxUse is not set).",
                "Install systemd/journald.conf.d/acm.conf.",
            )
        return ok(f"The journal takes {cap} of the disk at most.")

    return Check("journal", look)


def _journal_settings(root: Path) -> dict[str, str]:
    """What is set for journald: the main file, then drop-ins by their names, whatever folder they are in."""
    main = [root / place / "journald.conf" for place in JOURNAL_PLACES]
    by_name = {
        path.name: path
        for place in JOURNAL_PLACES
        for path in sorted((root / place / "journald.conf.d").glob("*.conf"))
    }
    told: dict[str, str] = {}
    for path in [*main, *(by_name[name] for name in sorted(by_name))]:
        if path.is_file():
            rows = path.read_text(encoding="utf-8", errors="replace").splitlines()
            told.update(_assigned(row) for row in rows if "=" in row and row.strip()[0] not in "#;")
    return told


def _assigned(row: str) -> tuple[str, str]:
    name, _, value = row.partition("=")
    return name.strip(), value.strip()


def _existing(path: Path) -> Path:
    """The path, or the nearest folder above it that is there."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


def _with_logs(database: Path) -> list[Path]:
    return [database.parent, database, *(database.with_name(f"{database.name}{end}") for end in ("-wal", "-shm"))]


def _writable_by(path: Path, user: str) -> bool:
    """Whether a user may write a file, judged by its owner; where there is no such user, whether we may."""
    try:
        number = pwd.getpwnam(user).pw_uid
    except KeyError:
        return os.access(path, os.W_OK)
    found = path.stat()
    if found.st_uid == number:
        return bool(found.st_mode & stat.S_IWUSR)
    return found.st_gid == _group_number(user) and bool(found.st_mode & stat.S_IWGRP)


def _group_number(name: str) -> int | None:
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        return None


def _for_group(device: Path, number: int) -> bool:
    found = device.stat()
    group, all_others = stat.S_IRGRP | stat.S_IWGRP, stat.S_IROTH | stat.S_IWOTH
    return found.st_mode & all_others == all_others or (found.st_gid == number and found.st_mode & group == group)
