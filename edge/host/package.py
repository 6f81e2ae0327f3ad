"""Debian packages: what one says of itself, which of two versions is the newer, and putting one in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from edge.core.errors import AcmError, InputError
from edge.host.programs import told_by

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge.host.programs import Told

NAME = "customer-messenger"
# Making an environment on a slow card takes some minutes.
INSTALLING_S = 1800.0
SYSTEMD = Path("/run/systemd/system")


@dataclass(frozen=True, slots=True)
class Package:
    """What a package's own head says."""

    name: str
    version: str
    architecture: str


class Packager:
    """The system's own programs for packages. ``ask`` runs one of them."""

    def __init__(self, ask: Callable[[Sequence[str], float], Told] = told_by) -> None:
        self._ask = ask

    def read(self, path: Path) -> Package:
        """What a package is. ``InputError`` if it is none of ours, or for another machine."""
        told = self._ask(["dpkg-deb", "--show", "--showformat=${Package} ${Version} ${Architecture}", str(path)], 60.0)
        words = told.text.split()
        if told.failed or len(words) != len(Package.__slots__):
            why = told.failed or "it says too little of itself"
            raise InputError(f"{path}: is no package ({why}); fetch it again.")
        package = Package(*words)
        if package.name != NAME:
            raise InputError(f"{path}: is the package {package.name}, not {NAME}; name another file.")
        own = self._ask(["dpkg", "--print-architecture"], 10.0).text.strip()
        if package.architecture not in (own, "all"):
            raise InputError(f"{path}: is for {package.architecture}, and this machine is {own}; take that one.")
        return package

    def newer(self, version: str, than: str) -> bool:
        """Whether a version is newer than another, by Debian's own rules."""
        return not self._ask(["dpkg", "--compare-versions", version, "gt", than], 10.0).failed

    def install(self, path: Path) -> None:
        """Put a package in, whatever version was there. ``AcmError`` says why that did not work.

        Where there is a service manager the work is its own: a terminal that is closed, or a unit that may do little,
        does not end it halfway.
        """
        apart = ["systemd-run", "--wait", "--pipe", "--quiet", "--collect"] if SYSTEMD.is_dir() else ["env"]
        words = ["--setenv=DEBIAN_FRONTEND=noninteractive"] if SYSTEMD.is_dir() else ["DEBIAN_FRONTEND=noninteractive"]
        told = self._ask([*apart, *words, "apt-get", *APT_WORDS, str(path)], INSTALLING_S)
        if told.failed:
            last = [row for row in told.text.splitlines() if row.startswith(("E:", "dpkg: error", f"{NAME}:"))]
            why = (last[-1] if last else told.failed).removeprefix("E:").removeprefix(f"{NAME}:").strip()
            raise AcmError(f"The package was not installed ({why}); journalctl -n 50 tells more.")


APT_WORDS = (
    "install", "--yes", "--quiet", "--no-install-recommends", "--allow-downgrades", "--reinstall",
    "-o", "Dpkg::Options::=--force-confold", "-o", "Dpkg::Use-Pty=0", "-o", "APT::Sandbox::User=root",
)  # fmt: skip
