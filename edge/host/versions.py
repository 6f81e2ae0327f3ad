"""The versions of the program that lie side by side on a box the package was installed on.

Each has a folder of its own. ``current`` leads to the one that is run, ``previous`` to the one that was run before.
"""

from __future__ import annotations

from pathlib import Path

HOME = Path("/usr/lib/customer-messenger")
CURRENT, PREVIOUS = "current", "previous"
# Each version has its units with it. The service manager finds the package's; what lies in its own folder comes first.
UNITS = Path("venv/share/customer-messenger/systemd")
PACKAGED, OWN = Path("/usr/lib/systemd/system"), Path("/etc/systemd/system")


class Versions:
    """The folder they lie in. Versions are told by the names of their folders."""

    def __init__(self, home: Path = HOME) -> None:
        self.home = home

    @property
    def current(self) -> str:
        """The one that is run; "" where nothing was installed as a package."""
        return self._led_to(CURRENT)

    @property
    def previous(self) -> str:
        """The one that was run before; "" if there is none."""
        return self._led_to(PREVIOUS)

    def turn_to(self, name: str) -> None:
        """Have another one run from the next start on, from one moment to the next. ``OSError`` if it cannot be."""
        if not (self.home / name).is_dir():
            raise FileNotFoundError(f"there is no version {name} in {self.home}")
        link = self.home / f".{CURRENT}.new"
        link.unlink(missing_ok=True)
        link.symlink_to(name)
        link.replace(self.home / CURRENT)

    def take_units(self, name: str, packaged: Path = PACKAGED, own: Path = OWN) -> list[str]:
        """Have the service manager go by a version's units where the package's differ from them; return their names.

        ``OSError`` if it cannot be. The next package that is installed takes that away again.
        """
        taken = []
        for unit in sorted((self.home / name / UNITS).glob("acm*.*")):
            other = packaged / unit.name
            if other.is_file() and other.read_bytes() != unit.read_bytes():
                link = own / unit.name
                link.unlink(missing_ok=True)
                link.symlink_to(unit)
                taken.append(unit.name)
        return taken

    def _led_to(self, name: str) -> str:
        link = self.home / name
        return link.readlink().name if link.is_symlink() and link.is_dir() else ""


def version_of(name: str) -> str:
    """The version a folder holds: the same one installed again lies in a folder whose name has an ending."""
    return name.removesuffix(".again")
