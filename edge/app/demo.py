"""``acm demo``: the running program itself on a clip or camera, its relays simulated, with a window to watch it by."""

from __future__ import annotations

import os
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from edge.app.box import Box, Surroundings
from edge.app.demo_panel import DemoPanel, written
from edge.app.footage import MIDDLE_LINE, SAMPLE_LINE, DetectorChoice
from edge.app.run import RECORDS
from edge.config.lines import MOTIONS, tripwire
from edge.config.load import config_of
from edge.core.clock import SystemClock
from edge.core.errors import InputError
from edge.core.notice import Priority
from edge.hardware.opencv_camera import OpenCvCamera
from edge.host.clock_sync import clock_synced
from edge.host.control_client import ControlClient
from edge.host.control_place import server_socket
from edge.host.control_wire import ControlError
from edge.host.journal import Journal
from edge.host.machine import Machine
from edge.host.notify import open_notifier
from edge.host.sample_clip import sample_clip
from edge.services.conductor import Conductor
from edge.services.demo import Showing, Telling
from edge.services.plan import Plan, plan
from edge.services.signals import Signals
from edge.services.window import LivePicture, Window

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TextIO

    from edge.config.files import SettingsFiles
    from edge.config.schema import Config
    from edge.core.model import Tripwire
    from edge.services.plan import Wish

# What is told beside the counts: the chime that is missing, and whatever is worse.
TOLD = ("speaker-lost", "sound-unusable")
LIGHT_S = 20.0


@dataclass(frozen=True, slots=True)
class DemoAsk:
    """What ``acm demo`` was asked for."""

    video: str | None
    wish: Wish
    detector: DetectorChoice
    once: bool = False
    sound: bool = True
    panel: bool = True


def demo(ask: DemoAsk, out: TextIO, err: TextIO) -> int:
    """Show counting in real time, again and again, until interrupted (or once)."""
    source, planned = _demo_plan(ask, out, err)
    # A source that is none has to be told before anything else.
    with closing(OpenCvCamera(source, fps=planned.fps)) as first:
        once = ask.once or first.live
    picture, telling = LivePicture(), Telling(out)
    with Signals() as signals, TemporaryDirectory(prefix="acm-demo-") as place:
        folder = Path(place)
        files, control = written(demo_values(source, planned, ask), folder), _control(folder)
        with DemoPanel(folder, control) if ask.panel and not once else nullcontext() as panel:
            box = _box(files, folder, control, err, [telling, Showing(picture)])
            with closing(Window(picture)) as window:
                out.write(f"Watch it at {window.address} - Ctrl-C ends it.\n")
                out.flush()
                _tell_panel(panel, signals, out)
                late = _conduct(box, signals, once=once)
        # Nobody writes to the terminal any more but us.
        if signals.stop is None:
            telling.tell_pass()
        else:
            telling.stop()
    if late:
        # A thread that hangs in a driver would crash in the interpreter's own end.
        out.flush()
        os._exit(0)
    return 0


def _conduct(box: Box, signals: Signals, *, once: bool) -> list[str]:
    clock = SystemClock()

    def over() -> str | None:
        return "the recording is over" if once and box.ended else box.over()

    conductor = Conductor(
        box.supervisor, box.board, open_notifier(), clock, box.news.tell, reload=box.reloader.reload, over=over
    )
    late = conductor.run(signals)
    box.close()
    return late


def _tell_panel(panel: DemoPanel | None, signals: Signals, out: TextIO) -> None:
    link = panel.link(lambda: signals.stop is not None) if panel is not None else ""
    if link:
        out.write(f"The panel, as the owner sees it: {link}\n")
        out.flush()


def _control(folder: Path) -> Path:
    """The control socket's usual place, so that acm status works beside it; if a counter has it, one of our own."""
    usual = server_socket()
    try:
        with ControlClient(usual, limit_s=1.0):
            return folder / usual.name
    except ControlError:
        return usual


def _box(
    files: SettingsFiles, folder: Path, control: Path, err: TextIO, watchers: list[Telling | Showing]
) -> Box:
    around = Surroundings(SystemClock(), Journal(_Warnings(err)), open_notifier(), Machine(), control, clock_synced)
    return Box(files.load().config, lambda: files.load().config, folder / RECORDS, around, watchers)


class _Warnings:
    """Takes the journal's place: what is wrong is told on the terminal, what is right is to be seen anyway."""

    def __init__(self, err: TextIO) -> None:
        self._err = err

    def __call__(self, entry: Mapping[str, str]) -> bool:
        """Tell what has to be told."""
        if int(entry["PRIORITY"]) <= Priority.ERROR or entry["ACM_EVENT"] in TOLD:
            start = "\n" if self._err.isatty() else ""
            self._err.write(f"{start}{entry['MESSAGE']}\n")
        return True


def demo_config(source: str, planned: Plan, ask: DemoAsk) -> Config:
    """The settings of a demonstration, checked."""
    return config_of(demo_values(source, planned, ask))


def demo_values(source: str, planned: Plan, ask: DemoAsk) -> dict[str, Any]:
    """The settings of a demonstration: one camera, a lamp that is not there, lit when somebody comes."""
    camera: dict[str, Any] = {
        "name": "demo", "source": source, "mount": planned.mount, "fps": float(planned.fps), "repeat": not ask.once,
        "line": [_line(wire) for wire in planned.tripwires],
        "zone": [{"name": zone.name, "corners": zone.corners} for zone in planned.zones],
    }  # fmt: skip
    return {
        "site": {"clock_trusted": True},
        "camera": [camera],
        "detector": {
            "model": str(ask.detector.model or ""), "threads": ask.detector.threads,
            "delegate": str(ask.detector.delegate or ""),
        },
        "sound": {"enabled": ask.sound},
        "gpio": {"driver": "sim"},
        "relay": [{"name": "lamp", "pin": 17}],
        "rule": [{"name": "light", "on": "arrival", "relay": "lamp", "turn": "hold", "for_s": LIGHT_S}],
    }  # fmt: skip


def _line(wire: Tripwire) -> dict[str, object]:
    """A line as the settings have it: its ends, and a way in that means the same."""
    for motion in MOTIONS:
        try:
            same = tripwire(wire.name, wire.start, wire.end, motion) == wire
        except InputError:
            # Along the line, not across it.
            continue
        if same:
            return {"name": wire.name, "from": wire.start, "to": wire.end, "in": motion}
    raise InputError(f"The line {wire.name} has no length; draw it anew.")


def _demo_plan(ask: DemoAsk, out: TextIO, err: TextIO) -> tuple[str, Plan]:
    """What to show: the sample clip if nothing is named, and a line of our choice if none is given."""
    wish = ask.wish
    chosen = bool(wish.lines or wish.motions or wish.names or wish.lines_from or wish.config)
    source = ask.video if ask.video is not None else str(sample_clip(err.write))
    if chosen:
        return source, plan(wish)
    line = SAMPLE_LINE if ask.video is None else MIDDLE_LINE
    if ask.video is not None:
        out.write("No line is given: counting at an upright line in the middle, left to right is in.\n")
    planned = Plan((line,))
    return source, replace(planned, mount=wish.mount or planned.mount, fps=wish.fps or planned.fps)
