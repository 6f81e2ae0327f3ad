"""Settings of mails, of reports that come round and of the notice at the door: what cannot work is said at once."""

from __future__ import annotations

from datetime import time

import pytest

from edge.config.load import Text, config_from, in_force
from edge.config.report_way import MOST_RECIPIENTS
from edge.config.show import shown
from edge.core.errors import ConfigError

HIDDEN = "s3cr3t"
MAIL = '[mail]\nhost = "smtp.example.org"\nsender = "box@example.org"\n'
REPORT = '[[report]]\nname = "week"\nfolder = "/srv/acm"\n'


def test_the_port_goes_with_the_security() -> None:
    texts = ("", '[mail]\nsecurity = "tls"', '[mail]\nsecurity = "none"', "[mail]\nport = 2525")
    assert [config_from(text, "acm.toml").mail.usual_port for text in texts] == [587, 465, 25, 2525]


def test_a_report_is_weekly_on_monday_morning_unless_told_otherwise() -> None:
    (table,) = config_from(REPORT, "acm.toml").report
    assert (table.every, table.clock, table.formats, table.enabled) == ("week", time(7), ("pdf",), True)


def test_a_password_of_the_mail_server_is_shown_nowhere() -> None:
    base = Text("acm.toml", MAIL + 'user = "box"\n')
    both = in_force((base, Text("secrets.toml", f'[mail]\npassword = "{HIDDEN}"\n', secret=True)))
    assert both.config.mail.password.get_secret_value() == HIDDEN
    assert HIDDEN not in shown(both)
    assert HIDDEN not in repr(both.config)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[mail]\nhost = "smtp.example.org"', "give sender"),
        (f'[mail]\nhost = "smtp://user:{HIDDEN}@smtp"', "give it alone"),
        (f'[mail]\npassword = "{HIDDEN}"', "belongs to a user"),
        (MAIL + 'security = "none"\nuser = "box"', "without TLS everybody in between"),
        (MAIL + 'security = "none"\nca_file = "ca.pem"', "of no use"),
        (MAIL + 'security = "ssl"', '"starttls", "tls" or "none"'),
        ('[mail]\nsender = "box"', "no mail address"),
        ('[mail]\nsender = "Box <box@example.org>"', "no mail address"),
        (MAIL + '[[report]]\nname = "w"\nmail_to = ["a@b.example\\r\\nBcc: c@d.example"]', "no mail address"),
        (MAIL + '[[report]]\nname = "w"\nmail_to = ["a@b.example, c@d.example"]', "no mail address"),
        (MAIL + '[[report]]\nname = "w"\nmail_to = ["a..b@b.example"]', "no mail address"),
        (MAIL + f'[[report]]\nname = "w"\nmail_to = {["a@b.example"] * (MOST_RECIPIENTS + 1)}', "up to 20 addresses"),
        ('[[report]]\nname = "w"\nmail_to = ["a@b.example"]', "give host and sender in [mail]"),
        ('[[report]]\nname = "w"', "give mail_to, folder or hub"),
        ('[[report]]\nname = "w"\nhub = true', "sends nothing there over HTTP"),
        ('[[report]]\nname = "w"\nhub = true\n[upstream]\nurl = "https://hub.example.org"', "give enabled"),
        (REPORT + 'at = "7 Uhr"', "write it like 07:00"),
        (REPORT + 'at = "24:00"', "write it like 07:00"),
        (REPORT + 'every = "hour"', '"day", "week" or "month"'),
        (REPORT + "formats = []", "pdf"),
        (REPORT + 'formats = ["docx"]', "formats"),
        (REPORT + 'formats = ["pdf", "pdf"]', "only once"),
        ('[[report]]\nname = "w"\nfolder = "reports"', "from the root on"),
        ('[[report]]\nname = "w"\nfolder = "/srv/../etc"', "from the root on"),
        (REPORT + REPORT, "two reports are called 'week'"),
        ('[site]\nprivacy_url = "example.org"', "no web address"),
        ('[site]\nprivacy_url = "javascript:alert(1)"', "no web address"),
        ('[site]\nprivacy_url = "https://user:pw@example.org/"', "no web address"),
        ('[site]\noperator = "a\\nb"', "operator"),
    ],
)
def test_what_cannot_work_is_said_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as told:
        config_from(text, "acm.toml")
    assert said in str(told.value)
    assert HIDDEN not in str(told.value)


def test_a_report_that_is_switched_off_may_be_unfinished() -> None:
    text = '[[report]]\nname = "w"\nenabled = false\nmail_to = ["a@b.example"]'
    assert config_from(text, "acm.toml").report[0].mail_to == ("a@b.example",)
