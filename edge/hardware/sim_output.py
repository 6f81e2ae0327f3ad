"""A screen that is not there: it keeps what it would have shown."""

from __future__ import annotations

from edge.core.errors import DeviceError, DeviceLostError


class SimDisplay:
    """Keeps each change of what is shown as ``(inside, limit)``.

    Setting ``lost`` unplugs it; the next ``tend`` tells it, as it tells that the screen is back.
    """

    def __init__(self) -> None:
        self.shown: list[tuple[int, int | None]] = []
        self.lost = False
        self.closed = False
        self._told_lost = False

    def show(self, inside: int, limit: int | None = None) -> None:
        """Note a change; ``DeviceLostError`` while lost, ``DeviceError`` when closed."""
        if self.closed:
            raise DeviceError("The screen is closed; counting goes on without it.")
        if self.lost:
            raise DeviceLostError("The screen is lost; counting goes on without it.")
        if self.shown[-1:] != [(inside, limit)]:
            self.shown.append((inside, limit))

    def tend(self) -> str | None:
        """Tell once that the screen was lost, and once that it is back."""
        if self.lost == self._told_lost:
            return None
        self._told_lost = self.lost
        return "The screen is lost; counting goes on without it." if self.lost else "The screen is back."

    def close(self) -> None:
        """Show no more; may be called twice."""
        self.closed = True
