"""Who is asking, once that is known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from edge.panel.auth.rights import Right, Role

if TYPE_CHECKING:
    from edge.storage.panel.people import User


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody signed in, or a program with a token.

    ``session`` is the hash of the session's id, empty for a token; ``csrf`` what a page of theirs sends back with
    every call that changes something; ``address`` where they are.
    """

    name: str
    rights: frozenset[Right]
    address: str
    user: User | None = None
    session: str = ""
    csrf: str = ""

    @property
    def role(self) -> Role | None:
        """Their role; a token has none."""
        return None if self.user is None else Role(self.user.role)

    def may(self, right: Right) -> bool:
        """Whether they may do that."""
        return right in self.rights

    def at(self, address: str) -> Visitor:
        """The same, somewhere else."""
        return replace(self, address=address)
