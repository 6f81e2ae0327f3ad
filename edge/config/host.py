"""``[health]``: from where on the machine's state is worth a notice."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from edge.config.table import Table

Degrees = Annotated[float, Field(strict=True, ge=40, le=100, allow_inf_nan=False)]
Megabytes = Annotated[float, Field(strict=True, ge=1, le=1_000_000, allow_inf_nan=False)]


class HealthTable(Table):
    """``[health]``: heat, room and writing."""

    hot_c: Degrees = Field(default=78.0, description="degrees Celsius from 40 to 100")
    disk_low_mb: Megabytes = Field(default=300.0, description="megabytes from 1 to 1000000")
    written_mb_a_day: Megabytes = Field(default=200.0, description="megabytes a day from 1 to 1000000")
    signal_relay: str = Field(default="", max_length=40, description='the name of a relay, or "" for none')
