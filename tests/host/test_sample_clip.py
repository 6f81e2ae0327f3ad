"""The sample clip is fetched once, kept whole or not at all, and its absence is one sentence."""

from __future__ import annotations

import gzip
import os
from typing import TYPE_CHECKING

import pytest

from edge.core.errors import InputError
from edge.host.sample_clip import LEAST_BYTES, NAME, default_cache, run, sample_clip

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

CLIP = b"RIFF\x00\x00\x00\x00AVI " + os.urandom(LEAST_BYTES)
PACKED = gzip.compress(CLIP, 1)
DATA = "usr/share/doc/opencv-doc/examples/data"


class Machine:
    """apt-get and dpkg-deb of a machine: ``package`` is what the package holds, by name; None where offline."""

    def __init__(self, package: dict[str, bytes] | None, *, lists: bool = True) -> None:
        self._package, self._lists = package, lists
        self.commands: list[str] = []

    def __call__(self, command: Sequence[str], folder: Path, limit_s: float) -> str | None:
        assert limit_s > 0
        word = next(word for word in command if not word.startswith("-") and word != "apt-get")
        self.commands.append(word)
        if self._package is None:
            return "apt-get says: Temporary failure resolving the mirror"
        if word == "update":
            self._lists = True
        elif word == "download":
            if not self._lists:
                return "apt-get says: Unable to locate package opencv-doc"
            (folder / "opencv-doc_4.6.0_all.deb").write_bytes(b"!<arch>")
        else:
            assert command[2].endswith(".deb")
            place = folder / "open" / DATA
            place.mkdir(parents=True)
            for name, content in self._package.items():
                (place / name).write_bytes(content)
        return None


class Place:
    """Where the clip is looked for and kept, and what was said."""

    def __init__(self, folder: Path) -> None:
        self.cache, self.installed = folder / "cache", folder / "installed"
        self.installed.mkdir()
        self.said: list[str] = []

    def clip(self, machine: Callable[[Sequence[str], Path, float], str | None]) -> Path:
        return sample_clip(self.said.append, self.cache, installed=self.installed, run=machine)

    def refusal(self, machine: Callable[[Sequence[str], Path, float], str | None]) -> str:
        with pytest.raises(InputError) as told:
            self.clip(machine)
        sentence = str(told.value)
        assert "\n" not in sentence
        assert "acm demo VIDEO" in sentence
        return sentence


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.mark.parametrize("package", [{NAME: CLIP}, {f"{NAME}.gz": PACKED}])
def test_it_is_fetched_once(place: Place, package: dict[str, bytes]) -> None:
    machine = Machine(package)
    clip = place.clip(machine)
    assert clip.read_bytes() == CLIP
    assert len(place.said) == 1
    assert "once" in place.said[0]
    assert place.clip(machine) == clip
    assert machine.commands == ["download", "dpkg-deb"]
    assert len(place.said) == 1
    assert [path.name for path in place.cache.iterdir()] == [NAME]


def test_an_installed_package_is_used_where_it_is(place: Place) -> None:
    (place.installed / NAME).write_bytes(CLIP)
    assert place.clip(Machine(None)) == place.installed / NAME
    (place.installed / NAME).unlink()
    (place.installed / f"{NAME}.gz").write_bytes(PACKED)
    assert place.clip(Machine(None)) == place.cache / NAME
    assert place.said == []


def test_offline_is_one_sentence(place: Place) -> None:
    sentence = place.refusal(Machine(None))
    assert "cannot be had (apt-get says: Temporary failure" in sentence
    assert list(place.cache.iterdir()) == []


def test_a_fresh_machine_without_lists_gets_them_first_where_it_may(place: Place) -> None:
    machine = Machine({NAME: CLIP}, lists=False)
    if os.geteuid() == 0:
        assert place.clip(machine).read_bytes() == CLIP
        assert machine.commands == ["download", "update", "download", "dpkg-deb"]
    else:
        assert "Unable to locate" in place.refusal(machine)
        assert machine.commands == ["download"]


@pytest.mark.parametrize(
    "package",
    [
        {NAME: CLIP[:100_000]},
        {NAME: b"<html>" + CLIP},
        {f"{NAME}.gz": gzip.compress(b"short")},
        {"another.avi": CLIP},
    ],
)
def test_half_a_download_or_another_file_is_never_kept(place: Place, package: dict[str, bytes]) -> None:
    place.refusal(Machine(package))
    assert list(place.cache.iterdir()) == []
    assert place.clip(Machine({NAME: CLIP})).read_bytes() == CLIP


@pytest.mark.parametrize(
    "packed",
    [
        PACKED[:-100_000],
        PACKED[:1_000_000] + bytes(1000) + PACKED[1_001_000:],
        PACKED[:10] + b"\xff" * 100 + PACKED[110:],
        b"no gzip" * 1000,
    ],
    ids=["cut", "wrong sum", "wrong code", "no gzip"],
)
def test_a_damaged_archive_is_told(place: Place, packed: bytes) -> None:
    assert "is damaged" in place.refusal(Machine({f"{NAME}.gz": packed}))
    assert list(place.cache.iterdir()) == []


@pytest.mark.parametrize("half", [b"", CLIP[:1_000_000], bytes(LEAST_BYTES + 100)])
def test_what_lies_broken_in_the_cache_is_fetched_anew(place: Place, half: bytes) -> None:
    place.cache.mkdir()
    (place.cache / NAME).write_bytes(half)
    assert place.clip(Machine({NAME: CLIP})).read_bytes() == CLIP


def test_a_cache_that_cannot_be_written_is_told(place: Place) -> None:
    place.cache.write_text("a file where the folder should be")
    assert str(place.cache) in place.refusal(Machine({NAME: CLIP}))


def test_the_cache_follows_the_desktop_s_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache() == tmp_path / "customer-messenger"
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for ignored in ("", "relative/path"):
        monkeypatch.setenv("XDG_CACHE_HOME", ignored)
        assert default_cache() == tmp_path / "home" / ".cache" / "customer-messenger"


def test_commands_are_run_and_their_failures_told_in_few_words(tmp_path: Path) -> None:
    assert run(["sh", "-c", "echo done > here"], tmp_path, 10.0) is None
    assert (tmp_path / "here").read_text() == "done\n"
    assert run(["no-such-program", "x"], tmp_path, 10.0) == "there is no no-such-program here"
    assert run([str(tmp_path / "here")], tmp_path, 10.0) == f"{tmp_path / 'here'} does not run (Permission denied)"
    assert run(["sh", "-c", "exec sleep 60"], tmp_path, 0.1) == "sh took longer than 0 s"
    failing = "echo 'W: never mind' >&2; echo 'E: No such package' >&2; exit 100"
    assert run(["sh", "-c", failing], tmp_path, 10.0) == "sh says: No such package"
    assert run(["sh", "-c", "echo oh >&2; exit 1"], tmp_path, 10.0) == "sh says: oh"
    assert run(["sh", "-c", "exit 3"], tmp_path, 10.0) == "sh says: 3"
