"""What is written is what is read; whatever else is read is refused in one sentence."""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import fields, replace
from time import process_time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shipment_kit import SUBJECTS, crossings, shipment, shipments

from edge.core import shipment as s
from edge.core.shipment import Crossings, Notices, Receipt, Verdict, column
from edge.upstream.faults import WireError, WireVersionError
from edge.upstream.wire import as_json, decode, decode_receipt, encode, encode_receipt, from_json

AT_MS = 1_780_000_000_000
ONE = shipment(3, 9, crossings=Crossings(column(5), column(1), column(AT_MS), column(0), column(1)))


def packed(told: object) -> bytes:
    return gzip.compress(json.dumps(told).encode())


@given(shipments())
def test_what_was_written_is_read(batch: s.Shipment) -> None:
    again = decode(encode(batch))
    assert again == batch
    assert all(getattr(kind, field.name) is not None for kind in again.kinds() for field in fields(kind))
    for kind in again.kinds():
        assert kind.seq.dtype == kind.at_ms.dtype == np.int64


@given(st.integers(0, 300), st.integers(0, 2**31))
def test_a_shop_s_crossings_are_read_as_they_were(rows: int, seed: int) -> None:
    batch = crossings(rows, seed)
    assert decode(encode(batch)) == batch


def test_the_same_batch_is_always_the_same_bytes() -> None:
    assert encode(crossings(500)) == encode(crossings(500))


@pytest.mark.parametrize(("rows", "most"), [(500, 6.0), (5_000, 4.5), (50, 14.0)])
def test_a_crossing_takes_few_bytes(rows: int, most: float) -> None:
    assert all(len(encode(crossings(rows, seed))) <= most * rows for seed in range(20))


def test_a_row_costs_little_time_each_way() -> None:
    """Measured on one core: 0.5 us to write, 0.35 us to read. A month is 72,000 of them."""
    batch, written, read = crossings(5_000), [], []
    for _ in range(5):
        start_s = process_time()
        body = encode(batch)
        middle_s = process_time()
        decode(body)
        written.append(middle_s - start_s)
        read.append(process_time() - middle_s)
    assert max(min(written), min(read)) < 2e-6 * batch.rows


def test_the_most_rows_there_may_be_fit() -> None:
    batch = crossings(s.MOST_ROWS)
    body = encode(batch)
    assert len(body) < s.MOST_PACKED_BYTES
    assert decode(body).rows == s.MOST_ROWS
    with pytest.raises(WireError, match="20001 rows; at most 20000"):
        decode(encode(crossings(s.MOST_ROWS + 1)))


def test_rows_in_no_range_are_written_and_refused_with_their_place() -> None:
    """The device sends what it has; the hub says which of it is at fault."""
    unknown_time = replace(ONE.crossings, at_ms=column(-(2**46)))
    with pytest.raises(WireError, match=r"crossings\.at_ms\[0\] is -70368744177664; it has to be 946684800000 to"):
        decode(encode(replace(ONE, crossings=unknown_time)))
    extreme = Crossings(column(4, 5), column(1, 1), column(-(2**63), 2**63 - 1), column(0, 0), column(0, 0))
    with pytest.raises(WireError, match=r"crossings\.at_ms has a step of more than"):
        decode(encode(replace(ONE, crossings=extreme)))


HEAD_FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"device": "ABCDEFGHIJ234567"}, "device is 'ABCDEFGHIJ234567'; it has to be of the form"),
    ({"device": "abcdefghij234567\n"}, "device is"),
    ({"device": 7}, "device is 7; it has to be a text"),
    ({"epoch": ""}, "epoch is ''"),
    ({"epoch": "a" * 65}, "epoch is"),
    ({"after_seq": -1}, "after_seq is -1; it has to be a whole number from 0"),
    ({"after_seq": True}, "after_seq is True"),
    ({"after_seq": 9.0}, "after_seq is 9.0"),
    ({"after_seq": 10}, "last_seq is 9; it has to be a whole number from 10"),
    ({"after_seq": 5}, r"crossings\.seq is 5; it has to be within 6 to 9"),
    ({"last_seq": 4}, r"crossings\.seq is 5; it has to be within 4 to 4"),
    ({"last_seq": 2**53}, "last_seq is 9007199254740992"),
    ({"kept_from_seq": None}, "kept_from_seq is None"),
    ({"revised": 1}, "revised is 1; it has to be true or false"),
    ({"zone": "../../etc/passwd"}, "zone is"),
    ({"day_starts_h": 24}, "day_starts_h is 24"),
    ({"subjects": {}}, "subjects is an object"),
    ({"subjects": [["line", "door", "entrance", True]] * 1001}, "subjects is a list of 1001"),
    ({"subjects": [["line", "door", "entrance"]]}, r"subjects\[0\] is a list of 3"),
    ({"subjects": [["cellar", "door", "entrance", True]]}, r"subjects\[0\] is a list of 4; it has to be a list of"),
    ({"subjects": [["line", "door", "a\x00b", True]]}, r"subjects\[0\]\[2\] is 'a\\x00b'; it has to be free of"),
    ({"subjects": [["line", "\ud800", "b", True]]}, r"subjects\[0\]\[1\] is '\\ud800'; it has to be free of"),
    ({"subjects": [["camera", "door", "", False]]}, r"crossings\.subject\[0\] is 0; it has to be the place of a line"),
    ({"subjects": []}, r"crossings\.subject\[0\] is 0; it has to be the place of a line"),
    ({"standing": None}, "standing is None; it has to be an object of product, waiting"),
    ({"cellar": 1}, "nothing in it is called 'cellar'"),
]  # fmt: skip


@pytest.mark.parametrize(("part", "sentence"), HEAD_FAULTS, ids=range(len(HEAD_FAULTS)))
def test_a_wrong_head_is_told_with_its_place(part: dict[str, Any], sentence: str) -> None:
    with pytest.raises(WireError, match=sentence) as told:
        decode(packed(as_json(ONE) | part))
    assert str(told.value).count("\n") == 0
    assert str(told.value).endswith(".")


@pytest.mark.parametrize(
    ("name", "values", "sentence"),
    [
        ("seq", 5, "crossings.seq is 5; it has to be a list"),
        ("seq", [4, 1, 0], r"crossings.version is a list of 2; it has to be a list as long as seq, which has 3"),
        ("seq", [5, 0], r"crossings.seq\[1\] is 5; it has to be greater than the one before"),
        ("seq", [5, -1], r"crossings.seq\[1\] is 4; it has to be greater"),
        ("seq", [5, 2.0], r"crossings.seq\[1\] is 2.0; it has to be a whole number"),
        ("seq", [5, True], r"crossings.seq\[1\] is True; it has to be a whole number"),
        ("at_ms", [AT_MS, 2**53], "crossings.at_ms has a step of more than 9007199254740991"),
        ("version", [1, 0], r"crossings.version\[1\] is 0; it has to be 1 to"),
        ("version", "1", "crossings.version is '1'; it has to be a list as long as seq"),
        ("at_ms", [AT_MS, -AT_MS], r"crossings.at_ms\[1\] is 0; it has to be"),
        ("at_ms", AT_MS, "crossings.at_ms is 1780000000000; it has to be a list"),
        ("subject", 1000, r"crossings.subject\[0\] is 1000; it has to be 0 to 999"),
        ("subject", [0, 2], r"crossings.subject\[1\] is 2; it has to be the place of a line in subjects"),
        ("direction", [0, 2], r"crossings.direction\[1\] is 2; it has to be 0 to 1"),
        ("direction", 10**400, "crossings.direction holds a number of more than 64 bits"),
        ("direction", None, "crossings.direction is None"),
    ],
)
def test_a_wrong_column_is_told_with_its_place(name: str, values: object, sentence: str) -> None:
    two = {"seq": [5, 1], "version": [1, 1], "at_ms": [AT_MS, 1000], "subject": [0, 1], "direction": [0, 1]}
    assert decode(packed(as_json(ONE) | {"crossings": two})).rows == 2
    with pytest.raises(WireError, match=sentence):
        decode(packed(as_json(ONE) | {"crossings": two | {name: values}}))


def test_a_row_s_number_is_used_once_over_all_kinds() -> None:
    notices = Notices(column(5), column(1), column(AT_MS), ("started",), ("{}",))
    with pytest.raises(WireError, match="two rows of seq 5"):
        decode(encode(replace(ONE, notices=notices)))


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ("[]", "a JSON object"),
        ("{", "a JSON object"),
        ("[" * 4000, "a JSON object"),
        ('{"a":NaN}', "a JSON object"),
        (json.dumps({"a": "é" * 2100}, ensure_ascii=False), "at most 4096"),
        (r'{"a":"\u0000"}', r"free of the character U\+0000"),
        (r'{"a":"\ud800"}', "a JSON object"),
    ],
)
def test_a_notice_holds_an_object_that_any_database_takes(told: str, sentence: str) -> None:
    notices = Notices(column(5), column(1), column(AT_MS), ("started",), (told,))
    with pytest.raises(WireError, match=rf"notices\.told\[0\] is .*; it has to be {sentence}"):
        decode(encode(shipment(3, 9, notices=notices)))


def test_a_backslash_before_u0000_is_only_a_backslash() -> None:
    notices = Notices(column(5), column(1), column(AT_MS), ("started",), (r'{"a":"\\u0000"}',))
    batch = shipment(3, 9, notices=notices)
    assert decode(encode(batch)) == batch


@pytest.mark.parametrize("version", [0, 2, "1", None, True, 1.0, [1]])
def test_another_version_is_told_apart_from_faults(version: object) -> None:
    with pytest.raises(WireVersionError, match="only 1 is known here"):
        from_json(as_json(ONE) | {"v": version})


def test_a_part_that_lacks_is_named() -> None:
    told = as_json(ONE)
    del told["epoch"]
    with pytest.raises(WireError, match="it lacks epoch"):
        from_json(told)
    lacking = {name: values for name, values in as_json(ONE)["crossings"].items() if name != "at_ms"}
    with pytest.raises(WireError, match="crossings is an object; it has to be an object of seq, version, at_ms"):
        from_json(as_json(ONE) | {"crossings": lacking})


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "broken off after 0 bytes"),
        (b"no gzip", "is no gzip"),
        (gzip.compress(b"{}")[:-1], "broken off"),
        (gzip.compress(b"{}") + b"x", "followed by 1 bytes"),
        (gzip.compress(b"{}") * 2, "followed by"),
        (zlib.compress(b"{}"), "is no gzip"),
        (gzip.compress(b"\xff"), "is no JSON in UTF-8"),
        (gzip.compress(b"[]"), "is a list of 0; it has to be a JSON object"),
        (gzip.compress(b"[" * 90_000), "is no JSON"),
        (gzip.compress(b"[" * 100_001), "more than 100000 brackets"),
        (gzip.compress(b"0" * (4 * 2**20)), "is no JSON"),
        (gzip.compress(b"0" * (4 * 2**20 + 1)), "more than 4194304 bytes"),
        (gzip.compress(b"\0" * 200_000_000, 1), "more than 4194304 bytes"),
        (bytes(2**20 + 1), "has 1048577 bytes; at most 1048576"),
        (gzip.compress(b'{"v":' + b"9" * 10_000 + b"}"), "batch"),
    ],
    ids=range(15),
)
def test_bytes_that_are_no_batch_are_refused(body: bytes, sentence: str) -> None:
    with pytest.raises(WireError, match=sentence):
        decode(body)


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_any_bytes_raise_the_decoder_s_own_error_only(body: bytes, text: bytes) -> None:
    for any_bytes in (body, gzip.compress(text)):
        with pytest.raises(WireError):
            decode(any_bytes)
        with pytest.raises(WireError):
            decode_receipt(any_bytes)


@given(shipments(), st.data())
def test_a_batch_that_was_damaged_raises_the_decoder_s_own_error_only(batch: s.Shipment, data: st.DataObject) -> None:
    body = bytearray(encode(batch))
    at = data.draw(st.integers(0, len(body) - 1))
    body[at] ^= data.draw(st.integers(1, 255))
    unpacked(bytes(body))
    text = bytearray(gzip.decompress(encode(batch)))
    start = data.draw(st.integers(0, len(text) - 1))
    text[start : start + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    unpacked(gzip.compress(bytes(text)))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=300)
@given(shipments(most_rows=4), st.data(), anything)
def test_a_batch_with_anything_in_any_place_raises_the_decoder_s_own_error_only(
    batch: s.Shipment, data: st.DataObject, strange: object
) -> None:
    told: Any = as_json(batch)
    place = told
    while True:
        key: Any = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not (isinstance(place[key], (dict, list)) and place[key]) or data.draw(st.booleans()):
            place[key] = strange
            break
        place = place[key]
    unpacked(packed(told))


def unpacked(body: bytes) -> None:
    """Read what may be a batch; what is none raises the decoder's own error, and what is one can be written again."""
    try:
        batch = decode(body)
    except WireError as error:
        sentence = str(error)
    else:
        sentence = ""
        assert decode(encode(batch)) == batch
    assert "\n" not in sentence
    assert len(sentence) < 400


receipts = st.builds(
    Receipt,
    st.sampled_from(Verdict),
    st.integers(-1, s.MOST_SEQ),
    st.lists(st.tuples(st.integers(1, s.MOST_SEQ), st.text(max_size=200, alphabet="aé€'\"\\ ")), max_size=5).map(tuple),
    st.text(max_size=1000, alphabet="aé€'\"\\ "),
    st.none() | st.floats(0, 86_400) | st.integers(0, 86_400),
)


@given(receipts)
def test_a_receipt_that_was_written_is_read(receipt: Receipt) -> None:
    assert decode_receipt(encode_receipt(receipt)) == receipt


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        ({"verdict": "lost"}, "The receipt cannot be used: verdict is 'lost'"),
        ({"verdict": ["accepted"]}, "verdict is a list of 1"),
        ({"cursor": -2}, "cursor is -2"),
        ({"cursor": "5"}, "cursor is '5'"),
        ({"rejected": [[5]]}, r"rejected\[0\] is a list of 1"),
        ({"rejected": [[0, "why"]]}, r"rejected\[0\]\[0\] is 0"),
        ({"rejected": [[1, None]]}, r"rejected\[0\]\[1\] is None"),
        ({"rejected": 1}, "rejected is 1"),
        ({"sentence": "x" * 1001}, "sentence is"),
        ({"retry_after_s": -1}, "retry_after_s is -1"),
        ({"retry_after_s": float("nan")}, "retry_after_s is nan"),
        ({"retry_after_s": True}, "retry_after_s is True"),
    ],
)
def test_a_wrong_receipt_is_told_with_its_place(part: dict[str, Any], sentence: str) -> None:
    whole = json.loads(encode_receipt(Receipt(Verdict.ACCEPTED, 5)))
    with pytest.raises(WireError, match=sentence):
        decode_receipt(json.dumps(whole | part).encode())


def test_a_receipt_of_a_newer_hub_is_read() -> None:
    assert decode_receipt(b'{"verdict":"accepted","cursor":5,"weather":"fine"}') == Receipt(Verdict.ACCEPTED, 5)
    with pytest.raises(WireError, match="at most 4194304"):
        decode_receipt(b" " * (4 * 2**20 + 1))


@given(shipments(), st.data())
def test_the_parts_of_a_batch_make_the_whole(batch: s.Shipment, data: st.DataObject) -> None:
    middle = data.draw(st.integers(batch.after_seq, batch.last_seq))
    first, second = batch.part(batch.after_seq, middle), batch.part(middle, batch.last_seq)
    assert [*first.seqs(), *second.seqs()] == list(batch.seqs())
    assert all(decode(encode(part)) == part for part in (first, second))
    assert batch.part(batch.after_seq, batch.last_seq) == batch
    assert batch.part(batch.after_seq, batch.after_seq).rows == 0


def test_batches_that_differ_are_not_equal() -> None:
    assert replace(ONE) == ONE
    assert replace(ONE, crossings=replace(ONE.crossings, direction=column(0))) != ONE
    assert replace(ONE, subjects=SUBJECTS[:2]) != ONE
    assert Crossings.empty() != Notices.empty()
