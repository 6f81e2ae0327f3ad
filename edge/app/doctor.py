"""``acm doctor``: the host's checks, and those of cameras, detector, sound, pins and records."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from edge.app import cameras, devices
from edge.app.broker import broker_checks
from edge.app.cameras import seeing
from edge.app.report_checks import report_checks
from edge.app.run import RECORDS, settings_files
from edge.app.settings import health_limits
from edge.app.sounds import unheard
from edge.app.standing import status, status_text
from edge.app.upstream import hub_checks, without_network
from edge.config.agreement import remarks
from edge.config.files import state_folder
from edge.config.schema import Config
from edge.config.show import shown
from edge.core.clock import SystemClock
from edge.core.errors import CameraError, ConfigError
from edge.core.frame import Frame
from edge.host.bundle import Piece, host_pieces, write_bundle
from edge.host.checks import Places, host_checks
from edge.host.control_client import ControlClient
from edge.host.control_wire import ControlError, NotRunningError
from edge.host.doctor import Check, Finding, examine, fail, ok, warn
from edge.host.upgrade_note import check_upgrade
from edge.storage.care import check as check_database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path
    from typing import Any, TextIO

    from edge.app.run import RunAsk
    from edge.config.files import SettingsFiles
    from edge.config.load import InForce
    from edge.config.schema import CameraTable, DetectorTable

MS = 1000.0
# Frames older than this at their being looked at are not live.
OLD_S = 2.0
# What a person at the door notices.
SLOW_MS = 300.0
LOOKS = 3
# A picture of nobody, as high and wide as cameras make them.
PICTURE_PX, GREY = (480, 640), 128


@dataclass(frozen=True, slots=True)
class DoctorAsk:
    """What ``acm doctor`` was asked for."""

    where: RunAsk
    as_json: bool = False
    bundle: Path | None = None


def doctor(ask: DoctorAsk, out: TextIO) -> int:
    """Look everything over; return 1 if something does not work."""
    files = settings_files(ask.where)
    settings, fault = _loaded(files)
    config = Config() if settings is None else settings.config
    records = state_folder(ask.where.config, ask.where.state) / RECORDS
    places = Places(records, (files.base, files.overrides), files.secrets)
    connect = partial(ControlClient, ask.where.control)
    checks = [_check_settings(files, config, fault), *host_checks(places, health_limits(config), connect=connect)]
    checks += [*_devices(config, connect), Check("database", partial(_look_at_database, records)), check_upgrade()]
    checks = [*without_network(checks, config), *hub_checks(ask.where, config), *broker_checks(config)]
    checks += report_checks(config, partial(_asked, connect))
    live = not ask.as_json and ask.bundle is None
    report = examine(checks, (lambda row: _say(out, row)) if live else (lambda _: None))
    if ask.bundle is not None:
        pieces = [Piece("doctor.txt", report.text), Piece("settings.toml", partial(_shown, settings))]
        pieces += [Piece("status.txt", partial(_status_text, ask.where.control)), *host_pieces()]
        write_bundle(ask.bundle, pieces, _secrets(settings), int(SystemClock().utc_now().timestamp()))
        out.write(f"{ask.bundle} holds what whoever helps has to see; look into it before you send it.\n")
    elif ask.as_json:
        out.write(report.json())
    else:
        out.write(report.text().splitlines()[-1] + "\n")
    return report.exit_code


def _asked(connect: Callable[[], ControlClient], verb: str) -> Mapping[str, Any]:
    with connect() as client:
        return client.ask(verb)


def _say(out: TextIO, row: str) -> None:
    out.write(row + "\n")
    out.flush()


def _loaded(files: SettingsFiles) -> tuple[InForce | None, str]:
    try:
        return files.load(), ""
    except ConfigError as error:
        return None, str(error)


def _check_settings(files: SettingsFiles, config: Config, fault: str) -> Check:
    def look() -> Finding:
        if fault:
            first, *more = fault.splitlines()
            rest = f" Faults beside it: {len(more)}." if more else ""
            return fail(f"{first}{rest}", f"acm check {files.base} tells all of them.")
        if not config.camera:
            return fail(f"{files.base} has no camera.", "Add a table headed [[camera]].")
        told = [*remarks(config), *unheard(config)]
        rest = f" Remarks beside it: {len(told) - 1}; acm check {files.base} tells them." if len(told) > 1 else ""
        return warn(f"{told[0]}.{rest}", "") if told else ok(f"{files.base} is all right.")

    return Check("settings", look)


def _devices(config: Config, connect: Callable[[], ControlClient]) -> list[Check]:
    """Whoever has the devices tells how they are; if nobody has them, they are tried."""
    detector = Check("detector", partial(_try_detector, config.detector))
    try:
        with connect() as client:
            return [detector, *_told_checks(client.ask("status"), config.gpio.driver)]
    except NotRunningError:
        return [detector, *_device_checks(config)]
    except ControlError:
        # Why it cannot be asked is told by the check "control". What it has in use would seem to be broken.
        return [detector]


def _try_detector(table: DetectorTable) -> Finding:
    """One real look at a picture of nobody."""
    clock = SystemClock()
    detector = cameras.detector(table)
    picture = Frame(np.full((*PICTURE_PX, 3), GREY, np.uint8), clock.monotonic_s())
    began_s = clock.monotonic_s()
    detector.detect(picture)
    took_ms = (clock.monotonic_s() - began_s) * MS
    told = f"It looked at a picture in {took_ms:.0f} ms"
    if took_ms > SLOW_MS:
        return warn(f"{told}, which is slow.", "Set threads in [detector], or fewer pictures a second.")
    return ok(f"{told}.")


def _told_checks(told: Mapping[str, Any], driver: str) -> list[Check]:
    """Devices are in use: the program that has them tells how they are."""
    checks = [Check(f"camera {camera['name']}", partial(_told_camera, camera)) for camera in told["cameras"]]
    checks.append(Check("sound", partial(_told_sound, told["sound"])))
    switches = told["relays"]["switches"]
    return checks + [Check(f"relay {switch['name']}", partial(_told_relay, switch, driver)) for switch in switches]


def _told_camera(camera: Mapping[str, Any]) -> Finding:
    if camera["state"] != "running":
        return fail(f"It is {camera['state']}: {camera['why']}", "Check its plug, cable, power and network.")
    told = f"{camera['fps']:.1f} pictures a second are looked at, each within {camera['latency_ms']['p95'] or 0:.0f} ms"
    if camera["frame_age_s"] is None or camera["frame_age_s"] > OLD_S:
        return warn(f"{told}, but the newest is {camera['frame_age_s']} s old.", "journalctl -u acm tells more.")
    return ok(f"{told}.")


def _told_sound(sound: Mapping[str, Any]) -> Finding:
    if sound["speaker"] == "lost":
        return fail("The speaker is lost.", "Check its plug; aplay -L lists the cards.")
    return ok(f"The speaker is {sound['speaker']}.")


def _told_relay(switch: Mapping[str, Any], driver: str) -> Finding:
    if switch["lost"]:
        return fail(f"Its pin cannot be had by {driver}.", "journalctl ACM_EVENT=relay-fault -x tells why.")
    return ok(f"It is {switch['why']} (pins by {driver}).")


def _device_checks(config: Config) -> list[Check]:
    """Nobody uses the devices: try them."""
    wired, by = devices.pins(config.gpio, SystemClock()), config.gpio.driver
    return [
        *(Check(f"camera {table.name}", partial(_try_camera, table, config)) for table in config.camera),
        *((Check("sound", partial(_try_sound, config)),) if config.sound.enabled else ()),
        *(Check(f"relay {t.name}", partial(_try_pin, partial(wired.relay, t), t.pin, by)) for t in config.relay),
        *(Check(f"button {t.name}", partial(_try_pin, partial(wired.button, t), t.pin, by)) for t in config.button),
    ]


def _try_camera(table: CameraTable, config: Config) -> Finding:
    """Some real pictures, and some real looks at them."""
    clock = SystemClock()
    view = seeing(table, config.detector, clock)
    eye = view.open_eye()
    slowest_ms, age_s, size = 0.0, 0.0, (0, 0)
    with closing(view.plan.open_camera()) as camera:
        for _ in range(LOOKS):
            frame = camera.read()
            if frame is None:
                raise CameraError(f"The camera {table.name} gives no picture.")
            size = (frame.width_px, frame.height_px)
            age_s = clock.monotonic_s() - frame.t_s if view.plan.live else 0.0
            began_s = clock.monotonic_s()
            eye.see(frame)
            slowest_ms = max(slowest_ms, (clock.monotonic_s() - began_s) * MS)
    told = f"It gives {size[0]}x{size[1]} pixels; looking at a picture takes up to {slowest_ms:.0f} ms"
    if age_s > OLD_S:
        return warn(f"{told}, but pictures are {age_s:.1f} s old.", "Set the stream to less buffering, or another one.")
    if slowest_ms > SLOW_MS:
        return warn(f"{told}, which is slow.", "Set threads in [detector], or fewer pictures a second.")
    return ok(f"{told}.")


def _try_sound(config: Config) -> Finding:
    with closing(devices.speaker(config.sound.device, SystemClock())) as speaker:
        fault = speaker.tend()
        if fault is not None:
            return fail(fault, "Check its plug; aplay -L lists the cards, and device in [sound] names one.")
        speaker.load(config.sound.arrival)
    return ok(f"There is a speaker, and the chime {config.sound.arrival}.")


def _try_pin(open_it: Callable[[], Any], pin: int, driver: str) -> Finding:
    open_it().close()
    return ok(f"Pin {pin} can be had by {driver}.")


def _look_at_database(records: Path) -> Finding:
    if not records.exists():
        return ok(f"There is no {records} yet.")
    checked = check_database(records)
    if not checked.sound:
        return fail(checked.faults[0], "acm db check tells all faults; a damaged file is set aside at the next start.")
    rows = sum(checked.rows.values())
    return ok(f"{rows} rows in {checked.bytes / 1e6:.1f} MB, all sound.")


def _shown(settings: InForce | None) -> str:
    return "The settings cannot be read; see doctor.txt.\n" if settings is None else shown(settings)


def _status_text(control: Path | None) -> str:
    return status_text(status(control))


def _secrets(settings: InForce | None) -> list[str]:
    """Every word out of a file of secrets, so that none of them is left anywhere."""
    return [] if settings is None else list(_words(settings))


def _words(settings: InForce) -> Iterator[str]:
    for text in settings.files:
        if text.secret:
            for row in text.text.splitlines():
                _, _, value = row.partition("=")
                yield value.strip().strip("\"'")
