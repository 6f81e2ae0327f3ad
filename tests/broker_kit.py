"""A real mosquitto in a process of its own: plain or with TLS, with a password, killed and started again at will."""

from __future__ import annotations

import datetime as dt
import select
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from ports import free_port

from edge.core.clock import SystemClock
from edge.integrations.mqtt import Broker, Habits, Heard, Message, MqttLink

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from typing_extensions import Self

PROGRAM = "/usr/sbin/mosquitto"
HOST = "127.0.0.1"
USER, PASSWORD = "shop", "open sesame"
START_S = 10.0
# Long enough for a machine that is busy with other tests.
SOON_S = 15.0


@dataclass
class Mosquitto:
    """A broker with its files in ``folder``. With ``retains`` it still knows what was retained when it starts again.

    With ``asks`` (and TLS) only those are let in who show a certificate.
    """

    folder: Path
    password: bool = False
    tls: bool = False
    asks: bool = False
    retains: bool = False
    rights: str = ""
    port: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        # Started by root it would become somebody else, who may not read what is here.
        lines = ["user root", "log_dest stderr", "max_packet_size 5000000"]
        self.port = self.port or free_port()
        lines += [f"listener {self.port} {HOST}", f"allow_anonymous {'false' if self.password else 'true'}"]
        if self.password:
            people = self.folder / "people"
            people.write_text("", encoding="utf-8")
            words = ["mosquitto_passwd", "-b", str(people), USER, PASSWORD]
            subprocess.run(words, check=True)  # noqa: S603 - Debian's
            people.chmod(0o600)
            lines.append(f"password_file {people}")
        if self.rights:
            file = self.folder / "rights"
            file.write_text(self.rights, encoding="utf-8")
            file.chmod(0o600)
            lines.append(f"acl_file {file}")
        if self.tls:
            certificate(self.folder)
            lines += [f"cafile {self.ca_file}", f"certfile {self.folder / 'server.pem'}",
                      f"keyfile {self.folder / 'server.key'}",
                      f"require_certificate {'true' if self.asks else 'false'}"]  # fmt: skip
        if self.retains:
            lines += ["persistence true", f"persistence_location {self.folder}/", "autosave_interval 1"]
        (self.folder / "mosquitto.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def ca_file(self) -> str:
        return str(self.folder / "ca.pem")

    @property
    def address(self) -> Broker:
        """As it is to be spoken to."""
        who = (USER, PASSWORD) if self.password else ("", "")
        return Broker("localhost" if self.tls else HOST, self.port, self.tls, self.ca_file if self.tls else "", *who)

    def start(self) -> None:
        """Start it (again) and wait until it takes connections."""
        with (self.folder / "said.txt").open("ab") as said:
            command = [PROGRAM, "-c", str(self.folder / "mosquitto.conf")]
            self.process = subprocess.Popen(command, stdout=said, stderr=said)  # noqa: S603 - Debian's
        end_s = time.monotonic() + START_S
        while not self._answers():
            told = (self.folder / "said.txt").read_text(encoding="utf-8")
            assert self.process.poll() is None, told
            assert time.monotonic() < end_s, told

    def _answers(self) -> bool:
        try:
            socket.create_connection((HOST, self.port), 1.0).close()
        except OSError:
            # Another look in a moment; it is just starting.
            select.select([], [], [], 0.02)
            return False
        return True

    def kill(self) -> None:
        """Its machine loses power."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Stop it properly."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(START_S)
            self.process = None


class Listener:
    """Somebody else at the broker, such as Home Assistant: hears topics and publishes."""

    def __init__(self, broker: Broker, *topics: str, name: str = "listener") -> None:
        self.link = MqttLink(broker, Habits(name, topics, most_bytes=5_000_000), SystemClock())
        self.link.connect()
        self.heard: list[Heard] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.link.close()

    def say(self, topic: str, payload: str = "", *, retain: bool = False) -> None:
        self.link.publish(Message(topic, payload.encode(), retain))
        assert self.link.settle(SOON_S)

    def hear(self, fits: Callable[[Heard], bool], within_s: float = SOON_S) -> Heard:
        """The first message that fits, of all that came and will come within so many seconds."""
        end_s = time.monotonic() + within_s
        seen = 0
        while True:
            for heard in self.heard[seen:]:
                if fits(heard):
                    return heard
            seen = len(self.heard)
            left_s = end_s - time.monotonic()
            assert left_s > 0, f"not within {within_s} s; heard {[(h.topic, h.payload[:200]) for h in self.heard]}"
            self.heard += self.link.work(min(left_s, 1.0))

    def payload(self, topic: str, fits: Callable[[bytes], bool] = lambda _: True) -> bytes:
        """The first payload of a topic that fits."""
        return self.hear(lambda heard: heard.topic == topic and fits(heard.payload)).payload

    def latest(self, topic: str) -> bytes | None:
        """The latest of what has come of a topic so far."""
        return next((heard.payload for heard in reversed(self.heard) if heard.topic == topic), None)


def retained(broker: Broker, *topics: str) -> dict[str, bytes]:
    """What lies at the broker under these topics now."""
    end = "end-of-what-lies-there"
    with Listener(broker, *topics, end, name="looker") as listener:
        # What lies there comes before anything that is published afterwards.
        other = MqttLink(broker, Habits("ender"), SystemClock())
        other.connect()
        other.publish(Message(end))
        other.settle(SOON_S)
        other.close()
        listener.payload(end)
        return {heard.topic: heard.payload for heard in listener.heard if heard.retained}


def certificate(folder: Path) -> None:
    """An authority of our own, and a certificate of it for this machine."""
    now = dt.datetime.now(dt.timezone.utc)
    authority, server = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])

    def made(name: x509.Name, key: ec.EllipticCurvePrivateKey, *, ca: bool) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder().subject_name(name).issuer_name(issuer).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )  # fmt: skip
        if not ca:
            names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address(HOST))])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(authority, hashes.SHA256())

    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(made(issuer, authority, ca=True).public_bytes(pem))
    (folder / "server.pem").write_bytes(made(subject, server, ca=False).public_bytes(pem))
    (folder / "server.key").write_bytes(
        server.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
