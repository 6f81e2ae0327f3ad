"""What to count and how: the command line's wishes, the settings file and the truth file put together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from edge.config.lines import parse_line
from edge.config.load import load_config
from edge.config.truth import read_truth
from edge.core.errors import InputError
from edge.core.model import Mount

if TYPE_CHECKING:
    from pathlib import Path

    from edge.config.truth import TruthLine
    from edge.core.model import Tripwire, Zone

USUAL_FPS = 10.0
LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line said; None and empty where it said nothing."""

    lines: tuple[str, ...] = ()
    motions: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    lines_from: Path | None = None
    config: Path | None = None
    camera: str | None = None
    truth: Path | None = None
    mount: Mount | None = None
    fps: float | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be done. ``truth`` carries the names of ``tripwires``."""

    tripwires: tuple[Tripwire, ...]
    zones: tuple[Zone, ...] = ()
    mount: Mount = Mount.OBLIQUE
    fps: float = USUAL_FPS
    truth: tuple[TruthLine, ...] = ()


def plan(wish: Wish) -> Plan:
    """Put the wishes together. Raises ``InputError`` where they are wrong, contradict each other or name no line."""
    given = [name for name, said in _line_sources(wish).items() if said]
    if len(given) > 1:
        raise InputError(f"The lines are given twice, by {given[0]} and by {given[1]}; leave one of them out.")
    if wish.camera is not None and wish.config is None:
        raise InputError("--camera names a camera of a settings file; add --config FILE.")
    truth = read_truth(wish.truth) if wish.truth else ()
    planned = _with_lines(wish, truth)
    if not planned.tripwires:
        raise InputError(
            "No line to count at: give --line x1,y1,x2,y2 --in left-to-right, or --lines FILE, --config FILE or "
            "--truth FILE."
        )
    planned = replace(planned, mount=wish.mount or planned.mount, fps=wish.fps or planned.fps)
    return replace(planned, truth=_named_alike(truth, planned.tripwires))


def _line_sources(wish: Wish) -> dict[str, bool]:
    said = bool(wish.lines or wish.motions or wish.names)
    return {"--line": said, "--lines": wish.lines_from is not None, "--config": wish.config is not None}


def _with_lines(wish: Wish, truth: tuple[TruthLine, ...]) -> Plan:
    if wish.lines or wish.motions or wish.names:
        return Plan(typed_lines(wish))
    if wish.config is not None:
        return _from_config(wish.config, wish.camera)
    if wish.lines_from is not None and wish.lines_from.suffix == ".toml":
        return _from_config(wish.lines_from, None)
    if wish.lines_from is not None:
        return Plan(tuple(line.tripwire for line in read_truth(wish.lines_from)))
    return Plan(tuple(line.tripwire for line in truth))


def typed_lines(wish: Wish) -> tuple[Tripwire, ...]:
    """The lines given by --line, --in and --name."""
    count = len(wish.lines)
    if len(wish.motions) != count:
        raise InputError(
            f"Each --line needs its --in (and the other way round): there are {count} of --line and "
            f"{len(wish.motions)} of --in."
        )
    if wish.names and len(wish.names) != count:
        raise InputError(f"Name all lines or none: there are {count} of --line and {len(wish.names)} of --name.")
    names = wish.names or (("line",) if count == 1 else tuple(f"line{n}" for n in range(1, count + 1)))
    if not all(name.strip() == name and 0 < len(name) <= LONGEST_NAME for name in names):
        raise InputError(f"--name: a line is called something of 1 to {LONGEST_NAME} characters, no space at its ends.")
    if len(set(names)) != count:
        raise InputError("Two lines have the same --name; give each its own.")
    wires = zip(wish.lines, wish.motions, names, strict=True)
    return tuple(parse_line(text, motion, name, where="--line") for text, motion, name in wires)


def _from_config(path: Path, name: str | None) -> Plan:
    config = load_config(path)
    cameras = {camera.name: camera for camera in config.camera}
    if name is None and len(cameras) > 1:
        raise InputError(f"{path} has the cameras {', '.join(cameras)}; say which with --camera.")
    if name is not None and name not in cameras:
        raise InputError(f"{path} has no camera {name!r}; it has {', '.join(cameras) or 'none'}.")
    if not cameras:
        raise InputError(f"{path} has no [[camera]]; add one.")
    camera = cameras[name] if name is not None else next(iter(cameras.values()))
    tripwires, zones = config.tripwires(camera.name), config.zones(camera.name)
    return Plan(tuple(tripwires), tuple(zones), Mount(camera.mount), camera.fps or USUAL_FPS)


def _named_alike(truth: tuple[TruthLine, ...], tripwires: tuple[Tripwire, ...]) -> tuple[TruthLine, ...]:
    """The truth of the lines that are counted; a single line goes with a single truth whatever they are called."""
    names = {wire.name for wire in tripwires}
    known = tuple(line for line in truth if line.tripwire.name in names)
    if truth and not known and len(truth) == len(tripwires) == 1:
        return (replace(truth[0], tripwire=tripwires[0]),)
    if truth and not known:
        told = ", ".join(line.tripwire.name for line in truth)
        raise InputError(f"--truth tells of the lines {told}, which are not counted here; call them so with --name.")
    return known
