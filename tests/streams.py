"""Network cameras on this machine's loopback device: over HTTP (MJPEG), over RTSP (RTP/JPEG), and one that is silent.

They behave as the cheap ones do, down to pausing, hanging and dropping everybody. No library: what a viewer needs of
the protocols is little.
"""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from threading import Event, Thread
from typing import TYPE_CHECKING

import cv2
import numpy as np
from ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from typing_extensions import Self

WIDE_PX, HIGH_PX = 160, 120
GAP_S = 0.02
CLOCK_HZ = 90_000
PACKET_BYTES = 1200
JPEG_420, OWN_TABLES, PAYLOAD_JPEG = 1, 255, 26
SDP = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=door\r\nt=0 0\r\nm=video 0 RTP/AVP 26\r\na=control:track1\r\n"


class SilentCamera:
    """Takes viewers in and never says a word. ``viewers`` counts them; ``close`` drops them all.

    With ``pictures`` the kinds below fall silent after so many pictures to one viewer; None is never.
    """

    scheme = "http"

    def __init__(self, port: int = 0, pictures: int | None = None) -> None:
        self.port = port or free_port()
        self._door = socket.create_server(("127.0.0.1", self.port))
        self.viewers = 0
        self._pictures = pictures
        self._lines: list[socket.socket] = []
        self._over = Event()
        self._threads = [Thread(target=self._serve)]
        self._threads[0].start()

    @property
    def address(self) -> str:
        """Where to watch, with a password in it."""
        return f"{self.scheme}://admin:hunter2@127.0.0.1:{self.port}/live"

    def close(self) -> None:
        """Be gone, as when the plug is pulled: nobody is told good-bye in the protocol's words."""
        self._over.set()
        # A thread that waits in accept is woken by this and not by closing.
        with suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        for line in list(self._lines):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        for thread in list(self._threads):
            thread.join(10)

    def _serve(self) -> None:
        while not self._over.is_set():
            try:
                line, _ = self._door.accept()
            except OSError:
                return
            self.viewers += 1
            self._lines.append(line)
            thread = Thread(target=self._attend, args=(line,))
            self._threads.append(thread)
            thread.start()

    def _attend(self, line: socket.socket) -> None:
        # A viewer that leaves is nothing to worry about.
        with line, suppress(OSError):
            self.talk(line)
            self._over.wait()

    def talk(self, line: socket.socket) -> None:
        """Speak to one viewer; whoever returns is silent from then on."""

    def pictures(self) -> Iterator[tuple[int, bytes]]:
        """Number and JPEG of each picture, in time."""
        number = 0
        while number != self._pictures and not self._over.wait(GAP_S):
            yield number, jpeg(picture(number))
            number += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class HttpCamera(SilentCamera):
    """MJPEG over HTTP."""

    def talk(self, line: socket.socket) -> None:
        asked(line)
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=next\r\n\r\n")
        for _, image in self.pictures():
            head = f"--next\r\nContent-Type: image/jpeg\r\nContent-Length: {len(image)}\r\n\r\n"
            line.sendall(head.encode() + image + b"\r\n")


class LockedCamera(SilentCamera):
    """Wants another password."""

    def talk(self, line: socket.socket) -> None:
        asked(line)
        line.sendall(b'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm="c"\r\nContent-Length: 0\r\n\r\n')


class RtspCamera(SilentCamera):
    """JPEG over RTP over RTSP's own connection (RFC 2326, 2435)."""

    scheme = "rtsp"

    def talk(self, line: socket.socket) -> None:
        word = ""
        while word != "PLAY":
            text = asked(line)
            word = text.split(" ", 1)[0]
            number = next(row for row in text.splitlines() if row.lower().startswith("cseq:"))
            line.sendall(f"RTSP/1.0 200 OK\r\n{number}\r\n{self._answer(word)}".encode())
        sequence = 0
        for turn, image in self.pictures():
            for packet in rtp_packets(image, turn, sequence):
                line.sendall(struct.pack(">cBH", b"$", 0, len(packet)) + packet)
                sequence += 1

    @staticmethod
    def _answer(word: str) -> str:
        if word == "DESCRIBE":
            return f"Content-Type: application/sdp\r\nContent-Length: {len(SDP)}\r\n\r\n{SDP}"
        if word == "SETUP":
            return "Session: 7;timeout=60\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n"
        return "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\nSession: 7\r\n\r\n"


def asked(line: socket.socket) -> str:
    """One request; ``ConnectionError`` if the viewer leaves instead."""
    text = b""
    while b"\r\n\r\n" not in text:
        more = line.recv(4096)
        if not more:
            raise ConnectionError
        text += more
    return text.decode()


def picture(number: int) -> NDArray[np.uint8]:
    """A grey picture that tells its number (modulo 20) by its brightness, see ``number_of``."""
    return np.full((HIGH_PX, WIDE_PX, 3), 5 + 12 * (number % 20), np.uint8)


def number_of(image: NDArray[np.uint8]) -> int:
    """The number of a ``picture``, modulo 20."""
    return round((float(image.mean()) - 5) / 12)


def jpeg(image: NDArray[np.uint8]) -> bytes:
    """A baseline JPEG."""
    return bytes(cv2.imencode(".jpg", image)[1])


def rtp_packets(image: bytes, turn: int, sequence: int) -> Iterator[bytes]:
    """A JPEG in RTP packets, its quantisation tables in the first one (RFC 2435)."""
    tables, scan = jpeg_parts(image)
    stamp = round(turn * GAP_S * CLOCK_HZ)
    for offset in range(0, len(scan), PACKET_BYTES):
        piece = scan[offset : offset + PACKET_BYTES]
        last = offset + len(piece) == len(scan)
        head = struct.pack(">BBHII", 0x80, PAYLOAD_JPEG | last << 7, sequence % 65536, stamp, 7)
        head += struct.pack(">IBBBB", offset, JPEG_420, OWN_TABLES, WIDE_PX // 8, HIGH_PX // 8)
        if offset == 0:
            head += struct.pack(">BBH", 0, 0, len(tables)) + tables
        yield head + piece
        sequence += 1


def jpeg_parts(image: bytes) -> tuple[bytes, bytes]:
    """The quantisation tables and the coded pixels of a JPEG."""
    tables, at = b"", 2
    while image[at + 1] != 0xDA:
        (size,) = struct.unpack(">H", image[at + 2 : at + 4])
        if image[at + 1] == 0xDB:
            body = image[at + 4 : at + 2 + size]
            tables += b"".join(body[n + 1 : n + 65] for n in range(0, len(body), 65))
        at += 2 + size
    (size,) = struct.unpack(">H", image[at + 2 : at + 4])
    return tables, image[at + 2 + size : -2]
