"""Says a thing once and counts the rest: a loose plug must not fill the card with its story."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.core.notices import NOTICES_HELD_BACK

if TYPE_CHECKING:
    from edge.core.notice import Fact

# More different things than this do not go wrong at once; the longest silent is forgotten.
MOST_SUBJECTS = 256


@dataclass(slots=True)
class _Held:
    """What is known of one subject: since when it counts, how many were held back, and the latest of them."""

    since_s: float
    latest: Fact
    count: int = 0

    def over(self, now_s: float) -> bool:
        return now_s - self.since_s >= self.latest.notice.repeat_s

    def summary(self, now_s: float) -> Fact:
        latest = self.latest
        values = dict(latest.values)
        values.update(count=self.count, window_s=now_s - self.since_s, text=latest.message, about=latest.event)
        return NOTICES_HELD_BACK.fact(**values)


class Repeats:
    """Lets the first of each subject through and holds back the same for its ``repeat_s``. Time is an argument."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, ...], _Held] = {}

    def admit(self, fact: Fact, now_s: float) -> bool:
        """Whether to say it now. What is not said is counted for ``over``."""
        if fact.notice.repeat_s <= 0:
            return True
        held = self._held.get(fact.subject)
        if held is not None and (held.count or not held.over(now_s)):
            held.latest = fact
            held.count += 1
            return False
        self._held.pop(fact.subject, None)
        if len(self._held) >= MOST_SUBJECTS:
            del self._held[next(iter(self._held))]
        self._held[fact.subject] = _Held(now_s, fact)
        return True

    def over(self, now_s: float) -> list[Fact]:
        """One summary for each subject whose time is over and of which something was held back."""
        told = []
        for subject, held in list(self._held.items()):
            if not held.over(now_s):
                continue
            if held.count:
                told.append(held.summary(now_s))
                # It may still be going on: the next summary is due in as long again.
                self._held[subject] = _Held(now_s, held.latest)
            else:
                del self._held[subject]
        return told

    def rest(self, now_s: float) -> list[Fact]:
        """All that is held back, before the end."""
        told = [held.summary(now_s) for held in self._held.values() if held.count]
        self._held.clear()
        return told
