"""Lines as people type them."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from edge.config.lines import MOTIONS, line_fault, parse_line, tripwire
from edge.core.errors import InputError
from edge.core.geometry import offset_from_line
from edge.core.model import Tripwire

fractions = st.floats(0, 1)
points = st.tuples(fractions, fractions)


def test_a_typed_line_becomes_a_tripwire() -> None:
    assert parse_line("0.5,1,0.5,0", "left-to-right", "door") == Tripwire("door", (0.5, 1.0), (0.5, 0.0))
    assert parse_line(" 0.1, 0.7,0.75 ,0.7 ", "top-to-bottom") == Tripwire("line", (0.1, 0.7), (0.75, 0.7))


@pytest.mark.parametrize("motion", MOTIONS)
@given(p1=points, p2=points)
def test_the_way_in_leads_to_the_inner_side_whatever_the_order_of_the_ends(
    motion: str, p1: tuple[float, float], p2: tuple[float, float]
) -> None:
    assume(line_fault(p1, p2, motion) is None)
    wire = tripwire("line", p1, p2, motion)
    assert tripwire("line", p2, p1, motion) == wire
    way = MOTIONS[motion]
    on = ((p1[0] + p2[0]) / 2, (p1[1] + p2[1]) / 2)
    for aspect in (0.5, 1.0, 2.0):
        start, end = (wire.start[0] * aspect, wire.start[1]), (wire.end[0] * aspect, wire.end[1])
        inner, _ = offset_from_line(((on[0] + 0.1 * way[0]) * aspect, on[1] + 0.1 * way[1]), start, end)
        outer, _ = offset_from_line(((on[0] - 0.1 * way[0]) * aspect, on[1] - 0.1 * way[1]), start, end)
        assert inner > 0 > outer


@pytest.mark.parametrize(
    ("text", "motion", "said"),
    [
        ("0.5,0,0.5", "left-to-right", "four numbers"),
        ("0.5,0,0.5,1,1", "left-to-right", "four numbers"),
        ("", "left-to-right", "four numbers"),
        ("a,b,c,d", "left-to-right", "four numbers"),
        ("0.5;0;0.5;1", "left-to-right", "four numbers"),
        ("0.5,0,0.5,nan", "left-to-right", "not a number"),
        ("0.5,0,inf,1", "left-to-right", "not a number"),
        ("-0.1,0,0.5,1", "left-to-right", "outside the frame"),
        ("320,0,320,480", "left-to-right", "not pixels"),
        ("0.5,0.5,0.5,0.5", "left-to-right", "no length"),
        ("0.5,0.5,0.505,0.505", "left-to-right", "no length"),
        ("0.5,0,0.5,1", "top-to-bottom", "runs along the line"),
        ("0,0.5,1,0.51", "right-to-left", "runs along the line"),
        ("0.5,0,0.5,1", "left-to-rigth", "did you mean left-to-right?"),
        ("0.5,0,0.5,1", "inwards", "the ways in are"),
    ],
)
def test_what_is_no_line_is_refused_in_one_sentence(text: str, motion: str, said: str) -> None:
    with pytest.raises(InputError, match="--line") as refused:
        parse_line(text, motion)
    message = str(refused.value)
    assert said in message
    assert message.endswith(".")
    assert "\n" not in message


def test_the_place_of_a_wrong_line_is_told() -> None:
    with pytest.raises(InputError, match=r"^door\.txt:3 1,2: "):
        parse_line("1,2", "left-to-right", where="door.txt:3")
    with pytest.raises(InputError, match=r"^line back: .*outside"):
        tripwire("back", (0, 0), (2, 0), "top-to-bottom")
