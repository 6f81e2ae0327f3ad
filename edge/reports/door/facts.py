"""What a box does, as passers-by have a right to know it: read off the settings, so that it cannot say otherwise.

Each sentence follows from a setting, or from what the product cannot do at all: it recognises nobody, and it keeps no
picture. A table of settings that is new has to be looked at here first: a test sees to that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.config.schema import Config
    from edge.config.words import Words

# Tables that say something about people, and those that do not.
TOLD = frozenset({"site", "camera", "records", "upstream", "mqtt", "mail", "report", "panel"})
OF_NO_MATTER = frozenset({
    "detector", "sound", "greeting", "display", "gpio", "relay", "button", "infrared", "schedule", "rule", "health",
    "reports",
})  # fmt: skip
YEAR_DAYS, MONTH_DAYS = 365.25, 30.44
# From where on a time is said in years, and in months.
YEARS_FROM, MONTHS_FROM = 700, 60


@dataclass(frozen=True, slots=True)
class Operator:
    """Who answers for it. ``page`` is what the code to scan leads to; "" for no code."""

    name: str
    contact: str
    page: str


@dataclass(frozen=True, slots=True)
class Told:
    """A notice in one language. ``who`` and ``how`` stand before who answers for it, and how they are reached."""

    language: str
    title: str
    lead: str
    points: tuple[str, ...]
    who: str
    how: str
    scan: str


def operator(config: Config) -> Operator:
    """Who answers for it. Raises ``InputError`` if the settings do not say: a notice without is of no use."""
    site = config.site
    missing = [key for key in ("operator", "contact") if not getattr(site, key)]
    if missing:
        raise InputError(
            f"the notice has to say who runs the shop and how to reach them; give {' and '.join(missing)} in [site]."
        )
    return Operator(site.operator, site.contact, site.privacy_url or _link(site.contact))


def told(config: Config, words: Words) -> Told:
    """The notice in the language of ``words``."""
    return Told(
        words.language, words("door.title"), words("door.lead"), tuple(_points(config, words)),
        words("door.who"), words("door.contact"),
        words("door.scan" if config.site.privacy_url else "door.scan_contact"),
    )  # fmt: skip


def _points(config: Config, words: Words) -> Iterator[str]:
    yield words("door.nobody")
    yield words("door.kept_walks" if config.records.walks else "door.kept", time=_time(config, words))
    yield words(_seen(config))
    yield words(_leaves(config))


def _time(config: Config, words: Words) -> str:
    days = config.records.keep_days
    if not days:
        return words("door.time_ever")
    if days >= YEARS_FROM:
        return words("door.time_years", n=round(days / YEAR_DAYS))
    if days >= MONTHS_FROM:
        return words("door.time_months", n=round(days / MONTH_DAYS))
    return words("door.time_days", n=days)


def _seen(config: Config) -> str:
    """Who may look through the camera."""
    if config.panel.privacy_lock:
        return "door.seen_never"
    return "door.seen_clear" if config.panel.privacy == "clear" else "door.seen_covered"


def _leaves(config: Config) -> str:
    """What goes out of the box by itself."""
    if config.upstream.enabled:
        return "door.leaves_hub"
    mailed = any(table.enabled and table.mail_to for table in config.report)
    return "door.leaves_figures" if mailed or config.mqtt.enabled else "door.leaves_nothing"


def _link(contact: str) -> str:
    """What a telephone does with a way to reach somebody: a mail, a call, or nothing."""
    word = contact.strip()
    if "@" in word and " " not in word:
        return f"mailto:{word}"
    digits = "".join(letter for letter in word if letter in "+0123456789")
    plain = all(letter in "+0123456789 -/()." for letter in word)
    return f"tel:{digits}" if plain and len(digits) >= 5 else ""  # noqa: PLR2004 - the shortest numbers there are
