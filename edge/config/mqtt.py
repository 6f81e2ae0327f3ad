"""``[mqtt]``: the broker that live figures are told to, and that may carry batches to the hub."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field, SecretStr, model_validator

from edge.config.table import Switch, Table, Whole, telling

if TYPE_CHECKING:
    from typing_extensions import Self

PORT, TLS_PORT = 1883, 8883
RELAY, CHIME = "relay:", "chime"
TOPIC = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*")
HOST = re.compile(r"[A-Za-z0-9._:%-]+")

File = Annotated[str, Field(max_length=400)]
Secret = Annotated[SecretStr, Field(max_length=200)]


def _topic(text: str) -> str:
    if not TOPIC.fullmatch(text):
        raise telling("a topic is words of letters, digits, _ . and - with a / between them, such as shops/acm")
    return text


def _discovery(text: str) -> str:
    return _topic(text) if text else text


def _host(text: str) -> str:
    if text and not HOST.fullmatch(text):
        raise telling("this is no machine's name or address; give it alone, port and user have keys of their own")
    return text


def _command(text: str) -> str:
    if text != CHIME and not (text.startswith(RELAY) and text.removeprefix(RELAY).strip()):
        raise telling('a command is "chime", or "relay:" and the name of a relay')
    return text


class MqttTable(Table):
    """``[mqtt]``: the broker."""

    enabled: Switch = Field(default=False, description="true or false")
    host: Annotated[str, Field(max_length=255), AfterValidator(_host)] = Field(
        default="", description='the name or address of a machine, such as "homeassistant.local"'
    )
    port: Whole = Field(default=0, ge=0, le=65_535, description="a port from 1 to 65535, or 0 for the usual one")
    tls: Switch = Field(default=False, description="true or false")
    ca_file: File = Field(default="", description='the path of a file of certificates (PEM), or ""')
    client_certificate: File = Field(default="", description='the path of a certificate (PEM), or ""')
    client_key: File = Field(default="", description='the path of a private key (PEM), or ""')
    user: str = Field(default="", max_length=200, description='a user of up to 200 characters, or ""')
    password: Secret = Field(default=SecretStr(""), description='a password of up to 200 characters, or ""')
    topic: Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_topic)] = Field(
        default="acm", description='a topic such as "acm" or "shops/acm"'
    )
    name: Annotated[str, Field(max_length=40, pattern=r"^[A-Za-z0-9_-]*$")] = Field(
        default="", description='up to 40 letters, digits, - and _, or ""'
    )
    discovery: Annotated[str, Field(max_length=100), AfterValidator(_discovery)] = Field(
        default="homeassistant", description='the topic Home Assistant looks at, or ""'
    )
    commands: tuple[Annotated[str, Field(max_length=60), AfterValidator(_command)], ...] = Field(
        default=(), max_length=100, description='such as ["relay:light", "chime"], or []'
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.enabled and not self.host:
            raise telling('enabled needs to know where the broker is; give host = "..." as well')
        for key in ("ca_file", "client_certificate"):
            if getattr(self, key) and not self.tls:
                raise telling(f"{key} is of no use without tls = true; give that as well")
        if self.client_key and not self.client_certificate:
            raise telling("client_key is of no use without its client_certificate; give both")
        if self.password.get_secret_value() and not self.user:
            raise telling('a password belongs to a user; give user = "..." as well')
        if self.name == "v1":
            raise telling('the name "v1" is taken by the way to the hub; give another')
        return self

    @property
    def usual_port(self) -> int:
        """The port, where none is given the one that brokers use."""
        return self.port or (TLS_PORT if self.tls else PORT)

    def allowed_relays(self) -> frozenset[str]:
        """The relays that may be switched from outside."""
        return frozenset(text.removeprefix(RELAY) for text in self.commands if text.startswith(RELAY))

    @property
    def chime_allowed(self) -> bool:
        """Whether the chime may be rung from outside."""
        return CHIME in self.commands
