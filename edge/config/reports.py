"""``[reports]``: what reports look like."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from edge.config.table import Line, Table, telling


def _from_the_root(text: str) -> str:
    if text and not text.startswith("/"):
        raise telling(f"{text!r} depends on where acm is started; name it from the root on, such as /etc/acm/logo.png")
    return text


class ReportsTable(Table):
    """``[reports]``: in which language reports are written, on which paper, under which sign."""

    language: Annotated[str, Field(pattern=r"^([a-z]{2,3}(-[A-Z]{2})?)?$")] = Field(
        default="", description='a language of the panel, such as "en", "de" or "tr", or "" for that of the panel'
    )
    paper: Literal["A4", "letter"] = Field(default="A4", description='"A4" or "letter"')
    logo: Annotated[Line, AfterValidator(_from_the_root)] = Field(
        default="", max_length=400, description='the path of a picture (PNG) of up to 1 MB, or ""'
    )
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = Field(
        default="EUR", description='the three letters of a currency, such as "EUR" or "TRY"'
    )
