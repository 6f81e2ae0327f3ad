"""How the box says something about itself: a kind of notice, and one notice with its values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from string import Formatter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Value = str | int | float

UNKNOWN = "unknown"
# What a notice is about. Two of the same kind about different ones are different news.
SUBJECTS = ("camera", "line", "zone", "relay", "input", "device", "service", "rule", "verb", "file")
DECIMALS = 3


class Priority(IntEnum):
    """How urgent, in syslog's numbers: the journal colours and filters by them."""

    CRITICAL = 2
    ERROR = 3
    WARNING = 4
    NOTICE = 5
    INFO = 6


class _Unknown(str):
    """Stands in for a value nobody gave, whatever format was asked for."""

    __slots__ = ()

    def __format__(self, _: str) -> str:
        return UNKNOWN


class _Sentence(Formatter):
    """Fills in a sentence. A value that is missing, or of the wrong kind, must not cost the news itself."""

    def get_value(self, key: int | str, _: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:  # noqa: ANN401 - Formatter's
        return kwargs.get(str(key), _Unknown())

    def format_field(self, value: Any, format_spec: str) -> str:  # noqa: ANN401 - Formatter's
        try:
            return str(super().format_field(value, format_spec))
        except ValueError:
            return str(value)


@dataclass(frozen=True, slots=True)
class Notice:
    """A kind of notice; ``core/notices.py`` has them all.

    ``event`` is its name in the journal (``ACM_EVENT``) and in records, ``id`` the journal's message id (32 hex
    digits, never changed once shipped). ``sentence``, ``cause`` and ``remedy`` may hold ``{values}``. The same about
    the same thing is said again after ``repeat_s`` seconds at the earliest; 0 says it every time.
    """

    event: str
    id: str
    priority: Priority
    sentence: str
    cause: str
    remedy: str
    repeat_s: float = 0.0

    def fact(self, **values: Value) -> Fact:
        """This notice, with what it is about. More values than the sentence has are welcome: they become fields."""
        return Fact(self, values)

    def placeholders(self) -> set[str]:
        """The values its sentence asks for."""
        return {name for _, name, _, _ in Formatter().parse(self.sentence) if name}


@dataclass(frozen=True, slots=True)
class Fact:
    """One notice with its values: something that has happened. Where and when it is kept is for whoever is told."""

    notice: Notice
    values: Mapping[str, Value]

    @property
    def event(self) -> str:
        """The name of its kind."""
        return self.notice.event

    @property
    def message(self) -> str:
        """The sentence, filled in."""
        return self._filled(self.notice.sentence)

    @property
    def cause(self) -> str:
        """Why such a thing happens, filled in."""
        return self._filled(self.notice.cause)

    @property
    def remedy(self) -> str:
        """What to do about it, filled in."""
        return self._filled(self.notice.remedy)

    @property
    def subject(self) -> tuple[str, ...]:
        """What it is about, to tell repetitions from news."""
        return (self.event, *(f"{name}={self.values[name]}" for name in SUBJECTS if name in self.values))

    def fields(self) -> dict[str, str]:
        """The journal's fields: ``ACM_EVENT``, and each value as ``ACM_`` and its name."""
        told = {f"ACM_{name.upper()}": _written(value) for name, value in self.values.items()}
        return {"MESSAGE_ID": self.notice.id, "ACM_EVENT": self.event, **told}

    def _filled(self, text: str) -> str:
        return _Sentence().vformat(text, (), self.values)


def _written(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{round(value, DECIMALS):.15g}" if isinstance(value, float) else str(value)
