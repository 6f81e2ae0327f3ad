"""Where the control socket is, and how it comes to be there: whole, with the right group and mode, in nobody's way."""

from __future__ import annotations

import contextlib
import errno
import grp
import os
import socket
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from edge.host.control_wire import GROUP, ControlError

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "control.sock"
SYSTEM = Path("/run/acm")
MODE = 0o660
BACKLOG = 16
# sockaddr_un's path has 108 bytes with its end.
LONGEST_PATH = 107
KNOCK_S = 1.0


def server_socket(environ: Mapping[str, str] = os.environ) -> Path:
    """Where this process puts its socket: where the service manager says, else a place of the user's own."""
    named = environ.get("RUNTIME_DIRECTORY", "").split(":")[0]
    if named.startswith("/"):
        return Path(named) / NAME
    if os.geteuid() == 0:
        return SYSTEM / NAME
    return _own(environ) / NAME


def client_sockets(environ: Mapping[str, str] = os.environ) -> tuple[Path, ...]:
    """Where a running program may have its socket, the likeliest first."""
    return tuple(dict.fromkeys((server_socket(environ), SYSTEM / NAME)))


def _own(environ: Mapping[str, str]) -> Path:
    runtime = environ.get("XDG_RUNTIME_DIR", "")
    if runtime.startswith("/"):
        return Path(runtime) / "acm"
    return Path(tempfile.gettempdir()) / f"acm-{os.getuid()}"


def listening_at(path: Path) -> socket.socket:
    """A socket at a path, which appears there with the right group and mode from the first moment.

    Raises ``ControlError`` if it cannot; a socket left behind by a crash is replaced, one in use is not.
    """
    part = path.with_name(f".{os.getpid()}.sock")
    if len(os.fsencode(part)) > LONGEST_PATH:
        raise ControlError(f"the name {path} is too long for a socket; name a shorter place.")
    _refuse_occupied(path)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        _prepare_folder(path.parent)
        part.unlink(missing_ok=True)
        listening.bind(str(part))
        part.chmod(MODE)
        _give_to_group(part)
        listening.listen(BACKLOG)
        part.replace(path)
    except OSError as error:
        listening.close()
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise ControlError(f"the socket {path} cannot be made ({error.strerror}).") from None
    return listening


def _prepare_folder(folder: Path) -> None:
    """Make the folder of the socket. In one of a stranger the socket could be exchanged for another."""
    folder.mkdir(mode=0o755, exist_ok=True)
    if folder.stat().st_uid not in (0, os.geteuid()):
        raise PermissionError(errno.EPERM, "its folder belongs to another user")


def _refuse_occupied(path: Path) -> None:
    """Only a socket nobody listens to may be replaced."""
    try:
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise ControlError(f"{path} is no socket; move it away.")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knock:
            knock.settimeout(KNOCK_S)
            knock.connect(str(path))
    except OSError:
        return
    raise ControlError(f"another acm run answers at {path}; stop it first.")


def _give_to_group(path: Path) -> None:
    """Started by hand as root, the socket is for the product's group, as it is when the service manager starts it."""
    if os.geteuid() != 0:
        return
    with contextlib.suppress(KeyError):
        os.chown(path, -1, grp.getgrnam(GROUP).gr_gid)
