"""Several settings files laid over each other, and which of them each setting came from.

The owner's file lies at the bottom; what the panel changed lies over it; secrets, which are kept in a file that fewer
people may read, on top. A table is merged key by key, a list of tables that have names (``[[camera]]``,
``[[relay]]``, ``[[rule]]``) by name; anything else, the lines of a camera included, is replaced as a whole, so that
what is laid over can also take something away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge.config.faults import Place


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a setting stands: ``file`` is the number of the layer, ``place`` its place in that file."""

    file: int
    place: Place


@dataclass(frozen=True, slots=True)
class Value:
    """Something that is replaced as a whole."""

    held: Any
    origin: Origin


@dataclass(frozen=True, slots=True)
class TableOf:
    """A table, merged key by key."""

    held: dict[str, Node]
    origin: Origin


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of tables."""

    held: list[Node]
    origin: Origin


Node = Value | TableOf | ListOf


def layer(values: Mapping[str, Any], file: int) -> TableOf:
    """A file's values, each with where it stands."""
    top = _node(values, file, ())
    assert isinstance(top, TableOf)  # noqa: S101 - a file is a table
    return top


def laid_over(below: Node, above: Node) -> Node:
    """What is in force when ``above`` is laid over ``below``."""
    if isinstance(below, TableOf) and isinstance(above, TableOf):
        return _tables(below, above)
    if isinstance(below, ListOf) and isinstance(above, ListOf) and len(above.origin.place) == 1:
        merged = _named(below, above)
        return above if merged is None else merged
    # What is only said again (the name a table is found by) still comes from where it was said first.
    return below if plain(below) == plain(above) else above


def plain(node: Node) -> Any:  # noqa: ANN401 - whatever TOML may hold
    """The values alone."""
    if isinstance(node, TableOf):
        return {key: plain(inner) for key, inner in node.held.items()}
    if isinstance(node, ListOf):
        return [plain(inner) for inner in node.held]
    return node.held


def origin_of(node: Node, place: Place) -> tuple[Origin, Place]:
    """Where what is at ``place`` in the whole came from, and the rest of the place inside it.

    For something that stands nowhere (a key that is missing) it is the nearest thing around it.
    """
    for depth, part in enumerate(place):
        inner: Node | None = None
        if isinstance(node, TableOf) and isinstance(part, str):
            inner = node.held.get(part)
        elif isinstance(node, ListOf) and isinstance(part, int) and part < len(node.held):
            inner = node.held[part]
        if inner is None:
            return node.origin, tuple(place[depth:])
        node = inner
    return node.origin, ()


def _node(value: Any, file: int, place: Place) -> Node:  # noqa: ANN401 - whatever TOML may hold
    origin = Origin(file, place)
    if isinstance(value, dict):
        return TableOf({key: _node(inner, file, (*place, key)) for key, inner in value.items()}, origin)
    if isinstance(value, list) and value and all(isinstance(inner, dict) for inner in value):
        return ListOf([_node(inner, file, (*place, number)) for number, inner in enumerate(value)], origin)
    return Value(value, origin)


def _tables(below: TableOf, above: TableOf) -> TableOf:
    held = dict(below.held)
    for key, inner in above.held.items():
        held[key] = laid_over(held[key], inner) if key in held else inner
    return TableOf(held, below.origin)


def _named(below: ListOf, above: ListOf) -> ListOf | None:
    """Two lists of tables merged by name; None if they have no names to go by, or one name twice."""
    names = [_name(inner) for inner in below.held]
    new_names = [_name(inner) for inner in above.held]
    if None in names + new_names or len(set(names)) < len(names) or len(set(new_names)) < len(new_names):
        return None
    held = list(below.held)
    for name, inner in zip(new_names, above.held, strict=True):
        if name in names:
            held[names.index(name)] = laid_over(held[names.index(name)], inner)
        else:
            held.append(inner)
    return ListOf(held, below.origin)


def _name(node: Node) -> str | None:
    name = node.held.get("name") if isinstance(node, TableOf) else None
    return name.held if isinstance(name, Value) and isinstance(name.held, str) else None
