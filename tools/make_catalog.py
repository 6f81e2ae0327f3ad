"""Writes systemd/acm.catalog, which ``journalctl -x`` explains our lines by, from the table of notices.

    python tools/make_catalog.py

A test fails when the file is older than the table.
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING

from edge.core.notices import TABLE

if TYPE_CHECKING:
    from edge.core.notice import Notice

CATALOG = Path(__file__).parents[1] / "systemd" / "acm.catalog"
WIDTH = 76
NONE = "Nothing to do"
HEAD = """\
# What each notice of the Advanced Customer Messenger means and what to do about it: journalctl -x -u acm
# Goes to /usr/lib/systemd/catalog/acm.catalog; then: journalctl --update-catalog
# Made from edge/core/notices.py by tools/make_catalog.py: change it there.
"""


def catalog() -> str:
    """The whole file."""
    return "\n".join([HEAD, *(entry(notice) for notice in TABLE)])


def entry(notice: Notice) -> str:
    """One notice: what happened, why, what to do. The journal puts its fields in place of ``@FIELDS@``."""
    todo = notice.remedy if notice.remedy.startswith(NONE) else f"What to do: {notice.remedy}"
    return (
        f"-- {notice.id}\n"
        f"Subject: {_with_fields(notice.sentence)}\n"
        f"Defined-By: acm ({notice.event})\n"
        f"\n"
        f"{_wrapped(notice.cause)}\n"
        f"\n"
        f"{_wrapped(todo)}\n"
    )


def _with_fields(text: str) -> str:
    parts = Formatter().parse(text)
    return "".join(before + (f"@ACM_{name.upper()}@" if name else "") for before, name, _, _ in parts)


def _wrapped(text: str) -> str:
    return textwrap.fill(_with_fields(text), WIDTH, break_long_words=False, break_on_hyphens=False)


if __name__ == "__main__":
    CATALOG.write_text(catalog(), encoding="utf-8")
    print(f"{CATALOG}: {len(TABLE)} notices")
