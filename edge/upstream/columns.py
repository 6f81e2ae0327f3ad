"""Columns of a batch as JSON holds them, and back. Reading checks every value."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from edge.core.shipment import MOST_SEQ
from edge.upstream.faults import WireError, fault, shown
from edge.upstream.layout import Numbers
from edge.upstream.texts import checked_text

if TYPE_CHECKING:
    from edge.core.shipment import Column, Rows
    from edge.upstream.layout import Kind, Texts


def written(rows: Rows, kind: Kind) -> dict[str, Any]:
    """All columns of one kind of rows, by name."""
    return {layout.name: _written(getattr(rows, layout.name), layout) for layout in kind.columns}


def _written(values: Any, layout: Numbers | Texts) -> Any:  # noqa: ANN401 - a column of numbers or of words
    if not isinstance(layout, Numbers):
        return list(values)
    if layout.steps:
        # Differences that are too great go round, as do sums on reading: what comes out is what went in.
        return np.diff(values, prepend=np.int64(0)).tolist()
    if len(values) and (values == values[0]).all():
        return int(values[0])
    return values.tolist()


def read(found: Any, kind: Kind) -> Rows:  # noqa: ANN401 - whatever JSON holds
    """The rows of one kind. ``WireError`` names the column and the place in it, from 0."""
    names = [layout.name for layout in kind.columns]
    if not isinstance(found, dict) or set(found) != set(names):
        raise fault(kind.name, found, f"an object of {', '.join(names)} and nothing else")
    seq = found["seq"]
    if not isinstance(seq, list):
        raise fault(f"{kind.name}.seq", seq, "a list of whole numbers")
    columns: list[Any] = []
    for layout in kind.columns:
        place = f"{kind.name}.{layout.name}"
        values = _repeated(found[layout.name], len(seq), place, layout)
        if isinstance(layout, Numbers):
            columns.append(_numbers(values, place, layout))
        else:
            columns.append(_texts(values, place, layout))
    return kind.rows(*columns)


def _repeated(values: Any, rows: int, place: str, layout: Numbers | Texts) -> list[Any]:  # noqa: ANN401 - see read
    """A list of as many values as there are rows. One number stands for a column of nothing else."""
    if isinstance(layout, Numbers) and not layout.steps and type(values) is int:
        return [values] * rows
    if not isinstance(values, list) or len(values) != rows:
        raise fault(place, values, f"a list as long as seq, which has {rows}")
    return values


def _numbers(values: list[Any], place: str, layout: Numbers) -> Column:
    if set(map(type, values)) - {int}:
        at, value = next((at, value) for at, value in enumerate(values) if type(value) is not int)
        raise fault(f"{place}[{at}]", value, "a whole number")
    try:
        told = np.array(values, dtype=np.int64)
    except OverflowError:
        raise WireError(f"The batch cannot be used: {place} holds a number of more than 64 bits.") from None
    if layout.steps and np.any((told > MOST_SEQ) | (told < -MOST_SEQ)):
        raise WireError(f"The batch cannot be used: {place} has a step of more than {MOST_SEQ}.")
    numbers = np.cumsum(told) if layout.steps else told
    wrong = np.flatnonzero((numbers < layout.least) | (numbers > layout.most))
    if len(wrong):
        at = int(wrong[0])
        raise fault(f"{place}[{at}]", int(numbers[at]), f"{layout.least} to {layout.most}")
    return numbers


def _texts(values: list[Any], place: str, layout: Texts) -> tuple[str, ...]:
    checked = (checked_text(value, f"{place}[{at}]", layout.most) for at, value in enumerate(values))
    texts = tuple(checked)
    if layout.json:
        for at, text in enumerate(texts):
            _check_object(text, f"{place}[{at}]", layout.most)
    return texts


def _check_object(text: str, place: str, most: int) -> None:
    """Whether a text is a JSON object that PostgreSQL's ``jsonb`` takes as well."""
    if len(text.encode()) > most:
        raise fault(place, text, f"at most {most} bytes")
    try:
        found = json.loads(text, parse_constant=_refused)
        # Escapes in it may stand for what no text may hold.
        whole = json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise fault(place, text, "a JSON object") from None
    if not isinstance(found, dict):
        raise fault(place, text, "a JSON object")
    if b"\\u0000" in whole.replace(b"\\\\", b""):
        raise fault(place, text, "free of the character U+0000")


def _refused(constant: str) -> None:
    raise ValueError(f"{shown(constant)} is no JSON")
