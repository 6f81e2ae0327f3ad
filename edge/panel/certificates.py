"""A certificate of the box's own making, for https in a house where nobody else makes one.

The box is its own authority; whoever trusts that (by the file it hands out) trusts its certificate, and those renewed
after it. The authority is bound to names and addresses of a house's network: nobody can vouch for a bank with it.
"""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

AUTHORITY_DAYS, DAYS, RENEWED_DAYS = 3650, 397, 30
# A box without a clock may be years behind when it makes them.
EARLIEST = datetime(2025, 1, 1, tzinfo=timezone.utc)
HOUSE = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8", "fc00::/7", "fe80::/10",
    "::1/128",
)  # fmt: skip
NAMES = ("local", "localhost", "lan", "home.arpa")


@dataclass(frozen=True, slots=True)
class Certificates:
    """The files of a box's own certificates, in a folder nobody else reads."""

    folder: Path

    @property
    def authority(self) -> Path:
        """What others have to trust (PEM)."""
        return self.folder / "authority.crt"

    @property
    def served(self) -> tuple[Path, Path]:
        """The certificate that is served, and its key (PEM)."""
        return self.folder / "panel.crt", self.folder / "panel.key"

    def fingerprint(self) -> str:
        """SHA-256 of the authority, as phones show it."""
        made = x509.load_pem_x509_certificate(self.authority.read_bytes()).fingerprint(hashes.SHA256())
        return ":".join(f"{byte:02X}" for byte in made)

    def make_authority(self, host: str, now: datetime) -> None:
        """Make the authority, unless there is one."""
        if self.authority.exists():
            return
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key, name = ec.generate_private_key(ec.SECP256R1()), _name(f"Customer Messenger, box {host}")
        made = _begun(name, name, key.public_key(), max(now, EARLIEST), AUTHORITY_DAYS)
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        made = made.add_extension(_usage(signs=True), critical=True)
        bounds = [x509.DNSName(one) for one in dict.fromkeys((*NAMES, host.lower())) if one]
        ranges = [x509.IPAddress(ipaddress.ip_network(one)) for one in HOUSE]
        made = made.add_extension(x509.NameConstraints([*bounds, *ranges], None), critical=True)
        _write(self.folder / "authority.key", _key_text(key))
        _write(self.authority, made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def make(self, addresses: Sequence[str], host: str, now: datetime) -> tuple[Path, Path]:
        """A certificate for these addresses: the one there is, or a new one if they changed or it ends soon."""
        self.make_authority(host, now)
        certificate, key_file = self.served
        names = [name for one in dict.fromkeys((*addresses, "localhost", "127.0.0.1")) if (name := _alternative(one))]
        if certificate.exists() and _still_good(certificate, names, now):
            return certificate, key_file
        key = ec.generate_private_key(ec.SECP256R1())
        signer = serialization.load_pem_private_key((self.folder / "authority.key").read_bytes(), None)
        assert isinstance(signer, ec.EllipticCurvePrivateKey)  # noqa: S101 - so it was made
        authority = x509.load_pem_x509_certificate(self.authority.read_bytes())
        made = _begun(_name(f"{host} panel"), authority.subject, key.public_key(), max(now, EARLIEST), DAYS)
        made = made.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        made = made.add_extension(_usage(signs=False), critical=True)
        made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
        signed = made.add_extension(issuer, critical=False).sign(signer, hashes.SHA256())
        _write(key_file, _key_text(key))
        _write(certificate, signed.public_bytes(serialization.Encoding.PEM))
        return certificate, key_file


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    made = x509.CertificateBuilder(subject_name=subject, issuer_name=issuer, public_key=key)
    made = made.serial_number(x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=days))
    return made.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs, key_cert_sign=signs, crl_sign=signs, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _still_good(file: Path, names: Sequence[x509.GeneralName], now: datetime) -> bool:
    made = x509.load_pem_x509_certificate(file.read_bytes())
    told = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    lasts = made.not_valid_after_utc - max(now, EARLIEST) > timedelta(days=RENEWED_DAYS)
    return lasts and set(names) <= set(told)


def _alternative(address: str) -> x509.GeneralName | None:
    """A name or address as a certificate has it; None for one outside of the house, for which it may not vouch."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return x509.DNSName(address.lower())
    inside = any(found in ipaddress.ip_network(one) for one in HOUSE)
    return x509.IPAddress(found) if inside else None


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common[:64])])


def _key_text(key: ec.EllipticCurvePrivateKey) -> bytes:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def _write(file: Path, content: bytes) -> None:
    """A file that is whole, and nobody else's to read, from its first moment."""
    part = file.with_name(f".{file.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as made:
        made.write(content)
        made.flush()
        os.fsync(made.fileno())
    part.replace(file)
