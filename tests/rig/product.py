"""The product installed in a rig machine as a package would install it, and questions to ask of it there."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from machine import HOME, ROOT, Machine, RigError

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = f"{HOME}/source"
UNIT = "acm.service"
PLACES = {
    "acm.service": "/usr/lib/systemd/system/acm.service",
    "acm.catalog": "/usr/lib/systemd/catalog/acm.catalog",
    "sysusers.d/acm.conf": "/usr/lib/sysusers.d/acm.conf",
    "tmpfiles.d/acm.conf": "/usr/lib/tmpfiles.d/acm.conf",
    "journald.conf.d/acm.conf": "/usr/lib/systemd/journald.conf.d/acm.conf",
}
AFTER = (
    ("systemd-sysusers",),
    ("systemd-tmpfiles", "--create", "/usr/lib/tmpfiles.d/acm.conf"),
    ("journalctl", "--update-catalog"),
    ("systemctl", "daemon-reload"),
    ("systemctl", "restart", "systemd-journald"),
    # There is no sound card: SDL plays into a file, in time.
    ("systemctl", "set-environment", "SDL_AUDIODRIVER=disk", "SDL_DISKAUDIOFILE=/run/acm/heard.raw"),
)
# What /usr/bin/acm leads to: the product; or the stand-in on the system's Python, where systemd's own library is.
LAUNCHER = """\
#!{python}
import sys
sys.path.insert(0, "{source}")
from edge.cli import main
sys.exit(main())
"""
PROGRAMS = {
    "acm": LAUNCHER.format(python=f"{HOME}/venv/bin/python", source=SOURCE),
    "library": f"#!/bin/sh\nexec /usr/bin/python3 {SOURCE}/tests/rig/standin.py\n",
}
SIM = """\
[sound]
departure = "bell"
group_s = 0.0
[[camera]]
name = "door"
source = "{source}"
[camera.sim]
people_per_minute = 120
stall_after_s = {stall_after_s}
[[camera.line]]
name = "entrance"
from = [0.5, 0.0]
to = [0.5, 1.0]
in = "left-to-right"
"""


def install(machine: Machine) -> None:
    """Put everything in its place, as the comment at the head of the unit says."""
    for name, place in PLACES.items():
        machine.run("install", "-D", "-m", "644", f"{SOURCE}/systemd/{name}", place)
    machine.run("mkdir", "-p", f"{HOME}/venv/bin")
    machine.run("ln", "-s", str(Path(sys.executable).resolve()), f"{HOME}/venv/bin/python")
    machine.run("ln", "-s", f"{HOME}/venv/bin/acm", "/usr/bin/acm")
    machine.write(f"{HOME}/venv/pyvenv.cfg", (ROOT / ".venv" / "pyvenv.cfg").read_text(encoding="utf-8"))
    for command in AFTER:
        machine.run(*command)


def set_up(machine: Machine, program: str, *, source: str = "sim", stall_after_s: float = 0.0) -> None:
    """Stop what runs, and have another program and other settings for the next start."""
    machine.run("systemctl", "stop", UNIT)
    machine.tried("systemctl", "reset-failed", UNIT)
    machine.write(f"{HOME}/venv/bin/acm", PROGRAMS[program], 0o755)
    machine.write("/etc/acm/acm.toml", SIM.format(source=source, stall_after_s=stall_after_s), 0o644)


def shown(machine: Machine, *names: str, unit: str = UNIT) -> dict[str, str]:
    """Properties of the unit."""
    told = machine.run("systemctl", "show", unit, "--property", ",".join(names))
    return dict(row.split("=", 1) for row in told.splitlines())


def now(machine: Machine) -> float:
    """A moment for ``entries`` to begin at: all that was said before is in the journal."""
    machine.run("journalctl", "--sync")
    return time.monotonic()


def entries(machine: Machine, since_s: float, *matches: str, limit_s: float = 20.0) -> Iterator[dict[str, str]]:
    """Journal entries since a moment, as they come."""
    # Not by --after-cursor: with a match it leaves out the first.
    for line in machine.lines("journalctl", "--follow", "--lines=all", "--output=json", *matches, limit_s=limit_s):
        entry = json.loads(line)
        if seconds(entry) >= since_s:
            yield entry


def heard(machine: Machine, since_s: float, *matches: str, limit_s: float = 20.0) -> dict[str, str]:
    """The first such entry; ``RigError`` when none comes in time."""
    for entry in entries(machine, since_s, *matches, limit_s=limit_s):
        return entry
    told = machine.run("journalctl", "--unit", UNIT, "--no-pager", "--lines=30")
    raise RigError(f"The journal has no {' '.join(matches)} within {limit_s:.0f} s:\n{told}")


def seconds(entry: dict[str, str]) -> float:
    """When an entry was written, on the monotonic clock, which is the same inside and outside."""
    return int(entry["__MONOTONIC_TIMESTAMP"]) / 1e6
