"""A machine with a real systemd in it, over this machine's own files, started in half a second.

It is systemd-nspawn over an overlay of the root: everything installed here is there, and what is changed there is in
memory and gone afterwards. Needs root, and the packages in ``PACKAGES``. It has no network and no devices.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from typing_extensions import Self

ROOT = Path(__file__).parents[2]
PACKAGES = ("systemd", "systemd-container", "dbus", "python3-systemd")
COMMANDS = ("systemd-nspawn", "systemctl", "systemd-analyze", "dbus-daemon", "unshare", "nsenter", "mount")
PRIVATELY = ("unshare", "--mount", "--propagation", "private", "bash", "-c")
BOOT_S, STOP_S = 30.0, 20.0
# Where the product is inside, unless it comes as a package.
HOME = "/opt/acm"
# Clocks are left to be asked, and to be refused to whoever sets them, by the unit's own sandbox.
# Mounts and control groups are made in a mount namespace of its own and vanish with it. systemd wants the unified
# hierarchy of control groups alone, which not every host has.
BOOT = r"""
set -e
place=$1; group=$2; shift 2
mount -t tmpfs -o mode=755 tmpfs "$place"
mkdir "$place/upper" "$place/work" "$place/root"
mount -t overlay overlay -o lowerdir=/,upperdir="$place/upper",workdir="$place/work" "$place/root"
rm -rf "$place"/root/etc/systemd/system/*.wants
: > "$place/root/etc/machine-id"
umount -R /sys/fs/cgroup 2>/dev/null || umount -lR /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup
mkdir "/sys/fs/cgroup/$group"
echo $$ > "/sys/fs/cgroup/$group/cgroup.procs"
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/system
exec systemd-nspawn --quiet --register=no --keep-unit --link-journal=no --private-network --notify-ready=yes \
    --system-call-filter="adjtimex clock_adjtime clock_settime" --console=pipe --directory="$place/root" "$@" --boot
"""


class RigError(Exception):
    """The machine cannot be had, or did not do what it was told."""


class Machine:
    """One machine, running from ``with`` to its end.

    ``binds`` are files and folders of this machine, each with its place in there, where they are read only; by default
    the source and its environment where ``product.py`` expects them.
    """

    def __init__(self, binds: Mapping[Path, str] | None = None) -> None:
        # The source and its environment, wherever they are here.
        usual = {ROOT: f"{HOME}/source", ROOT / ".venv" / "lib": f"{HOME}/venv/lib"}
        self._binds = [f"--bind-ro={path}:{place}" for path, place in (usual if binds is None else binds).items()]
        self._folder = Path(tempfile.mkdtemp(prefix="acm-rig-"))
        self._group = self._folder.name
        self._console = self._folder / "console"
        self._process: subprocess.Popen[bytes] | None = None
        self._leader = 0

    def __enter__(self) -> Self:
        try:
            self._boot()
        except BaseException:  # however the start failed, nothing of it stays; raised again
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _boot(self) -> None:
        missing = [command for command in COMMANDS if shutil.which(command) is None]
        if os.geteuid() != 0 or missing:
            what = f"lacks {', '.join(missing)}" if missing else "is not root's"
            raise RigError(
                f"A machine with systemd cannot be started, as this one {what}: as root, apt-get install "
                f"{' '.join(PACKAGES)}; or leave these tests out with -m 'not device and not rig'."
            )
        place = self._folder / "machine"
        place.mkdir()
        (self._folder / "bin").mkdir()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as news, self._console.open("wb") as console:
            news.bind(str(self._folder / "notify"))
            news.settimeout(BOOT_S)
            self._process = subprocess.Popen(  # noqa: S603 - fixed words and paths of our own
                [*PRIVATELY, BOOT, "rig", str(place), self._group, *self._binds],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                env={**os.environ, "NOTIFY_SOCKET": str(self._folder / "notify")},
            )
            self._wait_until_ready(news)

    def _wait_until_ready(self, news: socket.socket) -> None:
        ready = False
        while not (ready and self._leader):
            try:
                told = news.recv(4096).decode()
            except TimeoutError:
                raise RigError(f"The machine did not start within {BOOT_S:.0f} s:\n{self.console}") from None
            for row in told.splitlines():
                name, _, value = row.partition("=")
                if name == "X_NSPAWN_LEADER_PID":
                    self._leader = int(value)
                ready = ready or row == "READY=1"

    @property
    def console(self) -> str:
        """What appeared on its console."""
        return self._console.read_text(encoding="utf-8", errors="replace")

    def run(self, *command: str, limit_s: float = 60.0) -> str:
        """Run a command inside and return what it wrote. ``RigError`` if it fails."""
        done = self.tried(*command, limit_s=limit_s)
        if done.returncode != 0:
            raise RigError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def tried(self, *command: str, limit_s: float = 60.0) -> subprocess.CompletedProcess[str]:
        """Run a command inside, whatever comes of it."""
        return subprocess.run(  # noqa: S603 - the tests' own words
            self._inside(command),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=limit_s,
            check=False,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"},
        )

    def lines(self, *command: str, limit_s: float) -> Iterator[str]:
        """The lines a command inside writes, as they come, for ``limit_s`` at most."""
        timed = self._inside(["timeout", f"{limit_s}", *command])
        with subprocess.Popen(  # noqa: S603 - the tests' own words
            timed, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
        ) as running:
            try:
                yield from running.stdout or ()
            finally:
                # nsenter waits for what runs inside, which would go on without it: that is what has to end.
                for child in Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text("ascii").split():
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(int(child), signal.SIGTERM)

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        """Write a file inside."""
        command = ["sh", "-c", 'mkdir -p "$(dirname "$1")" && cat > "$1" && chmod "$2" "$1"', "sh", path, f"{mode:o}"]
        subprocess.run(self._inside(command), input=text, text=True, check=True)  # noqa: S603 - as above

    def _inside(self, command: Sequence[str]) -> list[str]:
        return ["nsenter", "--all", "--target", str(self._leader), *command]

    def close(self) -> None:
        """Switch it off, and leave nothing behind."""
        if self._process is not None and self._process.poll() is None:
            if self._leader:
                # systemd's signal for switching off at once (man systemd, SIGRTMIN+14).
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self._leader, signal.SIGRTMIN + 14)
            try:
                self._process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        for top in (Path("/sys/fs/cgroup/unified"), Path("/sys/fs/cgroup")):
            group = top / self._group
            for folder in sorted(group.rglob("*/"), reverse=True) if group.is_dir() else []:
                if folder.is_dir():
                    folder.rmdir()
            if group.is_dir():
                group.rmdir()
        shutil.rmtree(self._folder)
