"""Rules: when something happens, within a window of time, something is done. Each can be tried on what was recorded."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

from nicegui import ui

from edge.config.change import GONE, Edit
from edge.config.load import read_text
from edge.config.rules import WEEKDAYS
from edge.panel.auth.rights import Right
from edge.panel.pages.manage.frame import way_back
from edge.panel.pages.manage.proposal import propose
from edge.panel.pages.manage.rule_form import RuleForm
from edge.panel.pages.page import Page
from edge.panel.parts import button, card, cards, text

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from edge.config.rules import RuleTable
    from edge.panel.view import View
    from edge.panel.words import Words


def build(view: View) -> None:
    """The page."""
    way_back(view)
    words, rules = view.words, view.panel.settings.config.rule
    with cards() as grid:
        if not rules:
            with card():
                text(words("rules.none"), "p", "empty")
        for rule in rules:
            with card(rule.name, "w6") as made:
                made.props["data-test"] = "rule"
                _card(view, rule)

    def new() -> None:
        add.set_visibility(False)
        with grid, card(words("rules.add")):
            RuleForm(view, None).build()

    with ui.element("div").classes("row after"):
        add = button(words("rules.add"), new, "plus")
        add.props["data-test"] = "add-rule"


def _card(view: View, rule: RuleTable) -> None:
    words = view.words
    text(trigger_text(words, rule), "p")
    text(action_text(words, rule), "p", "muted")
    place = ui.element("div").classes("stack")

    def edit() -> None:
        row.set_visibility(False)
        with place:
            RuleForm(view, rule).build()

    with ui.element("div").classes("row") as row:
        button(words("rules.edit"), edit, "edit", plain=True).props("data-test=edit-rule")
        if not in_own_file(view, rule.name):
            button(words("manage.delete"), partial(_delete, view, rule.name), "trash", plain=True)
    row.move(target_index=-1)


async def _delete(view: View, name: str) -> None:
    await propose(view, [Edit(("rule", name), GONE)])


def in_own_file(view: View, name: str) -> bool:
    """Whether a rule stands in the owner's own file: there it can be changed from here, but not taken away."""
    return name in names_in(read_text(view.panel.settings.files.base))


def names_in(settings: str) -> set[str]:
    """The names of the rules in a settings file."""
    return tables_in(settings, "rule")


def tables_in(settings: str, kind: str) -> set[str]:
    """The names of the tables of a kind in a settings file."""
    return {str(table.get("name")) for table in tomllib.loads(settings).get(kind, [])}


def trigger_text(words: Words, rule: RuleTable) -> str:
    """When a rule does something, in a sentence."""
    what = words(f"rules.on_{rule.on}")
    which = rule.line or rule.zone or rule.button or rule.notice
    people = [words("rules.more_than", people=rule.above)] if rule.above is not None else []
    people += [words("rules.fewer_than", people=rule.below)] if rule.below is not None else []
    lasting = [words("rules.after", lasting=words.lasting(rule.lasting_s))] if rule.lasting_s else []
    days = [", ".join(words.weekday(WEEKDAYS.index(day)) for day in rule.days)] if rule.days else []
    hours = [words(f"rules.hours_{rule.hours}")] if rule.hours != "any" else []
    window = [f"{rule.start or '00:00'}-{rule.end or '24:00'}"] if rule.start or rule.end else []
    return " · ".join([what, *filter(None, [which, rule.camera]), *people, *lasting, *days, *hours, *window])


def action_text(words: Words, rule: RuleTable) -> str:
    """What a rule does, in a sentence."""
    done = [words("rules.did_chime", sound=rule.chime.rpartition("/")[2])] if rule.chime else []
    done += [words("rules.did_say", text=rule.say)] if rule.say else []
    done += [words(f"rules.did_{rule.turn}", relay=rule.relay)] if rule.relay else []
    done += [words(f"rules.did_light_{rule.light}")] if rule.light else []
    return ", ".join(done)


PAGE = Page("/manage/rules", "manage.rules", "manage", build, right=Right.SET, listed=False)
