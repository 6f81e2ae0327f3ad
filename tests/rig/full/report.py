"""What a run found, as the page of the guides that tells it."""

from __future__ import annotations

from typing import Any

HEAD = """# What the virtual device showed

The whole box as a virtual machine under qemu: a card prepared by `tools/sdcard.py` as its boot partition, Debian 13
with cloud-init, a real systemd, a camera that shows the sample clip, a header of pins whose far side is read, a sound
card whose other end is recorded, a watchdog, and a plug that is pulled. Made by `make rig-full`.

**Its processor is emulated**, many times slower than a box, and the people of the clip walk {slower}
times slower for it. So seconds say which stage is long, not how long it is on a box. What was kept and what was lost is
the same anywhere.

| | |
|---|---|
"""
ROWS = (
    ("Card prepared by `tools/sdcard.py`", "{card_s} s; the package has {package_mb} MB"),
    ("From power to a counter installed from the card, without a network", "{installed_and_ready_s} s"),
    ("From power on a new card to the first person counted", "{first_count_after_flash_s} s"),
    ("What the card says then", "{card_says}"),
    ("`systemd-analyze security` of {units}", "{security}"),
    ("The installer's guide followed from the card's link on: claimed, looked at, counted along; aim", "{walk_aim}"),
    ("Cold start of the installed box: the service is started after", "{cold_service_started_s} s"),
    ("ready after", "{cold_ready_s} s"),
    ("first person counted after", "{cold_first_count_s} s"),
    ("The chime at the other end of the sound card: tenths of a second like those of its file", "{chime_heard}"),
    ("heard after it was asked for", "{chime_heard_ms} ms; handed to the sound card after {chime_queued_ms} ms"),
    ("Relay switched on, off, the counter killed, started again: its line read", "{relay}"),
    ("Its clock at 1970, people counted, the time heard later: rows with right times",
     "{clock_rows_right} of {clock_rows}; the system began with {clock_seen_at_start}"),
    ("Its first process crashed: the watchdog fired after",
     "{watchdog_fired_s} s; it was ready again after {watchdog_ready_s} s"),
    ("Plug pulled at random moments", "{cuts} times"),
    ("Crossings that were acknowledged, lost", "{cuts_acknowledged}, {cuts_lost}"),
    ("Databases that were not sound afterwards", "{database_unclean}"),
    ("Relays that were on after a start before anybody came", "{relay_unsafe}"),
)


def told(facts: dict[str, Any]) -> str:
    """The page. KeyError names what was not measured."""
    known = {**facts, "relay": ", ".join(str(facts["relay"][turn]) for turn in ("on", "off", "killed", "again"))}
    rows = "".join(f"| {label.format(**known)} | {value.format(**known)} |\n" for label, value in ROWS)
    return HEAD.format(slower=round(1 / float(facts["rate"]))) + rows
