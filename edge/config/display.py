"""``[display]``: a screen at the door that tells how full the shop is."""

from __future__ import annotations

from pydantic import Field

from edge.config.table import Switch, Table, Whole


class DisplayTable(Table):
    """``[display]``: a screen at the door."""

    enabled: Switch = Field(default=False, description="true or false")
    limit: Whole = Field(
        default=0, ge=0, le=100_000, description="how many people may be inside, or 0 for no traffic light"
    )
