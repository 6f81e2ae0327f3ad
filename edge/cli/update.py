"""The verb for a new version of the program: update."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from edge.cli.device import control_option, where, where_options
from edge.core.errors import InputError

if TYPE_CHECKING:
    from edge.app.update import Updates
    from edge.app.upgrade import Upgrades
    from edge.core.notice import Fact


def update_options(verb: argparse.ArgumentParser) -> None:
    """What an update can be told."""
    doing = verb.add_mutually_exclusive_group()
    doing.add_argument("--check", type=Path, metavar="FILE", help="look a signed package over, and change nothing")
    doing.add_argument("--apply", type=Path, metavar="FILE", help="install it once the shop is closed (for root)")
    # Spoken by the package's own scripts and units.
    doing.add_argument("--prepare", metavar="VERSION", help=argparse.SUPPRESS)
    doing.add_argument("--watch", action="store_true", help=argparse.SUPPRESS)
    doing.add_argument("--waiting", action="store_true", help=argparse.SUPPRESS)
    verb.add_argument("--now", action="store_true", help="apply: do not wait until the shop is closed")
    verb.add_argument("--downgrade", action="store_true", help="take an older version, too")
    verb.add_argument("--keys", type=Path, metavar="FILE", help="whose signatures count (/etc/acm/update.pub)")
    where_options(verb)
    control_option(verb)
    verb.set_defaults(run=_update)


def _update(ask: argparse.Namespace) -> int:
    from edge.app import update  # noqa: PLC0415 - what needs no records should not wait for their library

    if ask.prepare is not None or ask.watch:
        return _upgrade(ask)
    updates = _updates(ask)
    if ask.waiting:
        return update.apply_waiting(where(ask), updates, sys.stdout)
    if ask.check is not None:
        asked = update.UpdateAsk(where(ask), ask.check, downgrade=ask.downgrade)
        return update.check(asked, updates, sys.stdout)
    if ask.apply is not None:
        asked = update.UpdateAsk(where(ask), ask.apply, now=ask.now, downgrade=ask.downgrade)
        return update.apply(asked, updates, sys.stdout)
    if ask.now or ask.downgrade:
        raise InputError("--now and --downgrade go with --apply FILE.")
    return update.standing(updates, sys.stdout)


def _upgrade(ask: argparse.Namespace) -> int:
    from edge.app.upgrade import prepare, watch  # noqa: PLC0415 - as above

    upgrades = _upgrades(ask)
    if ask.watch:
        return int(not watch(upgrades))
    note = prepare(where(ask), upgrades, ask.prepare)
    sys.stdout.writelines(f"{file} was copied to {copy}.\n" for file, copy in note.copies)
    return 0


def _updates(ask: argparse.Namespace) -> Updates:
    from threading import Event  # noqa: PLC0415 - as above

    from edge.app.update import KEYS, Updates  # noqa: PLC0415
    from edge.core.clock import SystemClock  # noqa: PLC0415
    from edge.host.clock_sync import clock_synced  # noqa: PLC0415
    from edge.host.journal import leads_to_journal, open_journal  # noqa: PLC0415

    clock, journal = SystemClock(), open_journal()

    def tell(fact: Fact) -> None:
        # Who sits before a terminal reads it there anyhow.
        if leads_to_journal(os.environ, sys.stderr):
            journal.tell(fact, clock.monotonic_s())

    return Updates(clock, clock_synced, Event().wait, tell, keys=ask.keys or KEYS)


def _upgrades(ask: argparse.Namespace) -> Upgrades:
    from functools import partial  # noqa: PLC0415 - as above
    from threading import Event  # noqa: PLC0415

    from edge.app.standing import status  # noqa: PLC0415
    from edge.app.upgrade import Upgrades  # noqa: PLC0415
    from edge.core.clock import SystemClock  # noqa: PLC0415
    from edge.host.journal import open_journal  # noqa: PLC0415
    from edge.host.units import Units  # noqa: PLC0415

    clock, journal = SystemClock(), open_journal()
    return Upgrades(
        Units(), clock, partial(status, ask.control), Event().wait,
        lambda fact: journal.tell(fact, clock.monotonic_s()),
    )  # fmt: skip
