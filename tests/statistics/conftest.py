"""The seeded shops, made once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from seeded_kit import SHOPS, Seeded, made

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Seeded]]:
    """All of them, by name."""
    folder = tmp_path_factory.mktemp("seeded")
    found = {name: made(name, folder) for name in SHOPS}
    yield found
    for shop in found.values():
        shop.plain.close()


@pytest.fixture(params=list(SHOPS))
def shop(request: pytest.FixtureRequest, shops: dict[str, Seeded]) -> Seeded:
    """Each of them in turn."""
    return shops[request.param]
