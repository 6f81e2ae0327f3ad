"""Writes systemd/acm.catalog, which ``journalctl -x`` explains our lines by, and edge/guides/notices.md.

    python tools/make_catalog.py

A test fails when a file is older than the table of notices.
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
GUIDE = Path(__file__).parents[1] / "edge" / "guides" / "notices.md"
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


GUIDE_HEAD = """\
# Every notice

What a box says of itself in its journal (`journalctl ACM_EVENT=NAME -x`), why, and what to do. Made from the table of
notices by `tools/make_catalog.py`.
"""


def guide() -> str:
    """The same for people who read on paper."""
    return "\n".join([GUIDE_HEAD, *(chapter(notice) for notice in sorted(TABLE, key=lambda one: one.event))])


def chapter(notice: Notice) -> str:
    """One notice; what stands for a value is in type of its own."""
    sentence, cause, remedy = (_plainly(text) for text in (notice.sentence, notice.cause, notice.remedy))
    return f"## {notice.event}\n\n> {sentence}\n\n{cause}\n\n**What to do:** {remedy}\n"


def _plainly(text: str) -> str:
    parts = Formatter().parse(text)
    return "".join(before + (f"`{name}`" if name else "") for before, name, _, _ in parts)


if __name__ == "__main__":
    for path, made in ((CATALOG, catalog()), (GUIDE, guide())):
        path.write_text(made, encoding="utf-8")
        print(f"{path}: {len(TABLE)} notices")
