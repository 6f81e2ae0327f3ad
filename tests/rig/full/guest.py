"""A whole computer under qemu, watched and commanded from here: journal, counter's events, a shell, its plug."""

from __future__ import annotations

import base64
import json
import queue
import re
import shutil
import socket
import subprocess
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from typing_extensions import Self

QEMU = "qemu-system-x86_64"
# Emulated: /dev/kvm cannot be counted on, and stock kernels start under any processor this way. An old processor: what
# newer ones calculate with many numbers at once is done one by one here, and takes a third longer.
MACHINE = (
    "-M", "q35", "-accel", "tcg,thread=multi,tb-size=1024", "-cpu", "Nehalem", "-smp", "2", "-m", "2048",
    "-display", "none", "-vga", "none", "-nodefaults", "-device", "virtio-rng-pci",
)  # fmt: skip
KERNEL = (
    "root=/dev/vda rw console=ttyS0 quiet panic=-1 systemd.show_status=0 mitigations=off nokaslr "
    "module_blacklist=iTCO_wdt,kvm_amd,kvm,drm,psmouse,pcspkr,bochs"
)
ANSWER = re.compile(rb"ANSWER-BEGINS\r?\n(.*?)\r?\nANSWER-ENDS (\d+)\r?\n", re.DOTALL)
NEEDED = (QEMU, "qemu-img", "mkfs.vfat", "mcopy", "mmdebstrap", "cpio", "zstd", "mke2fs", "depmod", "chromium")
BOOT_S, ASK_S = 300.0, 120.0
PORTS = ("journal", "shell", "events")


class RigError(Exception):
    """The computer did not do what it was told."""


@dataclass
class Port:
    """One line into the computer; what it says is kept with the moment it came."""

    link: socket.socket
    said: queue.Queue[tuple[float, bytes]] = field(default_factory=queue.Queue)

    def listen(self) -> None:
        buffer = b""
        while True:
            try:
                data = self.link.recv(65536)
            except OSError:
                data = b""
            if not data:
                return
            *rows, buffer = (buffer + data).split(b"\n")
            for row in rows:
                self.said.put((time.monotonic(), row))


def chardev(name: str, path: Path) -> tuple[str, ...]:
    """Qemu's words for a port."""
    return ("-chardev", f"socket,id={name},path={path},server=on,wait=on", "-device", f"virtconsole,chardev={name}")


class Guest:
    """One computer: its disk, its boot partition, its plug. A context manager; what it wrote stays on its disks."""

    def __init__(self, made: Path, work: Path, boot: Path, *, kernel: str = "", more: tuple[str, ...] = ()) -> None:
        self._made, self.work, self._boot, self._kernel, self._more = made, work, boot, kernel, more
        self.disk = work / "disk.qcow2"
        if not self.disk.exists():
            run("qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", str(made / "root.img"), str(self.disk))
        self._qemu: subprocess.Popen[bytes] | None = None
        self._ports: dict[str, Port] = {}
        self.began_s = 0.0
        self.journal: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        return self.start() if self._qemu is None else self

    def __exit__(self, *_: object) -> None:
        self.cut()

    def start(self, **options: str) -> Self:
        """Give it power. ``options`` are qemu's own, such as ``rtc``."""
        sockets = [self.work / f"{name}.sock" for name in PORTS]
        for path in sockets:
            path.unlink(missing_ok=True)
        lines = [
            word for name, path in zip(PORTS, sockets, strict=True)
            for word in (chardev(name, path))
        ]  # fmt: skip
        # cache=none: what the computer has not flushed is lost with its power, as with a card.
        drives = [
            f"file={self.disk},if=virtio,format=qcow2,cache=none",
            f"file={self._boot},if=virtio,format=raw,cache=none",
        ]
        words = [
            QEMU, *MACHINE, "-kernel", str(self._made / "vmlinuz"), "-initrd", str(self._made / "initrd"),
            "-append", f"{KERNEL} {self._kernel}", "-serial", f"file:{self.work / 'console.txt'}",
            *(word for drive in drives for word in ("-drive", drive)), "-device", "virtio-serial-pci", *lines,
            *(word for key, value in options.items() for word in (f"-{key}", value)), *self._more,
        ]  # fmt: skip
        self.journal, self.events = [], []
        self._qemu = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=(self.work / "qemu.txt").open("wb"))
        for name, path in zip(PORTS, sockets, strict=True):
            self._ports[name] = Port(self._connected(path))
            threading.Thread(target=self._ports[name].listen, daemon=True).start()
        self.began_s = time.monotonic()
        return self

    def _connected(self, path: Path) -> socket.socket:
        end_s = time.monotonic() + 20
        while time.monotonic() < end_s:
            link = socket.socket(socket.AF_UNIX)
            try:
                link.connect(str(path))
            except OSError:
                link.close()
                time.sleep(0.05)
            else:
                return link
        raise RigError(f"qemu does not start: {(self.work / 'qemu.txt').read_text()}")

    def cut(self) -> None:
        """Pull the plug."""
        if self._qemu is not None:
            self._qemu.kill()
            self._qemu.wait()
            self._qemu = None
        for port in self._ports.values():
            port.link.close()

    def power_off(self, limit_s: float = 120.0) -> None:
        """Have it shut down in good order."""
        self.say("systemctl poweroff")
        assert self._qemu is not None
        self._qemu.wait(limit_s)
        self.cut()

    def _rows(self, name: str, kept: list[dict[str, Any]]) -> None:
        said = self._ports[name].said
        while not said.empty():
            at_s, row = said.get()
            try:
                told = json.loads(row)
            except ValueError:
                continue
            if isinstance(told, dict):
                kept.append({**told, "came_s": at_s - self.began_s})

    def hear(self) -> None:
        """Take in what it said by now."""
        self._rows("journal", self.journal)
        self._rows("events", self.events)

    def wait_for(self, what: Callable[[], Any], why: str, limit_s: float = BOOT_S) -> Any:
        """Wait until ``what`` gives something; that."""
        end_s = time.monotonic() + limit_s
        while time.monotonic() < end_s:
            self.hear()
            if found := what():
                return found
            if self._qemu is not None and self._qemu.poll() is not None:
                raise RigError(f"{why}: the computer is off")
            time.sleep(0.1)
        last = "\n".join(str(row.get("MESSAGE")) for row in self.journal[-40:])
        raise RigError(f"{why}: not within {limit_s:.0f} s; its last words:\n{last}")

    def told(self, event: str) -> dict[str, Any]:
        """The journal's first row of a kind, when it comes."""
        return self.wait_for(lambda: next((row for row in self.journal if row.get("ACM_EVENT") == event), None), event)

    def say(self, command: str) -> None:
        """Give a command and do not wait."""
        self._ports["shell"].link.sendall(base64.b64encode(command.encode()) + b"\n")

    def ask(self, command: str, limit_s: float = ASK_S, *, may_fail: bool = False) -> str:
        """Give a command; what it printed."""
        port, heard = self._ports["shell"], b""
        while not port.said.empty():
            port.said.get()
        self.say(command)
        end_s = time.monotonic() + limit_s
        while time.monotonic() < end_s:
            try:
                heard += port.said.get(timeout=1.0)[1] + b"\n"
            except queue.Empty:
                continue
            if found := ANSWER.search(heard):
                text = found[1].decode(errors="replace").replace("\r\n", "\n").strip()
                if found[2] != b"0" and not may_fail:
                    raise RigError(f"{command}: {text}")
                return text
        raise RigError(f"{command}: no answer within {limit_s:.0f} s; {heard[-500:]!r}")

    def shell(self) -> None:
        """Wait until it takes commands."""
        self.wait_for(lambda: not self._ports["shell"].said.empty(), "the shell")


def run(*words: str) -> str:
    """A command of this machine's."""
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RigError(f"{' '.join(words)}: {done.stderr or done.stdout}")
    return done.stdout


def wired(port: int) -> tuple[str, ...]:
    """Qemu's words for a network card: the guest's panel, at a port of this machine's."""
    return ("-nic", f"user,model=virtio-net-pci,restrict=on,hostfwd=tcp:127.0.0.1:{port}-10.0.2.15:8080")


def boot_image(folder: Path, image: Path, megabytes: int = 512) -> None:
    """A partition as a card has it, with what is in ``folder``."""
    image.unlink(missing_ok=True)
    run("mkfs.vfat", "-n", "bootfs", "-C", str(image), str(megabytes * 1024))
    for path in sorted(folder.iterdir()):
        run("mcopy", "-s", "-i", str(image), str(path), "::/")


def read_back(image: Path, name: str) -> str:
    """A file of that partition, as a laptop would read it."""
    return run("mtype", "-i", str(image), f"::/{name}")


def monotonic_s(row: dict[str, Any]) -> float:
    """How long the kernel had run when a row of the journal was written."""
    return int(row["__MONOTONIC_TIMESTAMP"]) / 1e6


def needed() -> Iterator[str]:
    """Programs that are missing here."""
    return (name for name in NEEDED if shutil.which(name) is None)
