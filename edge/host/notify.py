"""What the service manager is told about this process, and what it asks for (protocol: man sd_notify).

Nothing here can fail the product: without a service manager the messages go nowhere.
"""

from __future__ import annotations

import os
import socket
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    # Sends one message; False if it did not arrive.
    Send = Callable[[str], bool]

USEC_A_S = 1_000_000
# systemd keeps no more of a status line; it is shown on one line of `systemctl status` anyhow.
STATUS_LETTERS = 400


class Notifier:
    """Tells the service manager how this process is doing.

    ``watchdog_s`` is how long it waits for ``watchdog`` before it restarts the process, None if it does not.
    Every method returns whether the message was taken; nobody has to look.
    """

    def __init__(self, send: Send | None = None, watchdog_s: float | None = None) -> None:
        self._send = send
        self.watchdog_s = watchdog_s
        self._status = ""

    @property
    def heard(self) -> bool:
        """Whether there is a service manager to talk to."""
        return self._send is not None

    def ready(self, status: str) -> bool:
        """The start is over: work is being done, or the camera is known to be lost."""
        return self._tell("READY=1", self._changed(status))

    def status(self, text: str) -> bool:
        """The line ``systemctl status`` shows. The same text again is not sent again."""
        changed = self._changed(text)
        return self._tell(changed) if changed else True

    def watchdog(self) -> bool:
        """Everything made progress. Say it only when that is true, at least twice in ``watchdog_s``."""
        return self._tell("WATCHDOG=1")

    def reloading(self) -> bool:
        """The settings are being read again; ``ready`` ends it."""
        return self._tell("RELOADING=1")

    def stopping(self, status: str = "stopping") -> bool:
        """The stop has begun."""
        return self._tell("STOPPING=1", self._changed(status))

    def extend_timeout(self, seconds: float) -> bool:
        """Starting or stopping takes longer: do not give up on it for this long from now (say it again if need be)."""
        return self._tell(f"EXTEND_TIMEOUT_USEC={round(seconds * USEC_A_S)}")

    def _changed(self, text: str) -> str:
        status = " ".join(text.split())[:STATUS_LETTERS]
        if status == self._status:
            return ""
        self._status = status
        return f"STATUS={status}"

    def _tell(self, *assignments: str) -> bool:
        told = "\n".join(assignment for assignment in assignments if assignment)
        return self._send is not None and self._send(told)


def open_notifier(environ: Mapping[str, str] = os.environ, pid: int | None = None) -> Notifier:
    """The service manager this process was started by, by what it left in the environment."""
    watchdog_s = _watchdog_s(environ, os.getpid() if pid is None else pid)
    address = environ.get("NOTIFY_SOCKET", "")
    if not address:
        return Notifier(None, watchdog_s)
    if environ is os.environ:
        return Notifier(_library() or DatagramSend(address), watchdog_s)
    return Notifier(DatagramSend(address), watchdog_s)


class DatagramSend:
    """Sends messages to a datagram socket: a path, or with ``@`` in front a name of Linux's abstract kind."""

    def __init__(self, address: str) -> None:
        self._address = f"\0{address[1:]}" if address.startswith("@") else address

    def __call__(self, message: str) -> bool:
        """Send one message; False if nobody takes it."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as link:
                # A service manager that is busy must not stop the shop's counting.
                link.settimeout(0)
                link.sendto(message.encode("utf-8", "replace"), self._address)
        except (OSError, ValueError):
            return False
        return True


def _library() -> Send | None:
    """The library of systemd, where it is installed; it knows kinds of sockets that we do not."""
    try:
        daemon = import_module("systemd.daemon")
    except ImportError:
        return None

    def send(message: str) -> bool:
        try:
            return bool(daemon.notify(message))
        except OSError:
            return False

    return send


def _watchdog_s(environ: Mapping[str, str], pid: int) -> float | None:
    """The watchdog's time limit, if there is one and it is meant for this process."""
    meant = environ.get("WATCHDOG_PID", "")
    usec = environ.get("WATCHDOG_USEC", "")
    if not usec.isdecimal() or int(usec) == 0 or (meant and meant != str(pid)):
        return None
    return int(usec) / USEC_A_S
