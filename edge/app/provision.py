"""``acm provision``: what the box does with its card's boot partition, where a laptop writes and reads."""

from __future__ import annotations

import json
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from edge import __version__
from edge.app.asking import chime_text, relay_text
from edge.app.doctor import DoctorAsk, doctor
from edge.app.run import settings_files
from edge.app.standing import status
from edge.config.files import USUAL_STATE
from edge.config.schema import Config
from edge.core.clock import SystemClock
from edge.core.errors import AcmError, ConfigError, InputError
from edge.host.addresses import own_addresses
from edge.host.card.partition import CMDLINE, STATUS
from edge.host.card.scrub import replace, without_passwords
from edge.host.card.taking import faults_on, take
from edge.host.card.told import State, lasting, status_text
from edge.host.control_wire import ControlError
from edge.storage.panel.people import CLAIM_LINK, kept_code

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

    from edge.app.run import RunAsk

# Where Raspberry Pi OS has it, the newer place first.
PLACES = (Path("/boot/firmware"), Path("/boot"))
PANEL = USUAL_STATE.with_name("acm-panel")
SIGNALLED = "signalled"
FLASH_S = 0.35


@dataclass(frozen=True, slots=True)
class ProvisionAsk:
    """What was asked for. ``boot``: the partition, None looks where it usually is. ``tell``: write how the box does.

    ``run``: a folder that is empty after a start; with it, how the box does is also to be heard, once for each news.
    """

    where: RunAsk
    boot: Path | None = None
    tell: bool = False
    run: Path | None = None
    panel: Path = PANEL


def provision(ask: ProvisionAsk, out: TextIO) -> int:
    """Take settings from the card and secrets off it, or tell on it how the box does. ``InputError`` if it cannot."""
    boot = _boot(ask.boot)
    if boot is None:
        out.write("There is no boot partition here, so there is nothing to do.\n")
        return 0
    try:
        return _tell(ask, boot, out) if ask.tell else _take(ask, boot, out)
    except OSError as error:
        raise InputError(f"{error.filename or boot} cannot be used ({error.strerror}); see the card.") from None


def _boot(asked: Path | None) -> Path | None:
    if asked is not None and not asked.is_dir():
        raise InputError(f"--boot: there is no folder {asked}; name the place of the boot partition.")
    places = PLACES if asked is None else (asked,)
    return next((place for place in places if asked is not None or (place / CMDLINE).is_file()), None)


def _take(ask: ProvisionAsk, boot: Path, out: TextIO) -> int:
    came = take(boot, settings_files(ask.where))
    out.writelines(f"{name} was taken from the card into use.\n" for name in came.taken)
    out.writelines(f"The password in {name} was taken off the card.\n" for name in without_passwords(boot))
    if came.faults:
        raise ConfigError("\n".join(came.faults))
    return 0


def _tell(ask: ProvisionAsk, boot: Path, out: TextIO) -> int:
    without_passwords(boot)
    state = _state(ask, boot)
    text, path = status_text(state), boot / STATUS
    before = path.read_bytes().decode("utf-8", "replace") if path.is_file() else ""
    if lasting(text) != lasting(before):
        replace(path, text)
        out.write(f"{path} says: {text.splitlines()[0]}\n")
    if ask.run is not None:
        _signal(ask, state, ask.run, out)
    return 0


def _state(ask: ProvisionAsk, boot: Path) -> State:
    files = settings_files(ask.where)
    try:
        config = files.load().config
    except ConfigError:
        # Told among the doctor's findings.
        config = Config()
    try:
        told: dict[str, Any] | None = status(ask.where.control)
    except ControlError:
        told = None
    claim = kept_code(ask.panel / CLAIM_LINK)
    addresses = [config.panel.address(host) for host in own_addresses(config.panel.host) if host != "localhost"]
    return State(
        __version__, SystemClock().utc_now(), told, _findings(ask.where), faults_on(boot, files), addresses, claim
    )


def _findings(where: RunAsk) -> list[dict[str, str]]:
    out = StringIO()
    doctor(DoctorAsk(where, as_json=True), out)
    checks: list[dict[str, str]] = json.loads(out.getvalue())["checks"]
    return checks


def _signal(ask: ProvisionAsk, state: State, run: Path, out: TextIO) -> None:
    """Beep, and flash the lamp if there is one for that, when the box does otherwise than it told last."""
    said, signal = run / SIGNALLED, state.signal
    if said.is_file() and said.read_text(encoding="ascii") == str(int(signal)):
        return
    said.write_text(str(int(signal)), encoding="ascii")
    ways: tuple[Callable[[], str], ...] = (
        lambda: chime_text(ask.where, signal.sound), lambda: _flash(ask.where, int(signal))
    )  # fmt: skip
    for way in ways:
        try:
            way()
        except AcmError as error:  # noqa: PERF203 - a box without a speaker has its lamp, and the file on the card
            out.write(f"{error}\n")


def _flash(where: RunAsk, times: int) -> str:
    relay = settings_files(where).load().config.health.signal_relay
    for _ in range(times if relay else 0):
        relay_text(where.control, relay, "pulse", FLASH_S)
        Event().wait(2 * FLASH_S)
    return relay
