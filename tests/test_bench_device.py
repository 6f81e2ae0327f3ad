"""What a chime and a record cost, measured on the product's own threads."""

from __future__ import annotations

from edge.app.bench_device import device_costs
from edge.services.bench_device import CHIMES


def test_a_real_measurement_tells_times_and_bytes() -> None:
    measured = device_costs()
    assert measured.chimes >= CHIMES
    # Whether the budget is kept, the bench tells on a quiet machine.
    assert 0 < measured.chime_ms <= measured.chime_bad_ms
    assert 1000 < measured.crossing_bytes < 20_000
