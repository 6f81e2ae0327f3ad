"""Asks other programs of the system, for a bounded time, and takes no for an answer."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LIMIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Told:
    """What a program wrote, and why it failed ("" if it did not)."""

    text: str
    failed: str = ""


def told_by(command: Sequence[str], limit_s: float = LIMIT_S) -> Told:
    """Run a program without a shell, in plain English, and return what it wrote. Never raises."""
    try:
        done = subprocess.run(  # noqa: S603 - fixed words of ours, no shell
            list(command),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=limit_s,
            check=False,
            env={**os.environ, "LC_ALL": "C", "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": ""},
        )
    except FileNotFoundError:
        return Told("", f"there is no {command[0]} here")
    except subprocess.TimeoutExpired:
        return Told("", f"{command[0]} took longer than {limit_s:.0f} s")
    except OSError as error:
        return Told("", f"{command[0]} does not run ({error.strerror})")
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"]
        return Told(done.stdout, f"{command[0]}: {said[0]}")
    return Told(done.stdout)
