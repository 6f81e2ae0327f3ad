"""Files that tell what really happened in a clip."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from edge.config.truth import TruthLine, read_truth
from edge.core.errors import InputError
from edge.core.model import Direction, Tripwire

if TYPE_CHECKING:
    from pathlib import Path

CLIP: dict[str, Any] = {
    "clip": "door.mp4",
    "notes": "a figure nobody reads",
    "line": {"p1": [0.8, 0.0], "p2": [0.8, 1.0], "in": "right-to-left"},
    "crossings": [{"t": 18.9, "dir": "out"}, {"t": 2, "dir": "in", "gt_id": 7}],
    "extra_lines": [
        {
            "name": "entry",
            "anchor": "box centre",
            "line": {"p1": [0.1, 0.7], "p2": [0.75, 0.7], "in": "bottom-to-top"},
            "crossings": [],
        }
    ],
}


def written(folder: Path, content: object) -> Path:
    path = folder / "door.gt.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def changed(*path: str | int, to: object) -> dict[str, Any]:
    clip: dict[str, Any] = json.loads(json.dumps(CLIP))
    at: Any = clip
    for part in path[:-1]:
        at = at[part]
    at[path[-1]] = to
    return clip


def test_main_and_further_lines_are_read(tmp_path: Path) -> None:
    assert read_truth(written(tmp_path, CLIP)) == (
        TruthLine(Tripwire("line", (0.8, 0.0), (0.8, 1.0)), ((2.0, Direction.IN), (18.9, Direction.OUT))),
        TruthLine(Tripwire("entry", (0.75, 0.7), (0.1, 0.7)), ()),
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([], "does not hold"),
        ("text", "does not hold"),
        ({}, "line: is missing"),
        ({**CLIP, "line": {}}, "line.p1: is missing"),
        (changed("line", "p1", to=[0.8]), "line.p1"),
        (changed("line", "p1", to="0.8,0"), "line.p1"),
        (changed("line", "p2", 0, to=1.5), "outside the frame"),
        (changed("line", "in", to="up"), "the ways in are"),
        (changed("line", "in", to="top-to-bottom"), "runs along the line"),
        (changed("crossings", 1, "t", to=-1), "crossings[1].t: -1 will not do; give seconds"),
        (changed("crossings", 0, "t", to="soon"), "crossings[0].t"),
        (changed("crossings", 0, "dir", to="up"), 'crossings[0].dir: \'up\' will not do; give "in" or "out"'),
        (changed("crossings", to=None), "crossings"),
        (changed("extra_lines", 0, "line", "p2", to=[0.1, 0.7]), "extra_lines[0].line: the line has no length"),
        (changed("extra_lines", 0, "name", to="line"), "two lines are called 'line'"),
    ],
)
def test_what_tells_no_truth_is_refused_in_one_sentence(tmp_path: Path, content: object, said: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(InputError) as refused:
        read_truth(path)
    message = str(refused.value)
    assert message.startswith(f"{path}: ")
    assert said in message
    assert message.endswith(".")
    assert "\n" not in message


@pytest.mark.parametrize("content", [b"", b"{", b"\x00\x01\xff", b'{"line": NaN}'])
def test_what_is_not_json_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.gt.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"broken\.gt\.json: .*\.$"):
        read_truth(path)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.gt.json", tmp_path):
        with pytest.raises(InputError, match="cannot be read"):
            read_truth(path)
