"""Mails, and a real server that takes them, refuses them, hangs and hangs up."""

from __future__ import annotations

import socket
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest
from hub_standin import Authority, server_context
from hypothesis import given, settings
from hypothesis import strategies as st
from mail_kit import AFTER_DOT, IN_DATA, NEVER, NOT_NOW, OWNER, PASSWORD, SILENT, USER, MailHouse
from ports import HOST, free_port

from edge.integrations.mail import (
    Enclosure,
    Letter,
    Limits,
    MailError,
    MailUnsureError,
    Server,
    knock,
    post,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The library's server does not know TLS from the start for TLS.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

NOON = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
BOX, OTHER = "box@example.org", "other@example.org"
SHORT = Limits(2.0, 2.0)
PDF = b"%PDF-1.7\r\n.\r\n..\r\n\0\xff" * 400


def letter(**how: object) -> Letter:
    told = {
        "message_id": "<acm.1@example.org>", "sender": BOX, "sender_name": "Caf\u00e9 \u0130stanbul", "to": (OWNER,),
        "subject": "Woche 47: 1.234 Besucher, \u00fcber 12 % mehr", "text": "Guten Morgen.\n.\nEnde \u011f\n",
        "at": NOON, "enclosures": (Enclosure("woche-47.pdf", PDF),),
    }  # fmt: skip
    return Letter(**{**told, **how})  # type: ignore[arg-type] - as named


def posted(house: MailHouse, *to: str, **how: str) -> tuple[tuple[str, ...], dict[str, str], list[tuple[str, ...]]]:
    handed: list[tuple[str, ...]] = []
    done = post(house.server(**how), written(letter()), BOX, to or (OWNER,), handed.append, SHORT)
    return done.taken, done.refused, handed


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def house() -> Iterator[MailHouse]:
    with MailHouse() as house:
        yield house


def test_a_mail_arrives_as_it_was_written(house: MailHouse) -> None:
    taken, refused, handed = posted(house)
    assert (taken, refused, handed) == ((OWNER,), {}, [(OWNER,)])
    ((to, mail),) = house.mails
    assert to == (OWNER,)
    assert mail["Subject"] == "Woche 47: 1.234 Besucher, \u00fcber 12 % mehr"
    assert mail["From"].addresses[0].display_name == "Caf\u00e9 \u0130stanbul"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == NOON
    body = mail.get_body(("plain",))
    assert body is not None
    assert body.get_content() == "Guten Morgen.\r\n.\r\nEnde \u011f\r\n", "a line with a dot alone included"
    (file,) = mail.iter_attachments()
    assert (file.get_filename(), file.get_content_type()) == ("woche-47.pdf", "application/pdf")
    assert file.get_content() == PDF


evil = st.text(st.sampled_from("aB \r\n\t\0:;,<>@\"'=?\u2028\u0085\u202e\u00fc"), max_size=300)


@settings(max_examples=200)
@given(evil, evil, evil)
def test_no_name_makes_a_header_or_another_recipient(name: str, subject: str, file: str) -> None:
    raw = written(letter(sender_name=name, subject=f"x\r\nBcc: evil@example.org\r\n{subject}",
                         enclosures=(Enclosure(file, b"1"),)))  # fmt: skip
    head = raw.split(b"\r\n\r\n", 1)[0].decode()
    names = [row.split(":")[0] for row in head.split("\r\n") if not row.startswith((" ", "\t"))]
    assert sorted(names) == sorted([
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"
    ])  # fmt: skip
    assert max(len(row) for row in raw.split(b"\r\n")) <= 998, "longer lines are no mail"


def test_files_too_big_for_mail_are_refused_before_anybody_is_asked() -> None:
    with pytest.raises(MailError, match="19 MB, too much for a mail"):
        written(letter(enclosures=(Enclosure("a.pdf", bytes(19_000_000)),)))


@pytest.mark.parametrize("tls", [True, False])
def test_tls_and_a_password_with_umlauts(authority: Authority, tls: bool) -> None:  # noqa: FBT001 - a case
    with MailHouse(server_context(authority.certificate("localhost")), tls=tls, login=True) as house:
        assert posted(house, ca_file=str(authority.file))[0] == (OWNER,)
        with pytest.raises(MailError, match="refuses the user box: 535") as told:
            posted(house, ca_file=str(authority.file), password="wrong horse")  # noqa: S106 - of a made-up user
        assert "wrong horse" not in str(told.value)
        with pytest.raises(MailError, match="certificate that is not believed"):
            posted(house)
        assert len(house.mails) == 1


def test_a_certificate_of_another_machine_is_not_believed(authority: Authority) -> None:
    context = server_context(authority.certificate("elsewhere.example.org", "192.0.2.1"))
    for tls in (True, False):
        with MailHouse(context, tls=tls) as house:
            with pytest.raises(MailError, match="certificate that is not believed"):
                posted(house, ca_file=str(authority.file))
            assert house.mails == []


def test_without_starttls_no_password_is_said(house: MailHouse) -> None:
    with pytest.raises(MailError, match="offers no TLS"):
        posted(house, security="starttls", user=USER, password=PASSWORD)
    with pytest.raises(MailError, match="lets nobody sign in"):
        posted(house, user=USER, password=PASSWORD)
    with pytest.raises(MailError, match="does not speak TLS"):
        posted(house, security="tls")


def test_a_password_is_shown_nowhere() -> None:
    server = Server("h", 25, user=USER, password=PASSWORD)
    assert PASSWORD not in repr(server)


def test_one_recipient_refused_spares_the_other(house: MailHouse) -> None:
    house.refused = {OTHER: "450 4.2.0 greylisted"}
    assert posted(house, OWNER, OTHER) == ((OWNER,), {OTHER: "450 4.2.0 greylisted"}, [(OWNER,)])
    assert house.mails[0][0] == (OWNER,)
    with pytest.raises(MailError, match=r"takes no mail for other@example.org: 450"):
        posted(house, OTHER)


@pytest.mark.parametrize("wrong", [NOT_NOW, NEVER])
def test_a_mail_refused_at_its_end_has_not_gone(house: MailHouse, wrong: str) -> None:
    house.wrong = wrong
    with pytest.raises(MailError, match=wrong[:9]) as told:
        posted(house)
    assert not isinstance(told.value, MailUnsureError)


def test_hanging_up_in_the_data_is_no_hand_over(house: MailHouse) -> None:
    house.wrong = IN_DATA
    raw = written(letter(enclosures=(Enclosure("a.pdf", bytes(8_000_000)),)))
    handed: list[tuple[str, ...]] = []
    with pytest.raises(MailError, match=r"hung up|cannot be reached"):
        post(house.server(), raw, BOX, [OWNER], handed.append, SHORT)
    assert handed == [], "nobody was told that it may have gone"


@pytest.mark.parametrize("wrong", [AFTER_DOT, SILENT])
def test_silence_after_the_last_line_is_told_apart(house: MailHouse, wrong: str) -> None:
    house.wrong = wrong
    with pytest.raises(MailUnsureError, match="did not say"):
        post(house.server(), written(letter()), BOX, [OWNER], lambda _: None, Limits(2.0, 0.3))


def test_a_mail_too_big_for_the_server_is_told_before_it_is_sent() -> None:
    with MailHouse(size=1000) as house, pytest.raises(MailError, match=r"The mail has 0\.0 MB, and 127\.0\.0\.1 takes"):
        posted(house)
    assert house.tried == 0


def test_servers_that_are_none() -> None:
    with pytest.raises(MailError, match=r"cannot be reached \(Connection refused\)"):
        knock(Server(HOST, free_port(), "none"), SHORT)
    with socket.create_server((HOST, 0)) as deaf, pytest.raises(MailError, match="does not answer in time"):
        knock(Server(HOST, deaf.getsockname()[1], "none"), Limits(0.3, 0.3))


def test_a_file_that_holds_no_certificates(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("none")
    for file in (tmp_path / "ca.pem", tmp_path / "away.pem"):
        with pytest.raises(MailError, match="holds no certificates"):
            knock(Server(HOST, 1, ca_file=str(file)), SHORT)


def test_knocking_sends_nothing(house: MailHouse) -> None:
    knock(house.server(), SHORT)
    assert house.tried == 0
