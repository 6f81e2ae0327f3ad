"""Names: each its own, and none that is not there. Looked at in the plain values, whatever else is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from edge.config.faults import Place

    Values = Mapping[str, Any]
    Fault = tuple[Place, str]

LISTS = {"camera": "cameras", "relay": "relays", "button": "buttons", "rule": "rules", "report": "reports"}
# What a table is called that does not say.
DOOR = "door"
UNNAMED = {"camera": DOOR}
# Nobody reads a longer list.
MOST_NAMED = 12


def misnamed(values: Values) -> Iterator[Fault]:
    """Every name that two have, and every one that is named but is nobody's: its place, and a sentence without stop."""
    named = {kind: _tables(values, kind) for kind in LISTS}
    for kind, tables in named.items():
        yield from _twice((kind,), tables, LISTS[kind], UNNAMED.get(kind))
    for number, camera in enumerate(named["camera"]):
        for kind in ("line", "zone"):
            yield from _twice(("camera", number, kind), _tables(camera, kind), f"{kind}s of this camera", None)
    for number, rule in enumerate(named["rule"]):
        yield from _unknown(rule, ("rule", number), named)
    wanted = _plain(values.get("infrared")).get("camera")
    if isinstance(wanted, str) and wanted:
        fault = absent("camera", wanted, _names(named["camera"], DOOR))
        yield from ((("infrared", "camera"), f"[infrared] {told}") for told in fault)


def absent(kind: str, name: str, known: Iterable[str], verb: str = "names") -> Iterator[str]:
    """A sentence without its full stop and its beginning if there is none of this name."""
    names = list(dict.fromkeys(known))
    if name not in names:
        near = get_close_matches(name, names, n=1, cutoff=0.6)
        some = ", ".join(names[:MOST_NAMED]) + (" and others" if len(names) > MOST_NAMED else "")
        hint = f"did you mean {near[0]!r}?" if near else f"there are {some}" if names else "there is none"
        yield f"{verb} a {kind} {name!r} that does not exist; {hint}"


def _unknown(rule: Values, place: Place, named: Mapping[str, Sequence[Values]]) -> Iterator[Fault]:
    """What a rule names that is not there."""
    # A camera that is not there has been told of; the rest of the rule is right if it is right for any camera.
    wanted = [camera for camera in named["camera"] if camera.get("name", DOOR) == rule.get("camera")]
    cameras = wanted or named["camera"]
    for kind, known in (
        ("camera", _names(named["camera"], DOOR)),
        ("line", [name for camera in cameras for name in _names(_tables(camera, "line"))]),
        ("zone", [name for camera in cameras for name in _names(_tables(camera, "zone"))]),
        ("button", _names(named["button"])),
        ("relay", _names(named["relay"])),
    ):
        name = rule.get(kind)
        if isinstance(name, str) and name:
            yield from (((*place, kind), f"the rule {rule.get('name')!r} {told}") for told in absent(kind, name, known))


def _twice(place: Place, tables: Sequence[Values], what: str, unnamed: str | None) -> Iterator[Fault]:
    seen: set[str] = set()
    for number, table in enumerate(tables):
        name = table.get("name", unnamed)
        if isinstance(name, str) and name in seen:
            yield (*place, number, "name"), f"two {what} are called {name!r}; give each its own name"
        if isinstance(name, str):
            seen.add(name)


def _names(tables: Iterable[Values], unnamed: str | None = None) -> list[str]:
    return [name for table in tables if isinstance(name := table.get("name", unnamed), str)]


def _tables(values: Values, kind: str) -> list[Values]:
    found = values.get(kind)
    return [_plain(table) for table in found] if isinstance(found, Sequence) and not isinstance(found, str) else []


def _plain(table: object) -> Values:
    if isinstance(table, BaseModel):
        return table.model_dump(by_alias=True)
    return table if isinstance(table, Mapping) else {}
