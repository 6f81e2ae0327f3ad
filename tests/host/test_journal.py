"""Facts on their way to the journal: the fields, the protocol's bytes, and what happens when nobody listens."""

from __future__ import annotations

import io
import os
import socket
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core import notices
from edge.core.notice import Fact, Notice, Priority
from edge.host.journal import Journal, LibrarySink, LineSink, NativeSink, encoded, entry_of, open_journal
from edge.host.repeats import MOST_SUBJECTS, Repeats

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

CROSSED = notices.CROSSING.fact(camera="door", line="entrance", direction="in", latency_ms=183, track=7)


def lost(camera: str = "door", reason: str = "it was unplugged.") -> Fact:
    return notices.CAMERA_LOST.fact(camera=camera, reason=reason)


def decoded(datagram: bytes) -> dict[str, str]:
    """What journald makes of a datagram: its own parser, written down from the protocol's page."""
    entry = {}
    while datagram:
        head, _, rest = datagram.partition(b"\n")
        name, equals, value = head.partition(b"=")
        if not equals:
            size = int.from_bytes(rest[:8], "little")
            value, rest = rest[8 : 8 + size], rest[8 + size :]
            assert rest[:1] == b"\n"
            rest = rest[1:]
        entry[name.decode("ascii")] = value.decode("utf-8")
        datagram = rest
    return entry


class Reader:
    """The journal's end of its socket."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)
        self._link = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._link.bind(self.path)
        self._link.settimeout(0)

    def entry(self) -> dict[str, str]:
        return decoded(self._link.recv(1 << 20))

    def close(self) -> None:
        self._link.close()


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    with closing(Reader(tmp_path / "socket")) as reader:
        yield reader


class Kept:
    """A sink that keeps entries, and refuses them while deaf."""

    def __init__(self) -> None:
        self.entries: list[Mapping[str, str]] = []
        self.deaf = False

    def __call__(self, entry: Mapping[str, str]) -> bool:
        if self.deaf:
            return False
        self.entries.append(entry)
        return True

    @property
    def messages(self) -> list[str]:
        return [entry["MESSAGE"] for entry in self.entries]


def test_a_crossing_has_the_fields_to_search_by(reader: Reader) -> None:
    Journal(NativeSink(reader.path)).tell(CROSSED, 0.0)
    assert reader.entry() == {
        "MESSAGE": "Somebody went in at entrance.",
        "PRIORITY": "6",
        "SYSLOG_IDENTIFIER": "acm",
        "MESSAGE_ID": notices.CROSSING.id,
        "ACM_EVENT": "crossing",
        "ACM_CAMERA": "door",
        "ACM_LINE": "entrance",
        "ACM_DIRECTION": "in",
        "ACM_LATENCY_MS": "183",
        "ACM_TRACK": "7",
    }


@given(st.dictionaries(st.from_regex(r"[A-Z][A-Z0-9_]{0,20}", fullmatch=True), st.text(), min_size=1))
def test_the_protocol_carries_every_text(entry: dict[str, str]) -> None:
    plain = {name: value.encode("utf-8", "replace").decode() for name, value in entry.items()}
    assert decoded(encoded(entry)) == plain


@given(st.dictionaries(st.text(min_size=1), st.one_of(st.text(), st.integers(), st.floats()), max_size=80))
def test_an_entry_is_small_and_its_fields_are_lawful(values: dict[str, str | int | float]) -> None:
    entry = entry_of(Fact(notices.CAMERA_LOST, {**values, "reason": "long " * 10_000}))
    assert len(encoded(entry)) < 200_000
    assert entry["MESSAGE"].endswith(" ...")
    assert all(name.isascii() and name == name.upper() and len(name) <= 64 for name in entry)


def test_no_password_reaches_the_journal() -> None:
    entry = entry_of(lost(reason="rtsp://admin:secret@10.0.0.5/1 does not answer."))
    assert "secret" not in str(entry)
    assert entry["ACM_REASON"] == "rtsp://***@10.0.0.5/1 does not answer."


def test_a_journal_that_is_gone_is_replaced_by_lines(reader: Reader) -> None:
    lines = io.StringIO()
    journal = Journal(NativeSink(reader.path), LineSink(lines, for_journal=True))
    reader.close()
    journal.tell(lost(reason="it was\nunplugged."), 0.0)
    assert lines.getvalue() == "<3>The camera door is lost: it was unplugged.\n"


def test_people_get_lines_without_numbers() -> None:
    lines = io.StringIO()
    journal = open_journal({}, lines)
    journal.tell(lost(), 0.0)
    journal.tell(CROSSED, 0.0)
    assert lines.getvalue() == (
        "acm: error: The camera door is lost: it was unplugged.\nacm: Somebody went in at entrance.\n"
    )


def test_every_priority_has_its_word() -> None:
    lines = io.StringIO()
    for priority in Priority:
        assert LineSink(lines, for_journal=False)({"MESSAGE": "so", "PRIORITY": str(int(priority))})


def test_a_closed_stream_is_no_fault_of_the_news() -> None:
    lines = io.StringIO()
    lines.close()
    assert Journal(LineSink(lines, for_journal=False)).tell(lost(), 0.0)


def test_standard_error_that_leads_to_the_journal_is_recognised(tmp_path: Path, reader: Reader) -> None:
    with (tmp_path / "stream").open("w", encoding="utf-8") as stream:
        there = os.fstat(stream.fileno())
        named = {"JOURNAL_STREAM": f"{there.st_dev}:{there.st_ino}"}
        open_journal(named, stream, reader.path).tell(lost(), 0.0)
        assert reader.entry()["ACM_EVENT"] == "camera-lost"
        # A redirection inside the unit leaves the variable, but not the stream.
        open_journal({"JOURNAL_STREAM": "1:1"}, stream, reader.path).tell(lost(), 0.0)
    told = (tmp_path / "stream").read_text(encoding="utf-8")
    assert told == "acm: error: The camera door is lost: it was unplugged.\n"


class FakeLibrary:
    """``systemd.journal`` as far as it is used."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, ...]] = []
        self.gone = False

    def sendv(self, *fields: str) -> None:
        if self.gone:
            raise OSError("no journal")
        self.sent.append(fields)


def test_the_library_gets_the_same_fields() -> None:
    library, spare = FakeLibrary(), Kept()
    journal = Journal(LibrarySink(library), spare)
    journal.tell(CROSSED, 0.0)
    assert {"ACM_LINE=entrance", "PRIORITY=6", "MESSAGE=Somebody went in at entrance."} <= set(library.sent[0])
    library.gone = True
    journal.tell(CROSSED, 1.0)
    assert spare.messages == ["Somebody went in at entrance."]


def test_the_same_is_said_once_and_then_summed_up() -> None:
    kept = Kept()
    journal = Journal(kept)
    for second in range(0, 1800, 10):
        journal.tell(lost(reason=f"try {second}."), float(second))
        journal.step(float(second))
    journal.tell(lost("yard"), 1801.0)
    assert kept.messages == [
        "The camera door is lost: try 0.",
        "60 more like this within 600 s: The camera door is lost: try 600.",
        "60 more like this within 600 s: The camera door is lost: try 1200.",
        "The camera yard is lost: it was unplugged.",
    ]
    assert kept.entries[1]["ACM_ABOUT"] == "camera-lost"
    assert kept.entries[1]["ACM_CAMERA"] == "door"
    journal.close(1801.0)
    assert kept.messages[-1] == "59 more like this within 601 s: The camera door is lost: try 1790."
    journal.close(1801.0)
    assert len(kept.messages) == 5


def test_after_a_quiet_while_it_is_news_again() -> None:
    kept = Kept()
    journal = Journal(kept)
    for now_s in (0.0, 700.0, 1400.0):
        assert journal.tell(lost(), now_s)
    assert not journal.tell(lost(), 1401.0)


def test_crossings_are_all_said() -> None:
    kept = Kept()
    journal = Journal(kept)
    assert all(journal.tell(CROSSED, 0.001 * number) for number in range(500))
    assert len(kept.entries) == 500


def test_memory_of_what_was_said_is_bounded() -> None:
    repeats = Repeats()
    assert all(repeats.admit(lost(f"camera {number}"), 0.0) for number in range(MOST_SUBJECTS + 10))
    assert repeats.admit(lost("camera 0"), 1.0), "the first was to be forgotten"
    assert not repeats.admit(lost(f"camera {MOST_SUBJECTS}"), 1.0)


@given(st.lists(st.tuples(st.floats(0, 400), st.sampled_from(["door", "yard"])), max_size=60))
def test_nothing_said_is_lost_from_the_count(steps: list[tuple[float, str]]) -> None:
    repeats, now_s, said, summed = Repeats(), 0.0, 0, 0
    for pause_s, camera in steps:
        now_s += pause_s
        summed += sum(int(fact.values["count"]) for fact in repeats.over(now_s))
        said += repeats.admit(lost(camera), now_s)
    summed += sum(int(fact.values["count"]) for fact in repeats.rest(now_s))
    assert said + summed == len(steps)


def test_a_notice_about_nothing_special_is_held_back_too() -> None:
    notice = Notice("odd", "0" * 32, Priority.NOTICE, "Odd.", "It is.", "None.", repeat_s=5.0)
    repeats = Repeats()
    assert [repeats.admit(notice.fact(), now_s) for now_s in (0.0, 1.0, 4.9)] == [True, False, False]
