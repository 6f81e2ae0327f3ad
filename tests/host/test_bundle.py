"""The support archive: what is in it, and above all what is not."""

from __future__ import annotations

import base64
import os
import stat
import tarfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.errors import InputError
from edge.host.bundle import LEFT_OUT, PIECE_BYTES, WHOLE_BYTES, Piece, host_pieces, redacted, write_bundle
from edge.host.programs import Told

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def opened(path: Path) -> dict[str, str]:
    with tarfile.open(path) as archive:
        found = {}
        for label in archive:
            file = archive.extractfile(label)
            assert file is not None
            found[label.name.removeprefix("acm-bundle/")] = file.read().decode()
    return found


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("source = 'rtsp://admin:hunter2@10.0.0.9/1'", "source = 'rtsp://***@10.0.0.9/1'"),
        ('password = "hunter 2"', "password = ***"),
        ("mqtt_password=hunter2 port=1883", "mqtt_password=*** port=1883"),
        ('{"api_key": "abc", "fps": 10}', '{"api_key": ***, "fps": 10}'),
        ("Environment=ACM_TOKEN=abc ACM_MODE=x", "Environment=ACM_TOKEN=*** ACM_MODE=x"),
        ("mail to jane.doe@shop.example.org", "mail to ***@shop.example.org"),
        ("eth0 UP dc:a6:32:01:02:03 <UP>", "eth0 UP dc:a6:32:*** <UP>"),
        ("call +49 (170) 123-4567.", "call ***."),
        ("the token was not found", "the token was not found"),
        ("2026-11-25T09:00:01.000001+0100 host acm[1]: in 3", "2026-11-25T09:00:01.000001+0100 host acm[1]: in 3"),
        ("my secret word is swordfish", "my secret word is ***"),
    ],
)
def test_secrets_are_masked(text: str, told: str) -> None:
    assert redacted(text, ["swordfish", "3"]) == told


def test_no_picture_gets_in() -> None:
    picture = base64.b64encode(os.urandom(3000)).decode()
    assert redacted(f'{{"jpeg":"{picture}"}}') == '{"jpeg":"[left out]"}'


@given(st.text(), st.text(min_size=4).filter(lambda secret: "*" not in secret))
def test_a_known_secret_is_never_in_it(text: str, secret: str) -> None:
    assert secret not in redacted(f"{text}\n{secret}\n", [secret]).replace(LEFT_OUT, "")


@pytest.mark.parametrize("word", ["a", "a.", "+1 ", "password", "a@", "http://", "token=", "ab:"])
def test_one_long_word_is_gone_over_in_no_time(word: str) -> None:
    assert len(redacted(word * (100_000 // len(word)))) <= 5000


def test_the_archive_holds_its_pieces_for_its_owner_only(tmp_path: Path) -> None:
    def broken() -> str:
        raise OSError("password=hunter2 is wrong")

    path = tmp_path / "bundle.tar.gz"
    pieces = [Piece("status.json", lambda: '{"fps": 9.8}'), Piece("broken.txt", broken), Piece("empty.txt", str)]
    assert write_bundle(path, pieces, at_s=1_700_000_000) == ["status.json", "broken.txt", "empty.txt"]
    assert opened(path) == {
        "status.json": '{"fps": 9.8}',
        "broken.txt": "[cannot be told: OSError: password=*** is wrong]\n",
        "empty.txt": "",
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(InputError, match="is there already"):
        write_bundle(path, [])
    with pytest.raises(InputError, match="cannot be written"):
        write_bundle(tmp_path / "no" / "bundle.tar.gz", [])


def test_its_size_is_bounded_and_the_end_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "bundle.tar.gz"
    long = "".join(f"row {number}\n" for number in range(120_000))
    write_bundle(path, [Piece(f"{number}.txt", lambda: long) for number in range(12)])
    found = opened(path)
    assert found["0.txt"].startswith("[the first ")
    assert found["0.txt"].endswith("row 119999\n")
    assert len(found["0.txt"]) < PIECE_BYTES + 100
    assert sum(len(text) for text in found.values()) < WHOLE_BYTES + 2000
    assert found["11.txt"].startswith("[the first ")


def test_the_system_tells_of_itself(tmp_path: Path) -> None:
    asked: list[Sequence[str]] = []

    def ask(command: Sequence[str]) -> Told:
        asked.append(command)
        return Told("so\n", "" if len(asked) > 1 else "there is no journalctl here")

    path = tmp_path / "bundle.tar.gz"
    names = write_bundle(path, host_pieces(ask))
    assert {"journal.txt", "unit.txt", "disks.txt"} <= set(names)
    assert len(asked) == len(names) == len(set(names))
    found = opened(path)
    assert found["journal.txt"].endswith("so\n\n[there is no journalctl here]\n")
    assert found["disks.txt"] == "$ df -h\nso\n"
