"""The settings of a hub's panel: those of ``hub.toml``, which it only reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.config.schema import Config
from edge.core.errors import InputError
from edge.panel.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.config.change import Difference, Edit
    from edge.config.hub_panel import HubPanelTable


class HubSettings(Settings):
    """In the place of a box's settings: nothing can be changed from the panel."""

    def __init__(self, table: HubPanelTable) -> None:  # the base reads files, of which there are none
        site = {"name": table.title, "week_starts": table.week_starts}
        self._config = Config.model_validate({"site": site, "panel": table.window()})

    @property
    def config(self) -> Config:
        """What is set, in the form of a box's settings."""
        return self._config

    def tried(self, edits: Sequence[Edit]) -> list[Difference]:
        """Nothing; ``InputError`` if there is something."""
        if edits:
            raise InputError("The settings of a hub are changed in hub.toml.")
        return []

    def change(
        self, edits: Sequence[Edit], known: str = ""  # noqa: ARG002 - there is nothing that could have changed
    ) -> tuple[list[Difference], list[Edit]]:
        """The same."""
        return self.tried(edits), []
