"""Understands the words after ``acm``: which verb, with what."""

from __future__ import annotations

import argparse
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, NoReturn

from edge import __version__
from edge.cli import card, device, footage, hub, records, report, reporting, update, upstream, window
from edge.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

GLOBAL_OPTIONS = ("-h", "--help", "--version")
NUMBER_OPTIONS = ("--line", "--fps", "--threads", "--frames", "--for")


class _Parser(argparse.ArgumentParser):
    """Tells what is wrong in one sentence, as every other error of the product is told."""

    def error(self, message: str) -> NoReturn:
        """Turn argparse's wording into ours."""
        option, _, what = message.removeprefix("argument ").partition(": ")
        if what.startswith("expected"):
            raise InputError(f"{option} needs a value; {self.prog} --help tells which.")
        raise InputError(f"{option}: {what}" if what else f"{message}; {self.prog} --help tells more.")


def parsed(words: list[str]) -> argparse.Namespace:
    """What was asked for; ``run`` of it does it. ``InputError`` if that cannot be understood."""
    parser, verbs = parsers()
    if not words:
        raise InputError(f"say what to do: {', '.join(verbs)} (acm --help tells more).")
    if words[0].startswith("-") and words[0] not in GLOBAL_OPTIONS:
        raise InputError(f"there is no option {words[0]}{_suggestion(words[0], GLOBAL_OPTIONS)}")
    if not words[0].startswith("-") and words[0] not in verbs:
        raise InputError(f"there is no command {words[0]!r}{_suggestion(words[0], list(verbs))}")
    ask, unknown = parser.parse_known_args(_joined(words))
    unknown = _taken_up(ask, verbs[ask.verb], unknown)
    if unknown:
        first = next((word for word in unknown if word.startswith("-")), unknown[0])
        known = [option for action in verbs[ask.verb]._actions for option in action.option_strings]  # noqa: SLF001 - argparse tells its options nowhere else
        if first.startswith("-"):
            name = first.partition("=")[0]
            raise InputError(f"{ask.verb} has no option {name}{_suggestion(name, known)}")
        raise InputError(f"{ask.verb} cannot use the word {first!r}; leave it out (acm {ask.verb} --help).")
    return ask


def _taken_up(ask: argparse.Namespace, verb: _Parser, unknown: list[str]) -> list[str]:
    """A word that may be left out is taken for left out where options stand before it: put it in its place."""
    open_ones = [action for action in verb._actions if not action.option_strings and action.nargs == "?"]  # noqa: SLF001 - as below
    for action in open_ones:
        if len(unknown) == 1 and not unknown[0].startswith("-") and getattr(ask, action.dest) == action.default:
            setattr(ask, action.dest, action.type(unknown[0]) if callable(action.type) else unknown[0])
            return []
    return unknown


def _suggestion(word: str, known: Sequence[str]) -> str:
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(known)}."


def _joined(words: list[str]) -> list[str]:
    """A line that starts with a minus is a (wrong) value to be told about, not an option."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] in NUMBER_OPTIONS and re.match(r"-[\d.]", word):
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


def parsers() -> tuple[_Parser, dict[str, _Parser]]:
    """What understands ``acm``, and what understands each of its verbs."""
    parser = _Parser(prog="acm", description="Counts people at a shop's door.", allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"acm {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="COMMAND", required=True)
    makers: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
        "run": ("count at the cameras of the settings, until stopped", device.run_options),
        "panel": ("serve the panel, for a phone or computer", window.panel_options),
        "status": ("tell how the running program does", device.status_options),
        "check": ("check a settings file", device.check_options),
        "config": ("show the settings in force, and where each comes from", device.config_options),
        "reload": ("have the running program read its settings again", device.reload_options),
        "chime": ("play a chime", device.chime_options),
        "relay": ("switch a relay of the running program", device.relay_options),
        "doctor": ("look over the whole box and say what to do", device.doctor_options),
        "update": ("look a new version over, install it, tell which is in use", update.update_options),
        "db": ("check, copy, rebuild or export the records", records.db_options),
        "report": ("make a report of some days: PDF, Excel, CSV, JSON, pictures", report.report_options),
        "reports": ("tell which reports come round, and what became of them", reporting.reports_options),
        "notice": ("write the notice for the door: that people are counted here, and how", reporting.notice_options),
        "enrol": ("make this box known to a hub", upstream.enrol_options),
        "sync": ("see to what is sent to the hub", upstream.sync_options),
        "hub": ("receive what many devices send, on a server", hub.hub_options),
        "provision": ("take settings from the card, and tell on it how the box does", card.provision_options),
        "replay": ("count in a video, as fast as it goes", footage.replay_options),
        "demo": ("count in a video or camera in real time, and show it", footage.demo_options),
        "bench": ("measure what counting costs on this machine", footage.bench_options),
    }
    made = {}
    for verb, (text, add_options) in makers.items():
        made[verb] = verbs.add_parser(verb, help=text, description=f"{text.capitalize()}.", allow_abbrev=False)
        add_options(made[verb])
    return parser, made
