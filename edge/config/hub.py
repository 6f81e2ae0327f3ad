"""Settings of the hub: ``config/hub.toml`` shows them all. Secrets may stand in ``hub-secrets.toml`` beside it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field, SecretStr, ValidationError, model_validator

from edge.config.faults import told_faults, written
from edge.config.hub_panel import HubPanelTable
from edge.config.load import key_lines, read_text
from edge.config.table import Switch, Table, Whole, telling
from edge.core.errors import ConfigError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from typing_extensions import Self

    from edge.config.faults import Place

USUAL_HUB_FILE = Path("/etc/acm-hub/hub.toml")
HUB_SECRETS = "hub-secrets.toml"
USUAL_DATABASE = "sqlite:////var/lib/acm-hub/hub.db"
PORT = 8440


class ServerTable(Table):
    """``[server]``: where the hub listens and keeps what it gets."""

    database: SecretStr = Field(
        default=SecretStr(USUAL_DATABASE),
        description='an address such as "postgresql://acm@server/acm" or "sqlite:////var/lib/acm-hub/hub.db"',
    )
    host: str = Field(default="127.0.0.1", min_length=1, max_length=255, description="an address of this machine")
    port: Whole = Field(default=PORT, ge=1, le=65535, description="a whole number from 1 to 65535")
    processes: Whole = Field(default=1, ge=1, le=64, description="a whole number of processes from 1 to 64")
    certificate: str = Field(default="", max_length=400, description='the path of a PEM file, or ""')
    key: str = Field(default="", max_length=400, description='the path of a PEM file, or ""')
    trusted_proxies: tuple[str, ...] = Field(default=(), description='a list of addresses, such as ["10.0.0.5"], or []')
    pages: Switch = Field(default=True, description="true or false")

    @model_validator(mode="after")
    def _both(self) -> Self:
        if bool(self.certificate) != bool(self.key):
            raise telling("a certificate needs its key, and a key its certificate; give both or neither")
        return self


class BrokerTable(Table):
    """``[broker]``: an MQTT broker from which batches are taken, too."""

    url: str = Field(default="", max_length=400, description='an address such as "mqtts://hub@broker/acm", or ""')
    ca_file: str = Field(default="", max_length=400, description='the path of a PEM file, or ""')
    password: SecretStr = Field(default=SecretStr(""), description='the password, or ""')


class LimitsTable(Table):
    """``[limits]``: how often somebody may ask."""

    batches_a_minute: Whole = Field(default=600, ge=1, le=100_000, description="a whole number from 1 to 100000")
    enrolments_a_minute: Whole = Field(default=20, ge=1, le=10_000, description="a whole number from 1 to 10000")
    tokens_a_minute: Whole = Field(default=20, ge=1, le=10_000, description="a whole number from 1 to 10000")
    reads_a_minute: Whole = Field(default=600, ge=1, le=100_000, description="a whole number from 1 to 100000")
    body_s: Whole = Field(default=30, ge=1, le=600, description="a whole number of seconds from 1 to 600")


class KeepTable(Table):
    """``[keep]``: for how long rows are kept. Figures of hours stay for ever."""

    months: Whole = Field(default=0, ge=0, le=1200, description="a whole number of months, 0 for ever")


class HubConfig(Table):
    """The whole file."""

    server: ServerTable = Field(default=ServerTable(), description="a table headed [server]")
    broker: BrokerTable = Field(default=BrokerTable(), description="a table headed [broker]")
    limits: LimitsTable = Field(default=LimitsTable(), description="a table headed [limits]")
    keep: KeepTable = Field(default=KeepTable(), description="a table headed [keep]")
    panel: HubPanelTable = Field(default=HubPanelTable(), description="a table headed [panel]")


SECRET: dict[Place, str | None] = {
    ("server", "database"): ServerTable.model_fields["database"].description,
    ("broker", "password"): BrokerTable.model_fields["password"].description,
}


def hub_config_from(text: str, file: str) -> HubConfig:
    """Check settings given as text. Raises ``ConfigError`` with a line for each fault."""
    return _checked(_parsed(text, file), text, file)


def load_hub_config(file: Path | None, changes: dict[str, dict[str, Any]]) -> HubConfig:
    """The settings in a file, secrets beside it and ``changes`` (by table) laid over them.

    Without a file: the usual one if there is one, and defaults otherwise. Raises ``ConfigError``.
    """
    base = file or USUAL_HUB_FILE
    text = read_text(base) if file is not None or base.exists() else ""
    values = _parsed(text, str(base))
    _checked(values, text, str(base))
    for laid_over, name in ((_secrets(base), HUB_SECRETS), (changes, "the options given")):
        for table, inner in laid_over.items():
            values[table] = {**values.get(table, {}), **inner} if isinstance(inner, dict) else inner
        _checked(values, "", name)
    return HubConfig.model_validate(values)


def _secrets(base: Path) -> dict[str, Any]:
    """Those the service manager hands over (``LoadCredential=hub-secrets.toml:...``) come before a file beside."""
    handed_over = os.environ.get("CREDENTIALS_DIRECTORY")
    places = [Path(handed_over) / HUB_SECRETS] if handed_over else []
    found = next((place for place in (*places, base.parent / HUB_SECRETS) if place.exists()), None)
    return {} if found is None else _parsed(read_text(found), str(found))


def _parsed(text: str, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: is not TOML: {error}.") from None


def _checked(values: dict[str, Any], text: str, file: str) -> HubConfig:
    try:
        return HubConfig.model_validate(values)
    except ValidationError as error:
        lines = key_lines(text)
        rows = [f"{file}{_line(place, lines)}: {written(place)}: {_ended(told)}" for place, told in _faults(error)]
        raise ConfigError("\n".join(rows)) from None


def _faults(error: ValidationError) -> list[tuple[Place, str]]:
    """What is wrong. The value of what is secret is told to nobody."""
    return [
        (place, f"will not do; give {SECRET[place]}") if place in SECRET else (place, told)
        for place, told in told_faults(error, HubConfig)
    ]


def _line(place: Place, lines: dict[Place, int]) -> str:
    while place and place not in lines:
        place = place[:-1]
    return f":{lines[place]}" if place in lines else ""


def _ended(told: str) -> str:
    return told if told.endswith("?") else f"{told}."
