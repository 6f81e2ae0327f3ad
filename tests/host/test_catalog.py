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


def test_the_guides_are_as_new_as_what_they_are_made_from() -> None:
    guides = ROOT / "edge" / "guides"
    made = runpy.run_path(str(ROOT / "tools" / "make_catalog.py"))["guide"]()
    assert (guides / "notices.md").read_text(encoding="utf-8") == made, "run: python tools/make_catalog.py"
    pictures = runpy.run_path(str(ROOT / "tools" / "draw_guides.py"))["PICTURES"]
    for name, draw in pictures.items():
        kept = (guides / "pictures" / f"{name}.svg").read_text(encoding="utf-8")
        assert kept == draw().svg(), "run: python tools/draw_guides.py"
    words = "".join(path.read_text(encoding="utf-8") for path in guides.glob("*.md"))
    for name in re.findall(r"pictures/[\w.-]+|\]\((\w+\.md)\)", words):
        assert not name or (guides / name).exists(), name


def test_what_the_guides_name_stands_on_the_panel() -> None:
    """What is bold is a word of the panel's, but for whole sentences and names outside it."""
    panel = set(re.findall(r'= "([^"]+)"', (ROOT / "edge/panel/locale/en.toml").read_text(encoding="utf-8")))
    for name in ("owner.md", "installer.md", "technician.md"):
        text = (ROOT / "edge" / "guides" / name).read_text(encoding="utf-8")
        bold = {" ".join(words.split()) for words in re.findall(r"\*\*([^*]+)\*\*", text)}
        named = {words for words in bold if not words.endswith((".", "?", ".txt")) and "Raspberry" not in words}
        assert named
        assert named <= panel, (name, named - panel)


def test_each_notice_is_explained() -> None:
    kept = (ROOT / "systemd" / "acm.catalog").read_text(encoding="utf-8")
    assert re.findall(r"^-- ([0-9a-f]{32})$", kept, re.MULTILINE) == [notice.id for notice in TABLE]
    assert kept.count("What to do: ") + kept.count("\nNothing to do") == len(TABLE)
    assert "{" not in kept, "a placeholder was not turned into a field"
    assert all(len(line) <= 79 for line in kept.splitlines() if not line.startswith(("Subject:", "#")))
