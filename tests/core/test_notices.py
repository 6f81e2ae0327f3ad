"""The table of notices: whole, distinct, and given the values its sentences ask for wherever one is told."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import edge
from edge.core import notices
from edge.core.notice import Fact, Notice, Priority

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMED = {name: value for name, value in vars(notices).items() if isinstance(value, Notice)}
SOURCE = Path(edge.__file__).parent


@pytest.mark.parametrize("notice", notices.TABLE, ids=lambda notice: notice.event)
def test_a_notice_says_what_why_and_what_to_do(notice: Notice) -> None:
    assert re.fullmatch(r"[0-9a-f]{32}", notice.id)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", notice.event)
    for text in (notice.sentence, notice.cause, notice.remedy):
        assert re.match(r"[A-Z{]|ps |dmesg |systemctl |acm ", text), text
        assert text == text.strip()
    assert notice.cause.endswith(".")
    assert notice.remedy[-1] in ".)", notice.remedy
    for text in (notice.cause, notice.remedy):
        known = notice.placeholders() | {"camera", "likely", "part", "aside", "about"}
        assert {name for _, name, _, _ in Formatter().parse(text) if name} <= known


def test_no_two_notices_are_called_alike() -> None:
    assert len({notice.id for notice in notices.TABLE}) == len(notices.TABLE) == len(notices.BY_EVENT)
    assert set(notices.TABLE) == set(NAMED.values())
    for name, notice in NAMED.items():
        assert name == notice.event.upper().replace("-", "_")


def told_in(tree: ast.AST) -> Iterator[tuple[str, set[str], int]]:
    """Each ``notices.NAME.fact(a=..)`` or ``NAME.fact(a=..)``: the name, its values, the line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "fact":
            name = ast.unparse(node.func.value).rsplit(".", 1)[-1]
            if name in NAMED and all(word.arg for word in node.keywords):
                yield name, {word.arg or "" for word in node.keywords}, node.lineno


def test_whoever_tells_a_notice_gives_all_its_values() -> None:
    wanting = []
    for path in sorted(SOURCE.rglob("*.py")):
        for name, values, line in told_in(ast.parse(path.read_text(encoding="utf-8"))):
            lacking = NAMED[name].placeholders() - values
            if lacking:
                wanting.append(f"{path.name}:{line}: {name} lacks {', '.join(sorted(lacking))}")
    assert wanting == []


def test_a_missing_value_is_seen_by_the_rule_above() -> None:
    ((name, values, _),) = told_in(ast.parse("notices.CAMERA_LOST.fact(camera='door')"))
    assert NAMED[name].placeholders() - values == {"reason"}


def test_a_fact_fills_in_sentence_remedy_and_fields() -> None:
    fact = notices.CAMERA_BACK.fact(camera="door", lost_s=12.345678, again=True)
    assert fact.message == "The camera door is back after 12 s."
    assert fact.fields() == {
        "MESSAGE_ID": notices.CAMERA_BACK.id,
        "ACM_EVENT": "camera-back",
        "ACM_CAMERA": "door",
        "ACM_LOST_S": "12.346",
        "ACM_AGAIN": "yes",
    }
    remedy = notices.WRONG_MOUNT.fact(camera="door", mount="oblique", likely="overhead").remedy
    assert remedy.startswith('Set mount = "overhead" for the camera door')
    assert notices.WRONG_MOUNT.fact(camera="door", mount="oblique").cause == notices.WRONG_MOUNT.cause


def test_the_same_kind_about_another_thing_is_other_news() -> None:
    door = notices.CAMERA_LOST.fact(camera="door", reason="unplugged")
    assert door.subject == notices.CAMERA_LOST.fact(camera="door", reason="silent").subject
    assert door.subject != notices.CAMERA_LOST.fact(camera="yard", reason="unplugged").subject
    assert door.subject != notices.CAMERA_BACK.fact(camera="door", lost_s=1.0).subject


VALUES = st.dictionaries(
    st.sampled_from(["camera", "reason", "lost_s", "fps", "worn", "file", "free_mb", "step_s"]),
    st.one_of(st.text(), st.integers(), st.floats(), st.booleans()),
)


@given(st.sampled_from(notices.TABLE), VALUES)
def test_whatever_the_values_the_news_gets_through(notice: Notice, values: dict[str, str | int | float]) -> None:
    fact = Fact(notice, values)
    assert all((fact.message, fact.cause, fact.remedy))
    assert all(isinstance(value, str) for value in fact.fields().values())


def test_what_nobody_gave_is_unknown() -> None:
    assert notices.CAMERA_BACK.fact().message == "The camera unknown is back after unknown s."


def test_crossings_are_never_held_back() -> None:
    assert notices.CROSSING.repeat_s == 0
    assert all(notice.repeat_s <= 86400 for notice in notices.TABLE)
    assert {notice.priority for notice in notices.TABLE} <= set(Priority)
