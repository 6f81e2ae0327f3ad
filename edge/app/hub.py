"""``acm hub``: the server, and looking after sites, devices and readers."""

from __future__ import annotations

import logging
import os
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge.config.hub import load_hub_config
from edge.core.clock import SystemClock
from edge.core.errors import AcmError, InputError
from edge.core.shipment import Receipt, Verdict
from edge.core.timekeeping import from_ms, to_ms
from edge.host.notify import open_notifier
from edge.hub.intake import take_body
from edge.hub.secrecy import code_hash, fresh_code, fresh_token, hashed
from edge.storage.hub import queries
from edge.storage.hub.errors import HubAwayError
from edge.storage.hub.queries import Page
from edge.storage.hub.registry import Registry
from edge.storage.hub.retention import let_go
from edge.storage.hub.store import HubStore
from edge.upstream.faults import WireError
from edge.upstream.parcel import Receipts, read_parcel, write_receipts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TextIO

    from edge.config.hub import HubConfig

PAGE = 500


@dataclass(frozen=True, slots=True)
class HubAsk:
    """Where the hub is: a settings file (the usual one by default), and what is laid over its tables."""

    config: Path | None = None
    changes: dict[str, dict[str, Any]] = field(default_factory=dict)

    def settings(self) -> HubConfig:
        """The settings. Raises ``ConfigError``."""
        return load_hub_config(self.config, self.changes)


def run_hub(ask: HubAsk) -> int:
    """Serve until told to stop; return the exit code."""
    from edge.hub.mqtt import broker_of  # noqa: PLC0415 - as below
    from edge.hub.serving import serve  # noqa: PLC0415 - whoever only looks after devices needs no web server

    settings = ask.settings()
    if settings.broker.url:
        broker_of(settings.broker.url)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    log, notifier = logging.getLogger("acm.hub"), open_notifier()
    try:
        HubStore.open(_reachable(settings.server.database.get_secret_value())).close()
    except HubAwayError as error:
        # It is waited for: whoever sends is told to come again.
        log.warning("%s", error)

    def ready(where: str) -> None:
        log.info("The hub is %s.", where)
        notifier.ready(where)

    code = serve(settings, SystemClock(), ready)
    log.info("The hub has stopped.")
    if any(thread.name.startswith("hub") for thread in threading.enumerate()):
        # It waits for a database that does not answer; what it began there is undone.
        sys.stderr.flush()
        os._exit(code)
    return code


@dataclass(frozen=True, slots=True)
class Office:
    """Looks after a hub's database from outside, beside the hub or without it."""

    store: HubStore
    out: TextIO

    @classmethod
    def at(cls, ask: HubAsk, out: TextIO) -> Office:
        """The office for a hub's database, with tables of this version's. Raises ``AcmError``."""
        return cls(HubStore.open(_reachable(ask.settings().server.database.get_secret_value())), out)

    @property
    def registry(self) -> Registry:
        """Who may send and read."""
        return Registry(self.store)

    def add_site(self, name: str, zone: str, day_starts_h: int) -> int:
        """Add a site."""
        self.registry.add_site(name, _known_zone(zone), day_starts_h, _now_ms())
        self.out.write(f"Site {name} is there. Next: acm hub device claim {_quoted(name)}\n")
        return 0

    def change_site(self, name: str, zone: str, day_starts_h: int) -> int:
        """Have a site go by another zone, and count its hours anew."""
        self.registry.change_site(name, _known_zone(zone), day_starts_h)
        self.out.write(f"Site {name} goes by {zone}; its figures were made anew.\n")
        return 0

    def list_sites(self) -> int:
        """List sites."""
        rows = [(row.name, row.zone, str(row.day_starts_h), str(row.devices)) for row in self.registry.sites()]
        titles = ("site", "time zone", "day starts", "devices")
        self._table(titles, rows, "There is no site; add one: acm hub site add NAME")
        return 0

    def claim(self, site: str, name: str) -> int:
        """Make a code for one device."""
        code = fresh_code()
        self.registry.claim(site, name, code_hash(code), _now_ms())
        self.out.write(f"{code}\n")
        sys.stderr.write("It is shown once. On the device, within 7 days: acm enrol CODE\n")
        return 0

    def revoke(self, device: str) -> int:
        """Take a device's right to send."""
        self.registry.revoke(device, _now_ms())
        self.out.write(f"{device} may send no more; what it sent stays.\n")
        return 0

    def list_devices(self, site: str) -> int:
        """List devices and how they do."""
        rows: list[tuple[str, ...]] = []
        after: tuple[Any, ...] = ()
        while page := queries.devices(self.store.database, site, Page(PAGE, after)):
            rows += [_device_row(row) for row in page]
            after = page[-1][:1]
        titles = ("device", "name", "site", "version", "last sent", "waiting", "clock")
        self._table(titles, rows, "There is no device; make a code for one: acm hub device claim SITE")
        return 0

    def add_reader(self, name: str) -> int:
        """Make a reader's token."""
        token = fresh_token()
        self.registry.add_reader(name, hashed(token), _now_ms())
        self.out.write(f"{token}\n")
        sys.stderr.write('It is shown once. To be sent with each request as "Authorization: Bearer TOKEN".\n')
        return 0

    def remove_reader(self, name: str) -> int:
        """Take a reader's right to read."""
        self.registry.remove_reader(name)
        self.out.write(f"{name} may read no more.\n")
        return 0

    def list_readers(self) -> int:
        """List readers."""
        rows = [(name, _shown_ms(made_ms)) for name, made_ms in self.registry.readers()]
        self._table(("reader", "since"), rows, "There is no reader; add one: acm hub reader add NAME")
        return 0

    def take_file(self, file: Path) -> int:
        """Take the batches that a device exported to a file; write the receipts beside it. 1 if not all were taken."""
        manifest, bodies = read_parcel(file)
        receipts = tuple(self._taken(body, manifest.device) for body in bodies)
        beside = file.with_name(f"{file.name}.receipts")
        try:
            beside.write_bytes(write_receipts(Receipts(manifest, receipts)))
        except OSError as error:
            raise AcmError(f"{beside}: cannot be written ({error.strerror}); the batches were taken.") from None
        taken = sum(receipt.verdict is Verdict.ACCEPTED for receipt in receipts)
        self.out.write(f"{taken} of {len(receipts)} batches of {manifest.device} were taken; receipts: {beside}\n")
        first = next((receipt.sentence for receipt in receipts if receipt.verdict is not Verdict.ACCEPTED), "")
        if first:
            self.out.write(f"{first}\n")
        return int(bool(first))

    def let_go(self, months: int) -> int:
        """Let go of old rows, and of old files of reports."""
        gone = let_go(self.store.database, months, SystemClock().utc_now())
        what = f"{gone} rows and files of reports that came more than {months} months ago"
        self.out.write(f"{what} were let go of. Figures stay.\n")
        return 0

    def rebuild(self) -> int:
        """Make all figures anew."""
        self.out.write(f"The figures of {self.registry.rebuild()} devices were made anew.\n")
        return 0

    def _taken(self, body: bytes, device: str) -> Receipt:
        try:
            return take_body(self.store, body, SystemClock().utc_now(), device)
        except WireError as error:
            return Receipt(Verdict.REJECTED, sentence=str(error))

    def _table(self, titles: tuple[str, ...], rows: Sequence[tuple[str, ...]], empty: str) -> None:
        if not rows:
            self.out.write(f"{empty}.\n")
            return
        widths = [max(len(row[place]) for row in (titles, *rows)) for place in range(len(titles))]
        for row in (titles, *rows):
            cells = (text.ljust(width) for text, width in zip(row, widths, strict=True))
            self.out.write("  ".join(cells).rstrip() + "\n")


def with_office(ask: HubAsk, out: TextIO, do: Callable[[Office], int]) -> int:
    """Do something in the office, and close it."""
    office = Office.at(ask, out)
    try:
        return do(office)
    finally:
        office.store.close()


def _reachable(url: str) -> str:
    """The address, its folder made if it is a file's. ``InputError`` if that cannot be."""
    if url.startswith("sqlite:"):
        folder = Path("/" + url.partition(":")[2].lstrip("/")).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"The folder {folder} cannot be made ({error.strerror}); name another database.") from None
    return url


def _device_row(row: queries.Row) -> tuple[str, ...]:
    number, name, site, enrolled_as, _, revoked_ms, seen_ms, version, waiting, _, clock, *_ = row
    seen = "revoked" if revoked_ms is not None else "never" if seen_ms is None else _shown_ms(seen_ms)
    return number, name, site, version or enrolled_as, seen, "" if waiting is None else str(waiting), clock or ""


def _known_zone(zone: str) -> str:
    from edge.config.schema import known_time_zone  # noqa: PLC0415 - the device's whole schema, for one verb

    try:
        return known_time_zone(zone)
    except ValueError as error:
        raise InputError(f"--zone: {error}.") from None


def _now_ms() -> int:
    return to_ms(SystemClock().utc_now())


def _shown_ms(at_ms: int) -> str:
    return from_ms(at_ms).strftime("%Y-%m-%d %H:%M UTC")


def _quoted(name: str) -> str:
    return name if name.isalnum() else f"'{name}'"
