"""Reads what really happened in a clip: a ``*.gt.json`` with lines and the crossings a person noted at them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from edge.config.faults import told_faults, written
from edge.config.lines import line_fault, tripwire
from edge.core.errors import InputError
from edge.core.model import Direction

if TYPE_CHECKING:
    from pathlib import Path

    from typing_extensions import Self

    from edge.core.model import Tripwire

MAIN_LINE = "line"
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True)
class TruthLine:
    """One line of a clip and its true crossings as (seconds into the video, direction), in order of time."""

    tripwire: Tripwire
    crossings: tuple[tuple[float, Direction], ...]


class _Part(BaseModel):
    # A truth file also holds the clip's origin, notes and figures of no use here.
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Line(_Part):
    p1: tuple[Number, Number] = Field(description="two fractions of the picture from 0 to 1")
    p2: tuple[Number, Number] = Field(description="two fractions of the picture from 0 to 1")
    motion: str = Field(alias="in", description="the way in, such as left-to-right")

    @model_validator(mode="after")
    def _countable(self) -> Self:
        fault = line_fault(self.p1, self.p2, self.motion)
        if fault:
            raise PydanticCustomError("telling", "{fault}", {"fault": fault})
        return self


class _Crossing(_Part):
    t: Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False, description="seconds into the video")]
    direction: Direction = Field(alias="dir", description='"in" or "out"')


class _LineTruth(_Part):
    name: str = Field(default=MAIN_LINE, min_length=1, description="what the line is called")
    line: _Line = Field(description="the line as p1, p2 and in")
    crossings: tuple[_Crossing, ...] = Field(description='a list of {"t": seconds, "dir": "in" or "out"}')


class _Clip(_LineTruth):
    extra_lines: tuple[_LineTruth, ...] = Field(
        default=(), description="a list of lines, each with name, line, crossings"
    )


def read_truth(path: Path) -> tuple[TruthLine, ...]:
    """Read a clip's main line (called ``line``) and its further ones.

    Raises ``InputError``, one sentence, when the file cannot be read or does not tell of lines and crossings.
    """
    try:
        clip = _Clip.model_validate_json(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); name a .gt.json file.") from None
    except ValidationError as error:
        raise InputError(_told(path, error)) from None
    told = [clip, *clip.extra_lines]
    names = [line.name for line in told]
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"{path}: two lines are called {twice!r}; give each of extra_lines its own name.")
    return tuple(_truth_line(line) for line in told)


def _truth_line(told: _LineTruth) -> TruthLine:
    line = told.line
    crossings = sorted(((c.t, c.direction) for c in told.crossings), key=lambda crossing: crossing[0])
    return TruthLine(tripwire(told.name, line.p1, line.p2, line.motion), tuple(crossings))


def _told(path: Path, error: ValidationError) -> str:
    """The first fault in a sentence: such files are made by programs, so the others mostly repeat it."""
    place, fault = told_faults(error, _Clip)[0]
    if error.errors()[0]["type"] == "json_invalid":
        return f"{path}: is not JSON; name a .gt.json file."
    if not place:
        return f"{path}: does not hold a clip's lines and crossings; name a .gt.json file."
    return f"{path}: {written(place)}: {fault}."
