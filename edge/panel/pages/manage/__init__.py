"""What the shop's owner manages: settings, devices, people, copies. One module a page."""

from __future__ import annotations

from edge.panel.pages.manage import (
    audit,
    backup,
    cameras,
    changes,
    doctor,
    hours,
    integrations,
    log,
    people,
    relays,
    rules,
    sounds,
    start,
    tokens,
    updates,
)

PAGES = tuple(
    module.PAGE
    for module in (
        start, relays, sounds, rules, hours, cameras, integrations, changes, people, tokens, audit, doctor, log, backup,
        updates,
    )
)  # fmt: skip
# What makes sense without a box.
HUB_PAGES = tuple(module.PAGE for module in (start, people, tokens, audit))
