"""``[upstream]``: the hub that the records are sent to, and how."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, model_validator

from edge.config.hours import HoursText, hours
from edge.config.table import Switch, Table, Whole, telling

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from typing_extensions import Self

    from edge.config.hours import Hours

MOST_PORT = 65_535
THIS_MACHINE = "localhost"
File = Annotated[str, Field(max_length=400)]
Secret = Annotated[SecretStr, Field(max_length=200)]
Seconds = Annotated[float, Field(strict=True, ge=5, le=86_400, allow_inf_nan=False)]


def _hub(text: str) -> str:
    """An address without the stroke at its end; "" is none."""
    if not text:
        return text
    parts = _address(text, "https://hub.example.org")
    if parts.scheme == "http" and not _this_machine(parts.hostname or ""):
        raise telling("a hub on another machine is spoken to by https://, or everybody in between can read the token")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise telling("a hub's address has no user, no ? and no # in it; the token from acm enrol is enough")
    return text.rstrip("/")


def _proxy(text: str) -> str:
    if not text:
        return text
    parts = _address(text, "http://proxy.example.org:3128")
    if parts.password is not None:
        raise telling("the password does not belong into the address; give it as proxy_password in secrets.toml")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise telling("a proxy's address ends with its port")
    return text.rstrip("/")


def _address(text: str, example: str) -> SplitResult:
    """The parts of a web address. What is wrong is told without the address: somebody may have put a secret in it."""
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and 0 < (parts.port or 1) <= MOST_PORT
    except ValueError:
        sound = False
    if not sound or not text.isascii() or not text.isprintable() or " " in text:
        raise telling(f"this is no address; write it like {example}")
    return parts


def _this_machine(host: str) -> bool:
    try:
        return host == THIS_MACHINE or ip_address(host).is_loopback
    except ValueError:
        return False


class UpstreamTable(Table):
    """``[upstream]``: the hub."""

    enabled: Switch = Field(default=False, description="true or false")
    url: Annotated[str, Field(max_length=200), AfterValidator(_hub)] = Field(
        default="", description='the address of a hub, such as "https://hub.example.org"'
    )
    claim: Secret = Field(default=SecretStr(""), description='a claim code of up to 200 characters, or ""')
    transport: Literal["http", "mqtt"] = Field(default="http", description='"http" or "mqtt"')
    interval_s: Seconds = Field(default=60.0, description="a number of seconds from 5 to 86400")
    batch_rows: Whole = Field(default=500, ge=1, le=5000, description="a whole number of rows from 1 to 5000")
    window: tuple[HoursText, ...] = Field(default=(), description='hours such as ["22:00-06:00"], or []')
    limit_kbit_s: Whole = Field(default=0, ge=0, le=1_000_000, description="a whole number of kbit a second, or 0")
    ca_file: File = Field(default="", description='the path of a file of certificates (PEM), or ""')
    client_certificate: File = Field(default="", description='the path of a certificate (PEM), or ""')
    client_key: File = Field(default="", description='the path of a private key (PEM), or ""')
    proxy: Annotated[str, Field(max_length=200), AfterValidator(_proxy)] = Field(
        default="", description='the address of a proxy, such as "http://proxy.example.org:3128", or ""'
    )
    proxy_password: Secret = Field(default=SecretStr(""), description='a password of up to 200 characters, or ""')

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.enabled and self.transport == "http" and not self.url:
            raise telling('enabled needs to know where the hub is; give url = "https://..." as well')
        if self.client_key and not self.client_certificate:
            raise telling("client_key is of no use without its client_certificate; give both")
        if self.proxy_password.get_secret_value() and not urlsplit(self.proxy).username:
            raise telling('proxy_password belongs to a user; give proxy = "http://USER@..." as well')
        return self

    def windows(self) -> tuple[Hours, ...]:
        """When it is sent, by the wall clock; none is always."""
        return tuple(hours(text) for text in self.window)
