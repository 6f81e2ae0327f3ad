"""The doctor: looks at one thing after the other and says of each how it is and what to do about it.

The checks come from elsewhere: the host's own from ``checks.py``, those of devices from whoever holds the devices.
"""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from edge.core.errors import AcmError
from edge.core.masking import masked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

WIDTH, INDENT = 110, 26
NAME_LETTERS = INDENT - 8


class Level(str, Enum):
    """How a thing is. A warning does not keep the shop from being counted; a failure does, or soon will."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, in a sentence, and what to do about it ("" when nothing is to be done)."""

    level: Level
    what: str
    remedy: str = ""


def ok(what: str) -> Finding:
    """All is well."""
    return Finding(Level.OK, what)


def warn(what: str, remedy: str) -> Finding:
    """It works, but not as it should."""
    return Finding(Level.WARN, what, remedy)


def fail(what: str, remedy: str) -> Finding:
    """It does not work."""
    return Finding(Level.FAIL, what, remedy)


@dataclass(frozen=True, slots=True)
class Check:
    """A thing to look at. ``look`` takes a bounded time; what it raises is a finding, too."""

    name: str
    look: Callable[[], Finding]


@dataclass(frozen=True, slots=True)
class Report:
    """What the doctor found: the name of each check with its finding, in order."""

    findings: tuple[tuple[str, Finding], ...]

    @property
    def worst(self) -> Level:
        """The worst of it."""
        return max((finding.level for _, finding in self.findings), key=list(Level).index, default=Level.OK)

    @property
    def exit_code(self) -> int:
        """1 if anything failed, else 0."""
        return int(self.worst is Level.FAIL)

    def text(self) -> str:
        """A line or two for each check, and one that sums up."""
        rows = [row_of(name, finding) for name, finding in self.findings]
        counts = {level: sum(finding.level is level for _, finding in self.findings) for level in Level}
        summary = f"{counts[Level.OK]} ok, {counts[Level.WARN]} to be looked at, {counts[Level.FAIL]} failed"
        return "\n".join([*rows, f"{summary}."]) + "\n"

    def json(self) -> str:
        """The same for other programs."""
        checks = [
            {"name": name, "level": finding.level.value, "what": finding.what, "remedy": finding.remedy}
            for name, finding in self.findings
        ]
        return json.dumps({"worst": self.worst.value, "checks": checks}, indent=2) + "\n"


def examine(checks: Iterable[Check], said: Callable[[str], object] = lambda _: None) -> Report:
    """Make all the checks, one after the other; ``said`` is given each one's text as soon as it is there."""
    findings = []
    for check in checks:
        finding = found_by(check)
        findings.append((check.name, finding))
        said(row_of(check.name, finding))
    return Report(tuple(findings))


def found_by(check: Check) -> Finding:
    """What a check finds; an error of ours is a failure that names its own remedy."""
    try:
        finding = check.look()
    except AcmError as error:
        finding = fail(str(error), "")
    except Exception as error:  # noqa: BLE001 - the doctor is called when things are broken: one must not hide the rest
        finding = fail(f"The check itself failed ({type(error).__name__}: {error}).", "Send acm doctor --bundle.")
    return Finding(finding.level, masked(finding.what), masked(finding.remedy))


def row_of(name: str, finding: Finding) -> str:
    """A finding as people read it, the remedy below it."""
    head = f"{finding.level.value:<6}{name[:NAME_LETTERS]:<{INDENT - 6}}"
    rows = _wrapped(finding.what, head)
    if finding.remedy:
        rows += "\n" + _wrapped(finding.remedy, " " * (INDENT - 3) + "-> ")
    return rows


def _wrapped(text: str, head: str) -> str:
    return textwrap.fill(
        text, WIDTH, initial_indent=head, subsequent_indent=" " * INDENT, break_long_words=False, break_on_hyphens=False
    )
