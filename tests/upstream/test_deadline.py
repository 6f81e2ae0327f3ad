"""An exchange ends in time as a whole, however many steps it has."""

from __future__ import annotations

import httpcore
import pytest

from edge.core.clock import ManualClock
from edge.upstream.deadline import PIECE, Deadline, PunctualBackend


class SlowStream(httpcore.NetworkStream):
    """Each read or write takes as long as it may, less a little."""

    def __init__(self, clock: ManualClock, step_s: float) -> None:
        self._clock, self._step_s = clock, step_s
        self.limits: list[float | None] = []
        self.written = 0

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.limits.append(timeout)
        self._clock.advance(self._step_s)
        return bytes(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.limits.append(timeout)
        self._clock.advance(self._step_s)
        self.written += len(buffer)


class SlowBackend(httpcore.NetworkBackend):
    def __init__(self, stream: SlowStream) -> None:
        self._stream = stream

    def connect_tcp(self, *_: object, **__: object) -> SlowStream:
        return self._stream


def connected(step_s: float, whole_s: float) -> tuple[httpcore.NetworkStream, SlowStream]:
    clock = ManualClock()
    slow = SlowStream(clock, step_s)
    deadline = Deadline(clock)
    deadline.begin(whole_s)
    return PunctualBackend(deadline, SlowBackend(slow)).connect_tcp("hub", 443, 5.0), slow


def test_a_byte_at_a_time_ends_in_time() -> None:
    stream, slow = connected(step_s=9.0, whole_s=30.0)
    for _ in range(4):
        stream.read(1, 10.0)
    with pytest.raises(httpcore.ReadTimeout):
        stream.read(1, 10.0)
    assert slow.limits == [10.0, 10.0, 10.0, 3.0]


def test_a_hub_that_reads_slowly_is_given_up() -> None:
    stream, slow = connected(step_s=9.0, whole_s=30.0)
    with pytest.raises(httpcore.WriteTimeout):
        stream.write(bytes(2**20), 10.0)
    assert slow.written == 4 * PIECE


def test_what_is_in_time_is_written_whole() -> None:
    stream, slow = connected(step_s=0.1, whole_s=30.0)
    stream.write(bytes(100_000), None)
    assert slow.written == 100_000
    with pytest.raises(httpcore.ConnectTimeout):
        connected(step_s=1.0, whole_s=0.0)
