"""Reports and notices made for whoever asks on the panel: by a child that stands back, and gone an hour later."""

from __future__ import annotations

import asyncio
import re
import secrets
import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, PlainTextResponse, Response

from edge.core.errors import AcmError, InputError
from edge.core.reportfile import REPORT_KINDS, ending
from edge.host.programs import told_by
from edge.panel.actions import NotAllowedError
from edge.panel.auth.rights import Right

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from edge.analytics.periods import Period
    from edge.panel.auth.visitor import Visitor
    from edge.panel.panel import Panel

PLACE = "/reports/files"
FORMS = ("pdf", "xlsx", "csv", "png", "json")
PAPERS = ("a4", "a5")
FOLDER, KEY = "made-", re.compile(r"[0-9a-f]{32}")
# Of a file's name nothing else is let through: no folder, no dot in front.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ -]{0,120}")
# A report of years on a slow board takes minutes.
LIMIT_S, LEFT_S = 600.0, 3600.0
MOST_MADE, MOST_WAITING, LONGEST_DAYS = 12, 4, 3700
_one = asyncio.Lock()
_waiting = 0


@dataclass(frozen=True, slots=True)
class OnPaper:
    """Files that can be fetched: ``key`` is their folder's, which nobody guesses."""

    key: str
    names: tuple[str, ...]

    def link(self, name: str) -> str:
        """Where a file is fetched."""
        return f"{PLACE}/{self.key}/{name}"


class Press:
    """Makes them. Every method raises ``NotAllowedError`` for those who may not, or an ``AcmError`` in a sentence."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self._permit, self._note = panel.actions.permit, panel.actions.note

    async def report(self, visitor: Visitor, period: Period, forms: Sequence[str], language: str) -> OnPaper:
        """A report of some days."""
        await self._permit(visitor, Right.SEE)
        wanted = [form for form in FORMS if form in forms]
        if not wanted:
            raise InputError("Choose one format at least.")
        if len(period) > LONGEST_DAYS:
            raise InputError("Ten years at most fit into one report.")
        days = f"{period.first}..{period.last}"
        words = ["report", "--date", days, "--format", ",".join(wanted), "--language", language]
        made = await self._made(words, whole=False)
        await self._note(visitor, "report-made", days=days, formats=", ".join(wanted))
        return made

    async def door_notice(self, visitor: Visitor, languages: Sequence[str], paper: str) -> OnPaper:
        """The notice for the door."""
        await self._permit(visitor, Right.SEE)
        if paper not in PAPERS:
            raise InputError(f"Paper is {' or '.join(PAPERS)}.")
        made = await self._made(["notice", "--language", ",".join(languages), "--paper", paper], whole=True)
        await self._note(visitor, "door-notice-made", languages=", ".join(languages))
        return made

    def find(self, key: str, name: str) -> Path:
        """A file that was made. ``InputError`` if there is none of that name."""
        path = self._home / f"{FOLDER}{key}" / name
        if not KEY.fullmatch(key) or not NAME.fullmatch(name) or path.is_symlink() or not path.is_file():
            raise InputError("There is no such file, or it was made more than an hour ago.")
        return path

    @property
    def _home(self) -> Path:
        return self._panel.store.file.path.parent

    async def _made(self, words: Sequence[str], *, whole: bool) -> OnPaper:
        """Have a child make it. ``whole``: it is told the file, not the folder."""
        global _waiting  # noqa: PLW0603 - as many as may wait for the one press of this process
        if _waiting >= MOST_WAITING:
            raise AcmError("Other reports are being made; try again in a minute.")
        _waiting += 1
        try:
            async with _one:
                return await asyncio.to_thread(self._pressed, words, whole)
        finally:
            _waiting -= 1

    def _pressed(self, words: Sequence[str], whole: bool) -> OnPaper:  # noqa: FBT001 - as above
        self._sweep()
        key = secrets.token_hex(16)
        folder = self._home / f"{FOLDER}{key}"
        folder.mkdir(mode=0o700)
        files = self._panel.settings.files
        place = folder / "notice.pdf" if whole else folder
        told = told_by([
            sys.executable, "-m", "edge", *words, "--output", str(place), "--config", str(files.base),
            "--state", str(files.overrides.parent),
        ], LIMIT_S)  # fmt: skip
        names = tuple(sorted(path.name for path in folder.iterdir() if NAME.fullmatch(path.name)))
        if told.failed or not names:
            shutil.rmtree(folder, ignore_errors=True)
            raise AcmError(told.failed.removeprefix(f"{sys.executable}: ").removeprefix("acm: ") or "Nothing was made.")
        return OnPaper(key, names)

    def _sweep(self) -> None:
        """Remove what nobody fetches any more."""
        now_s = self._panel.clock.utc_now().timestamp()
        found = sorted((path.stat().st_mtime, path) for path in self._home.glob(f"{FOLDER}*"))
        too_many = len(found) - MOST_MADE + 1
        for number, (made_s, path) in enumerate(found):
            if number < too_many or now_s - made_s > LEFT_S:
                shutil.rmtree(path, ignore_errors=True)


def paper_routes(panel: Panel) -> APIRouter:
    """Where files are fetched; the gate has let in who asks, and the right is asked for again."""
    router = APIRouter(include_in_schema=False, prefix=PLACE)

    @router.get("/{key}/{name}")
    async def fetch(request: Request, key: str, name: str) -> Response:
        try:
            await panel.actions.permit(request.state.visitor, Right.SEE)
            path = Press(panel).find(key, name)
        except NotAllowedError as error:
            return PlainTextResponse(str(error), 403)
        except AcmError as error:
            return PlainTextResponse(str(error), 404)
        kind = REPORT_KINDS.get(ending(name), "application/octet-stream")
        return FileResponse(path, media_type=kind, filename=name, headers={"Cache-Control": "no-store"})

    return router
