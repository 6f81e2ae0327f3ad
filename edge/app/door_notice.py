"""``acm notice``: the notice for the door, by the settings in force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.app.run import settings_files
from edge.core.clock import SystemClock
from edge.core.errors import InputError
from edge.host.whole_file import WholeFile
from edge.reports.door.facts import operator, told
from edge.reports.door.sheet import languages, notice

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TextIO

    from edge.app.run import RunAsk

REMARK = "It says what this box does by its settings; print it again when they change. Whether the law asks for more, "
REMARK += "see with whoever advises you."


@dataclass(frozen=True, slots=True)
class NoticeAsk:
    """What ``acm notice`` was asked for: a PDF, in one language or two, on a4 or a5."""

    where: RunAsk
    file: Path
    languages: tuple[str, ...] = ()
    paper: str = "a4"


def write_notice(ask: NoticeAsk, out: TextIO) -> int:
    """Write it. ``InputError`` if the settings do not say who runs the shop."""
    config = settings_files(ask.where).load().config
    known = {words.language: words for words in languages().all}
    wanted = ask.languages or (languages().get(config.reports.language, config.panel.language).language,)
    for code in wanted:
        if code not in known:
            raise InputError(f"--language: there is no notice in {code!r}; there are {', '.join(known)}.")
    page = notice([told(config, known[code]) for code in wanted], operator(config), ask.paper, SystemClock().utc_now())
    with WholeFile(ask.file, "--output") as whole:
        whole.part.write_bytes(page)
    out.write(f"{ask.file} is the notice. {REMARK}\n")
    return 0
