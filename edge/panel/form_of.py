"""A table of the settings as a form: which fields it has, and which edits what was typed stands for. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from pydantic import BaseModel, SecretStr

from edge.config.change import Edit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Kind(Enum):
    """How a setting is asked for."""

    SWITCH = 0
    NUMBER = 1
    CHOICE = 2
    LIST = 3
    SECRET = 4
    TEXT = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """A setting to ask for. ``value`` is what stands in its field: of a secret nothing, ``is_set`` says whether it is.

    ``allowed`` is what may stand there, in the schema's own words; ``options`` are those of a choice.
    """

    key: str
    kind: Kind
    value: str
    allowed: str
    is_set: bool
    options: tuple[str, ...] = ()


def asked_of(table: BaseModel) -> list[Asked]:
    """Everything that can be set in a table but what is a table itself."""
    found = []
    for name, field in type(table).model_fields.items():
        value = getattr(table, name)
        inner = value if isinstance(value, tuple) else (value,)
        if not any(isinstance(one, BaseModel) for one in inner):
            options = _options(field.annotation)
            told = _text(value)
            found.append(Asked(field.alias or name, _kind(value, options), told, field.description or "",
                               bool(told) or (isinstance(value, SecretStr) and bool(value.get_secret_value())),
                               options))  # fmt: skip
    return found


def edits_of(name: str, table: BaseModel, typed: Mapping[str, str]) -> list[Edit]:
    """The edits that what was typed stands for; none where it is as before. What makes no number stays a text.

    So the schema says what is wrong with it, in its own words. A secret is only ever set, never read.
    """
    edits = []
    for one in asked_of(table):
        said = typed.get(one.key, one.value).strip()
        if said != one.value:
            now = getattr(table, one.key)
            edits.append(Edit((name, one.key), _value(said, one.kind, now)))
    return edits


def _kind(value: object, options: Sequence[str]) -> Kind:
    if isinstance(value, SecretStr):
        return Kind.SECRET
    if isinstance(value, bool):
        return Kind.SWITCH
    if isinstance(value, (int, float)):
        return Kind.NUMBER
    if isinstance(value, tuple):
        return Kind.LIST
    return Kind.CHOICE if options else Kind.TEXT


def _options(annotation: Any) -> tuple[str, ...]:  # noqa: ANN401 - a type of any kind
    if get_origin(annotation) is Literal:
        return tuple(str(one) for one in get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return tuple(str(one.value) for one in annotation)
    return ()


def _text(value: object) -> str:
    if isinstance(value, SecretStr):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ", ".join(_text(one) for one in value)
    if isinstance(value, (int, float)):
        return f"{value:g}" if isinstance(value, float) else str(value)
    return str(getattr(value, "value", value))


def _value(said: str, kind: Kind, now: object) -> Any:  # noqa: ANN401 - whatever TOML may hold
    if kind is Kind.SWITCH:
        return said == "true"
    if kind is Kind.LIST:
        return [part.strip() for part in said.split(",") if part.strip()]
    if kind is Kind.NUMBER:
        try:
            number = float(said.replace(",", ".")) if said else 0.0
        except ValueError:
            return said
        return int(number) if isinstance(now, int) and number.is_integer() else number
    return said
