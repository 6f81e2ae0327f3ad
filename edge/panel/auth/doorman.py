"""Lets people and programs in, and shows them out."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from edge.core.errors import AcmError
from edge.core.timekeeping import to_ms
from edge.panel.auth.passwords import Passwords, weak
from edge.panel.auth.rights import Role, rights_of
from edge.panel.auth.secrets import csrf_of, digest, fresh_code, fresh_id, fresh_token, same
from edge.panel.auth.throttle import LONGEST_ACCOUNT_S, LONGEST_ADDRESS_S, wait_s
from edge.panel.auth.visitor import Visitor
from edge.storage.panel.people import QUARTER_MS, Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.core.clock import Clock
    from edge.storage.panel.people import User
    from edge.storage.panel.store import PanelStore

DAY_MS = 86_400_000
LONGEST_NAME, LONGEST_DEVICE = 40, 120
GUEST = "Guest"


class SignInError(AcmError):
    """Nobody was let in. ``key`` is the sentence for people, ``wait_s`` how long they have to wait."""

    def __init__(self, key: str, wait_s: float = 0.0) -> None:
        super().__init__(key)
        self.key, self.wait_s = key, wait_s


class Doorman:
    """Decides who comes in. Every method may be called from any thread; checking a password takes a while."""

    def __init__(self, store: PanelStore, clock: Clock, session_days: Callable[[], int],
                 passwords: Passwords | None = None) -> None:  # fmt: skip
        self._store, self._clock, self._days = store, clock, session_days
        self._passwords = passwords or Passwords()
        self._lock = Lock()
        self._guest = ""

    def sign_in(self, name: str, password: str, *, address: str, device: str, before: str = "") -> str:
        """Begin a session; return its id. The one of before (a cookie's) ends, so nobody can lend one out beforehand.

        Raises ``SignInError``.
        """
        # One after the other: of many tries at once each has to wait for what became of the others.
        with self._lock:
            self._refuse_hasty(name, address)
            user = self._store.users.named(name[:LONGEST_NAME])
            if not self._passwords.fits(user.password if user else None, password) or user is None:
                now_ms = self._now_ms()
                for subject in (_account(name), _place(address)):
                    self._store.failures.add(subject, now_ms)
                self._note("", address, "sign-in-failed", name=name[:LONGEST_NAME])
                raise SignInError("sign_in.wrong")
            self._store.failures.forget(_account(name))
            self._store.failures.forget(_place(address))
        if self._passwords.aged(user.password):
            self._store.users.change(user.id, password=self._passwords.hashed(password))
        if before:
            self._store.sessions.end(digest(before))
        self._note(user.name, address, "signed-in", device=device[:LONGEST_DEVICE])
        return self._begin(user, address, device)

    def claim(self, code: str, name: str, password: str, *, address: str, device: str) -> str:
        """Make the first owner, or give an owner a new password; return a session's id. Raises ``SignInError``."""
        name = name.strip()
        if not 0 < len(name) <= LONGEST_NAME:
            raise SignInError("claim.nameless")
        if weak(password, name):
            raise SignInError("claim.weak")
        hashed = self._passwords.hashed(password)
        with self._store.file.writing():
            if not self._store.claims.take(digest(code)):
                raise SignInError("claim.bad_link")
            user = self._store.users.named(name)
            if user is None:
                user = self._store.users.add(name, hashed, Role.OWNER.value, self._now_ms())
            else:
                self._store.users.change(user.id, password=hashed, role=Role.OWNER.value)
                self._store.sessions.end_all(user.id)
            self._store.failures.forget(_account(name))
        self._note(name, address, "claimed")
        return self._begin(user, address, device)

    def claim_code(self, *, anew: bool = False) -> str:
        """A code for a claim link.

        It is the one given out before while nobody has used it: a link on a card or on paper outlives a restart. If
        there is none, or ``anew``, a fresh one, and those of before are worth nothing any more.
        """
        if not anew and (kept := self._store.claims.kept) and self.claimable(kept):
            return kept
        code = fresh_code()
        self._store.claims.make(digest(code), self._now_ms())
        return code

    def guest_code(self) -> str:
        """A code by which whoever has it is let in as owner, as long as this process lives: for demonstrations."""
        self._guest = fresh_code()
        return self._guest

    def enter(self, code: str, *, address: str, device: str) -> str | None:
        """A session for a guest; None if the code is not the one, or there are no guests."""
        if not self._guest or not same(code, self._guest):
            return None
        user = self._store.users.named(GUEST)
        if user is None:
            password = self._passwords.hashed(fresh_id())
            user = self._store.users.add(GUEST, password, Role.OWNER.value, self._now_ms())
        return self._begin(user, address, device)

    def claimable(self, code: str) -> bool:
        """Whether a code claims the box."""
        return self._store.claims.fits(digest(code))

    def visitor(self, session_id: str, address: str) -> Visitor | None:
        """Who has a session of that id; being seen lets it last on."""
        now_ms, key = self._now_ms(), digest(session_id)
        session = self._store.sessions.get(key, now_ms)
        user = None if session is None else self._store.users.get(session.user)
        if session is None or user is None:
            return None
        if now_ms - session.seen_ms >= QUARTER_MS:
            self._store.sessions.seen(key, now_ms, self._expires_ms(now_ms))
        return Visitor(user.name, Role(user.role).rights, address, user, key, csrf_of(session_id))

    def still(self, visitor: Visitor) -> Visitor | None:
        """The same visitor as of now: None if the session was ended, with other rights if the role was changed."""
        now_ms = self._now_ms()
        session = self._store.sessions.get(visitor.session, now_ms)
        user = None if session is None else self._store.users.get(session.user)
        if user is None:
            return None
        return Visitor(user.name, Role(user.role).rights, visitor.address, user, visitor.session, visitor.csrf)

    def program(self, token: str, address: str) -> Visitor | None:
        """Which program has that token."""
        now_ms, key = self._now_ms(), digest(token)
        known = self._store.tokens.get(key, now_ms)
        if known is None:
            return None
        if known.seen_ms is None or now_ms - known.seen_ms >= QUARTER_MS:
            self._store.tokens.seen(key, now_ms)
        return Visitor(f"token {known.name}", rights_of(known.scopes), address)

    def make_token(self, name: str, scopes: frozenset[str], by: Visitor, days: int | None = None) -> str:
        """A token for a program; it is shown once and kept by its hash."""
        token, now_ms = fresh_token(), self._now_ms()
        expires_ms = None if days is None else now_ms + days * DAY_MS
        self._store.tokens.add(digest(token), name, scopes, made_by=by.name, now_ms=now_ms, expires_ms=expires_ms)
        self._note(by.name, by.address, "token-made", name=name, scopes=sorted(scopes))
        return token

    def sign_out(self, visitor: Visitor) -> None:
        """End their session."""
        self._store.sessions.end(visitor.session)
        self._note(visitor.name, visitor.address, "signed-out")

    def hashed(self, password: str, name: str) -> str:
        """What is kept of a new password. Raises ``SignInError`` if it is weak."""
        if weak(password, name):
            raise SignInError("claim.weak")
        return self._passwords.hashed(password)

    def _refuse_hasty(self, name: str, address: str) -> None:
        now_ms = self._now_ms()
        left_s = 0.0
        for subject, longest_s in ((_account(name), LONGEST_ACCOUNT_S), (_place(address), LONGEST_ADDRESS_S)):
            failures, last_ms = self._store.failures.of(subject)
            left_s = max(left_s, wait_s(failures, (now_ms - last_ms) / 1000, longest_s))
        if left_s > 0:
            raise SignInError("sign_in.wait", left_s)

    def _begin(self, user: User, address: str, device: str) -> str:
        session_id, now_ms = fresh_id(), self._now_ms()
        self._store.sessions.sweep(now_ms)
        self._store.sessions.add(Session(
            digest(session_id), user.id, now_ms, now_ms, self._expires_ms(now_ms), device[:LONGEST_DEVICE], address
        ))  # fmt: skip
        return session_id

    def _expires_ms(self, now_ms: int) -> int:
        return now_ms + self._days() * DAY_MS

    def _note(self, who: str, address: str, what: str, **detail: object) -> None:
        self._store.audit.add(self._now_ms(), who, address, what=what, detail=detail)

    def _now_ms(self) -> int:
        return to_ms(self._clock.utc_now())


def _account(name: str) -> str:
    return f"name:{name[:LONGEST_NAME].casefold()}"


def _place(address: str) -> str:
    return f"address:{address}"
