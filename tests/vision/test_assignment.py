"""The cheapest one-to-one assignment."""

from __future__ import annotations

from itertools import combinations, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.vision.assignment import NO_PAIR, assign

costs = st.one_of(st.just(NO_PAIR), st.floats(0, 3).map(lambda x: round(x, 3)))
matrices = st.tuples(st.integers(1, 5), st.integers(1, 5)).flatmap(
    lambda size: st.lists(
        st.lists(costs, min_size=size[1], max_size=size[1]), min_size=size[0], max_size=size[0]
    )
)


def best_by_trying_all(matrix: list[list[float]]) -> tuple[int, float]:
    """The most pairs, and the smallest sum of that many."""
    rows, columns = len(matrix), len(matrix[0])
    for many in range(min(rows, columns), 0, -1):
        sums = [
            sum(matrix[r][c] for r, c in zip(chosen, order, strict=True))
            for chosen in combinations(range(rows), many)
            for order in permutations(range(columns), many)
            if all(matrix[r][c] < NO_PAIR for r, c in zip(chosen, order, strict=True))
        ]
        if sums:
            return many, min(sums)
    return 0, 0.0


@settings(derandomize=True, deadline=None, max_examples=300)
@given(matrices)
def test_it_is_as_good_as_trying_all(matrix: list[list[float]]) -> None:
    pairs = assign(matrix)
    rows, columns = [r for r, _ in pairs], [c for _, c in pairs]
    assert len(set(rows)) == len(rows)
    assert len(set(columns)) == len(columns)
    assert all(matrix[r][c] < NO_PAIR for r, c in pairs)
    many, cheapest = best_by_trying_all(matrix)
    assert len(pairs) == many
    assert sum(matrix[r][c] for r, c in pairs) == pytest.approx(cheapest)


def test_taking_the_nearest_first_would_be_wrong() -> None:
    assert sorted(assign([[0.1, 0.2], [0.15, 2.0]])) == [(0, 1), (1, 0)]


def test_nobody_to_pair() -> None:
    assert assign([]) == []
    assert assign([[NO_PAIR, NO_PAIR], [NO_PAIR, NO_PAIR]]) == []
    assert assign([[], []]) == []


def test_a_crowd_in_which_everybody_could_be_everybody() -> None:
    size = 20
    matrix = [[abs(r - (size - 1 - c)) + 0.01 * r for c in range(size)] for r in range(size)]
    assert sorted(assign(matrix)) == [(r, size - 1 - r) for r in range(size)]
