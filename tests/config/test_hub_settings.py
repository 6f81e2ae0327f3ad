"""``config/hub.toml`` shows every setting of the hub at its default, each with a word about it; faults are told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import edge
from edge.config.faults import keys, table_of
from edge.config.hub import HUB_SECRETS, HubConfig, hub_config_from, load_hub_config
from edge.config.load import key_lines
from edge.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

REFERENCE = Path(edge.__file__).parents[1] / "config" / "hub.toml"


def schema_keys(model: type[BaseModel], table: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, field in zip(keys(model), model.model_fields.values(), strict=True):
        yield (*table, key)
        inner = table_of(field)
        if inner is not None and hasattr(inner, "model_fields"):
            yield from schema_keys(inner, (*table, key))


def test_reference_and_schema_know_the_same_settings_at_their_defaults() -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    assert set(key_lines(text)) == set(schema_keys(HubConfig))
    assert hub_config_from(text, "hub.toml") == HubConfig()


def test_every_setting_is_explained_by_the_line_above() -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    rows = text.splitlines()
    for place, number in key_lines(text).items():
        if len(place) > 1:
            assert rows[number - 2].startswith("# "), f"{rows[number - 1]} is not explained"


def test_secrets_and_options_are_laid_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "hub.toml"
    file.write_text('[server]\nport = 1000\nhost = "::1"\n', encoding="utf-8")
    (tmp_path / HUB_SECRETS).write_text('[server]\ndatabase = "postgresql://acm:hush@db/acm"\n', encoding="utf-8")
    config = load_hub_config(file, {"server": {"port": 2000}})
    assert (config.server.host, config.server.port) == ("::1", 2000)
    assert config.server.database.get_secret_value() == "postgresql://acm:hush@db/acm"
    assert "hush" not in repr(config)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[server]\nport = 0\n", "hub.toml:2: server.port: 0 will not do; give a whole number from 1 to 65535."),
        ("[server]\nprot = 1\n", "hub.toml:2: server.prot: there is no such setting; did you mean port?"),
        (
            '[server]\ncertificate = "a.pem"\n',
            "hub.toml:1: server: a certificate needs its key, and a key its certificate; give both or neither.",
        ),
        ("[server\n", "hub.toml: is not TOML: "),
    ],
)
def test_faults_are_told_with_place_and_remedy(text: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        hub_config_from(text, "hub.toml")
    assert str(caught.value).startswith(told)


def test_a_secret_that_will_not_do_is_not_told() -> None:
    with pytest.raises(ConfigError) as caught:
        hub_config_from('[server]\ndatabase = ["postgresql://acm:hush@db/acm"]\n', "hub.toml")
    assert "hush" not in str(caught.value)
