"""Signatures of updates: what was signed is taken, and nothing else, whatever was done to it."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

import pytest

from edge.core.errors import AcmError, InputError
from edge.host.signature import Key, SignatureError, keys_in, signed_by

ROOT = Path(__file__).parents[2]
# Made by minisign 0.11 itself: minisign -G -W, then minisign -S -H -m hello.txt -t "made by minisign".
THEIR_FILE, THEIR_KEY = b"hello from minisign\n", "RWTtOKAQ99GaQdtETKUyHA1acj3ZmNw0SCJ9rtsDYO3uiguIqRYgMrvN"
THEIR_SIGNATURE = """\
untrusted comment: signature from minisign secret key
RUTtOKAQ99GaQeqc6942sF6PH+b6jUfRSsGyACwxIVTjJfy9lnhIVu9g7vbdErsLRZMlgDol14dK03FcVEd5xxl8WRK1Bk3ZdgI=
trusted comment: made by minisign
70+YxOVi8qMGSpvBwuOSlTcG/dOJnS82sFUJeoUcipDI5rneVn7Pdziql8JDlICHPnmiQXYsWrLI5zoH/L5MAg==
"""


def tool(folder: Path, *words: object) -> str:
    command = [sys.executable, str(ROOT / "tools" / "sign_update.py"), *map(str, words)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a signed file."""
    folder = tmp_path_factory.mktemp("signed")
    (folder / "new.deb").write_bytes(b"a package" * 1000)
    tool(folder, "--make-key", "vendor")
    tool(folder, "--key", "vendor.key", "--comment", "version 2, tried in three shops", "new.deb")
    return folder


@pytest.fixture
def copy(signed: Path, tmp_path: Path) -> Path:
    """The same in a folder of its own, to be spoiled."""
    for path in signed.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path / "new.deb"


def keys(file: Path) -> list[Key]:
    return keys_in(file.with_name("vendor.pub"))


def test_what_was_signed_is_taken_with_what_the_signer_said(copy: Path) -> None:
    assert signed_by(copy, keys(copy)) == "version 2, tried in three shops"


def test_what_minisign_signed_is_taken(tmp_path: Path) -> None:
    (tmp_path / "hello.txt").write_bytes(THEIR_FILE)
    (tmp_path / "hello.txt.minisig").write_text(THEIR_SIGNATURE)
    (tmp_path / "their.pub").write_text(f"untrusted comment: minisign public key 419AD1F710A038ED\n{THEIR_KEY}\n")
    (key,) = keys_in(tmp_path / "their.pub")
    assert key.name == "419AD1F710A038ED"
    assert signed_by(tmp_path / "hello.txt", [key]) == "made by minisign"
    (tmp_path / "hello.txt").write_bytes(THEIR_FILE.upper())
    with pytest.raises(SignatureError):
        signed_by(tmp_path / "hello.txt", [key])


def test_the_secret_key_is_for_its_owner_and_is_not_replaced(signed: Path) -> None:
    assert (signed / "vendor.key").stat().st_mode & 0o777 == 0o600
    command = [sys.executable, str(ROOT / "tools" / "sign_update.py"), "--make-key", str(signed / "vendor")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert done.returncode == 1
    assert "is there already" in done.stderr


@pytest.mark.parametrize("place", [0, 4500, 8999])
def test_a_file_that_was_changed_is_refused(copy: Path, place: int) -> None:
    data = bytearray(copy.read_bytes())
    data[place] ^= 1
    copy.write_bytes(data)
    with pytest.raises(SignatureError, match="is not what was signed"):
        signed_by(copy, keys(copy))


@pytest.mark.parametrize("data", [b"", b"a package" * 999])
def test_a_file_that_is_not_whole_is_refused(copy: Path, data: bytes) -> None:
    copy.write_bytes(data)
    with pytest.raises(SignatureError, match="is not what was signed"):
        signed_by(copy, keys(copy))


def test_every_byte_of_a_signature_counts(copy: Path) -> None:
    place, trusted = copy.with_name("new.deb.minisig"), keys(copy)
    rows = place.read_text().splitlines()
    for row in (1, 3):
        packed = base64.b64decode(rows[row])
        for number in range(len(packed)):
            changed = bytearray(packed)
            changed[number] ^= 0x10
            spoiled = [*rows[:row], base64.b64encode(changed).decode(), *rows[row + 1 :]]
            place.write_text("\n".join(spoiled) + "\n")
            with pytest.raises(SignatureError):
                signed_by(copy, trusted)
    place.write_text("\n".join(rows).replace("version 2", "version 3") + "\n")
    with pytest.raises(SignatureError, match="its comment is not what was signed"):
        signed_by(copy, trusted)


def test_another_key_is_not_trusted(copy: Path) -> None:
    tool(copy.parent, "--make-key", "other")
    with pytest.raises(SignatureError, match=r"signed by the key [0-9A-F]{16}, which is not trusted here \(another"):
        signed_by(copy, keys_in(copy.with_name("other.pub")))
    both = copy.with_name("both.pub")
    rows = [copy.with_name(f"{name}.pub").read_text() for name in ("other", "vendor")]
    both.write_text("# two of them\n" + "".join(rows))
    assert len(keys_in(both)) == 2
    assert signed_by(copy, keys_in(both))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is no signature"),
        ("\n\n\n\n", "is no signature"),
        ("untrusted comment: x\n!!!!\ntrusted comment: y\n!!!!\n", "is no signature"),
        ("x" * 20_000, "is no signature"),
        ("untrusted comment: x\n" + base64.b64encode(b"Ed" + bytes(72)).decode() + "\ntrusted comment: y\n"
         + base64.b64encode(bytes(64)).decode() + "\n", "of the old kind"),
    ],
)  # fmt: skip
def test_what_is_no_signature_is_told(copy: Path, text: str, why: str) -> None:
    copy.with_name("new.deb.minisig").write_text(text)
    with pytest.raises(SignatureError, match=why):
        signed_by(copy, keys(copy))


def test_what_is_not_there_is_told(copy: Path) -> None:
    trusted = keys(copy)
    copy.with_name("new.deb.minisig").unlink()
    with pytest.raises(InputError, match="only with its signature beside it"):
        signed_by(copy, trusted)
    with pytest.raises(InputError, match="holds the keys updates are signed by"):
        keys_in(copy.with_name("nobody.pub"))


@pytest.mark.parametrize("row", ["hello", base64.b64encode(b"Ed" + bytes(39)).decode(), "AAAA"])
def test_what_is_no_key_is_told(tmp_path: Path, row: str) -> None:
    (tmp_path / "update.pub").write_text(f"# ours\n{row}\n")
    with pytest.raises(InputError, match="is no key"):
        keys_in(tmp_path / "update.pub")


def test_a_file_of_comments_holds_no_key(tmp_path: Path) -> None:
    shipped = ROOT / "config" / "update.pub"
    assert keys_in(shipped) == []
    (tmp_path / "many.pub").write_text((base64.b64encode(b"Ed" + bytes(40)).decode() + "\n") * 17)
    with pytest.raises(AcmError, match="more than 16 keys"):
        keys_in(tmp_path / "many.pub")
