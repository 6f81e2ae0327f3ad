"""One browser for a file of tests, and what it keeps once the box is claimed. Each file has its own ``shop``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from panel.kit import Window, browsing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from panel.kit import PanelProcess
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as browser:
        yield browser


@pytest.fixture(scope="module")
def owner(shop: PanelProcess, browser: Browser) -> dict[str, object]:
    with Window(browser, shop) as window:
        window.claim()
        return dict(window.context.storage_state())
