"""The verb for the records: db."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

from edge.cli.device import where, where_options
from edge.cli.kinds import one_of
from edge.core.errors import InputError

DOINGS = ("check", "backup", "rebuild", "export")


def db_options(verb: argparse.ArgumentParser) -> None:
    """What looking after the records can be told."""
    verb.add_argument("do", type=one_of(DOINGS), help=f"what: {', '.join(DOINGS)}")
    verb.add_argument("what", nargs="?", help="backup: where to; export: crossings, visits, hours, days and others")
    where_options(verb)
    verb.add_argument("--file", type=Path, metavar="RECORDS", help="other records than the box's own")
    verb.add_argument("--form", type=one_of(("csv", "jsonl")), default="csv", help="export: csv or jsonl (csv)")
    verb.add_argument("--days", nargs=2, type=_day, metavar="DAY", help="export: from this day to that, as 2026-05-01")
    verb.add_argument("--own-days", action="store_true", help="rebuild: count all days as the settings have them now")
    verb.set_defaults(run=_db)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write it like 2026-05-01.") from None


def _db(ask: argparse.Namespace) -> int:
    from edge.app import records  # noqa: PLC0415 - what needs no records should not wait for their library

    asked = records.RecordsAsk(where(ask), ask.file)
    if ask.what is not None and ask.do in ("check", "rebuild"):
        raise InputError(f"db {ask.do} cannot use the word {ask.what!r}; name other records with --file.")
    if ask.do == "check":
        return records.check_records(asked, sys.stdout)
    if ask.do == "backup":
        return records.back_up(asked, Path(ask.what) if ask.what else None, sys.stdout)
    if ask.do == "rebuild":
        return records.rebuild_figures(asked, sys.stdout, own_days=ask.own_days)
    days = None if ask.days is None else (ask.days[0], ask.days[1])
    return records.export_records(asked, ask.what or "crossings", ask.form, days, sys.stdout)
