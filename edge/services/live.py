"""The figures that are told to others while they change: what is counted, how the box is, which relays are on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edge.core.light import LightMode
from edge.core.model import Direction
from edge.integrations.mqtt_topics import shorts
from edge.services.capture import BROKEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from edge.services.board import CameraPost, Section
    from edge.services.ledger import Ledger

# Home Assistant bears no more in one attribute, nor does a person.
MOST_PROBLEMS = 10
# A disk's free room changes with every write; what is less than this is not worth telling.
DISK_STEP_MB = 100


class LiveFigures:
    """Reads them off those who know. ``sections`` are the board's.

    ``opening`` says whether the shop is open by its hours, None while nobody knows.
    """

    def __init__(
        self,
        ledger: Ledger,
        posts: Sequence[CameraPost],
        sections: Mapping[str, Section],
        opening: Callable[[float], bool | None] = lambda _: None,
    ) -> None:
        self._ledger, self._posts, self._sections, self._opening = ledger, tuple(posts), sections, opening

    def lines(self) -> dict[str, str]:
        """The lines that are drawn, if there are several: what people call them, by what topics call them."""
        drawn = [(post.watch.name, wire.name) for post in self._posts for wire in post.analysis.plan.tripwires]
        if len(drawn) < 2:  # noqa: PLR2004 - one line's counts are the shop's
            return {}
        labels = [line if len(self._posts) == 1 else f"{camera} {line}" for camera, line in drawn]
        names = shorts(f"{camera}/{line}" for camera, line in drawn)
        return {names[f"{camera}/{line}"]: label for (camera, line), label in zip(drawn, labels, strict=True)}

    def counts(self, now_s: float) -> dict[str, Any]:
        """What is counted."""
        entered, left = self._ledger.in_out
        inside = self._ledger.inside
        told: dict[str, Any] = {"in": entered, "out": left, "inside": inside, "occupied": inside > 0}
        told["open"] = self._opening(now_s)
        if "light" in self._sections:
            told["light"] = _light(self._sections["light"](now_s).get("mode"))
        lines = self.lines()
        if lines:
            totals = {f"{camera}/{line}": counts for (camera, line), counts in self._ledger.totals.items()}
            known = {short: totals[name] for name, short in shorts(totals).items()}
            nobody = {Direction.IN: 0, Direction.OUT: 0}
            told["lines"] = {
                short: {way.value: known.get(short, nobody)[way] for way in (Direction.IN, Direction.OUT)}
                for short in lines
            }
        return told

    def health(self, now_s: float) -> dict[str, Any]:
        """How the box is. Rounded, so that it does not change all the time."""
        machine = self._sections["machine"](now_s)
        celsius, disk = machine.get("celsius"), machine.get("disk")
        problems = list(self._problems(now_s))
        return {
            "celsius": None if celsius is None else round(celsius),
            "free_mb": None if not disk else round(disk["free_mb"] / DISK_STEP_MB) * DISK_STEP_MB,
            "fps": round(sum(post.analysis.rate.per_s(now_s) for post in self._posts)),
            "problem": bool(problems),
            "problems": problems[:MOST_PROBLEMS],
        }

    def relays(self, now_s: float) -> dict[str, bool]:
        """Whether each relay is on."""
        return {str(switch["name"]): bool(switch["on"]) for switch in self._sections["relays"](now_s)["switches"]}

    def _problems(self, now_s: float) -> Iterator[str]:
        for post in self._posts:
            if post.watch.state in BROKEN:
                yield f"The camera {post.watch.name} is {post.watch.state.value}: {post.watch.why}"
        for switch in self._sections["relays"](now_s)["switches"]:
            if switch["lost"]:
                yield f"The relay {switch['name']} cannot be switched."
        if self._sections["sound"](now_s).get("speaker") == "lost":
            yield "There is no sound."
        yield from (str(why) for why in (self._sections["records"](now_s)["why"], self._fault_of_light(now_s)) if why)
        power = self._sections["machine"](now_s).get("power") or {}
        if power.get("undervolted"):
            yield "The power supply is too weak."
        if power.get("slowed"):
            yield f"The board slows its processor down ({power['slowed']})."

    def _fault_of_light(self, now_s: float) -> str:
        return str(self._sections["light"](now_s)["fault"]) if "light" in self._sections else ""


def _light(mode: object) -> str | None:
    if mode == LightMode.UNKNOWN.value:
        return None
    return "day" if mode == LightMode.DAY.value else "night"
