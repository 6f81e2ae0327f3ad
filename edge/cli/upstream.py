"""The verbs for the hub that this box sends to: enrol, sync."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from edge.cli.device import control_option, where, where_options

if TYPE_CHECKING:
    import argparse


def enrol_options(verb: argparse.ArgumentParser) -> None:
    """What becoming known to the hub can be told."""
    verb.add_argument("code", metavar="CODE", help="the code that acm hub device claim shows")
    where_options(verb)
    control_option(verb)
    verb.set_defaults(run=_enrol)


def sync_options(verb: argparse.ArgumentParser) -> None:
    """What seeing to what is sent can be told."""
    what = verb.add_mutually_exclusive_group(required=True)
    what.add_argument("--now", action="store_true", help="send everything that waits, whatever hour it is")
    what.add_argument("--status", action="store_true", help="tell how sending does")
    what.add_argument("--export", type=Path, metavar="FILE", help="write what waits into a file, for a stick")
    what.add_argument("--import", dest="receipts", type=Path, metavar="FILE", help="take the receipts of such a file")
    where_options(verb)
    control_option(verb)
    verb.set_defaults(run=_sync)


def _enrol(ask: argparse.Namespace) -> int:
    from edge.app.upstream import enrol_box  # noqa: PLC0415 - what sends nothing should not wait for its libraries

    return enrol_box(where(ask), ask.code, sys.stdout)


def _sync(ask: argparse.Namespace) -> int:
    from edge.app import stick, upstream  # noqa: PLC0415 - as above

    if ask.now:
        return upstream.sync_now(where(ask), sys.stdout)
    if ask.status:
        return upstream.sync_status(where(ask), sys.stdout)
    if ask.export is not None:
        return stick.export_parcel(where(ask), ask.export, sys.stdout)
    return stick.import_receipts(where(ask), ask.receipts, sys.stdout)
