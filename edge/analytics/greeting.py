"""What is said to people who come in: a text with the day's words and figures put in."""

from __future__ import annotations

from datetime import time, timedelta
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, tzinfo

    from edge.config.sound import GreetingTable


class DayPart(IntEnum):
    """Times of day people greet each other by."""

    MORNING = 0
    AFTERNOON = 1
    EVENING = 2


# Who is up before four has not been to bed.
MORNING_FROM, AFTERNOON_FROM, EVENING_FROM = time(4), time(12), time(18)
# So long before people say "good evening", it is got ready.
SOON = timedelta(minutes=30)
# Morning, afternoon, evening.
WORDS: Mapping[str, tuple[str, str, str]] = {
    "cs": ("Dobré ráno", "Dobré odpoledne", "Dobrý večer"),
    "da": ("Godmorgen", "God eftermiddag", "Godaften"),
    "de": ("Guten Morgen", "Guten Tag", "Guten Abend"),
    "en": ("Good morning", "Good afternoon", "Good evening"),
    "es": ("Buenos días", "Buenas tardes", "Buenas noches"),
    "fi": ("Hyvää huomenta", "Hyvää iltapäivää", "Hyvää iltaa"),
    "fr": ("Bonjour", "Bonjour", "Bonsoir"),
    "hu": ("Jó reggelt", "Jó napot", "Jó estét"),
    "it": ("Buongiorno", "Buon pomeriggio", "Buonasera"),
    "nb": ("God morgen", "God ettermiddag", "God kveld"),
    "nl": ("Goedemorgen", "Goedemiddag", "Goedenavond"),
    "pl": ("Dzień dobry", "Dzień dobry", "Dobry wieczór"),
    "pt": ("Bom dia", "Boa tarde", "Boa noite"),
    "ro": ("Bună dimineața", "Bună ziua", "Bună seara"),
    "sv": ("God morgon", "God eftermiddag", "God kväll"),
    "tr": ("Günayd\u0131n", "İyi günler", "İyi akşamlar"),
}
LOOSE_ENDS = " ,;:.!-"


def day_part(local: time) -> DayPart:
    """What people call this time of day."""
    if MORNING_FROM <= local < AFTERNOON_FROM:
        return DayPart.MORNING
    return DayPart.AFTERNOON if AFTERNOON_FROM <= local < EVENING_FROM else DayPart.EVENING


class Greetings:
    """Makes the words for each person. ``shop`` is the site's name, ``zone`` its time zone."""

    def __init__(self, table: GreetingTable, shop: str, zone: tzinfo) -> None:
        self._text, self._shop, self._zone = table.text, shop, zone
        usual = WORDS.get(table.language) or WORDS.get(table.language.partition("-")[0], ("", "", ""))
        own = (table.morning, table.afternoon, table.evening)
        self._words = tuple(chosen or word for chosen, word in zip(own, usual, strict=True))

    def text(self, count: int, now: datetime, text: str | None = None) -> str:
        """What to say to the ``count``-th person of the day at ``now`` (aware); "" if nothing is to be said.

        A rule gives its own ``text``; otherwise it is the one of the settings.
        """
        wanted = self._text if text is None else text
        filled = wanted.format(greeting=self._words[self._part(now)], shop=self._shop, count=count)
        # Where a word is missing, its comma stays behind.
        return " ".join(filled.split()).strip(" ").lstrip(LOOSE_ENDS)

    def upcoming(self, count: int, now: datetime, text: str | None = None) -> tuple[str, ...]:
        """What may have to be said next, most likely first, when ``count`` people have come in so far."""
        moments = (now, now + SOON)
        texts = [self.text(count + ahead, moment, text) for ahead in (1, 2) for moment in moments]
        return tuple(dict.fromkeys(text for text in texts if text))

    def _part(self, now: datetime) -> DayPart:
        if now.tzinfo is None:
            raise ValueError("the time of day has to be aware of its zone")
        return day_part(now.astimezone(self._zone).time())
