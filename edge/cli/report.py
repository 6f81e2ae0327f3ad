"""The verb for figures on paper: report."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from edge.cli.device import where, where_options
from edge.cli.kinds import one_of
from edge.core.errors import InputError

if TYPE_CHECKING:
    from edge.analytics.told import Scope

UNITS = ("day", "week", "month", "year")
FORMS = ("pdf", "xlsx", "csv", "json", "png")
SCOPES = ("camera", "line", "zone")
LANGUAGE_LENGTH = 40


def report_options(verb: argparse.ArgumentParser) -> None:
    """What a report can be told."""
    verb.add_argument("--period", type=one_of(UNITS), help=f"of a {', '.join(UNITS)} (the last week)")
    verb.add_argument("--date", default="", metavar="WHEN", help="2026-W47, 2026-11, 2026, DAY, DAY..DAY (the last)")
    verb.add_argument("--format", type=_forms, default=("pdf",), help=f"some of {','.join(FORMS)} (pdf)")
    verb.add_argument("-o", "--output", type=Path, default=Path(), metavar="FOLDER", help="where to put it (here)")
    verb.add_argument(
        "--scope", action="append", type=_scope, default=[], metavar="KIND=NAME",
        help="of a camera, line or zone only, such as zone=window; may be given several times",
    )  # fmt: skip
    verb.add_argument("--language", default="", metavar="CODE", help="such as de (that of the settings)")
    verb.add_argument("--json", action="store_true", help="say where it is, and what is in it, as JSON")
    where_options(verb)
    verb.add_argument("--file", type=Path, metavar="RECORDS", help="other records than the box's own")
    verb.set_defaults(run=_report)


def _forms(text: str) -> tuple[str, ...]:
    known = one_of(FORMS)
    return tuple(known(form.strip()) for form in text.split(",")[: len(FORMS) + 1])


def _scope(text: str) -> tuple[str, str]:
    kind, _, name = text.partition("=")
    if not name:
        raise argparse.ArgumentTypeError(f"{text!r} will not do; write it like camera=door or zone=window.")
    return one_of(SCOPES)(kind), name


def _report(ask: argparse.Namespace) -> int:
    from edge.app.report import ReportAsk, asked_period, report  # noqa: PLC0415 - what makes none should not wait
    from edge.app.where import settings_files  # noqa: PLC0415 - as above
    from edge.core.clock import SystemClock  # noqa: PLC0415
    from edge.reports.locales import languages  # noqa: PLC0415

    known = [words.language for words in languages().all]
    if ask.language and ask.language not in known:
        raise InputError(f"--language: there is no {ask.language[:LANGUAGE_LENGTH]!r}; there are {', '.join(known)}.")
    place, now = where(ask), SystemClock().utc_now()
    period = asked_period(ask.period or "", ask.date, settings_files(place).load().config, now)
    asked = ReportAsk(place, period, ask.format, ask.output, ask.language, _scope_of(ask.scope), ask.file, now=now)
    return report(asked, sys.stdout, as_json=ask.json)


def _scope_of(given: list[tuple[str, str]]) -> Scope:
    from edge.analytics.told import Scope  # noqa: PLC0415 - as above

    if len({kind for kind, _ in given}) < len(given):
        raise InputError("--scope: a report is of one camera, one line, one zone; name each kind once.")
    return Scope(**dict(given))
