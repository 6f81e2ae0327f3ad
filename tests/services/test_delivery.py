"""One report on its way: each mail once, whatever is killed, refused or silent in between."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import report_rig
from mail_kit import AFTER_DOT, AFTER_TAKING, IN_DATA, NEVER, NOT_NOW, SILENT, MailHouse
from report_rig import MOMENTS, NOW, SENDER, TO, WEEK, made, no_hub

from edge.core.errors import AcmError, InputError, UpstreamError
from edge.host.whole_file import write_private
from edge.integrations.mail import Limits, post
from edge.services.delivery import Errands, NothingToTellError, Places, deliver, message_id
from edge.storage.reported import DONE, GIVEN_UP, MOST_EACH, TRYING, Book, Delivery, Reported

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edge.services.delivery import Made


@pytest.fixture
def house() -> Iterator[MailHouse]:
    with MailHouse() as house:
        yield house


def child(folder: Path, house: MailHouse, when: str = "never") -> int:
    """A child in a process of its own, killed at a moment; how it ended."""
    words = [sys.executable, report_rig.__file__, str(folder), str(house.port), when]
    return subprocess.run(words, check=False, cwd=Path(__file__).parents[2], timeout=60).returncode  # noqa: S603 - ourselves


class Hub:
    """What was handed in there, by its name; it may be ``away`` after so many files."""

    def __init__(self) -> None:
        self.has: dict[str, bytes] = {}
        self.asked = 0
        self.away_after: int | None = None

    def __call__(self, _: Delivery, paths: Sequence[Path]) -> None:
        for number, path in enumerate(paths):
            self.asked += 1
            if self.away_after is not None and number >= self.away_after:
                raise UpstreamError("The hub cannot be reached.")
            self.has[path.name] = path.read_bytes()


def sent(
    folder: Path, house: MailHouse, to: tuple[str, ...] = TO, place: str = "", make: object = made,
    hub: Hub | None = None,
) -> Delivery:  # fmt: skip
    """The same within this process."""
    limits = Limits(5.0, 0.3)
    errands = Errands(
        make, lambda raw, to, handing: post(house.server(), raw, SENDER, to, handing, limits), hub or no_hub, SENDER,
        "Corner Shop", lambda: NOW,
    )  # type: ignore[arg-type] # fmt: skip
    return deliver(Reported(folder, write_private), WEEK, Places(to, place, hub is not None), errands)


def has(house: MailHouse) -> list[str]:
    """Who has it, once for each mail."""
    return sorted(one for to, _ in house.mails for one in to)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_child_that_is_killed_never_makes_two_mails(tmp_path: Path, house: MailHouse, moment: str) -> None:
    assert child(tmp_path, house, moment) == -signal.SIGKILL
    assert child(tmp_path, house) == 0
    assert child(tmp_path, house) == 0
    found = Reported(tmp_path, write_private).read().get(*WEEK.key)
    assert found is not None
    assert (found.state, found.handing) == (DONE, ())
    # Between the note and the last line nobody can know: it is told, and not sent a second time.
    assert has(house) == ([] if moment == "after-note" else sorted(TO))
    assert found.unsure == (TO if moment in ("after-note", "taken") else ())
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == [], "nothing half made is left"


@pytest.mark.parametrize("wrong", [IN_DATA, AFTER_DOT, SILENT, NOT_NOW, NEVER])
def test_a_server_that_does_not_take_it_is_asked_again(tmp_path: Path, house: MailHouse, wrong: str) -> None:
    house.wrong = wrong
    first = sent(tmp_path, house)
    assert (first.state, first.mailed, first.handing, house.mails) == (TRYING, (), (), [])
    assert first.why
    house.wrong = ""
    assert sent(tmp_path, house).state == DONE
    assert has(house) == sorted(TO)
    assert sent(tmp_path, house).why == ""
    assert len(house.mails) == 1


def test_a_server_that_takes_it_and_hangs_up_is_asked_again_with_the_same_name(
    tmp_path: Path, house: MailHouse
) -> None:
    house.wrong = AFTER_TAKING
    assert sent(tmp_path, house).state == TRYING
    house.wrong = ""
    assert sent(tmp_path, house).state == DONE
    assert len(set(house.ids())) == 1, "by which mailboxes know that they have it"


def test_who_is_refused_is_tried_again_and_nobody_else(tmp_path: Path, house: MailHouse) -> None:
    house.refused = {TO[1]: "450 4.2.0 greylisted"}
    first = sent(tmp_path, house)
    assert (first.state, first.mailed) == (TRYING, TO[:1])
    assert first.why == "other@example.org is refused: 450 4.2.0 greylisted."
    house.refused = {}
    assert sent(tmp_path, house).state == DONE
    assert has(house) == sorted(TO)
    assert [mail["Subject"] for _, mail in house.mails] == ["Corner Shop: week 47"] * 2


def test_a_folder_and_a_mailbox_do_not_wait_for_each_other(tmp_path: Path, house: MailHouse) -> None:
    home, away = tmp_path / "home", tmp_path / "disk" / "reports"
    home.mkdir()
    first = sent(home, house, place=str(away))
    assert (first.state, first.mailed, first.filed) == (TRYING, TO, False)
    assert "cannot be written (No such file or directory)" in first.why
    away.parent.mkdir()
    second = sent(home, house, place=str(away))
    assert (second.state, second.filed, second.files) == (DONE, True, ("week.pdf",))
    assert [path.name for path in away.iterdir()] == ["week.pdf"]
    assert len(house.mails) == 1


def test_a_hub_that_is_away_keeps_no_mail_back_and_gets_its_files_later(tmp_path: Path, house: MailHouse) -> None:
    hub = Hub()
    hub.away_after = 0
    first = sent(tmp_path, house, hub=hub)
    assert (first.state, first.mailed, first.at_hub, first.why) == (TRYING, TO, False, "The hub cannot be reached.")
    hub.away_after = None
    second = sent(tmp_path, house, hub=hub)
    assert (second.state, second.at_hub, second.why) == (DONE, True, "")
    assert hub.has == {"week.pdf": b"%PDF-1.7 week"}
    assert len(house.mails) == 1
    assert sent(tmp_path, house, hub=hub).state == DONE
    assert hub.asked == 2, "what it has is not handed in again"


def test_the_hub_alone_is_enough(tmp_path: Path, house: MailHouse) -> None:
    hub = Hub()
    assert sent(tmp_path, house, to=(), hub=hub).state == DONE
    assert (list(hub.has), house.tried) == (["week.pdf"], 0)


def test_a_report_that_cannot_be_made_is_no_mail(tmp_path: Path, house: MailHouse) -> None:
    def failing(_: Delivery, __: Path) -> Made:
        raise AcmError("There are no figures of that week.")

    done = sent(tmp_path, house, make=failing)
    assert (done.state, done.why, house.tried) == (TRYING, "There are no figures of that week.", 0)


def test_where_there_is_nothing_to_tell_nothing_is_tried_again(tmp_path: Path, house: MailHouse) -> None:
    def nothing(_: Delivery, __: Path) -> Made:
        raise NothingToTellError("Nobody was counted before.")

    done = sent(tmp_path, house, make=nothing)
    assert (done.state, done.why, house.tried) == (GIVEN_UP, "Nobody was counted before.", 0)


def test_what_cannot_be_noted_is_not_sent(tmp_path: Path, house: MailHouse) -> None:
    notes = []

    def write(path: Path, data: bytes) -> None:
        notes.append(data)
        if b'"handing": [\n    "owner' in data.replace(b"     ", b"    "):
            raise InputError("no room")
        write_private(path, data)

    errands = Errands(
        made, lambda raw, to, handing: post(house.server(), raw, SENDER, to, handing, Limits(5.0, 5.0)), no_hub, SENDER,
        "Shop", lambda: NOW,
    )  # fmt: skip
    done = deliver(Reported(tmp_path, write), WEEK, Places(TO), errands)
    assert (done.state, done.handing, done.why) == (TRYING, (), "no room")
    assert house.mails == []
    assert len(notes) > 2


def test_names_of_mails_differ_by_box_report_period_and_turn() -> None:
    names = {
        message_id(box, one, SENDER)
        for box in ("a", "b")
        for one in (WEEK, replace(WEEK, report="other"), replace(WEEK, first=WEEK.last), replace(WEEK, again=1))
    }
    assert len(names) == 8
    assert all(name.startswith("<acm.") and name.endswith("@example.org>") for name in names)


def test_a_book_is_bounded_and_keeps_the_latest(tmp_path: Path) -> None:
    book = Book()
    for day in range(1, 31):
        book = book.put(replace(WEEK, first=WEEK.first.replace(day=day), why="x" * 1000))
    assert [one.first.day for one in book.of("week", "week")] == list(range(31 - MOST_EACH, 31))
    assert max(len(one.why) for one in book.deliveries) == 300
    reported = Reported(tmp_path, write_private)
    assert reported.change(lambda _: book) == reported.read()
    assert reported.read().deliveries == book.deliveries


BAD_DAY = '{"box": "a", "since": {"x": "2026"}, "deliveries": []}'


@pytest.mark.parametrize("text", ["", "{", "[]", '{"box": 1}', BAD_DAY, "\0"])
def test_a_file_that_is_not_ours_is_an_empty_book(tmp_path: Path, text: str) -> None:
    (tmp_path / "reports.json").write_text(text)
    assert Reported(tmp_path, write_private).read() == Book()


def test_a_child_that_is_asked_to_end_notes_what_was_taken(tmp_path: Path, house: MailHouse) -> None:
    assert child(tmp_path, house, "asked-to-end") == -signal.SIGTERM
    found = Reported(tmp_path, write_private).read().get(*WEEK.key)
    assert found is not None
    assert (found.mailed, found.handing) == (TO, ())
    assert child(tmp_path, house) == 0
    assert has(house) == sorted(TO)
    found = Reported(tmp_path, write_private).read().get(*WEEK.key)
    assert found is not None
    assert (found.state, found.unsure) == (DONE, ())


def test_two_children_at_once_make_one_mail(tmp_path: Path, house: MailHouse) -> None:
    words = [sys.executable, report_rig.__file__, str(tmp_path), str(house.port), "never"]
    # One whose parent was killed, and the one the next parent has started.
    both = [subprocess.Popen(words, cwd=Path(__file__).parents[2]) for _ in range(2)]  # noqa: S603 - ourselves
    assert [one.wait(60) for one in both] == [0, 0]
    assert has(house) == sorted(TO)
