"""``[panel]`` of the hub: the window on all shops (``acm hub panel``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from edge.config.panel import OWN, File, Language
from edge.config.table import Table, Whole, telling

if TYPE_CHECKING:
    from typing_extensions import Self

PANEL_PORT = 8441


class HubPanelTable(Table):
    """``[panel]``: where it is served and what it is called."""

    title: str = Field(default="", max_length=80, description='a name, up to 80 characters, or ""')
    host: str = Field(default="127.0.0.1", min_length=1, max_length=255, description="an address of this machine")
    port: Whole = Field(default=PANEL_PORT, ge=1, le=65535, description="a whole number from 1 to 65535")
    certificate: File = Field(
        default="", description='the path of a certificate (PEM), "own" for one of the panel\'s own making, or ""'
    )
    key: File = Field(default="", description='the path of the key of the certificate (PEM), or ""')
    trusted_proxy: str = Field(
        default="", max_length=255, description='the address of a reverse proxy that is believed, or "" for none'
    )
    session_days: Whole = Field(default=30, ge=1, le=400, description="a whole number of days from 1 to 400")
    language: Language = Field(default="en", description='a language of the panel, such as "en", "de" or "tr"')
    week_starts: Literal["monday", "sunday"] = Field(default="monday", description='"monday" or "sunday"')

    def window(self) -> dict[str, Any]:
        """What a box's ``[panel]`` has, too."""
        return self.model_dump(exclude={"title", "week_starts"})

    @model_validator(mode="after")
    def _whole_certificate(self) -> Self:
        if bool(self.certificate not in ("", OWN)) != bool(self.key):
            raise telling("a certificate needs its key and a key its certificate; name both, or none")
        return self
