"""``[camera.sim]``: what happens before a camera that is not there (source "sim"), for rehearsals."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from edge.config.table import Table, Whole

Moment = Annotated[float, Field(strict=True, ge=0, le=1e6, allow_inf_nan=False)]


class SimTable(Table):
    """Drawn people who come and go, and faults at set times. 0 is never."""

    people_per_minute: Annotated[float, Field(strict=True, ge=0, le=120, allow_inf_nan=False)] = Field(
        default=20.0, description="a number from 0 to 120"
    )
    seed: Whole = Field(default=1, ge=0, le=2**31, description="a whole number from 0 on")
    lost_after_s: Moment = Field(default=0.0, description="seconds from the first picture on, or 0 for never")
    lost_for_s: Moment = Field(default=30.0, description="seconds")
    hang_after_s: Moment = Field(default=0.0, description="seconds from the first picture on, or 0 for never")
    stall_after_s: Moment = Field(default=0.0, description="seconds from the first picture on, or 0 for never")
