"""Changes of settings: laid into the text of ``overrides.toml``, checked with everything else, told as differences.

A place leads to a setting by keys, and by name where a list of named tables is on the way:
``("sound", "volume")``, ``("camera", "door", "line")``. Pure: nothing is read or written here.
"""

from __future__ import annotations

import copy
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, SecretStr

from edge.config.show import toml_key, toml_value
from edge.core.errors import InputError
from edge.core.masking import MASK, masked

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from edge.config.schema import Config

Place = tuple[str, ...]
# What stands for "no longer laid over: as in the owner's own file". TOML has no null, so nothing is confused.
GONE = None
HEAD = "# What was changed on the panel. It lies over acm.toml; the panel keeps who changed what.\n"
LISTS = ("camera", "relay", "button", "rule", "report")


@dataclass(frozen=True, slots=True)
class Edit:
    """A setting gets another value; ``GONE`` takes away what was laid over."""

    place: Place
    value: Any


@dataclass(frozen=True, slots=True)
class Difference:
    """A setting that is not as it was, secrets masked. None on either side: there is no such thing there."""

    place: Place
    before: Any
    after: Any

    @property
    def written(self) -> str:
        """The place as people write it: ``camera.door.fps``."""
        return ".".join(self.place)


def edited(overrides: str, edits: Sequence[Edit]) -> tuple[str, list[Edit]]:
    """The text of ``overrides.toml`` after some edits, and the edits that undo them."""
    values = tomllib.loads(overrides)
    undo = []
    for edit in edits:
        before = copy.deepcopy(_found(values, edit.place))
        undo.append(Edit(edit.place, before))
        _lay(values, edit.place, edit.value)
    return dumped(values), undo[::-1]


def dumped(values: Mapping[str, Any]) -> str:
    """Values as a TOML text."""
    return HEAD + "\n".join(_rows(values, "")).replace("\n\n\n", "\n\n").rstrip("\n") + "\n"


def differences(before: Config, after: Config) -> list[Difference]:
    """Every setting that differs."""
    return list(_differing(_plain(before), _plain(after), ()))


def without_secrets(edits: Sequence[Edit], config: Config) -> list[Edit]:
    """The edits without what is secret by the settings' schema: for what is kept of them."""
    kept = []
    for edit in edits:
        hidden = _secret_keys(config, edit.place[0]) if edit.place else frozenset()
        if isinstance(edit.value, dict) and len(edit.place) == 1:
            kept.append(Edit(edit.place, {key: value for key, value in edit.value.items() if key not in hidden}))
        elif edit.value is GONE or edit.place[-1] not in hidden:
            kept.append(edit)
    return kept


def _secret_keys(config: Config, name: str) -> frozenset[str]:
    table = getattr(config, name, None)
    fields = type(table).model_fields if isinstance(table, BaseModel) else ()
    return frozenset(key for key in fields if isinstance(getattr(table, key), SecretStr))


def told(value: Any) -> Any:  # noqa: ANN401 - a setting may be anything
    """A setting's value as it may be shown, stored and sent: secrets, also those in addresses, are masked."""
    if isinstance(value, SecretStr):
        return MASK if value.get_secret_value() else ""
    if isinstance(value, str):
        return masked(value) if "://" in value else value
    if isinstance(value, dict):
        return {key: told(one) for key, one in value.items()}
    return [told(one) for one in value] if isinstance(value, (list, tuple)) else value


def _found(values: Any, place: Place) -> Any:  # noqa: ANN401 - whatever TOML may hold
    """What stands at a place; ``GONE`` if nothing does."""
    for part in place:
        if isinstance(values, list):
            values = next((one for one in values if isinstance(one, dict) and one.get("name") == part), GONE)
        else:
            values = values.get(part, GONE) if isinstance(values, dict) else GONE
        if values is GONE:
            return GONE
    return values


def _lay(values: dict[str, Any], place: Place, value: Any) -> None:  # noqa: ANN401 - whatever TOML may hold
    """Put a value at a place, making what leads there; or take it away, and what is empty then."""
    if not isinstance(values, dict):
        raise InputError(f"Nothing can be set at {'.'.join(place)}: what it would be part of is no table.")
    head, *rest = place
    if not rest:
        if value is GONE:
            values.pop(head, None)
        else:
            values[head] = value
        return
    if head in LISTS:
        _lay_in_list(values, place, value)
        return
    inner = values.setdefault(head, {})
    _lay(inner, tuple(rest), value)
    if not inner:
        del values[head]


def _lay_in_list(values: dict[str, Any], place: Place, value: Any) -> None:  # noqa: ANN401 - whatever TOML may hold
    head, name, *rest = place
    tables = values.setdefault(head, [])
    if not _is_tables(tables) and tables != []:
        raise InputError(f"Nothing can be set at {'.'.join(place)}: {head} is no list of tables.")
    if not rest and value is not GONE and not isinstance(value, dict):
        raise InputError(f"What is set at {head}.{name} has to be a table.")
    table = next((one for one in tables if one.get("name") == name), None)
    if not rest:
        tables[:] = [one for one in tables if one is not table] + ([] if value is GONE else [{"name": name, **value}])
    else:
        if table is None:
            table = {"name": name}
            tables.append(table)
        _lay(table, tuple(rest), value)
        if set(table) == {"name"}:
            tables.remove(table)
    if not tables:
        del values[head]


def _rows(values: Mapping[str, Any], header: str) -> Iterator[str]:
    tables = {key: value for key, value in values.items() if isinstance(value, dict) or _is_tables(value)}
    for key, value in values.items():
        if key not in tables:
            yield f"{toml_key(key)} = {toml_value(value)}"
    for key, value in tables.items():
        path = f"{header}.{toml_key(key)}" if header else toml_key(key)
        for one in [value] if isinstance(value, dict) else value:
            yield f"\n[{path}]" if isinstance(value, dict) else f"\n[[{path}]]"
            yield from _rows(one, path)


def _is_tables(value: Any) -> bool:  # noqa: ANN401 - as above
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _plain(value: Any) -> Any:  # noqa: ANN401 - a setting may be anything
    """Settings as plain values, lists of named tables by name."""
    if isinstance(value, BaseModel):
        return {
            field.alias or name: _plain(getattr(value, name)) for name, field in type(value).model_fields.items()
        }
    if isinstance(value, tuple) and value and all(isinstance(one, BaseModel) and hasattr(one, "name") for one in value):
        return {one.name: _plain(one) for one in value}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return getattr(value, "value", value)


def _differing(before: Any, after: Any, place: Place) -> Iterator[Difference]:  # noqa: ANN401 - as above
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys((*before, *after)):
            yield from _differing(before.get(key), after.get(key), (*place, key))
    elif before != after and (before or after or type(before) is type(after)):
        yield Difference(place, told(before), told(after))
