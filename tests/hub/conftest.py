"""Both databases, for tests that have to pass on either."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from postgres_kit import Postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path, postgres: Postgres) -> str:
    """The address of a new and empty database."""
    return f"sqlite:///{tmp_path}/hub.db" if request.param == "sqlite" else postgres.database()
