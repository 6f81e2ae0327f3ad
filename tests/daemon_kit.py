"""The real program in a process of its own: started, asked, listened to, stopped and killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from edge.host.control_client import ControlClient

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from typing_extensions import Self

START_S = 60.0
STOP_S = 20.0

DOOR = """
[[camera]]
name = "door"
source = "sim"
speed = {speed}
[camera.sim]
people_per_minute = {people}
seed = {seed}
{faults}
[[camera.line]]
name = "entrance"
from = [0.5, 0.0]
to = [0.5, 1.0]
in = "left-to-right"
"""
SILENT = """
[site]
clock_trusted = true
[sound]
device = "sim"
[gpio]
driver = "sim"
"""


def door(*, speed: float = 1.0, people: float = 60.0, seed: int = 1, faults: str = "") -> str:
    """A simulated camera with one line."""
    return DOOR.format(speed=float(speed), people=float(people), seed=seed, faults=faults)


class Daemon:
    """``acm run`` with settings and state in ``folder``. We are its service manager, and listen to what it says.

    Use as a context manager: whatever happens, no process is left.
    """

    def __init__(self, folder: Path, settings: str, environ: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.settings, self.state = folder / "acm.toml", folder / "state"
        self.records, self.control = self.state / "records.db", folder / "c.sock"
        self.settings.write_text(settings, encoding="utf-8")
        self._environ = environ or {}
        self._manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._address = str(folder / "n.sock")
        self._manager.bind(self._address)
        self._said = folder / "said.txt"
        self.process: subprocess.Popen[bytes] | None = None
        self.heard: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(STOP_S)
        self._manager.close()

    @property
    def said(self) -> str:
        """Everything it has written to standard error."""
        return self._said.read_text(encoding="utf-8")

    def start(self, *, wait: bool = True) -> float:
        """Start it; return how many seconds it took until it was ready."""
        began_s = time.monotonic()
        self.heard.clear()
        words = [sys.executable, "-m", "edge", "run", "--config", str(self.settings), "--state", str(self.state),
                 "--control", str(self.control)]  # fmt: skip
        environ = {**os.environ, "NOTIFY_SOCKET": self._address, "SDL_AUDIODRIVER": "dummy", **self._environ}
        with self._said.open("ab") as said:
            self.process = subprocess.Popen(words, env=environ, stderr=said, cwd=self.folder)  # noqa: S603 - ourselves
        if wait:
            assert self.hear("READY=1", START_S), f"it is not ready after {START_S} s:\n{self.said}"
        return time.monotonic() - began_s

    def hear(self, word: str, within_s: float) -> bool:
        """Wait until it tells its service manager something with this word in it."""
        end_s = time.monotonic() + within_s
        while (left_s := end_s - time.monotonic()) > 0:
            self._manager.settimeout(min(left_s, 0.5))
            with suppress(TimeoutError):
                self.heard.append(self._manager.recv(4096).decode())
                if word in self.heard[-1]:
                    return True
            if self.process is not None and self.process.poll() is not None:
                return False
        return False

    def ask(self, verb: str, **words: object) -> dict[str, Any]:
        """Ask it over its control socket."""
        with ControlClient(self.control) as client:
            return client.ask(verb, **words)

    def status_when(self, fits: Any, within_s: float = 30.0) -> dict[str, Any]:  # noqa: ANN401 - any question to a dict
        """Its status as soon as ``fits`` says yes to it."""
        end_s = time.monotonic() + within_s
        while True:
            status = self.ask("status")
            if fits(status):
                return status
            assert time.monotonic() < end_s, f"not within {within_s} s: {json.dumps(status, indent=1)}\n{self.said}"
            self.hear("\0", 0.1)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> float:
        """Stop it properly; return how many seconds that took."""
        assert self.process is not None
        began_s = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(STOP_S)
        assert code == 0, f"it ended with {code}:\n{self.said}"
        return time.monotonic() - began_s

    def kill(self) -> None:
        """The power is cut."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(STOP_S)


class Subscriber:
    """Reads the daemon's events until a moment, or until it is gone."""

    def __init__(self, control: Path) -> None:
        self._link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._link.settimeout(5.0)
        self._link.connect(str(control))
        self._link.sendall(b'{"verb":"subscribe"}\n')
        self._rest = b""

    def events(self, for_s: float) -> list[dict[str, Any]]:
        """What is told in the next ``for_s`` seconds, 0 for what was told already."""
        end_s = time.monotonic() + for_s
        while True:
            self._link.settimeout(max(0.001, end_s - time.monotonic()))
            try:
                data = self._link.recv(65536)
            except (TimeoutError, OSError):
                break
            if not data:
                break
            self._rest += data
            if time.monotonic() >= end_s and for_s:
                break
        *rows, self._rest = self._rest.split(b"\n")
        return [json.loads(row) for row in rows if row]

    def close(self) -> None:
        """Hang up."""
        self._link.close()
