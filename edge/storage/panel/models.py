"""The panel's tables; ``help_text`` says what each column holds. Times are UTC in ms since 1970.

Passwords are kept as Argon2 hashes; session ids, tokens and claim codes as their SHA-256, so that nobody who reads the
file can sign in with it.
"""

# ruff: noqa: D106 - what peewee's inner class Meta is stands in peewee's manual; the table's own words stand above it

from __future__ import annotations

from peewee import AutoField, IntegerField, TextField

from edge.storage.models import Table


class UserRow(Table):
    """Somebody who may sign in."""

    id = AutoField(help_text="number of the user, never used again")
    name = TextField(unique=True, collation="NOCASE", help_text="the name to sign in with, whatever its case")
    password = TextField(help_text="Argon2id hash of the password")
    role = TextField(help_text="viewer, technician or owner")
    language = TextField(help_text="the language chosen, empty for that of the browser")
    theme = TextField(help_text="light, dark or auto")
    made_ms = IntegerField(help_text="when the user was made")

    class Meta:
        table_name = "user"


class SessionRow(Table):
    """Somebody signed in on some device."""

    key = TextField(primary_key=True, help_text="SHA-256 of the session's id, in hex")
    user = IntegerField(index=True, help_text="user.id")
    made_ms = IntegerField(help_text="when they signed in")
    seen_ms = IntegerField(help_text="when they were last seen, to the quarter of an hour")
    expires_ms = IntegerField(help_text="when it ends unless they are seen again")
    device = TextField(help_text="what the browser calls itself, shortened")
    address = TextField(help_text="where they signed in from")

    class Meta:
        table_name = "session"
        without_rowid = True


class TokenRow(Table):
    """A key for a program."""

    id = AutoField(help_text="number of the token, never used again")
    key = TextField(unique=True, help_text="SHA-256 of the token, in hex")
    name = TextField(help_text="what it is for")
    scopes = TextField(help_text="what it may do, words separated by blanks")
    made_by = TextField(help_text="user.name of who made it")
    made_ms = IntegerField(help_text="when it was made")
    seen_ms = IntegerField(null=True, help_text="when it was last used, to the quarter of an hour")
    expires_ms = IntegerField(null=True, help_text="when it ends; null for never")

    class Meta:
        table_name = "token"


class ClaimRow(Table):
    """The link by which a box without an owner gets one. At most one row."""

    key = TextField(primary_key=True, help_text="SHA-256 of the code in the link, in hex")
    made_ms = IntegerField(help_text="when it was made")

    class Meta:
        table_name = "claim"
        without_rowid = True


class AuditRow(Table):
    """Somebody changed something, or tried to."""

    id = AutoField(help_text="number of the change, in order")
    at_ms = IntegerField(help_text="when")
    who = TextField(help_text="user.name, the token's name, or empty for nobody")
    address = TextField(help_text="where from")
    what = TextField(help_text="what was done, a word such as settings, relay, signed-in")
    detail = TextField(help_text="what exactly, as JSON")
    undo = TextField(null=True, help_text="what undoes it, as JSON; null where nothing does")

    class Meta:
        table_name = "audit"


class NoteRow(Table):
    """Something people know about some days: weather, a holiday, a promotion."""

    id = AutoField(help_text="number of the note, never used again")
    first_day = IntegerField(index=True, help_text="the first day, as days since 1970-01-01")
    last_day = IntegerField(help_text="the last day")
    kind = TextField(help_text="weather, holiday, promotion or other")
    text = TextField(help_text="what it says")
    made_by = TextField(help_text="user.name of who wrote it")

    class Meta:
        table_name = "note"


class CountAlongRow(Table):
    """People were counted by hand beside the box, to see how well it counts."""

    id = AutoField(help_text="number of the trial, in order")
    began_ms = IntegerField(help_text="when counting by hand began")
    ended_ms = IntegerField(help_text="when it ended")
    camera = TextField(help_text="at which camera; empty for all")
    line = TextField(help_text="at which line; empty for all")
    taps = TextField(help_text="what was tapped, as JSON: pairs of seconds since the beginning and in or out")
    counted = TextField(help_text="what the box counted meanwhile, in the same form")
    result = TextField(help_text="figures made of both, as JSON")
    made_by = TextField(help_text="user.name of who counted")

    class Meta:
        table_name = "count_along"


class PushRow(Table):
    """A browser that wants to be told when something is wrong."""

    endpoint = TextField(primary_key=True, help_text="where messages to it are sent")
    user = IntegerField(index=True, help_text="user.id")
    keys = TextField(help_text="its keys, as JSON: p256dh and auth")
    wants = TextField(help_text="of what it wants to be told, words separated by blanks")
    language = TextField(help_text="the language it was asked in")
    device = TextField(help_text="what the browser calls itself, shortened")
    made_ms = IntegerField(help_text="when it asked")

    class Meta:
        table_name = "push"
        without_rowid = True


class ThrottleRow(Table):
    """Wrong passwords: of an account, or from an address."""

    subject = TextField(primary_key=True, help_text="name:NAME or address:ADDRESS")
    failures = IntegerField(help_text="how many in a row")
    last_ms = IntegerField(help_text="when the last one was")

    class Meta:
        table_name = "throttle"
        without_rowid = True


class FactRow(Table):
    """Facts the panel keeps about itself, by name."""

    key = TextField(primary_key=True, help_text="what it is about, such as push-key")
    value = TextField(help_text="the fact")

    class Meta:
        table_name = "fact"
        without_rowid = True


TABLES: tuple[type[Table], ...] = (
    UserRow, SessionRow, TokenRow, ClaimRow, AuditRow, NoteRow, CountAlongRow, PushRow, ThrottleRow, FactRow,
)  # fmt: skip
