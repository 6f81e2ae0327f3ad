"""The other end of the control socket: what ``acm status``, ``acm reload`` and the panel ask with."""

from __future__ import annotations

import contextlib
import getpass
import grp
import os
import socket
from typing import TYPE_CHECKING, Any

from edge.host.control_place import client_sockets
from edge.host.control_wire import ANSWER_BYTES, GROUP, ControlError, NotRunningError, line_of, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from typing_extensions import Self

LIMIT_S = 5.0
READ_BYTES = 65536


class ControlClient:
    """A connection to the running program.

    ``path`` is its socket, None looks where it usually is; ``limit_s`` is how long an answer may take. Raises
    ``NotRunningError`` if nobody is there, ``ControlError`` if this user may not ask.
    """

    def __init__(self, path: Path | None = None, *, limit_s: float = LIMIT_S) -> None:
        self._limit_s = limit_s
        self._received = bytearray()
        self._link = _connected(client_sockets() if path is None else (path,), limit_s)

    def ask(self, verb: str, **words: object) -> dict[str, Any]:
        """Ask for something and return the answer. ``ControlError`` says in a sentence why it was refused."""
        self._send({**words, "verb": verb})
        answer = self._line()
        if answer.get("ok") is not True:
            raise ControlError(str(answer.get("error", "acm run refused without saying why.")))
        return answer

    def events(self, silence_s: float | None = None) -> Iterator[dict[str, Any]]:
        """Every event from now on, until the program ends. ``silence_s`` without any is an error; None waits on."""
        self.ask("subscribe")
        self._link.settimeout(silence_s)
        with contextlib.suppress(NotRunningError):
            while True:
                yield self._line()

    def close(self) -> None:
        """Hang up; may be called twice."""
        self._link.close()

    def __enter__(self) -> Self:
        """Nothing more to do: the connection is made on construction."""
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        """Hang up."""
        self.close()

    def _send(self, words: dict[str, object]) -> None:
        try:
            self._link.sendall(line_of(words))
        except TimeoutError:
            raise ControlError(self._late()) from None
        except OSError:
            # It may have said why it hung up; the answer is read next.
            return

    def _line(self) -> dict[str, Any]:
        while b"\n" not in self._received:
            if len(self._received) > ANSWER_BYTES:
                raise ControlError("What answers does not sound like acm run; are both of the same version?")
            self._received += self._data()
        line, _, self._received = self._received.partition(b"\n")
        try:
            return words_of(bytes(line))
        except ValueError:
            raise ControlError("What answers does not sound like acm run; are both of the same version?") from None

    def _data(self) -> bytes:
        try:
            data = self._link.recv(READ_BYTES)
        except TimeoutError:
            raise ControlError(self._late()) from None
        except OSError:
            data = b""
        if not data:
            raise NotRunningError("acm run ended before it had answered; ask again.")
        return data

    def _late(self) -> str:
        limit_s = self._link.gettimeout() or self._limit_s
        return f"acm run did not answer within {limit_s:g} s; systemctl status acm tells how it is."


def _connected(paths: tuple[Path, ...], limit_s: float) -> socket.socket:
    """A connection to the first that answers; of the reasons why not, the most telling one."""
    refused: ControlError | None = None
    for path in paths:
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        link.settimeout(limit_s)
        try:
            link.connect(str(path))
        except PermissionError:
            refused = ControlError(_not_allowed(path))
        except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
            pass
        except OSError as error:
            refused = ControlError(f"The control socket {path} cannot be used ({error.strerror or error}).")
        else:
            return link
        link.close()
    if refused is not None:
        raise refused
    raise NotRunningError(f"acm run is not running (nobody answers at {paths[-1]}); start it: systemctl start acm.")


def _not_allowed(path: Path) -> str:
    try:
        group = grp.getgrgid(path.stat().st_gid).gr_name
    except (OSError, KeyError):
        group = GROUP
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = str(os.getuid())
    return (
        f"Only the group {group} may use {path}: join it with sudo usermod -aG {group} {user}, then log in again, "
        f"or ask with sudo."
    )
