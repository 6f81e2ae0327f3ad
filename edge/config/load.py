"""Reads the settings file and tells every fault at once, each with its line, its place and what is allowed."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from edge.config.faults import told_faults, written
from edge.config.layers import laid_over, layer, origin_of, plain
from edge.config.names import misnamed
from edge.config.schema import Config
from edge.core.errors import ConfigError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from pathlib import Path

    from edge.config.faults import Place
    from edge.config.layers import Node

HEADER = re.compile(r"\s*(\[\[?)\s*([\w.\s\"'-]+?)\s*\]\]?\s*(?:#.*)?$")
KEY = re.compile(r"\s*([\w\"'-]+(?:\s*\.\s*[\w\"'-]+)*)\s*=")
# Settings of a large site have a hundredth of it.
MOST_BYTES = 1_000_000
# Whoever has made more faults than this has named another kind of file.
MOST_FAULTS = 50
SYNTAX_PLACE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)")


@dataclass(frozen=True, slots=True)
class Text:
    """One settings file as read. What stands in a ``secret`` one is shown to nobody."""

    name: str
    text: str
    secret: bool = False


@dataclass(frozen=True, slots=True)
class InForce:
    """Checked settings, and where each came from."""

    config: Config
    files: tuple[Text, ...]
    whole: Node

    def source(self, place: Place) -> tuple[str, int] | None:
        """The file and line where a setting stands; None if it stands nowhere and has its default."""
        origin, rest = origin_of(self.whole, place)
        if rest and isinstance(rest[0], str):
            return None
        text = self.files[origin.file]
        return text.name, _line_of((*origin.place, *rest), key_lines(text.text))

    def secret(self, place: Place) -> bool:
        """Whether a setting comes from a file of secrets."""
        return self.files[origin_of(self.whole, place)[0].file].secret


def load_config(path: Path) -> Config:
    """Read and check a settings file.

    Raises ``ConfigError``; its message has a line for each fault: ``FILE:LINE: place: what is wrong; what is allowed``.
    """
    return config_from(read_text(path), str(path))


def config_from(text: str, file: str) -> Config:
    """Check settings given as text; ``file`` is how messages call it. Raises ``ConfigError`` like ``load_config``."""
    return in_force((Text(file, text),)).config


def config_of(values: dict[str, Any]) -> Config:
    """Check settings that stand in no file. Raises ``ConfigError`` with a line for each fault."""
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        faults = [f"{written(place)}: {_ended(fault)}" for place, fault in _all_faults(error, values)]
        raise ConfigError("\n".join(faults)) from None


def _all_faults(error: ValidationError, values: dict[str, Any]) -> list[tuple[Place, str]]:
    """What is wrong with the tables, and with their names, which are looked at only once the tables are right."""
    return list(dict.fromkeys([*told_faults(error, Config), *misnamed(values)]))


def in_force(files: tuple[Text, ...]) -> InForce:
    """Lay settings files over each other (the first lies at the bottom) and check what comes out.

    Raises ``ConfigError`` like ``load_config``; each fault is told at the file and line that set it.
    """
    whole: Node = layer({}, 0)
    for number, values in enumerate(_parsed(files)):
        whole = laid_over(whole, layer(values, number))
    try:
        config = Config.model_validate(plain(whole))
    except ValidationError as error:
        raise ConfigError(_told(error, files, whole)) from None
    return InForce(config, files, whole)


def _parsed(files: tuple[Text, ...]) -> list[dict[str, Any]]:
    """Every file's values. Raises ``ConfigError`` with the first place in each file that is not TOML."""
    parsed, faults = [], []
    for text in files:
        try:
            parsed.append(tomllib.loads(text.text))
        except tomllib.TOMLDecodeError as error:  # noqa: PERF203 - the next file may hold faults, too
            faults.append(_syntax_fault(str(error), text.text, text.name))
        except RecursionError:
            faults.append(f"{text.name}:1: is nested too deeply to be settings.")
    if faults:
        raise ConfigError("\n".join(faults))
    return parsed


def _told(error: ValidationError, files: tuple[Text, ...], whole: Node) -> str:
    lines = [key_lines(text.text) for text in files]
    rows = []
    for place, fault in _all_faults(error, plain(whole)):
        origin, rest = origin_of(whole, place)
        number = _line_of((*origin.place, *rest), lines[origin.file])
        rows.append((origin.file, number, f"{written(place)}: {_ended(fault)}"))
    rows.sort(key=lambda row: row[:2])
    told_rows = [f"{files[file].name}:{number}: {told}" for file, number, told in rows[:MOST_FAULTS]]
    if len(rows) > MOST_FAULTS:
        told_rows.append(f"{len(rows) - MOST_FAULTS} more faults are not shown.")
    return "\n".join(told_rows)


def key_lines(text: str) -> dict[Place, int]:
    """On which line (from 1) each table and key of a TOML text stands, by its place.

    What stands inside a value (an inline table, a list over several lines) has no line of its own here.
    """
    lines: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    for number, row in enumerate(text.split("\n"), start=1):
        header, key = HEADER.match(row), KEY.match(row)
        if header is not None and not row.lstrip().startswith("[["):
            table = _indexed(_parts(header[2]), counts)
        elif header is not None:
            parts = _parts(header[2])
            array = (*_indexed(parts[:-1], counts), parts[-1])
            counts[array] = counts.get(array, -1) + 1
            lines.setdefault(array, number)
            table = (*array, counts[array])
        if header is not None:
            lines.setdefault(table, number)
        elif key is not None:
            lines.setdefault((*table, *_parts(key[1])), number)
    return lines


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def _indexed(parts: tuple[str, ...], counts: dict[Place, int]) -> Place:
    """A header's place: below a list of tables it means the latest one."""
    place: Place = ()
    for part in parts:
        place = (*place, part)
        if place in counts:
            place = (*place, counts[place])
    return place


def _line_of(place: Place, lines: dict[Place, int]) -> int:
    """The line of a place, or of the nearest thing around it."""
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 1)


def _ended(fault: str) -> str:
    return fault if fault.endswith("?") else f"{fault}."


def _syntax_fault(told: str, text: str, file: str) -> str:
    place = SYNTAX_PLACE.search(told)
    number = int(place[1]) if place and place[1] else max(1, len(text.rstrip("\n").split("\n")))
    what = SYNTAX_PLACE.sub("", told)
    return f"{file}:{number}: is not TOML here: {what[:1].lower()}{what[1:]}."


def read_text(path: Path) -> str:
    """What stands in a settings file. Raises ``ConfigError`` if it cannot be read."""
    try:
        with path.open("rb") as file:
            read = file.read(MOST_BYTES + 1)
        if len(read) > MOST_BYTES:
            raise ConfigError(f"{path}: is too big for settings (more than {MOST_BYTES} bytes); name a settings file.")
        # Editors on Windows put a byte order mark in front, which TOML does not know, and end lines in their own way.
        return read.decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); name a settings file.") from None
    except UnicodeDecodeError as error:
        number = error.object[: error.start].count(b"\n") + 1
        raise ConfigError(f"{path}:{number}: is not text in UTF-8; save the file as UTF-8.") from None
