"""The settings in force as a settings file again: each with where it comes from, secrets masked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, SecretStr

from edge.core.masking import MASK, masked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.config.faults import Place
    from edge.config.load import InForce

ALIGNED = 36


def shown(settings: InForce) -> str:
    """Every setting in force as TOML, with its file and line, or ``default``, behind it."""
    return "\n".join(_table(settings, settings.config, (), "")).lstrip("\n") + "\n"


def toml_value(value: Any) -> str:  # noqa: ANN401 - whatever TOML may hold
    """A value as TOML writes it."""
    if isinstance(value, Enum):
        return toml_value(value.value)
    if isinstance(value, str):
        # What JSON escapes in a string, TOML escapes alike; JSON leaves DEL alone, TOML does not.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{toml_key(key)} = {toml_value(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, Sequence):
        return "[" + ", ".join(toml_value(inner) for inner in value) + "]"
    return str(value)


def _table(settings: InForce, table: BaseModel, place: Place, header: str) -> Iterator[str]:
    """A table's own values first, then the tables in it, as TOML wants it."""
    inner: list[tuple[str, Place, Any]] = []
    for name, field in type(table).model_fields.items():
        key, value = field.alias or name, getattr(table, name)
        if isinstance(value, BaseModel) or _is_tables(value):
            inner.append((key, (*place, key), value))
        elif value is not None:
            row = f"{key} = {_hidden(settings, (*place, key), value)}"
            yield f"{row:<{ALIGNED}}  # {_source(settings, (*place, key))}"
    for key, where, value in inner:
        path = f"{header}.{key}" if header else key
        if isinstance(value, BaseModel):
            yield f"\n[{path}]"
            yield from _table(settings, value, where, path)
            continue
        for number, one in enumerate(value):
            yield f"\n[[{path}]]"
            yield from _table(settings, one, (*where, number), path)


def _is_tables(value: Any) -> bool:  # noqa: ANN401 - a setting may be anything
    return isinstance(value, tuple) and any(isinstance(one, BaseModel) for one in value)


def _hidden(settings: InForce, place: Place, value: Any) -> str:  # noqa: ANN401 - a setting may be anything
    if isinstance(value, SecretStr):
        return toml_value(MASK if value.get_secret_value() else "")
    if settings.source(place) is not None and settings.secret(place):
        return toml_value(MASK)
    text = toml_value(value)
    return masked(text) if "://" in text else text


def _source(settings: InForce, place: Place) -> str:
    source = settings.source(place)
    return "default" if source is None else f"{source[0]}:{source[1]}"


def toml_key(key: str) -> str:
    """A key as TOML writes it."""
    return key if key.replace("_", "").replace("-", "").isalnum() and key.isascii() else toml_value(key)
