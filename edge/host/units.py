"""The service manager's units, as far as an upgrade has to do with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.host.programs import told_by

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge.host.programs import Told

STOPPING_S = 60.0


class Units:
    """Asks and tells the service manager. ``ask`` runs a program."""

    def __init__(self, ask: Callable[[Sequence[str], float], Told] = told_by) -> None:
        self._ask = ask

    def standing(self, unit: str) -> tuple[str, int]:
        """How a unit is ("active", "activating", "failed" ...; "" if nobody can be asked), how often it ended."""
        told = self._ask(["systemctl", "show", unit, "--property", "ActiveState,NRestarts"], 10.0)
        values = dict(row.split("=", 1) for row in told.text.splitlines() if "=" in row)
        again = values.get("NRestarts", "")
        return values.get("ActiveState", ""), int(again) if again.isdecimal() else 0

    def restart(self, units: Sequence[str]) -> str:
        """Have units stopped and started at once, and do not wait for it; why not, or ""."""
        self._ask(["systemctl", "daemon-reload"], STOPPING_S)
        self._ask(["systemctl", "reset-failed", *units], 10.0)
        return self._ask(["systemctl", "restart", "--no-block", *units], STOPPING_S).failed

    def stop(self, units: Sequence[str]) -> str:
        """Have units stopped, and wait for it; why not, or ""."""
        return self._ask(["systemctl", "stop", *units], STOPPING_S).failed
