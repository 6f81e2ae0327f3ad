"""``config/acm.toml`` shows every setting at its default, each with a word about it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic_core import PydanticUndefined

import edge
from edge.config.faults import keys, table_of
from edge.config.load import config_from, key_lines
from edge.config.schema import CameraTable, Config

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

REFERENCE = Path(edge.__file__).parents[1] / "config" / "acm.toml"


def text(*, examples: bool = False) -> str:
    told = REFERENCE.read_text(encoding="utf-8")
    return re.sub(r"^#(?=\S)", "", told, flags=re.MULTILINE) if examples else told


def schema_keys(model: type[BaseModel], table: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, field in zip(keys(model), model.model_fields.values(), strict=True):
        yield (*table, key)
        inner = table_of(field)
        if inner is not None:
            yield from schema_keys(inner, (*table, key))


def test_reference_and_schema_know_the_same_settings() -> None:
    shown = {tuple(part for part in place if isinstance(part, str)) for place in key_lines(text(examples=True))}
    assert shown == set(schema_keys(Config))


def test_what_is_set_is_the_default() -> None:
    config = config_from(text(), REFERENCE.name)
    assert config == Config(camera=(CameraTable(),))
    set_keys = {place for place in key_lines(text()) if not isinstance(place[-1], int)}
    for key, field in CameraTable.model_fields.items():
        assert field.default is not PydanticUndefined, f"{key} has no default to show"
        assert (("camera", 0, key) in set_keys) == (table_of(field) is None)


def test_the_examples_can_be_used() -> None:
    (camera,) = config_from(text(examples=True), REFERENCE.name).camera
    assert len(camera.tripwires()) == len(camera.zones()) == 1


def test_every_setting_is_explained_by_the_line_above() -> None:
    rows = text(examples=True).splitlines()
    shown = text().splitlines()
    known = set(schema_keys(Config))
    tables = {key[:-1] for key in known}
    for place, number in key_lines(text(examples=True)).items():
        if tuple(part for part in place if isinstance(part, str)) in known - tables:
            assert shown[number - 2].startswith("# "), f"{rows[number - 1]} is not explained"
