"""The box under qemu: the folder of a run, its settings, and what its journal tells."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from guest import Guest

ROOT = Path(__file__).parents[3]
RECORDS = "/var/lib/acm/records.db"
PIN = "/sys/devices/platform/gpio-sim.0/gpiochip*/sim_gpio17/value"
# How long an emulated box may take for its installation, and for anything after that.
INSTALL_S, COUNT_S = 1800.0, 900.0
SETTINGS = """
[site]
name = "Rig"
time_zone = "Europe/Berlin"

[[camera]]
name = "door"
source = "/dev/video0"
mount = "oblique"
fps = 5

LINES

[sound]
device = "plughw:Loopback,0,0"

[gpio]
driver = "lgpio"

[[relay]]
name = "lamp"
pin = 17

[[rule]]
name = "light"
on = "arrival"
relay = "lamp"

[panel]
port = 8080
"""


@dataclass
class Rig:
    """The folder of a run, and what was found."""

    folder: Path
    clip: Path
    cuts: int
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def made(self) -> Path:
        return self.folder / "guest"

    @property
    def boot(self) -> Path:
        return self.folder / "boot.img"

    def guest(self, **more: Any) -> Guest:
        return Guest(self.made, self.folder, self.boot, **more)

    def note(self, **facts: Any) -> None:
        self.facts.update(facts)
        for key, value in facts.items():
            sys.stdout.write(f"  {key}: {value}\n")
        sys.stdout.flush()
        (self.folder / "facts.json").write_text(json.dumps(self.facts, indent=2) + "\n")


def settings(clip: Path) -> str:
    """Settings for a clip whose line is known: from the truth beside it, or across the middle of the picture."""
    truth = clip.with_suffix(".gt.json")
    line = {"p1": [0.5, 0.0], "p2": [0.5, 1.0], "in": "left-to-right"}
    if truth.exists():
        line = json.loads(truth.read_text())["line"]
    written = (
        f'[[camera.line]]\nname = "entrance"\nfrom = {line["p1"]}\nto = {line["p2"]}\nin = {json.dumps(line["in"])}\n'
    )
    return SETTINGS.replace("LINES", written)


def first(guest: Guest, event: str) -> dict[str, Any] | None:
    return next((row for row in guest.journal if row.get("ACM_EVENT") == event), None)


def crossings(guest: Guest) -> list[dict[str, Any]]:
    return [row for row in guest.journal if row.get("ACM_EVENT") == "crossing"]


def recorded(guest: Guest) -> set[int]:
    return {int(row["seq"]) for row in guest.events if row.get("event") == "recorded"}
