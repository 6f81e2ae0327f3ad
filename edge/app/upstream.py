"""``acm enrol`` and ``acm sync``: becoming known to the hub, and seeing to what is sent there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.app.hub_way import HURRIED, enrol, keyring_in
from edge.app.run import RECORDS, settings_files
from edge.app.standing import status
from edge.app.upstream_words import NOT_RUNNING, upstream_finding, upstream_text
from edge.config.files import state_folder
from edge.core.clock import SystemClock
from edge.core.errors import AcmError, InputError
from edge.host.control_client import ControlClient
from edge.host.control_wire import NotRunningError
from edge.host.doctor import Check, fail, ok
from edge.storage.outbox import Outbox
from edge.upstream.hub_http import HubHttp

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Any, TextIO

    from edge.app.run import RunAsk
    from edge.config.schema import Config
    from edge.host.doctor import Finding

OK = 200
NETWORK = "network"


def state_of(ask: RunAsk) -> Path:
    """The folder with records, key and token."""
    return state_folder(ask.config, ask.state)


def enrol_box(ask: RunAsk, code: str, out: TextIO) -> int:
    """Make this box known to the hub of the settings by a claim code."""
    config = settings_files(ask).load().config
    folder = state_of(ask)
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder} for key and token; make it first, or name another with --state.")
    enrolled = enrol(config, folder, SystemClock(), code)
    out.write(f"The hub at {config.upstream.url} knows this box as {enrolled.device}, of the site {enrolled.site}.\n")
    if not config.upstream.enabled:
        out.write("Nothing is sent yet: set enabled = true in [upstream] and restart acm.\n")
    elif _asked(ask.control, {"do": "now"}):
        out.write("Sending begins.\n")
    return 0


def sync_now(ask: RunAsk, out: TextIO) -> int:
    """Have everything sent that waits, whatever hour it is."""
    with ControlClient(ask.control) as client:
        client.ask("sync", do="now")
    out.write("Sending begins; acm sync --status tells how it goes.\n")
    return 0


def sync_status(ask: RunAsk, out: TextIO) -> int:
    """How sending does, by the running program or else by the records."""
    out.write(f"{upstream_text(told(ask))}.\n")
    return 0


def told(ask: RunAsk) -> dict[str, Any]:
    """The figures about sending. ``InputError`` if the running program does not send."""
    try:
        found: dict[str, Any] | None = status(ask.control).get("upstream")
    except NotRunningError:
        return _told_by_records(state_of(ask) / RECORDS)
    if found is None:
        raise InputError("Sending is switched off: set enabled = true in [upstream] of the settings.")
    return found


def _told_by_records(records: Path) -> dict[str, Any]:
    with Outbox(records, "") as outbox:
        backlog = outbox.backlog(outbox.progress())
    return {
        "state": NOT_RUNNING, "why": "", "waiting": backlog.rows, "oldest_ms": backlog.oldest_ms,
        "set_aside": backlog.set_aside, "contact_s": None, "failing_s": None,
    }  # fmt: skip


def _asked(control: Path | None, words: dict[str, Any]) -> bool:
    """Ask the running program, if there is one that may be asked."""
    try:
        with ControlClient(control) as client:
            client.ask("sync", **words)
    except AcmError:
        return False
    return True


def without_network(checks: Sequence[Check], config: Config) -> list[Check]:
    """The host's look at the network knows nothing of pinned certificates and proxies: the hub's own does it better."""
    return [check for check in checks if not (config.upstream.enabled and check.name == NETWORK)]


def hub_checks(ask: RunAsk, config: Config) -> list[Check]:
    """The doctor's: whether the hub can be had, and how sending does."""
    if not config.upstream.enabled:
        return []
    checks = [Check("sending", lambda: _look_at_sending(ask))]
    if config.upstream.url:
        checks.insert(0, Check("hub", lambda: _look_at_hub(ask, config)))
    return checks


def _look_at_hub(ask: RunAsk, config: Config) -> Finding:
    hub = HubHttp(config.upstream, SystemClock(), HURRIED)
    try:
        answer = hub.ask("GET", "/v1/nonce")
    finally:
        hub.close()
    if answer.status != OK:
        return fail(f"{hub.name} answers with status {answer.status}.", "See url in [upstream], and the hub's journal.")
    keyring = keyring_in(state_of(ask))
    key = keyring.key()
    if key is None or keyring.token() is None:
        return fail(f"{hub.name} can be had, but does not know this box.", "Enrol it: acm enrol CODE.")
    return ok(f"{hub.name} can be had; this box is {key.device} there.")


def _look_at_sending(ask: RunAsk) -> Finding:
    records = state_of(ask) / RECORDS
    if not records.exists():
        return ok(f"There is no {records} yet.")
    with Outbox(records, "") as outbox:
        aside = outbox.set_aside()
    return upstream_finding(told(ask), aside)
