"""Changes of settings: laid into the overrides, undone, told as differences, and nothing else touched."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from edge.config.change import GONE, Difference, Edit, differences, dumped, edited
from edge.config.load import config_of

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

BEFORE = '[sound]\nvolume = 0.5\n\n[[camera]]\nname = "door"\nfps = 5.0\n\n[[camera]]\nname = "back"\nfps = 6.0\n'


@pytest.mark.parametrize(
    ("edit", "after"),
    [
        (Edit(("sound", "volume"), 0.2), {"sound": {"volume": 0.2}}),
        (Edit(("sound", "quiet"), ["22:00-07:00"]), {"sound": {"volume": 0.5, "quiet": ["22:00-07:00"]}}),
        (Edit(("sound", "volume"), GONE), {}),
        (Edit(("site", "name"), 'a "b" \\ ü\n'), {"sound": {"volume": 0.5}, "site": {"name": 'a "b" \\ ü\n'}}),
    ],
)
def test_a_table_is_changed_key_by_key(edit: Edit, after: dict[str, Any]) -> None:
    text, _ = edited(BEFORE, [edit])
    told = tomllib.loads(text)
    assert [camera["fps"] for camera in told.pop("camera")] == [5.0, 6.0]
    assert told == after


def test_lists_of_tables_are_changed_by_name() -> None:
    line = {"name": "entrance", "from": [0.5, 0.0], "to": [0.5, 1.0], "in": "left-to-right"}
    edits = [Edit(("camera", "back", "line"), [line]), Edit(("camera", "door"), GONE), Edit(("rule", "light"), {"on": "night"})]  # noqa: E501
    told = tomllib.loads(edited(BEFORE, edits)[0])
    assert told["camera"] == [{"name": "back", "fps": 6.0, "line": [line]}]
    assert told["rule"] == [{"name": "light", "on": "night"}]


PLACES = some.sampled_from([
    ("sound", "volume"), ("sound", "quiet"), ("site", "name"), ("camera", "door", "fps"), ("camera", "new", "source"),
    ("camera", "door", "zone"), ("rule", "light", "on"), ("records", "walks"),
])  # fmt: skip
TEXTS = some.text(max_size=8)
VALUES = some.one_of(some.none(), TEXTS, some.integers(-9, 9), some.booleans(), some.lists(TEXTS, max_size=3))


def by_name(text: str) -> dict[str, Any]:
    """Values; in which order cameras are laid over the owner's changes nothing."""
    values = tomllib.loads(text)
    return {**values, "camera": {camera["name"]: camera for camera in values.get("camera", [])}}


@settings(max_examples=200)
@given(some.lists(some.builds(Edit, PLACES, VALUES), max_size=6))
def test_what_undoes_edits_gives_back_what_was(edits: list[Edit]) -> None:
    text, undo = edited(BEFORE, edits)
    back, _ = edited(text, undo)
    assert by_name(back) == by_name(BEFORE)
    assert tomllib.loads(dumped(tomllib.loads(text))) == tomllib.loads(text)


def test_differences_name_every_setting_that_is_another() -> None:
    camera = {"name": "door", "source": "sim", "fps": 5.0}
    before = config_of({"camera": [camera], "sound": {"volume": 0.5}})
    after = config_of({"camera": [{**camera, "fps": 6.0}, {"name": "back", "source": "sim"}], "sound": {"volume": 0.5}})
    found = differences(before, after)
    assert found[0] == Difference(("camera", "door", "fps"), 5.0, 6.0)
    assert found[0].written == "camera.door.fps"
    assert found[1].place[:2] == ("camera", "back")
    assert differences(before, before) == []
