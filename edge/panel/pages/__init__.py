"""The pages, one module each; ``PAGES`` has them in the order in which one can go to them."""

from __future__ import annotations

from edge.panel.pages import aim, count, live, manage, notices, secure, statistics, today

PAGES = (today.PAGE, live.PAGE, *statistics.PAGES, aim.PAGE, count.PAGE, *manage.PAGES, notices.PAGE, secure.PAGE)
