"""Serves a panel, of a box or of a hub, until a signal says stop."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING, Protocol

import segno

from edge.app.demo_panel import READY
from edge.config.panel import OWN
from edge.core.errors import AcmError, InputError
from edge.host.addresses import host_name, own_addresses
from edge.host.notify import open_notifier
from edge.host.whole_file import write_private
from edge.panel.app import base_app, gated
from edge.panel.lives import Lives
from edge.panel.pages.mount import mount_pages
from edge.panel.server import bound, serve

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TextIO

    from edge.config.panel import PanelTable
    from edge.panel.panel import Panel

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Serving(Protocol):
    """How a panel is to be served: ``host`` and ``port`` go before the settings.

    ``claim``: print a link that sets a new owner's password. ``next_port``: take the next free one. ``guest``: let in
    whoever has the link that is printed, and end with the input: for demonstrations on this machine.
    """

    @property
    def host(self) -> str: ...  # noqa: D102 - told above
    @property
    def port(self) -> int: ...  # noqa: D102 - told above
    @property
    def claim(self) -> bool: ...  # noqa: D102 - told above
    @property
    def next_port(self) -> bool: ...  # noqa: D102 - told above
    @property
    def guest(self) -> bool: ...  # noqa: D102 - told above


def serve_panel(made: Panel, ask: Serving, out: TextIO) -> None:
    """Serve it. ``AcmError`` if it cannot start."""
    table = made.settings.config.panel
    host = ask.host or table.host
    if ask.guest and host not in LOOPBACK:
        raise InputError(f"Guests are let in on this machine only, not at {host}.")
    link = bound(host, ask.port or table.port, next_free=ask.next_port)
    port = int(link.getsockname()[1])
    addresses = [table.address(address, port) for address in own_addresses(host)]
    lives = Lives(made.doorman)
    web = base_app(made, lives.run, *([_until_alone] if ask.guest else []))
    mount_pages(made, web, lives)
    notifier = open_notifier()

    def ready() -> None:
        if ask.guest:
            out.write(f"{READY}{addresses[0]}enter/{made.doorman.guest_code()}\n")
            out.flush()
            return
        _greet(made, addresses, out, claim=ask.claim)
        notifier.ready(f"at {addresses[0]}")

    files_served = _certificate(made, table, host)
    serve(gated(made, web, proxied=bool(table.trusted_proxy)), link, table, files_served, ready)


def _certificate(made: Panel, table: PanelTable, host: str) -> tuple[str, str] | None:
    """The files of the certificate and its key; None for plain http."""
    if table.certificate != OWN:
        return (table.certificate, table.key) if table.certificate else None
    certificate, key = made.certificates.make(own_addresses(host), host_name(), made.clock.utc_now())
    return str(certificate), str(key)


def _greet(made: Panel, addresses: list[str], out: TextIO, *, claim: bool) -> None:
    """Say where the panel is, and how a box without an owner gets one."""
    said = f"The panel is at {' or '.join(addresses)}\n"
    link = ""
    if claim or not made.store.claimed:
        link = f"{addresses[0]}claim/{made.doorman.claim_code(anew=claim)}"
        write_private(made.store.claims.link, f"{link}\n".encode())
        unclaimed = f"This {'box' if made.sites is None else 'panel'} has no owner yet. Claim it"
        what = "Set a new owner's password" if made.store.claimed else unclaimed
        said += f"{what} by this link, which works once:\n\n  {link}\n\n"
    out.write(said)
    if link and out.isatty():
        segno.make(link, error="l").terminal(out=out, compact=True)
        out.write("\n")
    out.flush()


async def _until_alone() -> None:
    """End this process when whoever started it is gone: the input ends then."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()
    os.kill(os.getpid(), signal.SIGTERM)


def prepared(folder: Path) -> Path:
    """The panel's own folder, made if need be. ``AcmError`` if it cannot be written."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise AcmError(f"The folder {folder} cannot be made ({error.strerror}); name another with --own.") from None
    return folder
