"""Machines for the tests: one to work with, and two that are left alone from the start, as their tests take long.

Who cannot have one gets an error and not a skip: what is not tried here is tried nowhere before a shop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from machine import Machine
from product import UNIT, install, set_up

if TYPE_CHECKING:
    from collections.abc import Iterator


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "rig: needs root and systemd-nspawn; left out with -m 'not device and not rig'")


@pytest.fixture(scope="package")
def stuck() -> Iterator[Machine]:
    """Its counter's analysis is stuck for ever from half a second after its first picture on."""
    with Machine() as machine:
        install(machine)
        set_up(machine, "acm", stall_after_s=0.5)
        machine.run("systemctl", "start", "--no-block", UNIT)
        yield machine


@pytest.fixture(scope="package")
def blind() -> Iterator[Machine]:
    """Its counter has no camera."""
    with Machine() as machine:
        install(machine)
        set_up(machine, "acm", source="/dev/video9")
        machine.run("systemctl", "start", "--no-block", UNIT)
        yield machine


@pytest.fixture(scope="package")
def machine(stuck: Machine, blind: Machine) -> Iterator[Machine]:
    """The one to work with; the others have begun by then."""
    assert stuck is not blind
    with Machine() as machine:
        install(machine)
        yield machine
