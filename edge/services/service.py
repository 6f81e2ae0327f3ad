"""What runs on a thread of its own: a piece of work in steps, each handed the time."""

from __future__ import annotations

from threading import Event as Bell

# How long a step may last before its thread counts as stuck. Disks and sound cards take a second or two at worst.
PATIENCE_S = 10.0
# A service with nothing to do is looked after this often anyway.
IDLE_S = 1.0
# How long its last step and its clearing up may take when it is stopped.
STOP_WITHIN_S = 2.0


class Service:
    """A piece of work in steps. One ``Runner`` gives it a thread; a test just calls ``step``.

    ``bell`` is rung by whoever has work for it, so that it need not wait for its pause to be over. A ``vital`` service
    is one without which nothing is counted: if it keeps failing, the process is better started anew.
    """

    vital = False
    patience_s = PATIENCE_S
    stop_within_s = STOP_WITHIN_S

    def __init__(self, name: str) -> None:
        self.name = name
        self.bell = Bell()

    def step(self, now_s: float) -> float:
        """Do what is due at the monotonic time ``now_s``; return the seconds until the next step is."""
        raise NotImplementedError

    def leave(self) -> None:
        """Called from another thread when it is time to stop: let go of whatever a step may be waiting for."""

    def close(self) -> None:
        """Called on the service's own thread after its last step: finish what is begun, let go of the rest."""

    def successor(self) -> Service | None:
        """A fresh service that takes over while this one's thread is stuck; None if there can be none."""
        return None
