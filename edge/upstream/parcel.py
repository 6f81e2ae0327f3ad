"""Batches on a stick: a file that carries to the hub by hand what no network does, and one that brings receipts back.

A parcel is a ZIP file, nothing in it packed twice: ``manifest.json``, and ``000001.batch`` and so on with the very
bytes that would have been sent, in order. Receipts are a JSON file.
"""

from __future__ import annotations

import json
import re
import struct
import zipfile
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from edge.core.errors import InputError
from edge.core.shipment import MOST_NAME, MOST_PACKED_BYTES, MOST_SEQ, NO_CURSOR
from edge.upstream.faults import WireError
from edge.upstream.texts import checked_text, checked_whole
from edge.upstream.wire import decode_receipt, encode_receipt, parsed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import BinaryIO

    from edge.core.shipment import Receipt

FORMAT, RECEIPTS = "acm-parcel-v1", "acm-receipts-v1"
MANIFEST, BATCH = "manifest.json", re.compile(r"\d{6}\.batch")
MOST_BATCHES, MOST_MANIFEST_BYTES, MOST_RECEIPTS_BYTES = 100_000, 65_536, 64 * 2**20
# What reading a damaged ZIP file raises.
DAMAGE = (zipfile.BadZipFile, OSError, EOFError, KeyError, ValueError, struct.error, NotImplementedError, RuntimeError)
# ZIP wants a time for each file; there is none that means anything.
NO_TIME = (2000, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is in a parcel: of which device and database, and up to which change of times rows are as they are now."""

    device: str
    epoch: str
    revised: int = 0
    made_ms: int = 0


@dataclass(frozen=True, slots=True)
class Receipts:
    """What the hub says of a parcel: its manifest again, and a receipt for each batch, in order."""

    manifest: Manifest
    receipts: tuple[Receipt, ...]


def write_parcel(stream: BinaryIO, manifest: Manifest, bodies: Iterable[bytes]) -> int:
    """Write a parcel; return how many batches are in it. ``OSError`` if the stick is full."""
    count = 0
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as parcel:
        for body in bodies:
            count += 1
            parcel.writestr(zipfile.ZipInfo(f"{count:06}.batch", NO_TIME), body)
        told = {"format": FORMAT, **asdict(manifest), "batches": count}
        parcel.writestr(zipfile.ZipInfo(MANIFEST, NO_TIME), json.dumps(told, indent=1))
    return count


def read_parcel(path: Path) -> tuple[Manifest, Iterator[bytes]]:
    """What a parcel says of itself, and its batches in order, read as they are asked for.

    The file is not believed. Raises ``InputError``, also while the batches are read.
    """
    try:
        with zipfile.ZipFile(path) as parcel:
            names = {info.filename: info for info in parcel.infolist()}
            head = names.get(MANIFEST)
            if head is None or head.file_size > MOST_MANIFEST_BYTES or head.compress_type != zipfile.ZIP_STORED:
                raise _no_parcel(path)
            told = parsed(parcel.read(head), "manifest")
    except (*DAMAGE, WireError) as error:
        raise _no_parcel(path) from error
    count = told.get("batches")
    batches = [name for name in names if name != MANIFEST]
    if told.get("format") != FORMAT or count != len(batches) or count > MOST_BATCHES:
        raise _no_parcel(path)
    return _manifest(told, path), _bodies(path, sorted(batches))


def _bodies(path: Path, names: list[str]) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(path) as parcel:
            for name in names:
                info = parcel.getinfo(name)
                stored = info.compress_type == zipfile.ZIP_STORED and info.file_size <= MOST_PACKED_BYTES
                if not BATCH.fullmatch(name) or not stored:
                    raise _no_parcel(path)
                yield parcel.read(info)
    except DAMAGE as error:
        raise _no_parcel(path) from error


def write_receipts(receipts: Receipts) -> bytes:
    """The file of receipts."""
    each = [json.loads(encode_receipt(receipt)) for receipt in receipts.receipts]
    told = {"format": RECEIPTS, **asdict(receipts.manifest), "receipts": each}
    return json.dumps(told, separators=(",", ":")).encode("ascii")


def read_receipts(path: Path) -> Receipts:
    """The receipts again. Raises ``InputError``; the file is not believed."""
    try:
        with path.open("rb") as stream:
            text = stream.read(MOST_RECEIPTS_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}).") from None
    fault = InputError(f"{path} is no file of receipts, or is damaged; take the one that acm hub import wrote.")
    if len(text) > MOST_RECEIPTS_BYTES:
        raise fault
    try:
        told = parsed(text, "file")
        each = told.get("receipts")
        if told.get("format") != RECEIPTS or not isinstance(each, list) or len(each) > MOST_BATCHES:
            raise fault
        receipts = tuple(decode_receipt(json.dumps(one).encode("ascii")) for one in each)
    except WireError as error:
        raise fault from error
    return Receipts(_manifest(told, path), receipts)


def _manifest(told: dict[str, Any], path: Path) -> Manifest:
    try:
        return Manifest(
            checked_text(told.get("device"), "device", MOST_NAME),
            checked_text(told.get("epoch"), "epoch", MOST_NAME),
            checked_whole(told.get("revised"), "revised", 0, MOST_SEQ),
            checked_whole(told.get("made_ms"), "made_ms", NO_CURSOR, MOST_SEQ),
        )
    except WireError as error:
        raise InputError(f"{path} cannot be used: {error}") from None


def _no_parcel(path: Path) -> InputError:
    return InputError(f"{path} is no parcel of batches, or is damaged; make it again with acm sync --export.")
