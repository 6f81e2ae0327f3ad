"""A page on this machine that shows the painted picture live. Pictures stay in memory and on the loopback device."""

from __future__ import annotations

from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from typing import TYPE_CHECKING

import cv2

from edge.core.errors import AcmError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

HOST = "127.0.0.1"
FIRST_PORT = 8088
PORTS = 20
# A viewer's connection is given up after this long without a new picture.
PATIENCE_S = 30.0
PAGE = b"""<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>People at the door</title>
<style>body{margin:0;background:#111;color:#eee;font:1rem system-ui;display:grid;place-items:center;min-height:100vh}
img{max-width:100vw;max-height:100vh}</style>
<img src="/live.mjpg" alt="The camera's picture with people, lines and counts drawn on it">
</html>
"""


class LivePicture:
    """The newest painted picture; encoded only when somebody watches."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._image: NDArray[np.uint8] | None = None
        self._jpeg: bytes | None = None
        self._turn = 0
        self._closed = False

    def show(self, image: NDArray[np.uint8]) -> None:
        """Replace the picture (height x width x 3, uint8, BGR); it must not be changed afterwards."""
        with self._changed:
            self._image, self._jpeg = image, None
            self._turn += 1
            self._changed.notify_all()

    def close(self) -> None:
        """Send everybody who waits away."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def after(self, turn: int, timeout_s: float = PATIENCE_S) -> tuple[int, bytes] | None:
        """Wait for a picture newer than ``turn``; return its turn and JPEG, None when there is none to come."""
        with self._changed:
            came = self._changed.wait_for(lambda: self._turn > turn or self._closed, timeout_s)
            if not came or self._closed or self._image is None:
                return None
            if self._jpeg is None:
                self._jpeg = cv2.imencode(".jpg", self._image, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()
            return self._turn, self._jpeg


class Window:
    """Serves a ``LivePicture`` on the first free port from 8088 on."""

    def __init__(self, picture: LivePicture, first_port: int = FIRST_PORT) -> None:
        self._picture = picture
        self._server = _bound(picture, first_port)
        self._thread = Thread(target=self._server.serve_forever, name="window", daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """What to type into a browser."""
        return f"http://{HOST}:{self._server.server_address[1]}/"

    def close(self) -> None:
        """Stop serving."""
        self._picture.close()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Two programs must not share a port: the second would never be seen.
    allow_reuse_port = False

    def __init__(self, port: int, picture: LivePicture) -> None:
        self.picture = picture
        super().__init__((HOST, port), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        # A page of another site must not read pictures of people by pointing its own name at this machine.
        if self.headers.get("Host", "").rsplit(":", 1)[0] not in (HOST, "localhost"):
            self.send_error(HTTPStatus.FORBIDDEN, "Open this page by its address on this machine.")
            return
        answer = {"/": self._page, "/frame.jpg": self._still, "/live.mjpg": self._film}.get(self.path.split("?")[0])
        if answer is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        try:
            answer()
        except ConnectionError:
            # The viewer closed the page.
            self.close_connection = True

    def _page(self) -> None:
        self._send("text/html; charset=utf-8", PAGE)

    def _still(self) -> None:
        latest = self.server.picture.after(0)
        if latest is None:
            self.send_error(HTTPStatus.SERVICE_UNAVAILABLE, "No picture yet.")
            return
        self._send("image/jpeg", latest[1])

    def _film(self) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=picture")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        turn = 0
        while (latest := self.server.picture.after(turn)) is not None:
            turn, jpeg = latest
            head = f"--picture\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            self.wfile.write(head.encode() + jpeg + b"\r\n")

    def _send(self, kind: str, body: bytes) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Say nothing: the terminal shows the counts."""


def _bound(picture: LivePicture, first_port: int) -> _Server:
    for port in range(first_port, first_port + PORTS):
        try:
            return _Server(port, picture)
        except OSError:  # noqa: PERF203 - taken: the next one may be free
            continue
    raise AcmError(f"No port from {first_port} to {first_port + PORTS - 1} is free to show the picture on.")
