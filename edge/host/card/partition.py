"""Which system the card was flashed with, and the names of the files the laptop and the box share on it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from edge.core.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS, SECRETS, STATUS = "acm.toml", "acm-secrets.toml", "acm-status.txt"
FOLDER, INSTALLER = "acm", "install.sh"
CMDLINE, CONFIG = "cmdline.txt", "config.txt"
USER_DATA, NETWORK, META_DATA = "user-data", "network-config", "meta-data"
FIRST_RUN = "firstrun.sh"
# The kernel's line is longer nowhere.
MOST_CMDLINE = 4096


class System(str, Enum):
    """How the card's system sets itself up when it starts for the first time."""

    CLOUD_INIT = "Raspberry Pi OS with cloud-init (Trixie)"
    FIRST_RUN = "Raspberry Pi OS with a script for the first start (Bookworm)"


@dataclass(frozen=True, slots=True)
class Partition:
    """The boot partition at ``folder``, and the kernel's command line as it stands there."""

    folder: Path
    system: System
    cmdline: str


def found(folder: Path) -> Partition:
    """Look at a mounted boot partition. ``InputError`` if it is none of Raspberry Pi OS."""
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}; put the card in and name its boot partition.")
    try:
        missing = [name for name in (CMDLINE, CONFIG) if not (folder / name).is_file()]
        if missing:
            raise InputError(
                f"{folder} has no {' and no '.join(missing)}, so it is no boot partition of Raspberry Pi OS; "
                "flash the card first, and name its small partition (bootfs)."
            )
        with (folder / CMDLINE).open("rb") as stream:
            line = stream.read(MOST_CMDLINE + 1)
        if len(line) > MOST_CMDLINE:
            raise InputError(f"{folder / CMDLINE} is longer than a kernel takes; flash the card anew.")
    except OSError as error:
        raise InputError(f"{folder} cannot be read ({error.strerror}); take the card out and put it in anew.") from None
    cmdline = line.decode("ascii", "replace").strip()
    if "\n" in cmdline or not cmdline:
        raise InputError(f"{folder / CMDLINE} is not one line; flash the card anew.")
    return Partition(folder, _system(folder, cmdline), cmdline)


def _system(folder: Path, cmdline: str) -> System:
    by_cloud_init = "ds=nocloud" in cmdline or any((folder / name).exists() for name in (USER_DATA, META_DATA))
    return System.CLOUD_INIT if by_cloud_init else System.FIRST_RUN


def with_words(cmdline: str, words: dict[str, str]) -> str:
    """A kernel's command line in which each of these words (``key`` of ``key=value``) stands once, at its end."""
    kept = [word for word in cmdline.split() if word.partition("=")[0] not in words]
    return " ".join([*kept, *(f"{key}={value}" for key, value in words.items())])


def without_words(cmdline: str, *keys: str) -> str:
    """The same without these words."""
    return " ".join(word for word in cmdline.split() if word.partition("=")[0] not in keys)
