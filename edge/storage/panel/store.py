"""The panel's own records, each kind by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.storage.panel.file import PanelFile
from edge.storage.panel.migrations import bring_up
from edge.storage.panel.people import Claims, Failures, Sessions, Tokens, Users
from edge.storage.panel.written import Audit, CountAlongs, Facts, Notes, Pushes

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from typing_extensions import Self

NAME = "panel.db"


class PanelStore:
    """``panel.db``, open. Every method may be called from any thread; what is written is on the disk when it returns.

    Raises ``StorageError`` and its kinds.
    """

    def __init__(self, path: Path) -> None:
        self.file = PanelFile(path)
        try:
            bring_up(self.file.database, path)
        except BaseException:  # whatever went wrong, the file is let go of; raised again
            self.file.close()
            raise
        self.users, self.sessions, self.tokens = Users(self.file), Sessions(self.file), Tokens(self.file)
        self.claims, self.failures = Claims(self.file), Failures(self.file)
        self.audit, self.notes, self.count_alongs = Audit(self.file), Notes(self.file), CountAlongs(self.file)
        self.pushes, self.facts = Pushes(self.file), Facts(self.file)

    @property
    def claimed(self) -> bool:
        """Whether the box has an owner."""
        return bool(self.users.all())

    def close(self) -> None:
        """Let go of the file; may be called twice."""
        self.file.close()

    def __enter__(self) -> Self:
        """Nothing more to do: it is open."""
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        """Let go of the file."""
        self.close()
