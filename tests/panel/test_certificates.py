"""The box's own certificates: trusted by whoever trusts the box, by nobody for anything else, renewed in time."""

from __future__ import annotations

import json
import ssl
import stat
import urllib.request
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError
from daemon_kit import Daemon
from panel.kit import PanelProcess, shop_settings

from edge.panel.certificates import Certificates

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)
ADDRESSES = ("192.168.1.20", "shopbox.local")


def valid(made: Certificates, name: str, at: datetime = NOW) -> bool:
    """Whether somebody who trusts the authority takes the certificate for that name."""
    authority = x509.load_pem_x509_certificate(made.authority.read_bytes())
    served = x509.load_pem_x509_certificate(made.served[0].read_bytes())
    verifier = PolicyBuilder().store(Store([authority])).time(at).build_server_verifier(x509.DNSName(name))
    try:
        verifier.verify(served, [])
    except VerificationError:
        return False
    return True


def test_a_certificate_holds_for_the_box_and_nothing_else(tmp_path: Path) -> None:
    made = Certificates(tmp_path / "tls")
    made.make(ADDRESSES, "shopbox", NOW)
    assert valid(made, "shopbox.local")
    assert not valid(made, "bank.example")
    assert not valid(made, "shopbox.local", NOW + timedelta(days=400))
    authority = x509.load_pem_x509_certificate(made.authority.read_bytes())
    bounds = authority.extensions.get_extension_for_class(x509.NameConstraints)
    assert bounds.critical
    assert bounds.value.permitted_subtrees
    assert len(made.fingerprint()) == 95
    assert {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "tls").iterdir()} == {0o600}


def test_it_is_kept_until_it_ends_soon_or_the_box_has_another_address(tmp_path: Path) -> None:
    made = Certificates(tmp_path / "tls")
    first = made.make(ADDRESSES, "shopbox", NOW)[0].read_bytes()
    authority = made.authority.read_bytes()
    assert made.make(ADDRESSES, "shopbox", NOW + timedelta(days=300))[0].read_bytes() == first
    moved = made.make(("192.168.1.21", "shopbox.local"), "shopbox", NOW)[0].read_bytes()
    assert moved != first
    assert made.make(("192.168.1.21",), "shopbox", NOW + timedelta(days=380))[0].read_bytes() != moved
    assert made.authority.read_bytes() == authority, "nobody has to trust the box anew"


def test_it_vouches_for_no_address_outside_of_the_house(tmp_path: Path) -> None:
    made = Certificates(tmp_path / "tls")
    made.make(("203.0.113.9", "192.168.1.20"), "shopbox", NOW)
    served = x509.load_pem_x509_certificate(made.served[0].read_bytes())
    told = served.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(one) for one in told.get_values_for_type(x509.IPAddress)] == ["192.168.1.20", "127.0.0.1"]


def test_a_box_whose_clock_is_years_behind_makes_one_that_holds_once_it_is_right(tmp_path: Path) -> None:
    made = Certificates(tmp_path / "tls")
    made.make(ADDRESSES, "shopbox", datetime(1970, 1, 1, tzinfo=timezone.utc))
    assert valid(made, "shopbox.local", datetime(2025, 6, 1, tzinfo=timezone.utc))


def test_the_panel_is_served_by_it_to_whoever_trusts_the_box(tmp_path: Path) -> None:
    settings = shop_settings(more='[panel]\ncertificate = "own"\n')
    with Daemon(tmp_path, settings) as daemon:
        daemon.start()
        with PanelProcess(daemon) as panel:
            assert panel.claim_link.startswith("https://127.0.0.1:")
            trusting = ssl.create_default_context(cafile=panel.own / "tls" / "authority.crt")
            manifest = f"https://127.0.0.1:{panel.port}/manifest.webmanifest"
            with urllib.request.urlopen(manifest, context=trusting, timeout=10) as answer:
                assert json.load(answer)["name"] == "Corner Shop"
            with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
                urllib.request.urlopen(manifest, timeout=10)
