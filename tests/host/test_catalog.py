"""The journal's catalog is what the table of notices makes of it."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import edge
from edge.core.notices import TABLE

ROOT = Path(edge.__file__).parents[1]


def test_the_catalog_is_as_new_as_the_table() -> None:
    made = runpy.run_path(str(ROOT / "tools" / "make_catalog.py"))["catalog"]()
    kept = (ROOT / "systemd" / "acm.catalog").read_text(encoding="utf-8")
    assert kept == made, "run: python tools/make_catalog.py"


def test_each_notice_is_explained() -> None:
    kept = (ROOT / "systemd" / "acm.catalog").read_text(encoding="utf-8")
    assert re.findall(r"^-- ([0-9a-f]{32})$", kept, re.MULTILINE) == [notice.id for notice in TABLE]
    assert kept.count("What to do: ") + kept.count("\nNothing to do") == len(TABLE)
    assert "{" not in kept, "a placeholder was not turned into a field"
    assert all(len(line) <= 79 for line in kept.splitlines() if not line.startswith(("Subject:", "#")))
