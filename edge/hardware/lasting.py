"""Devices that may be lost and come back: opened again after a pause, told once, never in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from edge.core.backoff import Reconnect
from edge.core.errors import DeviceError, DeviceLostError

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.core.clock import Clock


class Closable(Protocol):
    """Something opened, that may break."""

    @property
    def alive(self) -> bool:
        """Whether it is still there."""

    def close(self) -> None:
        """Let go of it."""


Device = TypeVar("Device", bound=Closable)


class Lasting(Generic[Device]):
    """Keeps a device open. ``open_it`` opens it or raises ``DeviceError``; ``name`` begins a sentence ("The speaker").

    A device that cannot be opened at the start is one that was lost at once. The first try is made here.
    """

    def __init__(
        self, name: str, open_it: Callable[[], Device], clock: Clock, reconnect: Reconnect | None = None
    ) -> None:
        self._name, self._open_it, self._clock = name, open_it, clock
        self._reconnect = reconnect or Reconnect()
        self._device: Device | None = None
        self._closed = False
        self._told_lost = False
        self._notice: str | None = None
        self._try()

    @property
    def device(self) -> Device:
        """The open device; ``DeviceLostError`` while there is none."""
        if self._device is None:
            if self._closed:
                raise DeviceError(f"{self._name} is closed.")
            wait_s = self._reconnect.wait_s(self._clock.monotonic_s())
            raise DeviceLostError(f"{self._name} is lost; trying again in {wait_s:.0f} s.")
        return self._device

    def tend(self) -> str | None:
        """See whether the device is still there and try to get it back. Returns news as a sentence, each once."""
        if self._closed:
            return None
        if self._device is not None and not self._device.alive:
            # Often it was another one of the kind that came or went: what follows tries at once.
            self._let_go()
        if self._device is None and self._reconnect.may_try(self._clock.monotonic_s()):
            self._try()
        notice, self._notice = self._notice, None
        return notice

    def lose(self, error: DeviceError) -> None:
        """Note that the device failed while it was used; ``tend`` tells it and gets it back."""
        self._let_go()
        self._reconnect.failed(self._clock.monotonic_s())
        self._note_lost(error)

    def close(self) -> None:
        """Let go of the device for good; may be called twice."""
        self._closed = True
        self._let_go()

    def _try(self) -> None:
        try:
            self._device = self._open_it()
        except DeviceError as error:
            self._reconnect.failed(self._clock.monotonic_s())
            self._note_lost(error)
            return
        self._reconnect.succeeded()
        if self._told_lost:
            self._told_lost = False
            self._notice = f"{self._name} is back."

    def _note_lost(self, error: DeviceError) -> None:
        if not self._told_lost:
            self._told_lost = True
            self._notice = str(error)

    def _let_go(self) -> None:
        device, self._device = self._device, None
        if device is not None:
            device.close()
