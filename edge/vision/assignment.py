"""Which detection belongs to which track: the cheapest one-to-one assignment."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# A pair dearer than this is no pair; real costs are a few units at most.
NO_PAIR = 1e6


def assign(costs: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """Pairs (row, column) of the smallest total cost, leaving out those of cost ``NO_PAIR`` or more.

    Rows and columns that compete with nobody are paired at once; only real contests are solved, by shortest
    augmenting paths (Jonker and Volgenant, Computing 38, 1987).
    """
    rivals = [[c for c, cost in enumerate(row) if cost < NO_PAIR] for row in costs]
    wanted: dict[int, int] = {}
    for columns in rivals:
        for column in columns:
            wanted[column] = wanted.get(column, 0) + 1
    pairs: list[tuple[int, int]] = []
    contested: list[int] = []
    for row, columns in enumerate(rivals):
        if len(columns) == 1 and wanted[columns[0]] == 1:
            pairs.append((row, columns[0]))
        elif columns:
            contested.append(row)
    if contested:
        columns = sorted({c for row in contested for c in rivals[row]})
        solved = _augment([[costs[row][c] for c in columns] for row in contested])
        pairs += [(contested[r], columns[c]) for r, c in solved]
    return pairs


def _augment(costs: list[list[float]]) -> list[tuple[int, int]]:
    """Optimal pairs of a small matrix, every row given a column of its own (a private, dear one if need be)."""
    rows, real = len(costs), len(costs[0])
    columns = real + rows
    matrix = [[*row, *(NO_PAIR if c == r else 2 * NO_PAIR for c in range(rows))] for r, row in enumerate(costs)]
    row_price, column_price = [0.0] * rows, [0.0] * columns
    owner = [-1] * columns
    for start in range(rows):
        cheapest, via, done = [float("inf")] * columns, [-1] * columns, [False] * columns
        row, column = start, -1
        while True:
            least, nearest = float("inf"), -1
            base = cheapest[column] if column >= 0 else 0.0
            for c in range(columns):
                if done[c]:
                    continue
                reach = base + matrix[row][c] - row_price[row] - column_price[c]
                if reach < cheapest[c]:
                    cheapest[c], via[c] = reach, column
                if cheapest[c] < least:
                    least, nearest = cheapest[c], c
            column = nearest
            done[column] = True
            if owner[column] < 0:
                break
            row = owner[column]
        row_price[start] += cheapest[column]
        slack = {c: cheapest[column] - cheapest[c] for c, settled in enumerate(done) if settled and c != column}
        _reprice(slack, owner, row_price, column_price)
        while column >= 0:
            before = via[column]
            owner[column] = owner[before] if before >= 0 else start
            column = before
    return [(owner[c], c) for c in range(real) if owner[c] >= 0 and costs[owner[c]][c] < NO_PAIR]


def _reprice(slack: dict[int, float], owner: list[int], row_price: list[float], column_price: list[float]) -> None:
    """Keep every paired edge at zero reduced cost: a search passed these columns by this much before its end."""
    for column, spare in slack.items():
        row_price[owner[column]] += spare
        column_price[column] -= spare
