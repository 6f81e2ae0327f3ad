"""Languages: the same keys everywhere, all used ones there, plurals, numbers, and whose language it is."""

from __future__ import annotations

import re
from datetime import date, datetime, timezone
from pathlib import Path

import pytest

import edge.panel
from edge.config.words import TELLING
from edge.panel.words import LOCALE, Languages, read

HOUSE = Path(edge.panel.__file__).parent
CODES = sorted(path.stem for path in LOCALE.glob("*.toml"))
USED = re.compile(r"""(?:words|_words|words_of\([^)]*\))\(\s*["']([a-z_]+(?:\.[a-z_0-9]+)+)["']""")
# Plural forms stand under their key.
FORMS = {"one", "other"}


def test_every_language_has_the_same_keys_with_the_same_blanks() -> None:
    assert {"en", "de", "tr"} <= set(CODES)
    english = read(LOCALE / "en.toml")
    for code in CODES:
        texts = read(LOCALE / f"{code}.toml")
        assert set(texts) == set(english), code
        for key, text in texts.items():
            assert text.strip() == text != "", (code, key)
            assert blanks(text) == blanks(english[key]), (code, key)


def blanks(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", text))


def test_every_text_that_is_said_is_there() -> None:
    english = read(TELLING / "en.toml") | read(LOCALE / "en.toml")
    keys = {key.rsplit(".", 1)[0] if key.rsplit(".", 1)[1] in FORMS else key for key in english}
    sources = [*HOUSE.rglob("*.py"), *HOUSE.rglob("*.html")]
    said = {key for source in sources for key in USED.findall(source.read_text(encoding="utf-8"))}
    assert len(said) > 40, "nothing was found"
    assert said - keys == set()


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        (("tr", "de"), "tr"), (("", "de-CH,de;q=0.9,en;q=0.8"), "de"), (("", "fr,tr;q=0.2,de;q=0.8"), "de"),
        (("xx", "fr"), "en"), (("", ""), "en"), (("", "tr;q=0,de"), "de"), (("", ";;;q=,,*"), "en"),
    ],
)  # fmt: skip
def test_the_language_is_the_dearest_there_is(wishes: tuple[str, ...], code: str) -> None:
    assert Languages().get(*wishes).language == code


def test_numbers_days_and_plurals_are_said_as_people_say_them() -> None:
    english, german, turkish = (Languages().get(code) for code in ("en", "de", "tr"))
    assert [words.number(1234567.25, 1) for words in (english, german)] == ["1,234,567.2", "1.234.567,2"]
    assert [words.percent(0.125) for words in (english, german, turkish)] == ["12%", "12 %", "%12"]
    assert english.day(date(2026, 11, 25)) == "Wednesday, 25 November"
    assert german.day(date(2026, 3, 1)) == "Sonntag, 1. März"
    assert turkish.moment(datetime(2026, 10, 25, 9, 5, tzinfo=timezone.utc)) == "25 Ekim 2026, 09:05"
    assert [english("today.visits", n) for n in (1, 1200)] == ["of 1 visit", "of 1,200 visits"]
    assert [english.lasting(s) for s in (0, 59.4, 60, 3599, 3660, 90_000)] == [
        "0 s", "59 s", "1 min", "1 h 00 min", "1 h 01 min", "25 h 00 min",
    ]  # fmt: skip


def test_a_text_that_is_missing_shows_its_key() -> None:
    assert Languages().get("en")("nothing.here") == "nothing.here"
