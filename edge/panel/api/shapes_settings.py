"""What is told of settings, and how they are changed."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - the framework reads what the shapes are made of
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from edge.panel.api.shapes import Shape

MOST_EDITS, DEEPEST = 100, 8
LONGEST_PART = 64


def _writable(text: str) -> str:
    """A text that can be written. ``ValueError`` about half a character."""
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("holds half a character")
    return text


def _settable(value: Any) -> Any:  # noqa: ANN401 - whatever JSON may hold
    """What a settings file can hold. ``ValueError`` says what of it cannot be."""
    left = [(value, 0)]
    while left:
        one, depth = left.pop()
        if depth > DEEPEST:
            raise ValueError(f"is nested more than {DEEPEST} deep")
        if one is None and depth:
            raise ValueError("null stands for taking a setting away, and only alone")
        if isinstance(one, dict):
            left += [(inner, depth + 1) for pair in one.items() for inner in pair]
        elif isinstance(one, list):
            left += [(inner, depth + 1) for inner in one]
        elif isinstance(one, str):
            _writable(one)
    return value


Part = Annotated[str, Field(min_length=1, max_length=LONGEST_PART), AfterValidator(_writable)]


class Edit(Shape):
    """A setting gets another value; null takes away what was set on the panel, so that the owner's file counts again.

    ``place`` leads there by keys, and by name where a list of named tables is on the way: `["camera", "door", "fps"]`.
    """

    place: Annotated[list[Part], Field(min_length=1, max_length=DEEPEST)]
    value: Annotated[Any, AfterValidator(_settable)]


class Wish(Shape):
    """What to change, all of it or nothing."""

    edits: Annotated[list[Edit], Field(min_length=1, max_length=MOST_EDITS)]


class Difference(Shape):
    """A setting that is not as it was; secrets are masked. Null: there was, or is, no such thing."""

    place: str
    before: Any
    after: Any


class Changed(Shape):
    """What differs, and what of it waits for a start of the counter. With ``dry_run`` nothing was changed."""

    dry_run: bool
    changed: list[Difference]
    waiting: list[str]


class Settings(Shape):
    """Everything that is set, by table and key as in `acm.toml`; secrets are masked."""

    settings: dict[str, Any]


class Change(Shape):
    """Somebody changed settings. ``number`` is what it is reverted by."""

    number: int
    at: datetime
    who: str
    changed: list[Difference]


class Changes(Shape):
    """A page of changes, the last one first."""

    items: list[Change]
    next: int | None
