"""``tools/sdcard.py``: prepares the card of a new box on a laptop. Nothing is written before everything was checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edge.config.card import Card, Wifi
from edge.config.load import read_text
from edge.core.errors import AcmError, ConfigError, InputError
from edge.host.card.partition import FIRST_RUN, STATUS, found
from edge.host.card.removable import refuse_fixed
from edge.host.card.writing import package_faults, planned, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import TextIO, TypeVar

    from edge.config.schema import Config
    from edge.host.card.partition import Partition
    from edge.host.card.writing import Planned

    T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CardAsk:
    """What was asked for. ``wifi_password`` was read from a file or typed, never given as an option."""

    boot: Path
    settings: Path
    packages: tuple[Path, ...]
    host: str
    secrets: Path | None = None
    site: str = ""
    time_zone: str = ""
    country: str = ""
    wifi: str = ""
    wifi_password: str | None = field(default=None, repr=False)
    user: str = "installer"
    ssh_keys: tuple[Path, ...] = ()
    dry_run: bool = False
    installed: bool = False


def prepare_card(ask: CardAsk, out: TextIO) -> int:
    """Check everything, then write it, or with ``dry_run`` say what would be. ``ConfigError`` with a line a fault."""
    faults: list[str] = []
    partition = _tried(lambda: _boot(ask.boot), faults)
    card = _tried(lambda: _card(ask), faults)
    checked = None if card is None else _tried(lambda: card.checked(str(ask.settings), str(ask.secrets)), faults)
    faults += package_faults(ask.packages, installed=ask.installed)
    if faults or partition is None or card is None or checked is None:
        raise ConfigError("\n".join(faults))
    text, config = checked
    plan = planned(partition, card, text, config.site.time_zone, ask.packages)
    if not ask.dry_run:
        write(partition, plan)
    out.write(_told(ask, partition, config, plan))
    return 0


def _tried(work: Callable[[], T], faults: list[str]) -> T | None:
    try:
        return work()
    except AcmError as error:
        faults += str(error).split("\n")
        return None


def _boot(folder: Path) -> Partition:
    partition = found(folder)
    refuse_fixed(folder)
    return partition


def _card(ask: CardAsk) -> Card:
    faults: list[str] = []
    settings = _tried(lambda: read_text(ask.settings), faults)
    secrets = "" if ask.secrets is None else _tried(lambda: read_text(ask.secrets), faults)  # type: ignore[arg-type]
    keys = tuple(_key(path, faults) for path in ask.ssh_keys)
    if faults or settings is None or secrets is None:
        raise ConfigError("\n".join(faults))
    wifi = Wifi(ask.wifi, ask.wifi_password) if ask.wifi else None
    if wifi is None and ask.wifi_password is not None:
        raise InputError("--wifi-password-file: there is a password but no network; give its name with --wifi.")
    return Card(
        ask.host, settings, secrets, ask.site, ask.time_zone, ask.country, wifi, ask.user, keys,
    )  # fmt: skip


def _key(path: Path, faults: list[str]) -> str:
    text = _tried(lambda: read_text(path), faults)
    return (text or "").strip()


def _told(ask: CardAsk, partition: Partition, config: Config, plan: list[Planned]) -> str:
    rows = [f"{partition.folder} is the boot partition of {partition.system.value}."]
    rows.append("These files would be written:" if ask.dry_run else "Written, each whole or not at all:")
    for one in plan:
        secret = "  (holds a secret; the box removes it)" if one.secret else ""
        rows.append(f"  {one.name:<32} {one.size:>12,} bytes{secret}")
    site = config.site.name or "(no name)"
    cameras = ", ".join(camera.name for camera in config.camera)
    rows.append(f"Site {site}, {config.site.time_zone}; cameras: {cameras}; the box is called {ask.host}.")
    if ask.dry_run:
        rows.append("Nothing was written: this was a dry run.")
    else:
        twice = " and once more by itself" if any(one.name == FIRST_RUN for one in plan) else ""
        rows.append(
            f"Eject the card, put it into the box and give it power. It starts{twice}, installs itself in some "
            f"minutes, beeps twice when it counts, and writes what works into {STATUS} on this partition."
        )
    return "\n".join(rows) + "\n"
