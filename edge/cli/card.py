"""The verb for the card's boot partition: provision."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from edge.cli.device import control_option, where, where_options

if TYPE_CHECKING:
    import argparse


def provision_options(verb: argparse.ArgumentParser) -> None:
    """What provisioning can be told."""
    verb.add_argument("--boot", type=Path, metavar="FOLDER", help="the boot partition (/boot/firmware)")
    verb.add_argument("--tell", action="store_true", help="write how the box does into acm-status.txt there")
    verb.add_argument("--signal", type=Path, metavar="FOLDER", dest="run_folder",
                      help="also beep when that is news; it is remembered in this folder")  # fmt: skip
    where_options(verb)
    control_option(verb)
    verb.set_defaults(run=_provision)


def _provision(ask: argparse.Namespace) -> int:
    from edge.app.provision import ProvisionAsk, provision  # noqa: PLC0415 - it loads the video library

    return provision(ProvisionAsk(where(ask), ask.boot, ask.tell, ask.run_folder), sys.stdout)
