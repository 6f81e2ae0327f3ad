"""What roles and tokens may do."""

from __future__ import annotations

from enum import Enum


class Right(str, Enum):
    """Something one may do on the panel. A call asks for one of these, never for a role."""

    SHOW = "show"
    """See how many are inside: all a wall display needs."""
    SEE = "see"
    """See figures and pictures."""
    RING = "ring"
    """Try the chime; switch it, its loudness and its quiet hours."""
    SWITCH = "switch"
    """Switch relays."""
    AIM = "aim"
    """Draw lines and zones, try them, count along."""
    NOTE = "note"
    """Write what is known about days: the weather, a promotion."""
    CHECK = "check"
    """Run the doctor, read the log, fetch the support bundle."""
    SET = "set"
    """Change settings, make and restore backups."""
    PEOPLE = "people"
    """Make users and tokens, read who changed what."""


class Role(str, Enum):
    """What somebody is on the panel."""

    VIEWER = "viewer"
    TECHNICIAN = "technician"
    OWNER = "owner"

    @property
    def rights(self) -> frozenset[Right]:
        """What the role may do."""
        return RIGHTS[self]


SEEING = frozenset({Right.SHOW, Right.SEE})
RIGHTS = {
    Role.VIEWER: SEEING,
    Role.TECHNICIAN: SEEING | {Right.RING, Right.SWITCH, Right.AIM, Right.NOTE, Right.CHECK},
    Role.OWNER: frozenset(Right),
}
# What a token may be made for, and what that lets it do. Users are made by people only.
SCOPES = {
    "display": frozenset({Right.SHOW}),
    "read": SEEING,
    "chime": frozenset({Right.RING}),
    "relay": frozenset({Right.SWITCH}),
    "settings": frozenset({Right.SET, Right.AIM}),
}


def rights_of(scopes: frozenset[str]) -> frozenset[Right]:
    """What a token with these scopes may do."""
    return frozenset(right for scope in scopes for right in SCOPES.get(scope, ()))
