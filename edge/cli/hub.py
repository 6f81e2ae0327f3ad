"""The verb for the hub: hub, with what can be looked after in it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from edge.cli.kinds import hour, port, whole
from edge.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.app.hub import HubAsk, Office

SERVER_OPTIONS = ("database", "host", "port", "processes", "certificate", "key")


def hub_options(verb: argparse.ArgumentParser) -> None:
    """What the hub can be told; without a further word it runs."""
    _where(verb)
    verb.add_argument("--host", metavar="ADDRESS", help="at which address to listen (127.0.0.1)")
    verb.add_argument("--port", type=port, metavar="NUMBER", help="at which port to listen (8440)")
    verb.add_argument("--processes", type=whole, metavar="NUMBER", help="how many processes share the work (1)")
    verb.add_argument("--certificate", metavar="FILE", help="a certificate (PEM), for https")
    verb.add_argument("--key", metavar="FILE", help="the certificate's key (PEM)")
    verb.add_argument("--broker", metavar="ADDRESS", help="take batches from an MQTT broker, too: mqtts://user@host/topic")
    verb.set_defaults(run=_run)
    words = verb.add_subparsers(metavar="WHAT", help="look after the hub instead: site, device, reader, ...")
    _site_options(words.add_parser("site", help="the shops", allow_abbrev=False))
    _device_options(words.add_parser("device", help="the devices", allow_abbrev=False))
    _reader_options(words.add_parser("reader", help="who may read figures", allow_abbrev=False))
    keep = words.add_parser("retention", help="let go of old rows now", allow_abbrev=False)
    keep.add_argument("months", type=whole, help="rows and reports that came so many whole months ago go; figures stay")
    _does(keep, lambda ask: lambda office: office.let_go(ask.months))
    stick = words.add_parser("import", help="take what a device exported to a file", allow_abbrev=False)
    stick.add_argument("file", type=Path, help="the file; the receipts are written beside it")
    _does(stick, lambda ask: lambda office: office.take_file(ask.file))
    demo = words.add_parser("demo", help="a hub and two simulated shops, on this machine", allow_abbrev=False)
    demo.add_argument("--token-file", type=Path, metavar="FILE", help="write the token for asking here while it runs")
    demo.set_defaults(run=_demo)
    _panel_options(words.add_parser("panel", help="serve the window on all shops", allow_abbrev=False))
    rebuild = words.add_parser("rebuild", help="make the figures of hours anew from rows", allow_abbrev=False)
    _does(rebuild, lambda _: lambda office: office.rebuild())


def _site_options(verb: argparse.ArgumentParser) -> None:
    words = verb.add_subparsers(metavar="DO", required=True)
    for do, text in (("add", "add a shop"), ("change", "have a shop go by another time zone")):
        one = words.add_parser(do, help=text, allow_abbrev=False)
        one.add_argument("name", help="what it is called")
        one.add_argument("--zone", default="UTC", help="its time zone, such as Europe/Paris (UTC)")
        one.add_argument("--day-starts", type=hour, default=0, metavar="HOUR", help="when its days begin (0)")
        if do == "add":
            _does(one, lambda ask: lambda office: office.add_site(ask.name, ask.zone, ask.day_starts))
        else:
            _does(one, lambda ask: lambda office: office.change_site(ask.name, ask.zone, ask.day_starts))
    _does(words.add_parser("list", help="list them", allow_abbrev=False), lambda _: lambda office: office.list_sites())


def _device_options(verb: argparse.ArgumentParser) -> None:
    words = verb.add_subparsers(metavar="DO", required=True)
    claim = words.add_parser("claim", help="make a code by which one device may enrol", allow_abbrev=False)
    claim.add_argument("site", help="the shop it belongs to")
    claim.add_argument("--name", default="", help="what it is to be called (as it calls itself)")
    _does(claim, lambda ask: lambda office: office.claim(ask.site, ask.name))
    revoke = words.add_parser("revoke", help="let a device send no more", allow_abbrev=False)
    revoke.add_argument("device", help="its name or its 16 letters")
    _does(revoke, lambda ask: lambda office: office.revoke(ask.device))
    listing = words.add_parser("list", help="list them", allow_abbrev=False)
    listing.add_argument("--site", default="", help="of this shop only")
    _does(listing, lambda ask: lambda office: office.list_devices(ask.site))


def _reader_options(verb: argparse.ArgumentParser) -> None:
    words = verb.add_subparsers(metavar="DO", required=True)
    for do, text in (("add", "make a token for a program that reads"), ("remove", "let it read no more")):
        one = words.add_parser(do, help=text, allow_abbrev=False)
        one.add_argument("name", help="what it is called")
        if do == "add":
            _does(one, lambda ask: lambda office: office.add_reader(ask.name))
        else:
            _does(one, lambda ask: lambda office: office.remove_reader(ask.name))
    listing = words.add_parser("list", help="list them", allow_abbrev=False)
    _does(listing, lambda _: lambda office: office.list_readers())


def _panel_options(verb: argparse.ArgumentParser) -> None:
    _where(verb, again=True)
    verb.add_argument("--own", type=Path, metavar="FOLDER", help="users and sessions are here (/var/lib/acm-hub-panel)")
    # The hub's own options before the word are where the hub listens.
    verb.add_argument("--host", dest="panel_host", default="", metavar="ADDRESS", help="serve here (127.0.0.1)")
    verb.add_argument("--port", dest="panel_port", type=port, default=0, metavar="PORT", help="at this port (8441)")
    verb.add_argument("--next-port", action="store_true", help="if the port is taken, use the next free one")
    verb.add_argument("--guest", action="store_true", help=argparse.SUPPRESS)
    verb.add_argument("--claim", action="store_true", help="print a link that sets a new owner's password")
    verb.set_defaults(run=_panel)


def _where(verb: argparse.ArgumentParser, *, again: bool = False) -> None:
    """Where the hub's settings and database are; may be said before or after the words."""
    # What was said before the words must not be undone by a default after them.
    none = argparse.SUPPRESS if again else None
    verb.add_argument("--config", type=Path, default=none, metavar="FILE", help="the settings (/etc/acm-hub/hub.toml)")
    verb.add_argument("--database", default=none, metavar="ADDRESS", help="postgresql://... or sqlite:///path")


def _does(verb: argparse.ArgumentParser, do: Callable[[argparse.Namespace], Callable[[Office], int]]) -> None:
    def run(ask: argparse.Namespace) -> int:
        from edge.app.hub import with_office  # noqa: PLC0415 - as below

        return with_office(_asked(ask), sys.stdout, do(ask))

    _where(verb, again=True)
    verb.set_defaults(run=run)


def _asked(ask: argparse.Namespace) -> HubAsk:
    from edge.app.hub import HubAsk  # noqa: PLC0415 - what needs no hub should not wait for its libraries

    told = {name: getattr(ask, name, None) for name in SERVER_OPTIONS}
    server = {name: value for name, value in told.items() if value is not None}
    broker = getattr(ask, "broker", None)
    return HubAsk(ask.config, {"server": server} | ({} if broker is None else {"broker": {"url": broker}}))


def _run(ask: argparse.Namespace) -> int:
    from edge.app.hub import run_hub  # noqa: PLC0415 - as above

    return run_hub(_asked(ask))


def _demo(ask: argparse.Namespace) -> int:
    from edge.app.hub_demo import HubDemoAsk, hub_demo  # noqa: PLC0415 - as above

    return hub_demo(HubDemoAsk(ask.token_file), sys.stdout)


def _panel(ask: argparse.Namespace) -> int:
    try:
        from edge.app.hub_panel import HubPanelAsk, hub_panel  # noqa: PLC0415 - only the panel needs its libraries
    except ModuleNotFoundError as error:
        needed = f"The panel needs {error.name}; install the product as customer-messenger[hub,panel]."
        raise InputError(needed) from None

    asked = HubPanelAsk(_asked(ask), ask.own, ask.panel_host, ask.panel_port, ask.claim, ask.next_port, ask.guest)
    return hub_panel(asked, sys.stdout)
