"""``[panel]``: the window on a phone or computer (``acm panel``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from edge.config.table import Switch, Table, Whole, telling

if TYPE_CHECKING:
    from typing_extensions import Self

File = Annotated[str, Field(max_length=400)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")]

# The box makes its certificate itself.
OWN = "own"


class PanelTable(Table):
    """``[panel]``: where it is served, to whom, and what of the cameras' pictures may be seen."""

    host: str = Field(
        default="0.0.0.0", min_length=1, max_length=255, description='an address of this machine, or "0.0.0.0" for all'  # noqa: S104 - the owner's phone has to reach it
    )
    port: Whole = Field(default=8080, ge=1, le=65535, description="a port from 1 to 65535")
    certificate: File = Field(
        default="", description='the path of a certificate (PEM), "own" for one of the box\'s own making, or ""'
    )
    key: File = Field(default="", description='the path of the key of the certificate (PEM), or ""')
    trusted_proxy: str = Field(
        default="", max_length=255, description='the address of a reverse proxy that is believed, or "" for none'
    )
    session_days: Whole = Field(default=30, ge=1, le=400, description="a whole number of days from 1 to 400")
    language: Language = Field(default="en", description='a language of the panel, such as "en", "de" or "tr"')
    privacy: Literal["blur", "black", "clear"] = Field(default="blur", description='"blur", "black" or "clear"')
    privacy_lock: Switch = Field(default=False, description="true or false")

    def address(self, host: str, port: int = 0) -> str:
        """What to type into a browser for the panel at ``host``; ``port`` if it is another than here."""
        port = port or self.port
        scheme, usual = ("https", 443) if self.certificate else ("http", 80)
        plain = f"[{host}]" if ":" in host else host
        return f"{scheme}://{plain}/" if port == usual else f"{scheme}://{plain}:{port}/"

    @model_validator(mode="after")
    def _whole_certificate(self) -> Self:
        if bool(self.certificate not in ("", OWN)) != bool(self.key):
            raise telling("a certificate needs its key and a key its certificate; name both, or none")
        return self
