"""The statements that spread the hub's tables name each of them and can be carried out; keys hold their column."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import edge
from edge.storage.hub.models import MONTHLY, TABLES
from edge.storage.hub.store import HubStore

if TYPE_CHECKING:
    from postgres_kit import Postgres

FILE = Path(edge.__file__).parents[1] / "config" / "examples" / "hub-citus.sql"
# Citus is not here; its functions are stood in for by ones that see whether the table could be spread.
STAND_IN = """
CREATE TABLE spread (name regclass, by_column text, beside text);
CREATE FUNCTION create_reference_table(t regclass) RETURNS void LANGUAGE sql AS
    'INSERT INTO spread VALUES (t, NULL, NULL)';
CREATE FUNCTION create_distributed_table(
    t regclass, c text, shard_count int DEFAULT NULL, colocate_with text DEFAULT NULL
) RETURNS void LANGUAGE sql AS 'INSERT INTO spread VALUES (t, c, colocate_with)';
"""
# Of each unique key, the columns.
KEYS = """
SELECT i.indrelid::regclass::text, array_agg(a.attname::text) FROM pg_index i
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey::int2[])
WHERE i.indisunique GROUP BY i.indexrelid, i.indrelid
"""


def test_every_table_is_spread_and_can_be(postgres: Postgres) -> None:
    store = HubStore.open(postgres.database())
    statements = re.sub(r"^CREATE EXTENSION.*$", "", FILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    with store.database.writing():
        for statement in (*STAND_IN.split(";\n"), *statements.split(";\n")):
            if re.search(r"^\w", statement, re.MULTILINE):
                store.database.run(statement)
        found = store.database.run("SELECT name::text, by_column, beside FROM spread").fetchall()
        spread = {name: (column, beside) for name, column, beside in found}
        keys = store.database.run(KEYS).fetchall()
    assert set(spread) == {table._meta.table_name for table in TABLES}  # noqa: SLF001 - peewee's own way
    monthly = {table._meta.table_name for table in MONTHLY}  # noqa: SLF001 - as above
    by_device = {name for name, (column, _) in spread.items() if column == "device"}
    of_device = {"stream", "arrival", "subject", "hour_figure", "stay_figure", "level_figure", "report_file"}
    assert by_device == of_device | monthly
    assert all(beside == "stream" for name, (_, beside) in spread.items() if name in by_device - {"stream"})
    for name, columns in keys:
        assert name not in by_device or "device" in columns, f"{name}: {columns}"
    store.close()
