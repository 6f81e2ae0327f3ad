"""Mails with files, and the server they are handed to (SMTP: RFC 5321, RFC 3207, RFC 4954).

Whether a mail has gone is known only by the server's word after the last line of it. ``post`` says when that moment
begins, so that it can be noted before: what is not noted as being handed over has surely not gone.
"""

from __future__ import annotations

import base64
import smtplib
import ssl
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING

from edge.config.words import Languages
from edge.core.errors import AcmError
from edge.core.masking import MASK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

KINDS = {
    ".pdf": "application/pdf", ".png": "image/png", ".zip": "application/zip", ".json": "application/json",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".csv": "text/csv",
}  # fmt: skip
ANY_KIND = "application/octet-stream"
LONGEST_LINE, LONGEST_SAID = 200, 140
# Many servers take 25 MB, of which a third is what files grow by in a mail.
MOST_BYTES = 18_000_000
MOST_ROWS, LONGEST_ROW = 100, 8192
# What a program without a name in the name service calls itself.
HELLO = "[127.0.0.1]"
TAKEN = range(200, 300)


def languages() -> Languages:
    """What mails of the box say beside the report, in every language there is."""
    return Languages(Path(__file__).parent / "locale")


class MailError(AcmError):
    """The mail has not gone, or the server cannot be had; a sentence says why."""


class MailUnsureError(MailError):
    """The server said nothing after the last line: by the rules (RFC 5321, 4.2.5) it has not taken the mail."""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file in a mail; its name has no folder in it."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail. ``at`` is aware; ``message_id`` stays the same when the same mail is tried again."""

    message_id: str
    sender: str
    sender_name: str
    to: tuple[str, ...]
    subject: str
    text: str
    at: datetime
    enclosures: tuple[Enclosure, ...] = ()


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server; ``security`` is tls, starttls or none. ``ca_file``: the only certificates it is believed by."""

    host: str
    port: int
    security: str = "starttls"
    ca_file: str = ""
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long is waited for an answer: to each step, and after the last line, when servers look into the mail."""

    step_s: float = 30.0
    accept_s: float = 600.0


@dataclass(frozen=True, slots=True)
class Posted:
    """Who has it by the server's word, and why others do not."""

    taken: tuple[str, ...]
    refused: dict[str, str]


def written(letter: Letter) -> bytes:
    """The mail as it goes over the wire. Raises ``MailError`` if its files are too big for mail servers."""
    whole = sum(len(one.data) for one in letter.enclosures)
    if whole > MOST_BYTES:
        raise MailError(f"The files have {whole / 1e6:.0f} MB, too much for a mail; have fewer formats sent.")
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = Address(_line(letter.sender_name), addr_spec=letter.sender)
    mail["To"] = ", ".join(letter.to)
    mail["Subject"] = _line(letter.subject)
    mail["Date"] = format_datetime(letter.at)
    mail["Message-ID"] = letter.message_id
    # So that nobody's absence answers a machine (RFC 3834).
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.text, cte="quoted-printable")
    for one in letter.enclosures:
        name = _line(one.name).replace("/", "-")
        kind = next((kind for end, kind in KINDS.items() if name.endswith(end)), ANY_KIND)
        main, _, sub = kind.partition("/")
        mail.add_attachment(one.data, maintype=main, subtype=sub, filename=name)
    return mail.as_bytes()


def post(  # noqa: PLR0913, PLR0917 - what a hand-over needs
    server: Server, raw: bytes, sender: str, to: Sequence[str], handing: Callable[[tuple[str, ...]], None],
    limits: Limits = Limits(),
) -> Posted:  # fmt: skip
    """Hand a mail over. ``handing`` is called with those who get it, just before its last line.

    Raises ``MailError`` if nobody gets it, ``MailUnsureError`` if the server did not say.
    """
    with _session(server, limits) as link, _told(server):
        _expect(server, "the sender", link.mail(sender, _options(server, link, len(raw))))
        answers = {one: link.rcpt(one) for one in to}
        refused = {one: _said(server, answer) for one, answer in answers.items() if answer[0] not in TAKEN}
        taken = tuple(one for one in to if one not in refused)
        if not taken:
            raise MailError(f"{server.host} takes no mail for {to[0]}: {refused[to[0]]}.")
        code, text = link.docmd("DATA")
        if code != 354:  # noqa: PLR2004 - go ahead, by RFC 5321
            raise MailError(f"{server.host} does not take the mail: {_said(server, (code, text))}.")
        link.send(_stuffed(raw))
        handing(taken)
        _end(server, link, limits)
        return Posted(taken, refused)


def knock(server: Server, limits: Limits) -> None:
    """Sign in and leave again. Raises ``MailError`` if that does not work."""
    with _session(server, limits) as link, _told(server):
        _expect(server, "us", link.noop())


def _end(server: Server, link: smtplib.SMTP, limits: Limits) -> None:
    """The last line, and the word that counts."""
    try:
        if link.sock is not None:
            link.sock.settimeout(limits.accept_s)
        link.send(b".\r\n")
        answer = link.getreply()
    except (OSError, smtplib.SMTPServerDisconnected):
        raise MailUnsureError(f"{server.host} did not say whether it has taken the mail.") from None
    if answer[0] not in TAKEN:
        raise MailError(f"{server.host} did not take the mail: {_said(server, answer)}.")


def _stuffed(raw: bytes) -> bytes:
    """The mail without its last line; lines that begin with a dot get another one (RFC 5321, 4.5.2)."""
    text = raw.replace(b"\r\n.", b"\r\n..")
    text = b"." + text if text.startswith(b".") else text
    return text if text.endswith(b"\r\n") else text + b"\r\n"


def _options(server: Server, link: smtplib.SMTP, size: int) -> list[str]:
    if not link.has_extn("size"):
        return []
    most = link.esmtp_features.get("size", "").strip()
    if most.isdigit() and 0 < int(most) < size:
        told = f"The mail has {size / 1e6:.1f} MB, and {server.host} takes {int(most) / 1e6:.1f}"
        raise MailError(f"{told}; have fewer formats sent.")
    return [f"SIZE={size}"]


class _Plain(smtplib.SMTP):
    """Without TLS from the start. Answers that never end are cut."""

    def getreply(self) -> tuple[int, bytes]:
        """The answer, of so many rows at most."""
        return _answer(self)


class _Tls(smtplib.SMTP_SSL):
    """The same with TLS from the start."""

    def getreply(self) -> tuple[int, bytes]:
        """The answer, of so many rows at most."""
        return _answer(self)


def _answer(link: smtplib.SMTP) -> tuple[int, bytes]:
    rows: list[bytes] = []
    if link.file is None and link.sock is not None:
        link.file = link.sock.makefile("rb")
    while len(rows) < MOST_ROWS:
        row = link.file.readline(LONGEST_ROW) if link.file is not None else b""
        if not row:
            link.close()
            raise smtplib.SMTPServerDisconnected("it hung up")
        rows.append(row[4:].strip())
        code = int(row[:3]) if row[:3].isdigit() else -1
        if row[3:4] != b"-" or code < 0:
            return code, b"\n".join(rows)
    link.close()
    raise smtplib.SMTPServerDisconnected("its answer has no end")


@contextmanager
def _session(server: Server, limits: Limits) -> Iterator[smtplib.SMTP]:
    """A session that is signed in. Raises ``MailError``."""
    link: smtplib.SMTP | None = None
    with _told(server):
        context = _context(server) if server.security != "none" else None
        if server.security == "tls":
            link = _Tls(timeout=limits.step_s, local_hostname=HELLO, context=context)
        else:
            link = _Plain(timeout=limits.step_s, local_hostname=HELLO)
        # What certificates are checked against; only the constructor that connects at once sets it by itself.
        vars(link)["_host"] = server.host
    try:
        with _told(server):
            _expect(server, "us", link.connect(server.host, server.port))
            _expect(server, "us", link.ehlo())
            if server.security == "starttls":
                _start_tls(server, link, context)
            if server.user:
                _sign_in(server, link)
        yield link
        with suppress(OSError, smtplib.SMTPException):
            link.quit()
    finally:
        link.close()


def _start_tls(server: Server, link: smtplib.SMTP, context: ssl.SSLContext | None) -> None:
    if not link.has_extn("starttls"):
        raise MailError(f'{server.host} offers no TLS at port {server.port}; try security = "tls" in [mail].')
    _expect(server, "STARTTLS", link.starttls(context=context))
    _expect(server, "us", link.ehlo())


def _sign_in(server: Server, link: smtplib.SMTP) -> None:
    """By PLAIN or LOGIN, in UTF-8: there is TLS around it, and the library's own takes no umlaut."""
    ways = link.esmtp_features.get("auth", "").upper().split()
    if "PLAIN" in ways:
        answer = link.docmd("AUTH", f"PLAIN {_coded(_plain(server))}")
    elif "LOGIN" in ways:
        answer = link.docmd("AUTH", "LOGIN")
        for word in (server.user, server.password):
            if answer[0] == 334:  # noqa: PLR2004 - go on, by RFC 4954
                answer = link.docmd(_coded(word))
    else:
        raise MailError(f"{server.host} lets nobody sign in by a password here; see port and security in [mail].")
    if answer[0] not in TAKEN:
        raise MailError(
            f"{server.host} refuses the user {server.user}: {_said(server, answer)}. See user and password in [mail]."
        )


def _plain(server: Server) -> str:
    return f"\0{server.user}\0{server.password}"


def _coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _context(server: Server) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=server.ca_file or None)
    except (OSError, ssl.SSLError):
        raise MailError(f"{server.ca_file} holds no certificates that can be read; see ca_file in [mail].") from None


@contextmanager
def _told(server: Server) -> Iterator[None]:
    """What the library raises, in our words."""
    place = f"{server.host} at port {server.port}"
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise MailError(f"{place} shows a certificate that is not believed ({error.verify_message}).") from None
    except ssl.SSLError:
        raise MailError(f"{place} does not speak TLS as asked for; see security in [mail].") from None
    except TimeoutError:
        raise MailError(f"{place} does not answer in time.") from None
    except smtplib.SMTPServerDisconnected:
        raise MailError(f"{place} hung up.") from None
    except smtplib.SMTPResponseException as error:
        text = error.smtp_error
        answer = (error.smtp_code, text if isinstance(text, bytes) else str(text).encode())
        raise MailError(f"{place} refuses: {_said(server, answer)}.") from None
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it cannot be spoken to"
        raise MailError(f"{place} cannot be reached ({reason}).") from None


def _expect(server: Server, what: str, answer: tuple[int, bytes]) -> None:
    if answer[0] not in TAKEN:
        raise MailError(f"{server.host} does not take {what}: {_said(server, answer)}.")


def _said(server: Server, answer: tuple[int, bytes]) -> str:
    """What a server said: one line that can be shown, without the password it may repeat."""
    text = _line(answer[1].decode("utf-8", errors="replace"))
    if server.password:
        for word in (server.password, _coded(server.password), _coded(_plain(server))):
            text = text.replace(word, MASK)
    return f"{answer[0]} {text[:LONGEST_SAID]}".strip().rstrip(".")


def _line(text: str) -> str:
    """One line of a bounded length, with nothing in it that ends a line."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(plain.split())[:LONGEST_LINE]
