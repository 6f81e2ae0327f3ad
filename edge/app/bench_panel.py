"""``acm bench panel``: the sample clip counted in real time, alone and beside a panel that is flooded, hung, killed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event as Flag
from typing import TYPE_CHECKING, Any

from edge.app.child import START_S, STOP_S, Child
from edge.app.demo_panel import SETTINGS, DemoPanel, written
from edge.core.clock import SystemClock
from edge.core.errors import AcmError
from edge.host.control_client import ControlClient
from edge.host.control_wire import ControlError
from edge.host.memory import peak_rss_mb_of
from edge.host.sample_clip import sample_clip
from edge.services.bench_panel import ALONE, FLOODED, Called, PanelReport, Pass

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

    from typing_extensions import Self

    from edge.services.bench_panel import Counts

CAMERA, ENDED = "clip", "ended"
# Lines across the foot path, so that a pass has enough chimes for its bad case.
ACROSS = (0.25, 0.35, 0.45, 0.55, 0.65, 0.75)
HIGH, LOW = 0.24, 0.62
VIEWERS, A_SECOND, FLOOD_S = 4, 200.0, 60.0
# After its first picture, and after it was stopped.
HANGS_AFTER_S, KILLED_AFTER_S = 10.0, 30.0
WITHIN_S, LOOK_S = 180.0, 0.2
HUNG = "hung and killed"
# There and back, so that a machine that gets slower or quicker meanwhile is no advantage to any of them.
PASSES = (ALONE, FLOODED, HUNG, HUNG, FLOODED, ALONE)


@dataclass(frozen=True, slots=True)
class PanelBenchAsk:
    """What ``acm bench panel`` was asked for."""

    as_json: bool = False
    check: bool = False


def bench_panel(ask: PanelBenchAsk, out: TextIO, err: TextIO) -> int:
    """Measure what the panel costs counting; 1 with ``check`` when a budget is missed. Takes about nine minutes."""
    clip = sample_clip(err.write)
    if err.isatty():
        err.write("Measuring; this takes about nine minutes.\n")
    with TemporaryDirectory(prefix="acm-bench-") as place:
        folder = Path(place)
        truth = _truth(clip, folder)
        passes = []
        for number, what in enumerate(PASSES):
            own = folder / str(number)
            own.mkdir()
            passes.append(_Counting(own, clip).passed(what))
    report = PanelReport(truth, passes)
    out.write(report.json() if ask.as_json else report.text())
    return 0 if report.within or not ask.check else 1


def _values(clip: Path) -> dict[str, Any]:
    """Settings: the clip once in real time, and a chime for everybody who comes or goes."""
    lines = [{"name": f"line {number}", "from": (x, HIGH), "to": (x, LOW), "in": "right-to-left"}
             for number, x in enumerate(ACROSS)]  # fmt: skip
    return {
        "site": {"clock_trusted": True},
        "camera": [{"name": CAMERA, "source": str(clip), "repeat": False, "line": lines}],
        "sound": {"device": "sim", "departure": "bell", "group_s": 0.0},
        "gpio": {"driver": "sim"},
    }


def _truth(clip: Path, folder: Path) -> Counts:
    """What is counted when every picture is looked at, however long that takes."""
    written(_values(clip), folder)
    words = ["replay", str(clip), "--config", str(folder / SETTINGS), "--camera", CAMERA, "--json"]
    done = subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, "-m", "edge", *words], capture_output=True, text=True, check=False, timeout=WITHIN_S * 2
    )
    if done.returncode:
        raise AcmError(f"The sample clip cannot be counted: {done.stderr.strip()}")
    return _counts(json.loads(done.stdout)["lines"], "name")


def _counts(lines: list[dict[str, Any]], name: str) -> Counts:
    return {str(line[name]): (int(line["in"]), int(line["out"])) for line in lines}


class _Counting:
    """A counter on the clip, in a folder of its own, and what goes on beside it."""

    def __init__(self, folder: Path, clip: Path) -> None:
        self._folder, self._control = folder, folder / "c.sock"
        self._clock, self._pause = SystemClock(), Flag()
        written(_values(clip), folder)

    def passed(self, what: str) -> Pass:
        """Count the clip once."""
        words = ["run", "--config", str(self._folder / SETTINGS), "--state", str(self._folder),
                 "--control", str(self._control)]  # fmt: skip
        with ExitStack() as stack:
            panel = None if what == ALONE else stack.enter_context(DemoPanel(self._folder, self._control))
            link = "" if panel is None else panel.link(lambda: False)
            counter = stack.enter_context(Child(words, self._folder / "said.txt"))
            self._until(counter, lambda status: status["cameras"][0]["frames"] > 0, START_S)
            callers = None if panel is None else stack.enter_context(_Callers(link))
            if panel is not None and what == HUNG:
                self._pause.wait(HANGS_AFTER_S)
                panel.signal(signal.SIGSTOP)
                self._pause.wait(KILLED_AFTER_S)
                panel.signal(signal.SIGKILL)
            called = Called() if callers is None else callers.told(needed=what == FLOODED)
            status = self._until(counter, lambda status: status["cameras"][0]["state"] == ENDED, WITHIN_S)
            # The last pictures are looked at in the second after the end.
            self._pause.wait(1.0)
            status = self._until(counter, lambda _: True, START_S)
            rss_mb = (peak_rss_mb_of(panel.pid) or 0.0) if panel is not None and what != HUNG else 0.0
        chimes = status["sound"]["reaction_ms"]
        return Pass(
            what, _counts(status["lines"], "line"), chimes["p50"] or 0.0, chimes["p95"] or 0.0, chimes["count"],
            rss_mb, called,
        )  # fmt: skip

    def _until(self, counter: Child, fits: Callable[[dict[str, Any]], bool], within_s: float) -> dict[str, Any]:
        end_s = self._clock.monotonic_s() + within_s
        while self._clock.monotonic_s() < end_s:
            counter.check()
            try:
                with ControlClient(self._control) as client:
                    status = client.ask("status")
            except ControlError:
                # It is just starting.
                status = {}
            if status.get("cameras") and fits(status):
                return status
            self._pause.wait(LOOK_S)
        raise AcmError(f"The counter did not get so far within {within_s:.0f} s: {counter.last_words}")


class _Callers:
    """Four viewers and a flood, in a process that leaves the processor to others."""

    def __init__(self, link: str) -> None:
        if not link:
            raise AcmError("The panel does not come up here.")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "edge", "bench", "panel", "--child"], text=True, start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        asked = {"link": link, "viewers": VIEWERS, "a_second": A_SECOND, "for_s": FLOOD_S}
        if self._process.stdin is not None:
            self._process.stdin.write(json.dumps(asked))
            self._process.stdin.close()
            self._process.stdin = None

    def __enter__(self) -> Self:
        """Nothing more to do: they are calling."""
        return self

    def __exit__(self, *_: object) -> None:
        """Send them away."""
        self._process.kill()
        self._process.communicate()

    def told(self, *, needed: bool) -> Called:
        """What they got; nothing if the panel went away before they were in, unless that is ``needed``."""
        out, err = self._process.communicate(timeout=FLOOD_S + START_S + STOP_S)
        if self._process.returncode == 0:
            return Called(**json.loads(out))
        if needed:
            raise AcmError(f"The panel could not be called: {''.join(err.strip().splitlines()[-1:])}")
        return Called()
