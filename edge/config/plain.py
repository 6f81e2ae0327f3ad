"""The settings in force as plain values, for programs: each as the file would write it, secrets masked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from edge.config.change import told
from edge.core.masking import MASK

if TYPE_CHECKING:
    from edge.config.faults import Place
    from edge.config.load import InForce


def plain_settings(settings: InForce) -> dict[str, Any]:
    """Every setting in force by table and key, lists of tables as lists."""
    return _table(settings, settings.config, ())


def _table(settings: InForce, table: BaseModel, place: Place) -> dict[str, Any]:
    found = {}
    for name, field in type(table).model_fields.items():
        key = field.alias or name
        found[key] = _value(settings, getattr(table, name), (*place, key))
    return found


def _value(settings: InForce, value: Any, place: Place) -> Any:  # noqa: ANN401 - a setting may be anything
    if isinstance(value, BaseModel):
        return _table(settings, value, place)
    if isinstance(value, (tuple, list)):
        return [_value(settings, one, (*place, number)) for number, one in enumerate(value)]
    if value and settings.source(place) is not None and settings.secret(place):
        return MASK
    return told(getattr(value, "value", value))
