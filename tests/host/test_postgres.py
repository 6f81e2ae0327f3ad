"""A PostgreSQL of one's own: it runs, and nothing is left of it; a sentence where there is none."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from edge.core.errors import InputError
from edge.host.postgres import ThrowawayPostgres


def test_it_runs_and_is_gone_afterwards() -> None:
    with ThrowawayPostgres() as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        (told,) = connection.execute("SHOW data_directory").fetchone() or ("",)
        folder = Path(told).parent
        assert folder.is_dir()
        connection.close()
    assert not folder.exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.url)


def test_where_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="install Debian's package postgresql, or name one"):
        ThrowawayPostgres(tmp_path)
