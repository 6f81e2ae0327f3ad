"""Ports for servers under test, for each of the processes that share a run its own.

They lie below those the system gives to whoever calls out, so that a server which stops and starts finds its port free.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from itertools import cycle

HOST = "127.0.0.1"
FIRST, EACH = 20_000, 1_500
# Which of the processes this is, as pytest-xdist numbers them (gw0, gw1 ...); the first where there is only one.
_MINE = FIRST + EACH * (int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 8)
# Another run on this machine begins elsewhere.
_NUMBERS = cycle(range(EACH))
for _ in range(os.getpid() * 37 % EACH):
    next(_NUMBERS)


def free_port() -> int:
    """A port of this machine's loopback that nobody listens at, and that was not given out lately."""
    for _ in range(EACH):
        port = _MINE + next(_NUMBERS)
        with suppress(OSError), socket.create_server((HOST, port)):
            return port
    raise RuntimeError(f"None of the ports from {_MINE} on is free.")
