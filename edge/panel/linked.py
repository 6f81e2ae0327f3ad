"""What the box is linked with, and whether that works: by the settings and by what the counter tells. Pure.

A table of the settings that is in ``LINKS`` has a card on the Integrations page, with a form made of its schema; one
that this version does not have yet is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge.config.schema import Config


@dataclass(frozen=True, slots=True)
class Link:
    """``table`` of the settings; ``first`` are the keys that everybody sets, the others stand behind them.

    ``page``: where it is set, if not on the Integrations page itself.
    """

    table: str
    first: tuple[str, ...] = ()
    page: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a link does: good, warn, bad, or empty for not in use; a key of ``words`` with its values."""

    level: str
    key: str
    why: str = ""
    waiting: int = 0


LINKS = (
    Link("upstream", ("enabled", "url", "claim")),
    Link("mqtt", ("enabled", "host", "port", "tls", "user", "password")),
    Link("mail", page="/reports"),
)
OFF = Standing("", "linked.off")
UNKNOWN = Standing("warn", "linked.unknown")


def links(config: Config) -> list[Link]:
    """Those whose tables this version has."""
    return [link for link in LINKS if link.table in type(config).model_fields]


def standing(link: Link, config: Config, status: Mapping[str, Any] | None) -> Standing:
    """How a link does. ``status`` is what the counter told, None while it does not answer."""
    table = getattr(config, link.table)
    if link.table == "mail":
        return Standing("good", "linked.mail_set") if table.host else OFF
    if not table.enabled:
        return OFF
    if status is None:
        return UNKNOWN
    if link.table == "mqtt":
        return _broker(status.get("broker"))
    return _hub(status.get("upstream"))


def _broker(told: Mapping[str, Any] | None) -> Standing:
    if told is None:
        return Standing("warn", "linked.at_start")
    if told["state"] == "connected":
        return Standing("good", "linked.connected")
    return Standing("bad", "linked.away", str(told["why"]))


def _hub(told: Mapping[str, Any] | None) -> Standing:
    if told is None:
        return Standing("warn", "linked.at_start")
    waiting = int(told["waiting"])
    if told["state"] in ("refused", "failing"):
        return Standing("bad", f"linked.{told['state']}", str(told["why"]), waiting)
    if told["state"] == "running":
        return Standing("good", "linked.running", "", waiting)
    return Standing("warn", "linked.not_yet", str(told["state"]), waiting)
