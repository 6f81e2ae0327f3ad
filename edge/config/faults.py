"""Turns what pydantic finds wrong into sentences a person can act on: where, what is wrong, what is allowed."""

from __future__ import annotations

import re
from datetime import date, time
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, SecretStr

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic import ValidationError
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

Place = tuple["str | int", ...]

LONGEST_VALUE = 40
CREDENTIALS = re.compile(r"//[^/@\s]*@")


def told_faults(error: ValidationError, model: type[BaseModel]) -> list[tuple[Place, str]]:
    """Every fault as (place in the file, sentence without its full stop), in the order of the schema.

    What a field allows is its ``description``; a fault found by our own validators is told in their words.
    """
    told: dict[Place, str] = {}
    for fault in error.errors():
        place = _in_file(tuple(fault["loc"]))
        sentence = _sentence(fault, model)
        # A value that may be of several kinds is none of them: once is enough.
        if len(place) < len(fault["loc"]):
            told.setdefault(place, sentence)
        else:
            told[place] = f"{told[place]}; {sentence}" if place in told else sentence
    return list(told.items())


def _in_file(place: Place) -> Place:
    """A place without the kinds a value was tried as, which stand in no file."""
    kinds = [number for number, part in enumerate(place) if isinstance(part, str) and "[" in part]
    return place[: kinds[0]] if kinds else place


def written(place: Place) -> str:
    """A place as a person would write it: ``camera[0].line[1].from``."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _sentence(fault: ErrorDetails, model: type[BaseModel]) -> str:
    place: Place = tuple(fault["loc"])
    owner = _owner(place, model)
    field = _last_field(place, model)
    if fault["type"] == "extra_forbidden":
        return _unknown_key(str(place[-1]), owner)
    allowed = field.description if field is not None and field.description else fault["msg"]
    if fault["type"] == "missing":
        return f"is missing; give {allowed}"
    if fault["type"] == "telling":
        return fault["msg"]
    secret = field is not None and SecretStr in _kinds(field.annotation)
    found = "what stands there" if secret else _shown(fault["input"])
    return f"{found} will not do; give {allowed}"


def _unknown_key(key: str, owner: type[BaseModel] | None) -> str:
    known = keys(owner) if owner else []
    near = get_close_matches(key, known, n=1, cutoff=0.6)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
    return f"there is no such setting; {hint}"


def keys(model: type[BaseModel]) -> list[str]:
    """What may stand in a table, as it is written in the file."""
    return [field.alias or name for name, field in model.model_fields.items()]


def _steps(place: Place, model: type[BaseModel]) -> Iterator[tuple[FieldInfo, type[BaseModel] | None]]:
    """The fields on the way to a place, each with the table it opens (None for a value)."""
    table: type[BaseModel] | None = model
    for key in (part for part in place if isinstance(part, str)):
        field = _field(key, table)
        if field is None:
            return
        table = table_of(field)
        yield field, table


def _field(key: str, table: type[BaseModel] | None) -> FieldInfo | None:
    fields = table.model_fields.items() if table is not None else ()
    return next((field for name, field in fields if (field.alias or name) == key), None)


def _owner(place: Place, model: type[BaseModel]) -> type[BaseModel] | None:
    table: type[BaseModel] | None = model
    for _, opened in _steps(place[:-1], model):
        table = opened
    return table


def _last_field(place: Place, model: type[BaseModel]) -> FieldInfo | None:
    field = None
    for step, _ in _steps(place, model):
        field = step
    return field


def table_of(field: FieldInfo) -> type[BaseModel] | None:
    """The table (or the one kind of table in a list) that a field holds; None for a plain value."""
    return next((kind for kind in _kinds(field.annotation) if issubclass(kind, BaseModel)), None)


def _kinds(annotation: Any) -> Iterable[type[Any]]:  # noqa: ANN401 - an annotation may be any object
    if isinstance(annotation, type) and not get_args(annotation):
        return (annotation,)
    return (kind for part in get_args(annotation) for kind in _kinds(part))


def _shown(value: object) -> str:
    """A wrong value in few words, without the password a camera's address may hold."""
    told = repr(value)
    if isinstance(value, bool):
        told = "true" if value else "false"
    elif isinstance(value, (date, time)):
        told = str(value)
    text = CREDENTIALS.sub("//***@", told)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."
