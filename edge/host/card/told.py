"""What stands in ``acm-status.txt``: for whoever looks at the card with a laptop. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any

# What is told by the minute is no news by itself.
WRITTEN = "; written "
REMEDY = "            -> "
MARKS = {"ok": "  works   ", "warn": "  look at ", "fail": "  FAILS   "}


class Signal(IntEnum):
    """So many beeps, or flashes of a lamp."""

    COUNTING = 2
    NO_CAMERA = 3
    FAULTY = 4

    @property
    def sound(self) -> str:
        """The sound of that name ships."""
        return f"signal-{self.value}"


SAID = {
    Signal.COUNTING: "COUNTING. The box sees the door and counts.",
    Signal.NO_CAMERA: "NO CAMERA. The box runs, but no camera gives pictures.",
    Signal.FAULTY: "NOT COUNTING. Something has to be mended first; it stands below.",
}


@dataclass(frozen=True, slots=True)
class State:
    """What is known of the box. ``status`` is what the counter tells of itself, None if it does not run.

    ``findings`` are the doctor's rows; ``faults`` those of settings on the card; ``claim`` the code that makes somebody
    the owner, empty once there is one.
    """

    version: str
    at: datetime
    status: Mapping[str, Any] | None
    findings: Sequence[Mapping[str, str]] = ()
    faults: Sequence[str] = ()
    addresses: Sequence[str] = ()
    claim: str = ""

    @property
    def signal(self) -> Signal:
        """How the box does, in a number of beeps."""
        if self.faults or self.status is None:
            return Signal.FAULTY
        running = [camera for camera in self.status.get("cameras", ()) if camera.get("state") == "running"]
        return Signal.COUNTING if running else Signal.NO_CAMERA


def status_text(state: State) -> str:
    """The file's text. Lines end as every laptop's editor understands."""
    rows = [SAID[state.signal], f"({int(state.signal)} beeps.)", ""]
    if state.faults:
        rows += ["The settings on this card cannot be used; those from before are in force. Mend them:", ""]
        rows += [f"  {fault}" for fault in state.faults] + [""]
    for finding in sorted(state.findings, key=lambda one: -list(MARKS).index(one["level"])):
        rows.append(f"{MARKS[finding['level']]}{finding['name']}: {finding['what']}")
        if finding.get("remedy"):
            rows.append(f"{REMEDY}{finding['remedy']}")
    rows += ["", *_panel(state), ""]
    rows.append(f"Version {state.version}{WRITTEN}{state.at:%Y-%m-%d %H:%M} UTC by the box's clock.")
    rows.append("To change the settings, put a file acm.toml here; the box takes it when it starts, and removes it.")
    return "\r\n".join(rows) + "\r\n"


def lasting(text: str) -> str:
    """A file's text without what changes by the minute: when it was written, and the figures among the findings.

    The version, addresses, and the lines of settings that cannot be used are news by their digits alone.
    """
    findings = (*MARKS.values(), REMEDY)
    return "\n".join(
        "".join(letter for letter in row if not letter.isdigit())
        if row.startswith(findings)
        else row.partition(WRITTEN)[0]
        for row in text.splitlines()
    )


def _panel(state: State) -> list[str]:
    if not state.addresses:
        return ["The box has no network, so its panel cannot be reached."]
    rows = [f"The panel: {' or '.join(state.addresses)}"]
    if state.claim:
        links = " or ".join(f"{address}claim/{state.claim}" for address in state.addresses)
        rows.append(f"This box has no owner yet. Claim it by this link, which works once: {links}")
    return rows
