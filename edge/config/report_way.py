"""``[[report]]``: which report is made when, and where it goes."""

from __future__ import annotations

import re
from datetime import time
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from edge.config.mail import mail_address
from edge.config.table import Line, Name, Switch, Table, telling

if TYPE_CHECKING:
    from typing_extensions import Self

CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
MOST_RECIPIENTS = 20
MOST_REPORTS = 20

Format = Literal["pdf", "xlsx", "csv", "json", "png"]


def _clock(text: str) -> str:
    if not CLOCK.fullmatch(text):
        raise telling(f"{text!r} is no time of day; write it like 07:00")
    return text


def _folder(text: str) -> str:
    if text and (not text.startswith("/") or ".." in text.split("/")):
        raise telling(f"{text!r} depends on where acm is started; name the folder from the root on, such as /srv/acm")
    return text


class ReportTable(Table):
    """``[[report]]``: one that comes round by itself."""

    name: Name = Field(description="what the report is called, up to 40 characters")
    enabled: Switch = Field(default=True, description="true or false")
    every: Literal["day", "week", "month"] = Field(default="week", description='"day", "week" or "month"')
    at: Annotated[str, AfterValidator(_clock)] = Field(default="07:00", description='a time of day such as "07:00"')
    formats: tuple[Format, ...] = Field(
        default=("pdf",), min_length=1, max_length=5, description='such as ["pdf", "xlsx"]; csv, json and png, too'
    )
    language: Annotated[str, Field(pattern=r"^([a-z]{2,3}(-[A-Z]{2})?)?$")] = Field(
        default="", description='a language such as "en", "de" or "tr", or ""'
    )
    mail_to: tuple[Annotated[str, AfterValidator(mail_address)], ...] = Field(
        default=(), max_length=MOST_RECIPIENTS, description='up to 20 addresses such as ["owner@example.org"], or []'
    )
    folder: Annotated[Line, AfterValidator(_folder)] = Field(
        default="", max_length=400, description='a folder of this machine, such as "/srv/acm", or ""'
    )
    hub: Switch = Field(default=False, description="true or false")

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Self:
        if self.enabled and not self.mail_to and not self.folder and not self.hub:
            raise telling("a report needs to go somewhere; give mail_to, folder or hub")
        if len(set(self.formats)) < len(self.formats):
            raise telling("each of the formats is needed only once")
        return self

    @property
    def clock(self) -> time:
        """The time of day at which it is made."""
        hour, minute = self.at.split(":")
        return time(int(hour), int(minute))
