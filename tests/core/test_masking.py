"""No secret of an address is ever shown."""

from __future__ import annotations

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from edge.core.masking import MASK, masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("rtsp://192.168.1.20:554/path", "rtsp://192.168.1.20:554/path"),
        ("rtsp://admin:secret@cam/path", "rtsp://***@cam/path"),
        ("RTSP://admin:secret@cam/path", "RTSP://***@cam/path"),
        ("rtsp://admin@cam", "rtsp://***@cam"),
        ("rtsp://admin:p@ss/w?o#rd@cam/path", "rtsp://***@cam/path"),
        ("http://cam/live?token=abc&channel=1", "http://cam/live?token=***&channel=***"),
        ("http://cam/live?user=a;password=b", "http://cam/live?user=***;password=***"),
        ("http://cam/live?c2VjcmV0", "http://cam/live?***"),
        ("http://cam/live#secret", "http://cam/live#***"),
        ("http://u:p@cam/live?token=abc", "http://***@cam/live?token=***"),
        ("'rtsp://u:p@cam/x' is lost, 'http://cam/y' is not", "'rtsp://***@cam/x' is lost, 'http://cam/y' is not"),
        ("two: rtsp://a:b@one/x http://c:d@two/y", "two: rtsp://***@one/x http://***@two/y"),
        ("no address at all, only mail to me@shop.example", "no address at all, only mail to me@shop.example"),
        ("", ""),
    ],
)
def test_addresses_without_their_secrets(text: str, shown: str) -> None:
    assert masked(text) == shown


SECRETS = st.text(string.ascii_letters + string.digits + "/?#@:!$&=+%", min_size=6, max_size=20)


@given(SECRETS)
def test_no_password_survives_whatever_stands_in_it(secret: str) -> None:
    assume(any(letter.isalnum() for letter in secret))
    told = "The stream rtsp://{}@cam:554/h264 is lost"
    assert masked(told.format(f"admin:{secret}")) == told.format(MASK)


@given(SECRETS)
def test_masking_twice_changes_nothing(secret: str) -> None:
    once = masked(f"http://u:{secret}@cam/x?key={secret}")
    assert masked(once) == once
