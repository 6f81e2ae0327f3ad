"""The real hub over a real socket, on both kinds of databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hub_rig import HubThread, claim
from sync_kit import Life
from sync_rig import Sender, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from postgres_kit import Postgres


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def hub(
    request: pytest.FixtureRequest, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[HubThread]:
    """One hub for all tests; each has a device of its own."""
    folder = tmp_path_factory.mktemp("hub")
    database = postgres.database() if request.param == "postgresql" else f"sqlite:///{folder}/hub.db"
    with HubThread(database) as running:
        yield running


@pytest.fixture
def sender(tmp_path: Path, hub: HubThread) -> Iterator[Callable[..., Sender]]:
    """Makes devices that are known to the hub, which they reach at the address given."""
    made = []

    def make(url: str, seed: int = 0, *, clock_unset: bool = False) -> Sender:
        life = Life(tmp_path / f"device-{seed}.db", seed, clock_unset=clock_unset)
        device = Sender(life, settings(hub.url), seed=seed)
        made.append(device)
        device.enrol(claim(hub.database, "shop", life.true_time))
        device.table = settings(url)
        device.start()
        return device

    yield make
    for device in made:
        device.close()
