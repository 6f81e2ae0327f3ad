"""The database server that tests start: fresh databases, a stop and a crash that lose nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from postgres_kit import Postgres

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def own() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


def test_every_database_is_empty(postgres: Postgres) -> None:
    for _ in range(2):
        with psycopg.connect(postgres.database()) as connection:
            connection.execute("CREATE TABLE here (a int)")


def test_it_comes_back_after_a_crash(own: Postgres) -> None:
    url = own.database()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS a")
    own.crash()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)
    own.start()
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT a FROM kept").fetchall() == [(1,)]
    folder = own.folder
    own.stop()
    assert folder.exists()
