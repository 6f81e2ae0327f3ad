"""Keys: whole or not at all, and for their owner's eyes only."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from edge.core.errors import InputError
from edge.host.whole_file import write_private

if TYPE_CHECKING:
    from pathlib import Path


def test_nobody_else_may_read_it_whatever_was_there_before(tmp_path: Path) -> None:
    key = tmp_path / "upstream.key"
    key.write_bytes(b"old")
    key.chmod(0o644)
    before = os.umask(0)
    try:
        write_private(key, b"new")
    finally:
        os.umask(before)
    assert key.read_bytes() == b"new"
    assert key.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["upstream.key"]


def test_it_belongs_to_the_owner_of_the_folder(tmp_path: Path) -> None:
    """Who is root enrols a box whose program runs as somebody else."""
    if os.geteuid() == 0:
        os.chown(tmp_path, 1234, 1234)
    write_private(tmp_path / "upstream.key", b"new")
    found, folder = (tmp_path / "upstream.key").stat(), tmp_path.stat()
    assert (found.st_uid, found.st_gid) == (folder.st_uid, folder.st_gid)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere/upstream\.key cannot be written \(No such file"):
        write_private(tmp_path / "nowhere" / "upstream.key", b"new")


def test_a_link_laid_in_the_way_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"mine")
    (tmp_path / f".upstream.key.{os.getpid()}.part").symlink_to(target)
    with pytest.raises(InputError):
        write_private(tmp_path / "upstream.key", b"new")
    assert target.read_bytes() == b"mine"
