"""Batches and receipts as bytes. ``WIRE.md`` beside this file describes them, with an example."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from edge.core import shipment as s
from edge.core.shipment import Receipt, Shipment, Standing, Subject, Verdict
from edge.upstream import columns
from edge.upstream.agreement import agreeing
from edge.upstream.faults import WireError, WireVersionError, fault, shown
from edge.upstream.layout import DEVICE, EPOCH, HEAD, KINDS, STANDING, VERSION, ZONE
from edge.upstream.packed import pack, unpack
from edge.upstream.texts import checked_text, checked_whole

if TYPE_CHECKING:
    from collections.abc import Mapping

MEDIA_TYPE = f"application/vnd.acm.batch.v{VERSION}+json"
# An honest batch has one for each column, subject and notice. More cost memory and mean nothing.
MOST_BRACKETS = 100_000
COMPACT = (",", ":")
RECEIPT = "receipt"
MOST_RECEIPT_BYTES = 4 * 2**20
MOST_REASON_LETTERS, MOST_SENTENCE_LETTERS = 200, 1000
# Nobody is told to stay away for longer than a day.
MOST_WAIT_S = 86_400


def encode(shipment: Shipment) -> bytes:
    """A batch as bytes. What is in it is not checked here: the hub does that, and says which row is at fault."""
    return pack(json.dumps(as_json(shipment), ensure_ascii=True, separators=COMPACT).encode("ascii"))


def as_json(shipment: Shipment) -> dict[str, Any]:
    """A batch as what JSON writes down. Kinds without rows are left out."""
    standing = shipment.standing
    head = {
        "v": VERSION,
        **{name: getattr(shipment, name) for name in HEAD[1:-2]},
        "standing": {name: getattr(standing, name) for name in STANDING},
        "subjects": [[one.kind, one.camera, one.name, one.door] for one in shipment.subjects],
    }
    rows = {kind.name: getattr(shipment, kind.name) for kind in KINDS}
    return head | {kind.name: columns.written(rows[kind.name], kind) for kind in KINDS if rows[kind.name].rows}


def decode(body: bytes) -> Shipment:
    """The batch again, every value checked. Raises ``WireError`` and nothing else, whatever the bytes are."""
    text = unpack(body)
    if text.count(b"[") + text.count(b"{") > MOST_BRACKETS:
        raise WireError(f"The batch has more than {MOST_BRACKETS} brackets; at most {s.MOST_ROWS} rows are taken.")
    return from_json(parsed(text, "batch"))


def from_json(found: Mapping[str, Any]) -> Shipment:
    """The batch that a JSON object holds. Raises ``WireError``."""
    version = found.get("v")
    if version != VERSION or type(version) is not int:
        raise WireVersionError(f"The batch is of version {shown(version)} of the format; only {VERSION} is known here.")
    strange = set(found) - {*HEAD, *(kind.name for kind in KINDS)}
    missing = set(HEAD) - set(found)
    if strange or missing:
        told = f"nothing in it is called {shown(min(strange))}" if strange else f"it lacks {min(missing)}"
        raise WireError(f"The batch cannot be used: {told}.")
    subjects = _subjects(found["subjects"])
    parts = _head(found)
    for kind in KINDS:
        parts[kind.name] = columns.read(found[kind.name], kind) if kind.name in found else kind.rows.empty()
    return agreeing(Shipment(**parts, standing=_standing(found["standing"]), subjects=subjects))


def parsed(text: bytes, what: str) -> dict[str, Any]:
    """The JSON object a text holds. ``WireError`` if it holds none; ``what`` is what it should be."""
    try:
        found = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError):
        raise WireError(f"The {what} is no JSON in UTF-8.") from None
    if not isinstance(found, dict):
        raise WireError(f"The {what} is {shown(found)}; it has to be a JSON object.")
    return found


def _head(found: Mapping[str, Any]) -> dict[str, Any]:
    after_seq = checked_whole(found["after_seq"], "after_seq", 0, s.MOST_SEQ)
    if not isinstance(found["revised"], bool):
        raise fault("revised", found["revised"], "true or false")
    return {
        "device": checked_text(found["device"], "device", s.MOST_NAME, DEVICE),
        "epoch": checked_text(found["epoch"], "epoch", s.MOST_NAME, EPOCH),
        "after_seq": after_seq,
        "last_seq": checked_whole(found["last_seq"], "last_seq", after_seq, s.MOST_SEQ),
        "kept_from_seq": checked_whole(found["kept_from_seq"], "kept_from_seq", 0, s.MOST_SEQ),
        "revised": found["revised"],
        "zone": checked_text(found["zone"], "zone", s.MOST_NAME, ZONE),
        "day_starts_h": checked_whole(found["day_starts_h"], "day_starts_h", 0, 23),
    }


def _standing(found: Any) -> Standing:  # noqa: ANN401 - whatever JSON holds
    if not isinstance(found, dict) or set(found) != set(STANDING):
        raise fault("standing", found, f"an object of {', '.join(STANDING)} and nothing else")
    oldest = found["oldest_ms"]
    return Standing(
        product=checked_text(found["product"], "standing.product", s.MOST_NAME),
        waiting=checked_whole(found["waiting"], "standing.waiting", 0, s.MOST_SEQ),
        oldest_ms=None if oldest is None else checked_whole(oldest, "standing.oldest_ms", -s.MOST_SEQ, s.MOST_SEQ),
        clock=checked_text(found["clock"], "standing.clock", s.MOST_NAME),
        uptime_s=checked_whole(found["uptime_s"], "standing.uptime_s", 0, s.MOST_SEQ),
    )


def _subjects(found: Any) -> tuple[Subject, ...]:  # noqa: ANN401 - whatever JSON holds
    if not isinstance(found, list) or len(found) > s.MOST_SUBJECTS:
        raise fault("subjects", found, f"a list of at most {s.MOST_SUBJECTS}")
    return tuple(_subject(one, f"subjects[{at}]") for at, one in enumerate(found))


def _subject(found: Any, place: str) -> Subject:  # noqa: ANN401 - whatever JSON holds
    match found:
        case [str() as kind, camera, name, bool() as door] if kind in s.KINDS:
            camera = checked_text(camera, f"{place}[1]", s.MOST_NAME)
            return Subject(kind, camera, checked_text(name, f"{place}[2]", s.MOST_NAME), door)
    raise fault(place, found, "a list of camera, line or zone, two texts, and true or false")


def encode_receipt(receipt: Receipt) -> bytes:
    """A receipt as JSON in UTF-8."""
    told = {
        "verdict": receipt.verdict.value,
        "cursor": receipt.cursor,
        "rejected": [[seq, reason[:MOST_REASON_LETTERS]] for seq, reason in receipt.rejected],
        "sentence": receipt.sentence[:MOST_SENTENCE_LETTERS],
        "retry_after_s": receipt.retry_after_s,
    }
    return json.dumps(told, separators=COMPACT).encode("ascii")


def decode_receipt(body: bytes) -> Receipt:
    """The receipt again; what else a newer hub says in it is passed over. Raises ``WireError`` and nothing else."""
    if len(body) > MOST_RECEIPT_BYTES:
        raise WireError(f"The receipt has {len(body)} bytes; at most {MOST_RECEIPT_BYTES} are taken.")
    found = parsed(body, "receipt")
    verdict = next((one for one in Verdict if one.value == found.get("verdict")), None)
    if verdict is None:
        raise fault("verdict", found.get("verdict"), "accepted, rejected or kept", RECEIPT)
    rejected = found.get("rejected", [])
    if not isinstance(rejected, list) or len(rejected) > s.MOST_ROWS:
        raise fault("rejected", rejected, f"a list of at most {s.MOST_ROWS}", RECEIPT)
    wait = found.get("retry_after_s")
    if wait is not None and (type(wait) not in (int, float) or not 0 <= wait <= MOST_WAIT_S):
        raise fault("retry_after_s", wait, f"null or seconds up to {MOST_WAIT_S}", RECEIPT)
    return Receipt(
        verdict=verdict,
        cursor=checked_whole(found.get("cursor", s.NO_CURSOR), "cursor", s.NO_CURSOR, s.MOST_SEQ, RECEIPT),
        rejected=tuple(_rejected(one, f"rejected[{at}]") for at, one in enumerate(rejected)),
        sentence=checked_text(found.get("sentence", ""), "sentence", MOST_SENTENCE_LETTERS, of=RECEIPT),
        retry_after_s=wait,
    )


def _rejected(found: Any, place: str) -> tuple[int, str]:  # noqa: ANN401 - whatever JSON holds
    if not isinstance(found, list) or len(found) != 2:  # noqa: PLR2004 - number and reason
        raise fault(place, found, "a list of seq and reason", RECEIPT)
    seq = checked_whole(found[0], f"{place}[0]", 1, s.MOST_SEQ, RECEIPT)
    return seq, checked_text(found[1], f"{place}[1]", MOST_REASON_LETTERS, of=RECEIPT)
