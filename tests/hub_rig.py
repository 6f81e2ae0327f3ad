"""A real hub over a real socket: in a process of its own, to be killed, or on a thread, with a clock of the test's."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
from ports import HOST, free_port

from edge.config.hub import HubConfig
from edge.core.clock import SystemClock
from edge.core.timekeeping import to_ms
from edge.hub.app import hub_app
from edge.hub.secrecy import code_hash, fresh_code
from edge.storage.hub.registry import Registry
from edge.storage.hub.store import HubStore

if TYPE_CHECKING:
    from datetime import datetime

    from typing_extensions import Self

    from edge.core.clock import Clock

ROOT = Path(__file__).parents[1]
START_S, STOP_S = 30.0, 20.0
SETTINGS = """
[server]
database = "{database}"
host = "127.0.0.1"
port = {port}
{more}
[limits]
{limits}
"""
MOST = 10_000
LIMITS = ("batches_a_minute", "enrolments_a_minute", "tokens_a_minute", "reads_a_minute")


@dataclass
class HubProcess:
    """``acm hub`` on a database. Use as a context manager: whatever happens, no process is left."""

    folder: Path
    database: str
    more: str = ""
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def said(self) -> str:
        """Everything it has written to standard error."""
        return (self.folder / f"hub-{self.port}.txt").read_text(encoding="utf-8")

    def start(self) -> None:
        """Start it and wait until it answers."""
        file = self.folder / f"hub-{self.port}.toml"
        limits = "\n".join(f"{name} = {MOST}" for name in LIMITS)
        told = SETTINGS.format(database=self.database, port=self.port, more=self.more, limits=limits)
        file.write_text(told, encoding="utf-8")
        with (self.folder / f"hub-{self.port}.txt").open("ab") as said:
            command = [sys.executable, "-m", "edge", "hub", "--config", str(file)]
            self.process = subprocess.Popen(command, stderr=said, cwd=ROOT, start_new_session=True)  # noqa: S603 - ours
        end_s = time.monotonic() + START_S
        while not self._answers():
            assert self.process.poll() is None, f"the hub ended:\n{self.said}"
            assert time.monotonic() < end_s, f"the hub does not answer after {START_S} s:\n{self.said}"

    def kill(self) -> None:
        """The machine's power is cut: all of its processes end at once."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(STOP_S)
            self.process = None

    def stop(self) -> None:
        """Stop it in good order."""
        assert self.process is not None
        self.process.terminate()
        assert self.process.wait(STOP_S) == 0, self.said
        self.process = None

    def _answers(self) -> bool:
        try:
            with socket.create_connection((HOST, self.port), 1.0):
                return True
        except OSError:
            # Another look in a moment; the machine is busy starting it.
            select.select([], [], [], 0.05)
            return False


class HubThread:
    """The hub on a thread of the test's own process, quick to start; its clock may be wrong."""

    def __init__(self, database: str, clock: Clock | None = None, **limits: int) -> None:
        settings = HubConfig.model_validate({
            "server": {"database": database}, "limits": {**dict.fromkeys(LIMITS, MOST), **limits}
        })  # fmt: skip
        self.database = database
        # Who connects before it serves waits.
        self._door = socket.create_server((HOST, 0))
        self.port = int(self._door.getsockname()[1])
        config = uvicorn.Config(hub_app(settings, clock or SystemClock()), log_config=None, timeout_graceful_shutdown=5)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._door],), daemon=True)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(STOP_S)
        self._door.close()


def claim(database: str, site: str, now: datetime, name: str = "") -> str:
    """A code for a device of a site, which is added if there is none such."""
    store = HubStore.open(database)
    try:
        registry, now_ms = Registry(store), to_ms(now)
        if site not in {one.name for one in registry.sites()}:
            registry.add_site(site, "Europe/Berlin", 0, now_ms)
        code = fresh_code()
        registry.claim(site, name, code_hash(code), now_ms)
        return code
    finally:
        store.close()
