"""What every table of the settings file is made of: plain types with their limits, and faults told in our words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

if TYPE_CHECKING:
    from collections.abc import Iterable

Fraction = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]
Place = tuple[Fraction, Fraction]
# Neither what moves a terminal's cursor nor what turns a line of text round: names stand in journals and on panels.
UNSEEN = r"\p{Cc}\x{2028}-\x{202E}\x{2066}-\x{2069}"
Name = Annotated[
    str, Field(min_length=1, max_length=40, pattern=rf"^[^\s{UNSEEN}]([^{UNSEEN}]*[^\s{UNSEEN}])?$")
]
# A line of text: a title, the name of a file or a device.
Line = Annotated[str, Field(pattern=rf"^[^{UNSEEN}]*$")]
Whole = Annotated[int, Field(strict=True)]
Switch = Annotated[bool, Field(strict=True)]


class Table(BaseModel):
    """A table of the file: unchangeable, and nothing unknown in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def telling(sentence: str) -> PydanticCustomError:
    """A fault in words of our own; the sentence goes without its full stop."""
    return PydanticCustomError("telling", "{sentence}", {"sentence": sentence})


def all_told(faults: Iterable[tuple[tuple[str | int, ...], str]]) -> ValidationError:
    """Faults of several places in one: each a place and a sentence without its full stop."""
    details = [InitErrorDetails(type=telling(fault), loc=place, input=None) for place, fault in faults]
    return ValidationError.from_exception_data("settings", details)
