"""The verb for the window on a phone: panel."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from edge.cli.device import control_option, where_options
from edge.cli.kinds import port
from edge.core.errors import InputError


def panel_options(verb: argparse.ArgumentParser) -> None:
    """What the panel can be told."""
    where_options(verb)
    verb.add_argument("--own", type=Path, metavar="FOLDER", help="users and sessions are kept here (STATE/panel)")
    control_option(verb)
    verb.add_argument("--host", default="", metavar="ADDRESS", help="serve at this address (as in the settings)")
    verb.add_argument("--port", type=port, default=0, metavar="PORT", help="serve at this port (as in the settings)")
    verb.add_argument("--next-port", action="store_true", help="if the port is taken, use the next free one")
    verb.add_argument("--guest", action="store_true", help=argparse.SUPPRESS)
    verb.add_argument(
        "--push-authority", type=Path, metavar="FILE",
        help="push services may also be in this network, vouched for by these certificates (PEM)",
    )  # fmt: skip
    verb.add_argument("--claim", action="store_true", help="print a link that sets a new owner's password")
    verb.set_defaults(run=_panel)


def _panel(ask: argparse.Namespace) -> int:
    try:
        from edge.app.panel import PanelAsk, panel  # noqa: PLC0415 - only the panel needs its libraries
    except ModuleNotFoundError as error:
        name = str(error.name)
        raise InputError(f"The panel needs {name}; install the product as customer-messenger[panel].") from None

    asked = PanelAsk(
        ask.config, ask.state, ask.own, ask.control, host=ask.host, port=ask.port, claim=ask.claim,
        next_port=ask.next_port, guest=ask.guest, push_authority=ask.push_authority,
    )  # fmt: skip
    return panel(asked, sys.stdout)
