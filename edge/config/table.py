"""What every table of the settings file is made of: plain types with their limits, and faults told in our words."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

Fraction = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]
Place = tuple[Fraction, Fraction]
Name = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^\S(.*\S)?$")]
Whole = Annotated[int, Field(strict=True)]
Switch = Annotated[bool, Field(strict=True)]


class Table(BaseModel):
    """A table of the file: unchangeable, and nothing unknown in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def telling(sentence: str) -> PydanticCustomError:
    """A fault in words of our own; the sentence goes without its full stop."""
    return PydanticCustomError("telling", "{sentence}", {"sentence": sentence})


def unique(names: list[str], what: str) -> None:
    """Refuse two of the same name. ``what`` is what they are, in the plural."""
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise telling(f"two {what} are called {twice!r}; give each its own name")
