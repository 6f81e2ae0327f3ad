"""The form of one rule: only what goes with what was chosen is asked for; it can be tried before it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui
from pydantic import ValidationError

from edge.config.change import Edit
from edge.config.rules import FILTERS, LASTING, WEEKDAYS, RuleTable
from edge.core.errors import InputError
from edge.panel.pages.manage.form import Choice, Field, Line
from edge.panel.pages.manage.frame import tried
from edge.panel.pages.manage.proposal import propose
from edge.panel.pages.manage.rule_trial import Trial
from edge.panel.pages.manage.sounds import choices
from edge.panel.parts import button, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edge.config.schema import Config
    from edge.panel.view import View

TRIGGERS = (
    "arriving", "arrival", "departure", "presence", "occupancy", "empty", "dwell", "night", "day", "button", "notice",
    "clock",
)  # fmt: skip
TURNS = ("on", "off", "pulse", "hold", "follow")
WHOLE, SECONDS = ("above", "below"), ("lasting_s", "cooldown_s", "for_s")
# What goes with every trigger, by how it is written in the file.
ALWAYS = ("camera", "holidays", "hours", "from", "to", "cooldown_s", "chime", "say", "relay", "turn", "for_s", "light")


class RuleForm:
    """A new rule, or one that is there."""

    def __init__(self, view: View, rule: RuleTable | None) -> None:
        self._view, self._rule = view, rule
        self._config = view.panel.settings.config
        self._fields: dict[str, Field] = {}
        self._days: dict[str, ui.checkbox] = {}

    def build(self) -> None:
        """Make it where we are."""
        words = self._view.words
        with ui.element("div").classes("stack rule-form"):
            if self._rule is None:
                self._name = Line(words("rules.name"), test="rule-name")
            text(words("rules.event"), "h3")
            with ui.element("div").classes("pairs"):
                self._event()
            text(words("rules.schedule"), "h3")
            self._schedule()
            text(words("rules.action"), "h3")
            with ui.element("div").classes("pairs"):
                self._action()
            with ui.element("div").classes("row"):
                button(words("manage.look"), self._propose, "check").props("data-test=propose")
            Trial(self._view, self.candidate).build()
        for key in ("on", "turn", "relay"):
            self._fields[key].on_change(self._fit)
        self._fit()

    async def candidate(self) -> tuple[Config, str]:
        """The settings with the rule as it stands in the form. Raises ``AcmError`` if it makes no sense."""
        name = self._named()
        try:
            rule = RuleTable.model_validate({"name": name, **self._values()})
        except ValueError as error:
            raise InputError(_first(error)) from None
        return self._config.model_copy(update={"rule": (rule,)}), name

    def _named(self) -> str:
        name = self._rule.name if self._rule is not None else self._name.value.strip()
        if not name:
            raise InputError(self._view.words("rules.nameless"))
        if self._rule is None and any(rule.name == name for rule in self._config.rule):
            raise InputError(self._view.words("rules.twice", name=name))
        return name

    async def _propose(self) -> None:
        async def work() -> Edit:
            return Edit(("rule", self._named()), self._values())

        edit = await tried(self._view, work())
        if edit is not None:
            await propose(self._view, [edit])

    def _values(self) -> dict[str, Any]:
        """The rule as it would be written: all that goes with its trigger, and what it had before is set back."""
        on, values = self._fields["on"].value, {"on": self._fields["on"].value}
        made: dict[str, Any] = dict(values)
        for key, field in self._fields.items():
            if key != "on":
                made.update(self._value(key, field, goes=key in ALWAYS or on in FILTERS.get(key, ())))
        made["days"] = [day for day, box in self._days.items() if box.value]
        if not made.get("relay"):
            made["turn"], made["for_s"] = "pulse", 0.0
        elif made["turn"] not in ("pulse", "hold"):
            made["for_s"] = 0.0
        return made

    @staticmethod
    def _value(key: str, field: Field, *, goes: bool) -> dict[str, Any]:
        said = field.value.strip() if goes else ""
        if key in WHOLE:
            return {key: int(said)} if said.isdigit() else {}
        if key in SECONDS:
            return {key: (field.number or 0.0) if goes and isinstance(field, Line) else 0.0}
        return {key: said}

    def _event(self) -> None:
        words, config = self._view.words, self._config
        self._choice("on", {on: words(f"rules.on_{on}") for on in TRIGGERS}, TRIGGERS[1])
        self._choice("camera", self._any(camera.name for camera in config.camera))
        self._choice("line", self._any(line.name for camera in config.camera for line in camera.line))
        self._choice("zone", self._any(zone.name for camera in config.camera for zone in camera.zone))
        self._choice("button", self._any(one.name for one in config.button))
        self._line("notice")
        for key in (*WHOLE, "lasting_s"):
            self._line(key, "number")

    def _schedule(self) -> None:
        words = self._view.words
        with ui.element("div").classes("row days-row"):
            chosen = self._rule.days if self._rule is not None else ()
            for number, day in enumerate(WEEKDAYS):
                self._days[day] = ui.checkbox(words.weekday(number), value=day in chosen)
        text(words("rules.days_hint"), "p", "muted small")
        with ui.element("div").classes("pairs"):
            self._line("from")
            self._line("to")
            self._choice("hours", {one: words(f"rules.hours_{one}") for one in ("any", "open", "closed")}, "any")
            self._choice("holidays", {one: words(f"rules.holidays_{one}") for one in ("any", "only", "except")}, "any")

    def _action(self) -> None:
        words = self._view.words
        self._choice("chime", choices(self._view, words("rules.nothing")))
        self._line("say")
        self._choice("relay", {"": words("rules.nothing"), **{one.name: one.name for one in self._config.relay}})
        self._choice("turn", {turn: words(f"rules.turn_{turn}") for turn in TURNS}, "pulse")
        self._line("for_s", "number")
        lights = {"": words("rules.nothing"), **{one: words(f"rules.light_{one}") for one in ("night", "day", "auto")}}
        self._choice("light", lights)
        self._line("cooldown_s", "number")

    def _any(self, names: Iterable[str]) -> dict[str, str]:
        return {"": self._view.words("rules.any"), **{name: name for name in dict.fromkeys(names)}}

    def _choice(self, key: str, options: dict[str, str], usual: str = "") -> None:
        words = self._view.words
        self._fields[key] = Choice(words(f"rules.{key}"), options, self._now(key, usual), test=f"rule-{key}")

    def _line(self, key: str, kind: str = "text") -> None:
        words = self._view.words
        hint = words(f"rules.{key}_hint") if key in ("from", "to", "say", "for_s") else ""
        self._fields[key] = Line(words(f"rules.{key}"), self._now(key, ""), kind=kind, hint=hint, test=f"rule-{key}")

    def _now(self, key: str, usual: str) -> str:
        """What stands in a field at first."""
        if self._rule is None:
            return usual
        value = getattr(self._rule, {"from": "start", "to": "end"}.get(key, key))
        if value is None or (key in SECONDS and not value):
            return ""
        return f"{value:g}" if isinstance(value, (int, float)) else str(value)

    def _fit(self) -> None:
        """Show what goes with what was chosen."""
        on = self._fields["on"].value
        for key, triggers in FILTERS.items():
            self._fields[key].whole.set_visibility(on in triggers)
        relay, turn = bool(self._fields["relay"].value), self._fields["turn"].value
        self._fields["turn"].whole.set_visibility(relay)
        self._fields["for_s"].whole.set_visibility(relay and turn in ("pulse", "hold"))
        # Said here before it is tried: a relay follows only what lasts.
        fault = relay and turn == "follow" and on not in LASTING
        self._fields["turn"].control.props["aria-invalid"] = str(fault).lower()


def _first(error: ValueError) -> str:
    """The first fault of a model in words."""
    if not isinstance(error, ValidationError):
        return str(error)
    faults = error.errors()
    place, said = ".".join(str(part) for part in faults[0]["loc"]), str(faults[0]["msg"])
    return f"{place}: {said}." if place else f"{said[:1].upper()}{said[1:]}."
