"""Users, their sessions, tokens of programs, the claim of a box without an owner, and wrong passwords."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.core.errors import InputError
from edge.storage.panel.models import ClaimRow, PushRow, SessionRow, ThrottleRow, TokenRow, UserRow

if TYPE_CHECKING:
    from pathlib import Path

    from edge.storage.panel.file import PanelFile

OWNER = "owner"
QUARTER_MS = 900_000
CLAIM_LINK = "claim-link"
# Characters; a link is shorter.
MOST_LINK = 500


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may sign in. ``password`` is the hash."""

    id: int
    name: str
    password: str
    role: str
    language: str
    theme: str
    made_ms: int


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody signed in. ``key`` is the hash of the session's id."""

    key: str
    user: int
    made_ms: int
    seen_ms: int
    expires_ms: int
    device: str
    address: str


@dataclass(frozen=True, slots=True)
class Token:
    """A key for a program."""

    id: int
    key: str
    name: str
    scopes: frozenset[str]
    made_by: str
    made_ms: int
    seen_ms: int | None
    expires_ms: int | None


class Users:
    """Who may sign in."""

    def __init__(self, file: PanelFile) -> None:
        self._file = file

    def all(self) -> list[User]:
        """Everybody, by name."""
        return [User(*row) for row in self._file.rows(UserRow.select().order_by(UserRow.name))]

    def get(self, number: int) -> User | None:
        """The user of that number."""
        return next((User(*row) for row in self._file.rows(UserRow.select().where(UserRow.id == number))), None)

    def named(self, name: str) -> User | None:
        """The user of that name, whatever its case."""
        return next((User(*row) for row in self._file.rows(UserRow.select().where(UserRow.name == name))), None)

    def add(self, name: str, password: str, role: str, now_ms: int) -> User:
        """Make a user; ``password`` is its hash. ``InputError`` if the name is taken."""
        with self._file.writing():
            if self.named(name) is not None:
                raise InputError(f"There is a user {name} already; choose another name.")
            row = {"name": name, "password": password, "role": role, "language": "", "theme": "auto"}
            self._file.do(UserRow.insert(**row, made_ms=now_ms))
            made = self.named(name)
        assert made is not None  # noqa: S101 - it was written just now
        return made

    def change(self, number: int, *, password: str = "", role: str = "", language: str | None = None,
               theme: str = "") -> None:  # fmt: skip
        """Change what is given. ``InputError`` if nobody would be owner any more."""
        values = {"password": password, "role": role, "theme": theme}
        changed: dict[str, str] = {name: value for name, value in values.items() if value}
        if language is not None:
            changed["language"] = language
        with self._file.writing():
            if role and role != OWNER:
                self._keep_an_owner(number)
            if changed:
                self._file.do(UserRow.update(**changed).where(UserRow.id == number))

    def remove(self, number: int) -> None:
        """Take a user away, with all sessions. ``InputError`` if nobody would be owner any more."""
        with self._file.writing():
            self._keep_an_owner(number)
            for table in (SessionRow, PushRow):
                self._file.do(table.delete().where(table.user == number))
            self._file.do(UserRow.delete().where(UserRow.id == number))

    def _keep_an_owner(self, number: int) -> None:
        owners = [user.id for user in self.all() if user.role == OWNER]
        if owners == [number]:
            raise InputError("Somebody has to be owner; make another user owner first.")


class Sessions:
    """Who is signed in where."""

    def __init__(self, file: PanelFile) -> None:
        self._file = file

    def add(self, session: Session) -> None:
        """Begin a session."""
        with self._file.writing():
            values = {name: getattr(session, name) for name in Session.__slots__}
            self._file.do(SessionRow.insert(**values))

    def get(self, key: str, now_ms: int) -> Session | None:
        """The session of that hash, if it has not ended."""
        query = SessionRow.select().where(SessionRow.key == key, SessionRow.expires_ms > now_ms)
        return next((Session(*row) for row in self._file.rows(query)), None)

    def seen(self, key: str, now_ms: int, expires_ms: int) -> None:
        """Note that they were there, and let it last on."""
        with self._file.writing():
            query = SessionRow.update(seen_ms=now_ms, expires_ms=expires_ms)
            self._file.do(query.where(SessionRow.key == key))

    def of(self, user: int, now_ms: int) -> list[Session]:
        """The sessions of a user, the last one first."""
        query = SessionRow.select().where(SessionRow.user == user, SessionRow.expires_ms > now_ms)
        return [Session(*row) for row in self._file.rows(query.order_by(SessionRow.seen_ms.desc()))]

    def end(self, key: str) -> None:
        """End a session."""
        with self._file.writing():
            self._file.do(SessionRow.delete().where(SessionRow.key == key))

    def end_all(self, user: int, but: str = "") -> None:
        """End all sessions of a user, ``but`` one."""
        with self._file.writing():
            self._file.do(SessionRow.delete().where(SessionRow.user == user, SessionRow.key != but))

    def sweep(self, now_ms: int) -> None:
        """Forget sessions that have ended."""
        with self._file.writing():
            self._file.do(SessionRow.delete().where(SessionRow.expires_ms <= now_ms))


class Tokens:
    """Keys for programs."""

    def __init__(self, file: PanelFile) -> None:
        self._file = file

    def all(self) -> list[Token]:
        """Every token, the last one first."""
        return [_token(row) for row in self._file.rows(TokenRow.select().order_by(TokenRow.id.desc()))]

    def get(self, key: str, now_ms: int) -> Token | None:
        """The token of that hash, if it has not ended."""
        ended = TokenRow.expires_ms.is_null(is_null=False) & (TokenRow.expires_ms <= now_ms)
        query = TokenRow.select().where(TokenRow.key == key, ~ended)
        return next((_token(row) for row in self._file.rows(query)), None)

    def add(  # noqa: PLR0913 - what a token consists of
        self, key: str, name: str, scopes: frozenset[str], *, made_by: str, now_ms: int, expires_ms: int | None = None
    ) -> None:
        """Make a token; ``key`` is its hash."""
        with self._file.writing():
            row = {"key": key, "name": name, "scopes": " ".join(sorted(scopes)), "made_by": made_by}
            self._file.do(TokenRow.insert(**row, made_ms=now_ms, seen_ms=None, expires_ms=expires_ms))

    def seen(self, key: str, now_ms: int) -> None:
        """Note that it was used."""
        with self._file.writing():
            self._file.do(TokenRow.update(seen_ms=now_ms).where(TokenRow.key == key))

    def remove(self, number: int) -> None:
        """Take a token away."""
        with self._file.writing():
            self._file.do(TokenRow.delete().where(TokenRow.id == number))


def kept_code(link: Path) -> str:
    """The code of a claim link in a file; empty if there is none."""
    try:
        return link.read_text(encoding="utf-8")[:MOST_LINK].strip().rpartition("/")[2]
    except (OSError, UnicodeDecodeError):
        return ""


class Claims:
    """The one link by which a box without an owner gets one."""

    def __init__(self, file: PanelFile) -> None:
        self._file = file
        # The link itself, for root alone: the box writes it onto its card, where the installer finds it.
        self.link = file.path.with_name(CLAIM_LINK)

    @property
    def kept(self) -> str:
        """The code of the link that was written last; empty if there is none."""
        return kept_code(self.link)

    def make(self, key: str, now_ms: int) -> None:
        """Let the code of that hash claim the box; one made before is worth nothing any more."""
        with self._file.writing():
            self._file.do(ClaimRow.delete())
            self._file.do(ClaimRow.insert(key=key, made_ms=now_ms))

    def fits(self, key: str) -> bool:
        """Whether the code of that hash claims the box."""
        return bool(self._file.rows(ClaimRow.select().where(ClaimRow.key == key)))

    def take(self, key: str) -> bool:
        """Use the code up; False if it was not the one."""
        with self._file.writing():
            fits = self.fits(key)
            if fits:
                self._file.do(ClaimRow.delete())
        if fits:
            self.link.unlink(missing_ok=True)
        return fits


class Failures:
    """Wrong passwords in a row, by what they were tried on."""

    def __init__(self, file: PanelFile) -> None:
        self._file = file

    def of(self, subject: str) -> tuple[int, int]:
        """How many there were, and when the last one was (ms)."""
        query = ThrottleRow.select(ThrottleRow.failures, ThrottleRow.last_ms).where(ThrottleRow.subject == subject)
        return next(((int(row[0]), int(row[1])) for row in self._file.rows(query)), (0, 0))

    def add(self, subject: str, now_ms: int) -> None:
        """Another one."""
        with self._file.writing():
            row = {"subject": subject, "failures": self.of(subject)[0] + 1, "last_ms": now_ms}
            self._file.do(ThrottleRow.insert(**row).on_conflict_replace())

    def forget(self, subject: str) -> None:
        """The right password was given."""
        with self._file.writing():
            self._file.do(ThrottleRow.delete().where(ThrottleRow.subject == subject))

    def sweep(self, before_ms: int) -> None:
        """Forget those whose last one was before a moment."""
        with self._file.writing():
            self._file.do(ThrottleRow.delete().where(ThrottleRow.last_ms < before_ms))


def _token(row: tuple[object, ...]) -> Token:
    number, key, name, scopes, *rest = row
    return Token(number, key, name, frozenset(str(scopes).split()), *rest)  # type: ignore[arg-type]
