"""Settings of the way to the hub: what is dangerous or cannot work is said at once, and no secret with it."""

from __future__ import annotations

import pytest

from edge.config.load import Text, config_from, in_force
from edge.config.show import shown
from edge.core.errors import ConfigError

HIDDEN = "s3cr3t"


@pytest.mark.parametrize(
    "url",
    ["https://hub.example.org", "https://hub.example.org:8443/acm/", "http://127.0.0.1:8000", "http://[::1]:8000",
     "http://localhost"],
)  # fmt: skip
def test_a_hub_s_address_is_taken_without_its_last_stroke(url: str) -> None:
    assert config_from(f'[upstream]\nurl = "{url}"', "acm.toml").upstream.url == url.rstrip("/")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('url = "http://hub.example.org"', "is spoken to by https://"),
        ('url = "http://192.168.1.5"', "is spoken to by https://"),
        (f'url = "https://user:{HIDDEN}@hub.example.org"', "has no user"),
        (f'url = "https://hub.example.org/?token={HIDDEN}"', "has no user"),
        (f'url = "ftp://{HIDDEN}"', "this is no address"),
        ('url = "https://hub.example.org:99999"', "this is no address"),
        ('url = "https://[::1"', "this is no address"),
        ('url = "hub.example.org"', "this is no address"),
        ("enabled = true", "needs to know where the hub is"),
        ('client_key = "key.pem"', "client_key is of no use without"),
        (f'proxy = "http://user:{HIDDEN}@proxy:3128"', "give it as proxy_password"),
        (f'proxy = "http://proxy:3128"\nproxy_password = "{HIDDEN}"', "belongs to a user"),
        ('proxy = "http://proxy:3128/way"', "ends with its port"),
        (f'claim = ["{HIDDEN}"]', "what stands there will not do"),
        (f'proxy_password = "{HIDDEN * 40}"', "what stands there will not do"),
        ('window = ["22:00"]', "are no hours"),
        ("interval_s = 1", "5 to 86400"),
        ("batch_rows = 5001", "from 1 to 5000"),
    ],
)
def test_a_fault_is_told_without_secrets(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as told:
        config_from(f"[upstream]\n{text}", "acm.toml")
    assert HIDDEN not in str(told.value)


def test_secrets_are_not_shown_wherever_they_stand() -> None:
    base = Text("acm.toml", f'[upstream]\nproxy = "http://shop@proxy:3128"\nclaim = "{HIDDEN}"')
    secrets = Text("secrets.toml", f'[upstream]\nproxy_password = "{HIDDEN}"', secret=True)
    settings = in_force((base, secrets))
    assert settings.config.upstream.claim.get_secret_value() == HIDDEN
    assert HIDDEN not in shown(settings)
    assert 'claim = "***"' in shown(settings)
    assert HIDDEN not in repr(settings.config)


def test_hours_may_lie_around_midnight() -> None:
    (span,) = config_from('[upstream]\nwindow = ["22:00-06:00"]', "acm.toml").upstream.windows()
    assert [moment.hour for moment in span] == [22, 6]
