"""Chores that come round: each has its own rhythm, and one that fails keeps none of the others from being done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.services.service import IDLE_S, Service

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(slots=True)
class Chore:
    """Something to be done every ``every_s`` seconds, for the first time ``first_s`` seconds after the start."""

    name: str
    do: Callable[[float], None]
    every_s: float
    first_s: float = 0.0
    due_s: float | None = None


class Upkeep(Service):
    """Does the chores, one thread for all of them."""

    # Copying the records of years takes minutes on a slow card.
    patience_s = 900.0

    def __init__(self, chores: Sequence[Chore]) -> None:
        super().__init__("upkeep")
        self._chores = tuple(chores)

    def step(self, now_s: float) -> float:
        """Do what is due. Whatever the first chore that failed raised is raised once all are done."""
        failed: Exception | None = None
        for chore in self._chores:
            if chore.due_s is None:
                chore.due_s = now_s + chore.first_s
            if now_s < chore.due_s:
                continue
            chore.due_s = now_s + chore.every_s
            try:
                chore.do(now_s)
            except Exception as error:  # noqa: BLE001 - the others have their turn first
                failed = failed or error
        if failed is not None:
            raise failed
        return IDLE_S
