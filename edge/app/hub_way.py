"""The way to the hub, opened with the device's key and token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge import __version__
from edge.core.errors import InputError
from edge.core.notices import ENROLLED
from edge.host.whole_file import write_private
from edge.services.sync_courier import Way
from edge.upstream.client import HttpUpstream
from edge.upstream.keyring import Keyring
from edge.upstream.troubles import USUAL, Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from edge.config.schema import Config
    from edge.core.clock import Clock
    from edge.core.notice import Fact
    from edge.storage.reported import Delivery
    from edge.upstream.enrolment import Enrolled

# A stop does not wait for a slow hub.
HURRIED = Limits(connect_s=2.0, read_s=3.0, whole_s=4.0)
MQTT = "mqtt"


# Files of some MB over a slow line.
PATIENT = Limits(read_s=60.0, whole_s=600.0)


def keyring_in(folder: Path) -> Keyring:
    """Key and token of the box that keeps its records in ``folder``."""
    return Keyring(folder, write_private)


def open_way(
    config: Config, folder: Path, clock: Clock, tell: Callable[[Fact], None], *, hurried: bool = False
) -> Way:
    """Open it; with a claim code in the settings, and no token yet, the device is enrolled first.

    ``hurried``: it gives up within seconds. Raises ``AcmError`` if key or token cannot be had.
    """
    keyring = keyring_in(folder)
    device = keyring.made_key().device
    table = config.upstream
    claim = table.claim.get_secret_value()
    if claim and keyring.token() is None and not hurried and table.url:
        enrolled = enrol(config, folder, clock, claim)
        tell(ENROLLED.fact(device=enrolled.device, site=enrolled.site))
    if table.transport == MQTT:
        from edge.app.broker import mqtt_upstream  # noqa: PLC0415 - few have a broker

        return Way(device, mqtt_upstream(config, keyring_in(folder), clock, hurried=hurried))
    return Way(device, HttpUpstream(table, keyring_in(folder), clock, HURRIED if hurried else USUAL))


def hand_in(config: Config, folder: Path, clock: Clock, delivery: Delivery, paths: Sequence[Path]) -> None:
    """Hand a report's files in at the hub. ``UpstreamError`` if it does not take one; those before it are there."""
    upstream = HttpUpstream(config.upstream, keyring_in(folder), clock, PATIENT)
    first, last = delivery.first.isoformat(), delivery.last.isoformat()
    try:
        for path in paths:
            about = {"report": delivery.report, "every": delivery.every, "first": first, "last": last}
            upstream.hand_in({**about, "file": path.name}, path.read_bytes())
    finally:
        upstream.close()


def enrol(config: Config, folder: Path, clock: Clock, code: str) -> Enrolled:
    """Become known to the hub of the settings. ``InputError`` if the code is of no use, ``UpstreamError`` for later."""
    if not config.upstream.url:
        raise InputError('The settings name no hub; give url = "https://..." in [upstream] first.')
    upstream = HttpUpstream(config.upstream, keyring_in(folder), clock)
    try:
        return upstream.enrol(code, config.site.name, __version__)
    finally:
        upstream.close()
