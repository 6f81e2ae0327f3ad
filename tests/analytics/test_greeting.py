"""Greetings: the right word at the right time, and what has to be got ready."""

from __future__ import annotations

from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import pytest

from edge.analytics.greeting import WORDS, DayPart, Greetings, day_part
from edge.config.sound import GreetingTable

ROME = ZoneInfo("Europe/Rome")
FULL = "{greeting}, welcome to {shop}! You are number {count}."


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 6, 1, hour, minute, tzinfo=ROME)


def greetings(text: str = FULL, **settings: str) -> Greetings:
    return Greetings(GreetingTable(text=text, **settings), "Rosa's", ROME)


def test_placeholders_are_filled_in() -> None:
    assert greetings().text(7, at(9)) == "Good morning, welcome to Rosa's! You are number 7."


@pytest.mark.parametrize(
    ("hour", "minute", "word"),
    [(3, 59, "Good evening"), (4, 0, "Good morning"), (11, 59, "Good morning"), (12, 0, "Good afternoon"),
     (17, 59, "Good afternoon"), (18, 0, "Good evening"), (23, 59, "Good evening")],
)  # fmt: skip
def test_the_word_follows_the_wall_clock_of_the_site(hour: int, minute: int, word: str) -> None:
    moment = at(hour, minute).astimezone(timezone.utc)
    assert greetings("{greeting}").text(1, moment) == word


def test_the_word_is_in_the_configured_language_or_the_owners_own() -> None:
    assert greetings("{greeting}", language="de").text(1, at(9)) == "Guten Morgen"
    assert greetings("{greeting}", language="pt-br").text(1, at(13)) == "Boa tarde"
    own = greetings("{greeting}", language="de", morning="Moin")
    assert [own.text(1, at(hour)) for hour in (9, 13)] == ["Moin", "Guten Tag"]


def test_a_language_without_words_leaves_no_stray_comma() -> None:
    assert greetings("{greeting}, {shop}", language="ja").text(1, at(9)) == "Rosa's"
    assert Greetings(GreetingTable(text="{greeting}  {shop}"), "", ROME).text(1, at(9)) == "Good morning"


def test_every_language_has_three_words() -> None:
    for words in WORDS.values():
        assert len(words) == len(DayPart)
        assert all(word == word.strip() and word for word in words)
    assert day_part(at(12).time()) is DayPart.AFTERNOON


def test_the_next_greetings_are_got_ready_beforehand() -> None:
    assert greetings("{greeting} {count}").upcoming(4, at(11, 45)) == (
        "Good morning 5", "Good afternoon 5", "Good morning 6", "Good afternoon 6",
    )  # fmt: skip
    assert greetings("{greeting}").upcoming(4, at(9)) == ("Good morning",)
    assert greetings("").upcoming(4, at(9)) == ()


def test_a_rule_may_have_a_text_of_its_own() -> None:
    assert greetings().text(3, at(9), "Number {count} at {shop}") == "Number 3 at Rosa's"
    assert greetings().upcoming(3, at(9), "{greeting}, we are full") == ("Good morning, we are full",)


def test_a_time_of_day_without_a_zone_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="aware"):
        greetings().text(1, datetime(2026, 6, 1, 9))  # noqa: DTZ001 - that is the mistake
