"""Relays and the chime."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Request

from edge.host.control_wire import NotRunningError
from edge.panel.api import shapes
from edge.panel.api.asking import needs, visitor_of
from edge.panel.auth.rights import Right

if TYPE_CHECKING:
    from edge.panel.panel import Panel

Name = Annotated[str, Path(min_length=1, max_length=40, description="the relay's name in the settings")]


def device_routes(panel: Panel) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["devices"])

    @router.get("/relays", dependencies=[needs(Right.SEE)])
    async def relays() -> list[shapes.Relay]:
        """Every relay."""
        return _relays(panel)

    @router.post("/relays/{name}", dependencies=[needs(Right.SWITCH)], status_code=202)
    async def switch(request: Request, name: Name, turn: shapes.Turn) -> shapes.Turn:
        """Switch a relay by hand. It is asked for, not done: the relay's own limits hold."""
        await panel.actions.switch(visitor_of(request), name, turn.turn, turn.for_s)
        return turn

    @router.post("/chime", dependencies=[needs(Right.RING)])
    async def ring(request: Request, wish: shapes.Ring) -> shapes.Rung:
        """Play a chime."""
        return shapes.Rung(queued_ms=await panel.actions.ring(visitor_of(request), wish.sound))

    return router


def _relays(panel: Panel) -> list[shapes.Relay]:
    status = panel.daemon.status
    if status is None or panel.daemon.gone:
        raise NotRunningError("The counter does not answer; it may be starting.")
    return [shapes.Relay(name=switch["name"], on=bool(switch["on"]), why=str(switch["why"]), lost=switch["lost"])
            for switch in status["relays"]["switches"]]  # fmt: skip
