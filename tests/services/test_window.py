"""The page that shows the picture: on this machine only, only while watched, gone when closed."""

from __future__ import annotations

import socket
import threading
import urllib.error
import urllib.request
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from ports import free_port
from streams import number_of, picture

from edge.core.errors import AcmError
from edge.services.window import PORTS, LivePicture, Window

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def live() -> LivePicture:
    return LivePicture()


@pytest.fixture
def window(live: LivePicture) -> Iterator[Window]:
    with closing(Window(live, free_port())) as window:
        yield window


def got(address: str, host: str | None = None) -> tuple[str, bytes]:
    request = urllib.request.Request(address, headers={"Host": host} if host else {})  # noqa: S310 - our own server
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - as above
        return answer.headers["Content-Type"], answer.read()


def refused(address: str, host: str | None = None) -> int:
    with pytest.raises(urllib.error.HTTPError) as told:
        got(address, host)
    with told.value as answer:
        return answer.code


def shown(jpeg: bytes) -> int:
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return number_of(image)


def test_the_page_and_the_newest_picture(window: Window, live: LivePicture) -> None:
    kind, page = got(window.address)
    assert kind.startswith("text/html")
    assert b"/live.mjpg" in page
    for number in (3, 7):
        live.show(picture(number))
        kind, jpeg = got(window.address + "frame.jpg?now")
        assert kind == "image/jpeg"
        assert shown(jpeg) == number


def test_it_is_on_this_machine_and_under_its_own_name_only(window: Window, live: LivePicture) -> None:
    live.show(picture(1))
    assert window.address.startswith("http://127.0.0.1:")
    port = window.address.rstrip("/").rpartition(":")[2]
    assert got(window.address, f"localhost:{port}")[0].startswith("text/html")
    for host in ("shop.example", f"shop.example:{port}", "127.0.0.1.shop.example"):
        assert refused(window.address + "frame.jpg", host) == 403
    assert refused(window.address + "other") == 404


def test_a_viewer_s_film_goes_on_picture_by_picture(window: Window, live: LivePicture) -> None:
    live.show(picture(4))
    with urllib.request.urlopen(window.address + "live.mjpg", timeout=10) as film:  # noqa: S310 - our own server
        assert "multipart/x-mixed-replace" in film.headers["Content-Type"]
        assert shown(next_picture(film)) == 4
        live.show(picture(9))
        assert shown(next_picture(film)) == 9
        window.close()
        assert film.read() == b""


def next_picture(film: object) -> bytes:
    head = [film.readline() for _ in range(4)]
    assert head[0] == b"--picture\r\n"
    size = int(head[2].split(b":")[1])
    jpeg: bytes = film.read(size)
    assert film.readline() == b"\r\n"
    return jpeg


def test_a_viewer_that_leaves_is_nothing_to_worry_about(window: Window, live: LivePicture) -> None:
    live.show(picture(4))
    port = int(window.address.rstrip("/").rpartition(":")[2])
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", port), 10) as viewer:
            viewer.sendall(f"GET /live.mjpg HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
            assert viewer.recv(15) == b"HTTP/1.0 200 OK"
    for number in range(10):
        live.show(picture(number))
    assert shown(got(window.address + "frame.jpg")[1]) == 9


def test_without_a_picture_a_viewer_waits_and_is_told_at_the_end(window: Window, live: LivePicture) -> None:
    codes: list[int] = []
    viewer = threading.Thread(target=lambda: codes.append(refused(window.address + "frame.jpg")))
    viewer.start()
    live.close()
    viewer.join(10)
    assert codes == [503]


def test_nobody_waits_longer_than_he_has_patience(live: LivePicture) -> None:
    assert live.after(0, timeout_s=0.01) is None
    live.show(picture(1))
    turn, _ = live.after(0, timeout_s=0.01) or (0, b"")
    assert turn == 1
    assert live.after(turn, timeout_s=0.01) is None


def test_one_picture_is_encoded_once_for_all_who_watch(live: LivePicture) -> None:
    live.show(picture(1))
    first, second = live.after(0), live.after(0)
    assert first is not None
    assert second is not None
    assert first[1] is second[1]


def test_a_taken_port_is_left_to_its_owner() -> None:
    with ExitStack() as stack:
        first = free_port()
        windows = [stack.enter_context(closing(Window(LivePicture(), first))) for _ in range(3)]
        assert len({window.address for window in windows}) == 3


def test_no_free_port_is_one_sentence() -> None:
    with ExitStack() as stack:
        first = free_port()
        for port in range(first, first + PORTS):
            try:
                stack.enter_context(closing(socket.create_server(("127.0.0.1", port))))
            except OSError:  # noqa: PERF203 - taken already, which is what is wanted
                continue
        with pytest.raises(AcmError, match=f"No port from {first} to {first + PORTS - 1} is free"):
            Window(LivePicture(), first)


def test_closing_twice_is_legal_and_leaves_no_thread() -> None:
    before = threading.active_count()
    window = Window(LivePicture(), free_port())
    window.close()
    window.close()
    assert threading.active_count() == before
