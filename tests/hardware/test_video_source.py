"""Files, devices and streams are told apart; whatever cannot be opened is told in one sentence without secrets."""

from __future__ import annotations

import os
import socket
import stat
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

import cv2
import pytest
from clips import write_clip
from hypothesis import given
from hypothesis import strategies as st
from streams import HttpCamera, LockedCamera, RtspCamera, SilentCamera, picture

from edge.core.errors import CameraError
from edge.hardware.opencv_camera import OpenCvCamera
from edge.hardware.video_source import Kind, Limits, source_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOBODY = 65_534


def refusal(source: str, timeout_s: float = 10.0) -> str:
    """The one sentence with which a source is refused."""
    with pytest.raises(CameraError) as told:
        OpenCvCamera(source, timeout_s=timeout_s)
    sentence = str(told.value)
    assert "\n" not in sentence
    assert told.value.exit_code == 2
    return sentence


@pytest.mark.parametrize(
    ("text", "kind", "place"),
    [
        ("0", Kind.DEVICE, "/dev/video0"),
        ("12", Kind.DEVICE, "/dev/video12"),
        ("/dev/video2", Kind.DEVICE, "/dev/video2"),
        ("/dev/v4l/by-id/usb-cam", Kind.DEVICE, "/dev/v4l/by-id/usb-cam"),
        ("/shop/door.mp4", Kind.FILE, "/shop/door.mp4"),
        ("file:///shop/front%20door.mp4", Kind.FILE, "/shop/front door.mp4"),
        ("/shop/door 12:30.mp4", Kind.FILE, "/shop/door 12:30.mp4"),
        ("rtsp://u:p@cam:554/live", Kind.STREAM, "rtsp://u:p@cam:554/live"),
        ("HTTPS://cam/live", Kind.STREAM, "HTTPS://cam/live"),
        ("http://[fe80::1]:8080/live", Kind.STREAM, "http://[fe80::1]:8080/live"),
    ],
)
def test_what_a_person_means(text: str, kind: Kind, place: str) -> None:
    source = source_of(text)
    assert (source.kind, source.place) == (kind, place)
    assert "u:p" not in source.shown


def test_a_relative_name_is_a_file_whatever_it_looks_like(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert source_of("concat:a.mp4").place == str(tmp_path / "concat:a.mp4")
    assert source_of("02").place == "/dev/video2"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "No video is named"),
        ("rtsp://", "no complete address"),
        ("rtsp://:554/live", "no complete address"),
        ("rtsp://admin:hunter2@cam:port/live", "no complete address"),
        ("http://admin:hunter2@cam:0/live", "no complete address"),
        ("http://[fe80::1/live", "no complete address"),
        ("gopher://admin:hunter2@cam/live", "no camera speaks gopher"),
        ("admin:hunter2@192.168.1.20/live", "no complete address"),
        ("rtsp:/admin:hunter2@cam/live", "no complete address"),
    ],
)
def test_addresses_that_are_none(text: str, words: str) -> None:
    sentence = refusal(text)
    assert words in sentence
    assert "hunter2" not in sentence


def test_files_that_cannot_be_a_video(tmp_path: Path) -> None:
    for name, content, words in (
        ("none.mp4", None, "There is no video"),
        ("no/folder/clip.mp4", None, "There is no video"),
        ("empty.mp4", b"", "is empty (0 bytes)"),
        ("letter.mp4", b"Dear Sir or Madam,\n" * 400, "is not a video"),
        ("noise.avi", bytes(range(256)) * 400, "is not a video"),
    ):
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        sentence = refusal(str(path))
        assert words in sentence
        assert name in sentence
    assert "is a folder" in refusal(str(tmp_path))
    os.mkfifo(tmp_path / "pipe")
    assert "neither a file nor a camera" in refusal(str(tmp_path / "pipe"))
    assert "its name cannot be one" in refusal(f"{tmp_path}/nul\0byte.mp4")
    assert "its name cannot be one" in refusal(f"{tmp_path}/odd\udcff.mp4")
    assert "cannot be read" in refusal(f"{tmp_path}/{'long' * 100}.mp4")
    (tmp_path / "itself.mp4").symlink_to("itself.mp4")
    assert "cannot be read" in refusal(str(tmp_path / "itself.mp4"))


def test_a_single_picture_is_no_video(tmp_path: Path) -> None:
    for name in ("door.jpg", "door.png"):
        cv2.imwrite(str(tmp_path / name), picture(3))
        assert "single picture" in refusal(str(tmp_path / name))


@pytest.mark.parametrize("part", [0.001, 0.02])
def test_a_video_cut_off_before_its_first_picture(tmp_path: Path, part: float) -> None:
    path = write_clip(tmp_path / "cut.avi", 30)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
    assert "cut short at its start" in refusal(str(path))


@contextmanager
def an_ordinary_user() -> Iterator[None]:
    """Root may read everything; be nobody for a while."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(before)


def test_a_video_that_may_not_be_read(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "private.avi", 5)
    path.chmod(0)
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(folder.stat().st_mode | stat.S_IXOTH)
    with an_ordinary_user():
        assert "may not be read by this user" in refusal(str(path))


def test_devices_that_are_none() -> None:
    assert "There is no camera /dev/video63" in refusal("63")
    assert "ls /dev/video" in refusal("/dev/no-such-camera")
    assert "is not a camera" in refusal("/dev/null")


@pytest.mark.parametrize("scheme", ["http", "rtsp", "tcp"])
def test_a_stream_nobody_offers_is_refused_at_once(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    start_s = monotonic()
    sentence = refusal(f"{scheme}://admin:hunter2@127.0.0.1:{port}/live?token=hunter3")
    assert monotonic() - start_s < 5
    assert f"{scheme}://***@127.0.0.1:{port}/live?token=***" in sentence
    assert "cannot be reached" in sentence


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_a_stream_that_never_answers_ends_in_time(scheme: str) -> None:
    with SilentCamera() as camera:
        start_s = monotonic()
        sentence = refusal(camera.address.replace("http", scheme), timeout_s=1.0)
        assert monotonic() - start_s < 1.5
    assert camera.viewers >= 1
    assert "cannot be reached or sends no picture" in sentence
    assert "hunter2" not in sentence


@pytest.mark.parametrize("kind", [HttpCamera, RtspCamera])
def test_a_stream_that_answers_and_sends_no_picture_ends_in_time(kind: type[SilentCamera]) -> None:
    with kind(pictures=0) as camera:
        start_s = monotonic()
        assert "sends no picture" in refusal(camera.address, timeout_s=1.0)
        assert monotonic() - start_s < 1.5


def test_a_stream_that_wants_another_password() -> None:
    with LockedCamera() as camera:
        assert "user and password" in refusal(camera.address, timeout_s=2.0)


@given(st.floats(0.1, 60))
def test_the_limits_of_a_stream_stay_within_what_was_allowed(timeout_s: float) -> None:
    limits = Limits.within(timeout_s)
    assert limits.open_s + limits.read_s < timeout_s
