"""The pages, one module each; ``PAGES`` has them in the order in which one can go to them."""

from __future__ import annotations

from edge.panel.pages import live, secure, today

PAGES = (today.PAGE, live.PAGE, secure.PAGE)
