"""Programs of ours that run beside this one and end with it: a hub, a box."""

from __future__ import annotations

import socket
import subprocess
import sys
from contextlib import suppress
from threading import Event as Flag
from typing import TYPE_CHECKING

from edge.core.clock import SystemClock
from edge.core.errors import AcmError

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from typing_extensions import Self

HOST = "127.0.0.1"
START_S, STOP_S, LOOK_S = 30.0, 15.0, 0.1


class Child:
    """``acm`` with these words, in a process of its own; what it says goes to a file. A context manager."""

    def __init__(self, words: list[str], said: Path) -> None:
        self._said = said
        with said.open("ab") as out:
            # A session of its own: Ctrl-C is for us, who then end it.
            self.process = subprocess.Popen(  # noqa: S603 - ourselves
                [sys.executable, "-m", "edge", *words], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True,
            )  # fmt: skip

    def check(self) -> None:
        """Raise ``AcmError`` with its last words if it has ended."""
        if self.process.poll() is not None:
            raise AcmError(f"A program of the demonstration has ended: {self.last_words}")

    @property
    def last_words(self) -> str:
        """The last it said."""
        return (self._said.read_text(encoding="utf-8", errors="replace").strip().splitlines() or ["nothing"])[-1]

    def stop(self) -> None:
        """Stop it in good order; by force if it does not."""
        self.process.terminate()
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(STOP_S)

    def __enter__(self) -> Self:
        """Nothing more to do: it is being started."""
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        """Stop it."""
        self.stop()


def hub_at(database: str, port: int, folder: Path, limits: int = 0) -> Child:
    """A hub on a database, listening at ``port`` of this machine; ``limits``: so many requests a minute."""
    settings = folder / "hub.toml"
    lines = ["[server]", f'database = "{database}"', f'host = "{HOST}"', f"port = {port}"]
    if limits:
        lines += ["[limits]", f"batches_a_minute = {limits}", f"enrolments_a_minute = {limits}"]
    settings.write_text("\n".join(lines) + "\n", encoding="utf-8")
    settings.chmod(0o600)
    return Child(["hub", "--config", str(settings)], folder / "hub.txt")


def answers_at(port: int, child: Child) -> None:
    """Wait until something listens at ``port``. Raises ``AcmError`` if the child ends before, or takes too long."""
    clock, pause = SystemClock(), Flag()
    end_s = clock.monotonic_s() + START_S
    while clock.monotonic_s() < end_s:
        child.check()
        with suppress(OSError), socket.create_connection((HOST, port), 1.0):
            return
        pause.wait(LOOK_S)
    raise AcmError(f"Nothing answers at port {port} after {START_S:.0f} s: {child.last_words}")


def free_port(wanted: int = 0) -> int:
    """A port that is free: the wanted one, or any."""
    for port in (wanted, 0):
        with suppress(OSError), socket.create_server((HOST, port)) as taken:
            return int(taken.getsockname()[1])
    raise AcmError("There is no free port on this machine.")
