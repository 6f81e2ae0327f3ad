"""Takes one report where it belongs: into its folder, to the hub, to the mail server; and notes each step.

What is noted, in this order, each time on the disk before the next step begins:

- before the last line of a mail: whom it is being handed over to;
- when the server has taken it: who has it.

So a mail that was not being handed over is sent again after whatever happened, and one that was taken never. Between
the two notes lies the one moment about which nobody can know: if the power is cut then, the mail counts as gone,
``unsure`` says so, and a person may have it sent again. A server that itself says nothing has, by its own rules, not
taken it, and is asked again with the same Message-ID. The hub knows a file by its name and period: handed in twice, it
is there once.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge.core.errors import AcmError
from edge.host.errand import undisturbed
from edge.integrations.mail import Enclosure, Letter, written
from edge.storage.reported import DONE, GIVEN_UP, Delivery

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from edge.integrations.mail import Posted
    from edge.storage.reported import Reported

ROOM = "report-"


class NothingToTellError(AcmError):
    """There is nothing to make a report of, and never will be."""


@dataclass(frozen=True, slots=True)
class Made:
    """A report as files, and in words: a title, and a few sentences."""

    paths: Sequence[Path]
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Places:
    """Where a report belongs: addresses of mail, a folder ("" is none), the hub."""

    to: Sequence[str] = ()
    folder: str = ""
    hub: bool = False

    @property
    def none(self) -> bool:
        """Whether there is no such place."""
        return not self.to and not self.folder and not self.hub

    def left(self, delivery: Delivery) -> Places:
        """Those that it has not reached yet."""
        to = [one for one in self.to if one not in delivery.mailed and one not in delivery.unsure]
        return Places(to, "" if delivery.filed else self.folder, self.hub and not delivery.at_hub)


@dataclass(frozen=True, slots=True)
class Errands:
    """Who does what: ``make`` puts files into a folder, ``post`` hands a mail over (see ``integrations.mail.post``).

    ``hand_in`` hands files in at the hub. ``sender`` and ``sender_name``: whom mails are from.
    """

    make: Callable[[Delivery, Path], Made]
    post: Callable[[bytes, Sequence[str], Callable[[tuple[str, ...]], None]], Posted]
    hand_in: Callable[[Delivery, Sequence[Path]], None]
    sender: str
    sender_name: str
    now: Callable[[], datetime]


def deliver(reported: Reported, wanted: Delivery, places: Places, errands: Errands) -> Delivery:
    """Do what is left to do for a delivery; return how far it has come. ``AcmError`` if nothing can be noted.

    ``errands.make`` may raise ``NothingToTellError``: then it is given up at once.
    """
    with reported.alone():
        for room in reported.folder.glob(f"{ROOM}*"):
            # What a child that was killed left behind: nobody else is at it now.
            shutil.rmtree(room, ignore_errors=True)
        noted = _Noted(reported, _settled(reported.read().get(*wanted.key) or wanted))
        left = places.left(noted.delivery)
        try:
            why = "" if left.none else _tried(noted, left, errands)
        except NothingToTellError as error:
            noted.note(state=GIVEN_UP, why=str(error))
            return noted.delivery
        if places.left(noted.delivery).none:
            noted.note(state=DONE, done_at=errands.now(), why="")
        else:
            noted.note(why=why)
        return noted.delivery


class _Noted:
    """A delivery; each change of it is on the disk before anything else is done."""

    def __init__(self, reported: Reported, delivery: Delivery) -> None:
        self.reported, self.delivery = reported, delivery
        self.box = reported.change(lambda book: book.put(delivery)).box

    def note(self, **changed: Any) -> None:  # noqa: ANN401 - its own fields
        self.delivery = replace(self.delivery, **changed)
        self.reported.change(lambda book: book.put(self.delivery))


def _settled(delivery: Delivery) -> Delivery:
    """What was being handed over when everything ended may be there: it is not sent a second time."""
    lost = tuple(one for one in delivery.handing if one not in delivery.mailed)
    return replace(delivery, handing=(), unsure=(*delivery.unsure, *lost))


def _tried(noted: _Noted, places: Places, errands: Errands) -> str:
    """Make it and take it to each place; return why one was not reached. A place that fails spares the others."""
    whys = []
    with tempfile.TemporaryDirectory(prefix=ROOM, dir=noted.reported.folder) as room:
        try:
            made = errands.make(noted.delivery, Path(room))
            noted.note(files=tuple(path.name for path in made.paths))
        except NothingToTellError:
            raise
        except AcmError as error:
            return str(error)
        for work in (
            partial(_file, noted, made, places.folder), partial(_hand_in, noted, made, places, errands),
            partial(_mail, noted, made, places.to, errands),
        ):  # fmt: skip
            try:
                whys.append(work())
            except AcmError as error:  # noqa: PERF203 - the other places have their turn
                whys.append(str(error))
    return " ".join(why for why in whys if why)


def _file(noted: _Noted, made: Made, folder: str) -> str:
    """Put the files into a folder, each whole or not at all, over older ones of the same names."""
    if not folder:
        return ""
    place = Path(folder)
    try:
        # Not what is above it: where a disk is not mounted, its reports must not fill another one.
        place.mkdir(exist_ok=True)
        for path in made.paths:
            part = place / f".{path.name}.part"
            shutil.copyfile(path, part)
            with part.open("rb") as file:
                os.fsync(file.fileno())
            part.replace(place / path.name)
    except OSError as error:
        return f"The folder {folder} cannot be written ({error.strerror}); see folder in [[report]]."
    noted.note(filed=True)
    return ""


def _hand_in(noted: _Noted, made: Made, places: Places, errands: Errands) -> str:
    """Hand the files in at the hub. Raises what it raises."""
    if places.hub:
        errands.hand_in(noted.delivery, made.paths)
        noted.note(at_hub=True)
    return ""


def _mail(noted: _Noted, made: Made, to: Sequence[str], errands: Errands) -> str:
    """Hand it to the mail server; return whom it does not take."""
    if not to:
        return ""
    delivery = noted.delivery
    enclosures = tuple(Enclosure(path.name, path.read_bytes()) for path in made.paths)
    letter = Letter(
        message_id(noted.box, delivery, errands.sender), errands.sender, errands.sender_name, tuple(to), made.title,
        made.text, errands.now(), enclosures,
    )  # fmt: skip
    raw = written(letter)
    # The box may be switched off just now: not between the server's word and the note of it.
    with undisturbed():
        try:
            posted = errands.post(raw, to, lambda taken: noted.note(handing=taken))
        except AcmError:
            # The server's own word, or its silence, says that it has not taken it; or it was never asked to.
            noted.note(handing=())
            raise
        noted.note(mailed=(*noted.delivery.mailed, *posted.taken), handing=())
    return " ".join(f"{one} is refused: {why}." for one, why in posted.refused.items())


def message_id(box: str, delivery: Delivery, sender: str) -> str:
    """The name of a mail: the same for the same report of the same period of the same box, and nobody else's."""
    about = "\n".join((box, delivery.report, delivery.every, delivery.first.isoformat(), str(delivery.again)))
    return f"<acm.{hashlib.sha256(about.encode()).hexdigest()[:32]}@{sender.rpartition('@')[2]}>"
