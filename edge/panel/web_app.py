"""The panel as an app on a phone: its manifest, its service worker, and what is shown without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, JSONResponse, Response

from edge.panel.plain import plain_page
from edge.panel.statics import STATIC, static

if TYPE_CHECKING:
    from edge.panel.panel import Panel

SIZES = (192, 512)


def web_app_routes(panel: Panel) -> APIRouter:
    """The routes."""
    router = APIRouter(include_in_schema=False)

    async def manifest() -> Response:
        icons = [{"src": static(f"icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"} for size in SIZES]
        told = {
            "name": panel.site, "short_name": panel.site[:12], "id": "/", "start_url": "/", "scope": "/",
            "display": "standalone", "background_color": "#f4f6f5", "theme_color": "#0b6e63",
            "icons": [*icons, {**icons[-1], "src": static("icon-maskable.png"), "purpose": "maskable"}],
        }  # fmt: skip
        return JSONResponse(told, media_type="application/manifest+json")

    async def worker() -> Response:
        return FileResponse(STATIC / "sw.js", media_type="text/javascript", headers={"Cache-Control": "no-cache"})

    async def offline(request: Request) -> Response:
        return plain_page(panel, request, "offline.html")

    router.add_api_route("/manifest.webmanifest", manifest, methods=["GET"])
    router.add_api_route("/sw.js", worker, methods=["GET"])
    router.add_api_route("/offline", offline, methods=["GET"])
    return router
