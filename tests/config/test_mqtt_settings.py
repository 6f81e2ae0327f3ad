"""Settings of the broker: what cannot work is said at once, and no secret with it."""

from __future__ import annotations

import pytest

from edge.config.load import Text, config_from, in_force
from edge.config.show import shown
from edge.core.errors import ConfigError

HIDDEN = "s3cr3t"
RELAY = '\n[[relay]]\nname = "light"\npin = 17\nresistor = "down"\n'


def test_the_port_is_the_usual_one_unless_another_is_given() -> None:
    ports = [config_from(f"[mqtt]\n{text}", "acm.toml").mqtt.usual_port for text in ("", "tls = true", "port = 99")]
    assert ports == [1883, 8883, 99]


def test_what_may_be_done_from_outside_is_listed() -> None:
    table = config_from(f'[mqtt]\ncommands = ["relay:light", "chime"]{RELAY}', "acm.toml").mqtt
    assert (table.allowed_relays(), table.chime_allowed) == ({"light"}, True)
    nothing = config_from("", "acm.toml").mqtt
    assert (nothing.allowed_relays(), nothing.chime_allowed, nothing.enabled) == (frozenset(), False, False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("enabled = true", "needs to know where the broker is"),
        (f'host = "mqtt://user:{HIDDEN}@broker"', "give it alone"),
        ('host = "a b"', "give it alone"),
        ('ca_file = "ca.pem"', "of no use without tls"),
        ('client_certificate = "our.pem"', "of no use without tls"),
        ('tls = true\nclient_key = "our.key"', "without its client_certificate"),
        (f'password = "{HIDDEN}"', "belongs to a user"),
        (f'password = ["{HIDDEN}"]', "what stands there will not do"),
        ('topic = ""', "topic"),
        ('topic = "acm/#"', "words of letters"),
        ('topic = "/acm"', "words of letters"),
        ('discovery = "home+assistant"', "words of letters"),
        ('name = "shop 1"', "letters, digits"),
        ('name = "v1"', "is taken"),
        ('commands = ["relay:"]', "a command is"),
        ('commands = ["reboot"]', "a command is"),
        ('commands = ["relay:lihgt"]', "did you mean 'light'?"),
        ("port = 65536", "port"),
        ('[upstream]\nenabled = true\ntransport = "mqtt"', "give host in [mqtt]"),
    ],
)
def test_what_cannot_work_is_told_without_secrets(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as told:
        config_from(f"[mqtt]\n{text}{RELAY}", "acm.toml")
    assert said in str(told.value)
    assert HIDDEN not in str(told.value)


def test_the_password_is_shown_to_nobody() -> None:
    secrets = Text("secrets.toml", f'[mqtt]\npassword = "{HIDDEN}"', secret=True)
    settings = in_force((Text("acm.toml", '[mqtt]\nuser = "us"'), secrets))
    assert settings.config.mqtt.password.get_secret_value() == HIDDEN
    assert HIDDEN not in shown(settings) + repr(settings.config)
