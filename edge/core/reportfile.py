"""A report's file as a device sends it to its hub: how big it may be, what it is called and what it begins with."""

from __future__ import annotations

# What a device makes is far smaller; a hub believes nobody.
MOST_REPORT_BYTES = 10 * 2**20
# Such as report-2026-W47.pdf, report-2026-W47-csv.zip, report-2026-W47-stay_lengths.png: no folder, no two dots.
REPORT_FILE = r"^[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*\.(pdf|xlsx|csv|zip|json|png)$"
MOST_REPORT_FILE = 125
MOST_REPORT_NAME = 40
# How far apart the first and the last day may be: reports that come round are of a month at most.
MOST_REPORT_DAYS = 31
# By the ending of a file's name, what browsers and programs call its kind.
REPORT_KINDS = {
    "pdf": "application/pdf", "png": "image/png", "zip": "application/zip", "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv; charset=utf-8",
}  # fmt: skip
BEGINNINGS = {"pdf": b"%PDF-", "png": b"\x89PNG\r\n\x1a\n", "xlsx": b"PK", "zip": b"PK"}


def ending(file: str) -> str:
    """The ending of a file's name, without its dot."""
    return file.rpartition(".")[2]


def looks_like(file: str, body: bytes) -> bool:
    """Whether ``body`` may be what the name of ``file`` says; text is believed."""
    return body.startswith(BEGINNINGS.get(ending(file), b""))
