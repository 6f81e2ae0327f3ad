"""``[mail]``: the mail server that reports go out by."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, model_validator

from edge.config.table import Line, Table, Whole, telling

if TYPE_CHECKING:
    from typing_extensions import Self

PORTS = {"tls": 465, "starttls": 587, "none": 25}
HOST = re.compile(r"[A-Za-z0-9._:%-]+")
# What mail servers take without further ado: no quotes, no comments, no letters beyond ASCII, and never a line's end.
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?=.{1,253}\Z)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*\Z")
THIS_MACHINE = "localhost"

File = Annotated[str, Field(max_length=400)]
Secret = Annotated[SecretStr, Field(max_length=200)]


def mail_address(text: str) -> str:
    """An address mail can be sent to, the same. Raises a fault in our words."""
    if not ADDRESS.match(text) or ".." in text or text.startswith("."):
        raise telling("this is no mail address; write it alone, such as owner@example.org")
    return text


def _sender(text: str) -> str:
    return mail_address(text) if text else text


def _host(text: str) -> str:
    if text and not HOST.fullmatch(text):
        raise telling("this is no machine's name or address; give it alone, port and user have keys of their own")
    return text


class MailTable(Table):
    """``[mail]``: the server, and who signs in there."""

    host: Annotated[str, Field(max_length=255), AfterValidator(_host)] = Field(
        default="", description='the name or address of a mail server, such as "smtp.example.org", or ""'
    )
    port: Whole = Field(default=0, ge=0, le=65_535, description="a port from 1 to 65535, or 0 for the usual one")
    security: Literal["tls", "starttls", "none"] = Field(
        default="starttls", description='"starttls", "tls" or "none"'
    )
    ca_file: File = Field(default="", description='the path of a file of certificates (PEM), or ""')
    user: Annotated[Line, Field(max_length=200)] = Field(default="", description='a user, or ""')
    password: Secret = Field(default=SecretStr(""), description='a password of up to 200 characters, or ""')
    sender: Annotated[str, AfterValidator(_sender)] = Field(
        default="", description='the address mails are from, such as "box@example.org", or ""'
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.host and not self.sender:
            raise telling('mails need to be from somebody; give sender = "..." as well')
        if self.password.get_secret_value() and not self.user:
            raise telling('a password belongs to a user; give user = "..." as well')
        if self.user and self.security == "none" and not _this_machine(self.host):
            raise telling('without TLS everybody in between reads the password; use security = "starttls" or "tls"')
        if self.ca_file and self.security == "none":
            raise telling('ca_file is of no use with security = "none"; leave it out')
        return self

    @property
    def usual_port(self) -> int:
        """The port, where none is given the one that goes with the security."""
        return self.port or PORTS[self.security]


def _this_machine(host: str) -> bool:
    try:
        return host == THIS_MACHINE or ip_address(host).is_loopback
    except ValueError:
        return False
