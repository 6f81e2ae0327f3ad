"""Puts a prepared card's files on its boot partition: all that is known to be right, and what starts it last."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

from edge.core.errors import InputError
from edge.host.card.cloud import cloud_files
from edge.host.card.first_run import first_run_files
from edge.host.card.partition import CMDLINE, FIRST_RUN, FOLDER, INSTALLER, NETWORK, SECRETS, SETTINGS, System

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from edge.config.card import Card
    from edge.host.card.partition import Partition

PRODUCT = "customer-messenger_"
# An archive as dpkg makes them (deb(5)).
DEB = b"!<arch>\ndebian-binary"
# The system's own files need some room to be replaced.
SPARE_BYTES = 8 << 20
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Planned:
    """A file to be written: ``name`` on the card, and its bytes or the file they come from. ``secret``: not shown."""

    name: str
    text: str = ""
    source: Path | None = None
    secret: bool = False

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return len(self.text.encode()) if self.source is None else self.source.stat().st_size


def planned(partition: Partition, card: Card, settings: str, time_zone: str, packages: Sequence[Path]) -> list[Planned]:
    """Every file, in the order in which they are written. ``settings``: as checked."""
    own = files("edge.host.card").joinpath(INSTALLER).read_text(encoding="utf-8")
    made = [Planned(f"{FOLDER}/{package.name}", source=package) for package in packages]
    made += [Planned(f"{FOLDER}/{INSTALLER}", own), Planned(SETTINGS, settings)]
    if card.secrets:
        made.append(Planned(SECRETS, card.secrets, secret=True))
    form = cloud_files if partition.system is System.CLOUD_INIT else first_run_files
    starting = form(card, time_zone, partition.cmdline)
    holding = set() if card.wifi is None or card.wifi.password is None else {NETWORK, FIRST_RUN}
    made += [Planned(name, text, secret=name in holding) for name, text in starting.items()]
    return made


def package_faults(packages: Sequence[Path], *, installed: bool = False) -> Iterator[str]:
    """What is wrong with the packages, a sentence each. ``installed``: the image has the product already."""
    for package in packages:
        try:
            with package.open("rb") as stream:
                begins = stream.read(len(DEB))
        except OSError as error:
            yield f"--deb: {package} cannot be read ({error.strerror}); name a package (.deb)."
            continue
        if begins != DEB or package.suffix != ".deb":
            yield f"--deb: {package} is no Debian package; name a file that ends in .deb."
    if not installed and not any(package.name.startswith(PRODUCT) for package in packages):
        yield f"--deb: the product's own package ({PRODUCT}VERSION_arm64.deb) is missing; name it."


def free_bytes(folder: Path) -> int:
    """How much room there is."""
    return shutil.disk_usage(folder).free


def write(partition: Partition, plan: Sequence[Planned], room: Callable[[Path], int] = free_bytes) -> None:
    """Write the files; the kernel's command line, which starts it all, comes last. ``InputError`` if that fails."""
    folder = partition.folder
    try:
        free, needed = room(folder), sum(one.size for one in plan)
        if needed + SPARE_BYTES > free:
            wanted = (needed + SPARE_BYTES) >> 20
            raise InputError(f"{folder} has {free >> 20} MB free and {wanted} MB are needed; flash the card anew.")
        for one in sorted(plan, key=lambda one: one.name == CMDLINE):
            _put(folder / one.name, one)
    except OSError as error:
        raise InputError(
            f"{error.filename or folder} cannot be written ({error.strerror}); see whether the card is locked."
        ) from None


def _put(path: Path, one: Planned) -> None:
    path.parent.mkdir(exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    with part.open("wb") as stream:
        if one.source is None:
            stream.write(one.text.encode())
        else:
            with one.source.open("rb") as package:
                shutil.copyfileobj(package, stream, CHUNK_BYTES)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)
    # FAT gives the new name its length only with the next sync, and not everybody ejects a card before pulling it out.
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())
