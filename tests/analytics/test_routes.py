"""Routes between zones, from walks."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edge.analytics.routes import Leg, Route, routes
from edge.analytics.ways import Ways, within
from edge.core.geometry import inside_polygon
from edge.core.model import Zone

LEFT = Zone("left", ((0.0, 0.0), (0.3, 0.0), (0.3, 1.0), (0.0, 1.0)))
RIGHT = Zone("right", ((0.7, 0.0), (1.0, 0.0), (1.0, 1.0), (0.7, 1.0)))
PLACES = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=30)
CORNERS = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=3, max_size=7)


def walk(*stops: tuple[float, float]) -> tuple[int, list[tuple[float, float, float]]]:
    """From (seconds, x) to (seconds, x)."""
    return 0, [(after_s, x, 0.5) for after_s, x in stops]


def test_routes_and_their_legs() -> None:
    both = walk((0.0, 0.5), (1.0, 0.1), (3.0, 0.5), (4.0, 0.9), (6.0, 0.95))
    one, none = walk((0.0, 0.1), (5.0, 0.12), (6.0, 0.5)), walk((0.0, 0.5), (9.0, 0.55))
    found = routes(Ways.of([both, both, one, none]), [LEFT, RIGHT])
    assert found.walks == 4
    assert found.routes == (Route(("left", "right"), 2, 6.5), Route(("left",), 1, 6.5))
    assert found.legs == (
        Leg("", "left", 3), Leg("left", "right", 2), Leg("right", "", 2), Leg("left", "", 1),
    )  # fmt: skip


def test_cutting_a_corner_is_no_visit() -> None:
    """Half a second in the zone; and nobody has left it who comes back at once."""
    corner = walk((0.0, 0.5), (1.0, 0.29), (1.5, 0.5), (3.0, 0.5))
    back = walk((0.0, 0.1), (2.0, 0.31), (2.5, 0.1), (5.0, 0.1))
    assert routes(Ways.of([corner, back]), [LEFT, RIGHT]).routes == (Route(("left",), 1, 5.5),)


def test_the_last_place_says_nothing_of_how_long() -> None:
    assert routes(Ways.of([walk((0.0, 0.5), (60.0, 0.1))]), [LEFT]).routes == ()
    assert routes(Ways.of([]), [LEFT]).legs == ()
    assert routes(Ways.of([walk((0.0, 0.5), (1.0, 0.1))]), []).routes == ()


@given(PLACES, CORNERS)
def test_many_places_are_in_a_polygon_as_one_by_one(
    places: list[tuple[float, float]], corners: list[tuple[float, float]]
) -> None:
    x, y = np.array(places).T
    assert within(x, y, corners).tolist() == [inside_polygon(place, tuple(corners)) for place in places]
