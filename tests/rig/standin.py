"""A counter without a picture, for what ``acm run`` cannot show here: systemd's own library, from the system's Python.

It reads the simulated faults of the settings' ``[camera.sim]`` as the product does, so that the same tests are for
both, and needs nothing but Python.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

sys.path.insert(0, str(Path(__file__).parents[2]))

from edge.core import notices
from edge.core.clock import SystemClock
from edge.host.control import open_control
from edge.host.control_place import server_socket
from edge.host.journal import open_journal
from edge.host.notify import open_notifier

SETTINGS = Path("/etc/acm/acm.toml")
LOOK_S = 0.1
PATIENCE_S = 10.0


class Standin:
    """Looks at nothing ten times a second, and counts somebody every second."""

    def __init__(self, camera: dict[str, Any]) -> None:
        self.clock, self.notifier, self.journal = SystemClock(), open_notifier(), open_journal()
        self.sim = camera.get("sim", {})
        self.missing = camera.get("source") != "sim"
        self.looks, self.looked_s = 0, self.clock.monotonic_s()
        self.stop = threading.Event()
        self.reload = threading.Event()

    def tell(self, fact: notices.Fact) -> None:
        self.journal.tell(fact, self.clock.monotonic_s())

    def look(self) -> None:
        """The analysis thread."""
        begun_s = self.clock.monotonic_s()
        while not self.stop.is_set():
            self.looked_s = self.clock.monotonic_s()
            time.sleep(LOOK_S)
            if 0 < self.sim.get("stall_after_s", 0) <= self.clock.monotonic_s() - begun_s:
                threading.Event().wait()
            if self.missing:
                self.tell(notices.CAMERA_LOST.fact(camera="door", reason="there is no such device."))
                continue
            self.looks += 1
            if self.looks % 10 == 0:
                self.tell(notices.CROSSING.fact(camera="door", line="entrance", direction="in", latency_ms=120))

    def status(self) -> str:
        return "camera lost: door" if self.missing else f"10.0 fps, {self.looks} looks"

    def run(self) -> None:
        self.tell(notices.STARTING.fact(version="0"))
        answers = {"status": lambda _: {"looks": self.looks}, "reload": lambda _: self.reload.set() or {}}
        control = open_control(server_socket(), answers, self.tell)
        threading.Thread(target=self.look, daemon=True).start()
        ready = False
        while not self.stop.is_set():
            now_s = self.clock.monotonic_s()
            if control is not None:
                control.step(now_s, 0.1)
            if not ready and (self.looks or self.missing):
                ready = True
                self.notifier.ready(self.status())
                self.tell(notices.STARTED.fact(cameras=1, lost=int(self.missing)))
            if now_s - self.looked_s <= PATIENCE_S:
                self.notifier.watchdog()
            else:
                self.tell(notices.SERVICE_WEDGED.fact(service="analysis", silent_s=now_s - self.looked_s))
            self.notifier.status(self.status())
            if self.reload.is_set():
                self.reload.clear()
                self.notifier.reloading()
                self.tell(notices.CONFIG_RELOADED.fact(changed="nothing"))
                self.notifier.ready(self.status())
        self.tell(notices.STOPPING.fact(reason="signal SIGTERM"))
        self.notifier.stopping()
        if control is not None:
            control.close()
        self.journal.close(self.clock.monotonic_s())
        self.tell(notices.STOPPED.fact())


def main() -> int:
    try:
        settings = tomllib.loads(SETTINGS.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        sys.stderr.write(f"acm: {SETTINGS}: {error}\n")
        return 2
    standin = Standin(settings["camera"][0])
    signal.signal(signal.SIGTERM, lambda *_: standin.stop.set())
    signal.signal(signal.SIGHUP, lambda *_: standin.reload.set())
    standin.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
