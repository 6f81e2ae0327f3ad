"""The verbs for reports that come round, and for the notice at the door: reports, notice."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

from edge.cli.device import control_option, where, where_options
from edge.cli.kinds import one_of
from edge.config.mail import ADDRESS
from edge.core.errors import InputError

DOINGS = ("list", "deliver", "test")
PAPERS = ("a4", "a5")
MOST_LANGUAGES = 2


def reports_options(verb: argparse.ArgumentParser) -> None:
    """What seeing to reports that come round can be told."""
    verb.add_argument("do", nargs="?", type=one_of(DOINGS), default="list", help=f"what: {', '.join(DOINGS)} (list)")
    verb.add_argument("what", nargs="?", default="", help="deliver: the report's name; test: a mail address")
    verb.add_argument("day", nargs="?", type=_day, help="deliver: a day of the period, as 2026-11-16")
    verb.add_argument("--language", default="", metavar="CODE", help="test: in which language")
    where_options(verb)
    control_option(verb)
    verb.set_defaults(run=_reports)


def notice_options(verb: argparse.ArgumentParser) -> None:
    """What the notice at the door can be told."""
    verb.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="the PDF")
    verb.add_argument("--language", default="", metavar="CODES", help="one or two, such as de,tr (as in [reports])")
    verb.add_argument("--paper", type=one_of(PAPERS), default="a4", help=f"{' or '.join(PAPERS)} (a4)")
    where_options(verb)
    verb.set_defaults(run=_notice)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write it like 2026-11-16.") from None


def _reports(ask: argparse.Namespace) -> int:
    from edge.app import report_way  # noqa: PLC0415 - what sends nothing should not wait for its libraries

    if ask.do == "list":
        if ask.what:
            raise InputError(f"reports list cannot use the word {ask.what!r}; leave it out.")
        return report_way.tell_reports(ask.control, sys.stdout)
    if ask.do == "test":
        if not ADDRESS.match(ask.what):
            raise InputError("reports test needs a mail address, such as owner@example.org.")
        return report_way.send_test(where(ask), ask.what, ask.language, sys.stdout)
    if not ask.what or ask.day is None:
        raise InputError("reports deliver needs a report's name and a day of its period, as 2026-11-16.")
    return report_way.deliver_report(report_way.DeliverAsk(where(ask), ask.what, ask.day), sys.stdout)


def _notice(ask: argparse.Namespace) -> int:
    from edge.app.door_notice import NoticeAsk, write_notice  # noqa: PLC0415 - as above

    languages = tuple(part.strip() for part in ask.language.split(",") if part.strip())
    if len(languages) > MOST_LANGUAGES:
        raise InputError(f"--language: a notice has room for {MOST_LANGUAGES} languages; name two of them.")
    return write_notice(NoticeAsk(where(ask), ask.output, languages, ask.paper), sys.stdout)
