"""The panel's cookies."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

SESSION, FORM, DISPLAY = "acm_session", "acm_form", "acm_display"
# A browser takes a cookie of such a name only over https, from this very host.
SECURE = "__Host-"


def cookies_of(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """What cookies a request brings, by their plain names."""
    jar: dict[str, str] = {}
    for name, value in headers:
        if name == b"cookie":
            try:
                parsed = SimpleCookie(value.decode("latin-1"))
            except CookieError:
                continue
            jar.update({key.removeprefix(SECURE): morsel.value for key, morsel in parsed.items()})
    return jar


def cookie(name: str, value: str, *, secure: bool, days: float) -> str:
    """A ``Set-Cookie``: not for scripts, only for requests that come from our own pages; 0 ``days`` takes it away."""
    start = f"{SECURE if secure else ''}{name}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={int(days * 86400)}"
    return start + ("; Secure" if secure else "")
