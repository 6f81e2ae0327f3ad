"""A real mail server on this machine, which can be told to behave like the bad ones."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from ports import HOST, free_port

from edge.integrations.mail import Server

if TYPE_CHECKING:
    import ssl
    from email.message import EmailMessage
    from types import TracebackType

    from typing_extensions import Self

USER, PASSWORD = "box", "s\u00fc\u00dfe geheimnisse"
OWNER = "owner@example.org"
# What it can do wrong, and when.
NOTHING, IN_DATA, AFTER_DOT, AFTER_TAKING, SILENT, NOT_NOW, NEVER = (
    "", "drops in the data", "drops after the dot", "takes it and drops", "says nothing after the dot",
    "451 4.7.1 try again later", "550 5.7.1 we do not like you",
)  # fmt: skip


@dataclass
class MailHouse:
    """The server, and what it has taken: ``mails``, each with whom it is for. ``wrong`` may be set at any time."""

    context: ssl.SSLContext | None = None
    tls: bool = False
    login: bool = False
    wrong: str = NOTHING
    refused: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    mails: list[tuple[tuple[str, ...], EmailMessage]] = field(default_factory=list)
    tried: int = 0
    size: int = 33_554_432

    def __enter__(self) -> Self:
        # A hand that is held out and never taken keeps the loop from ending otherwise.
        self._held = asyncio.Event()
        house = self

        class Smtp(SMTP):
            async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - as the library calls it
                house.tried += 1
                if house.wrong != IN_DATA:
                    await super().smtp_DATA(arg)
                    return
                await self.push("354 go on")
                await self._reader.readline()
                self.transport.abort()

        class Post(Controller):
            def factory(self) -> SMTP:
                return Smtp(self.handler, **self.SMTP_kwargs)

        how: dict[str, Any] = {"data_size_limit": self.size, "server_hostname": "mail.example.org"}
        if self.login:
            # TLS from the start does not count as TLS with the library.
            how |= {"auth_required": True, "auth_require_tls": not self.tls, "authenticator": self._let_in}
        if self.context is not None:
            later = {"tls_context": self.context, "require_starttls": True}
            how |= {"ssl_context": self.context} if self.tls else later
        self._server = Post(self, hostname=HOST, port=self.port, **how)
        self._server.start()
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._server.loop.call_soon_threadsafe(self._held.set)
        self._server.stop()

    def server(self, **how: str) -> Server:
        """How it is spoken to."""
        security = "none" if self.context is None else "tls" if self.tls else "starttls"
        who = {"user": USER, "password": PASSWORD} if self.login else {}
        return Server(HOST, self.port, **{"security": security, **who, **how})

    def ids(self) -> list[str]:
        """The Message-ID of each mail it has taken."""
        return [mail["Message-ID"] for _, mail in self.mails]

    def _let_in(self, *words: Any) -> AuthResult:  # noqa: ANN401 - the library's own
        told = words[-1]
        assert isinstance(told, LoginPassword)
        known = (told.login, told.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=known, handled=False)

    # What the server asks its handler.

    async def handle_RCPT(  # noqa: N802 - as the library calls it
        self, _: SMTP, __: Any, envelope: Any, address: str, ___: list[str]  # noqa: ANN401 - as above
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _: Any, envelope: Any) -> str:  # noqa: N802, ANN401 - as above
        if self.wrong == SILENT:
            await self._held.wait()
        if self.wrong == AFTER_DOT:
            server.transport.abort()
            return "250 never heard"
        if self.wrong in (NOT_NOW, NEVER):
            return self.wrong
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.mails.append((tuple(envelope.rcpt_tos), mail))  # type: ignore[arg-type] - as the policy makes it
        if self.wrong == AFTER_TAKING:
            server.transport.abort()
        return "250 taken"
