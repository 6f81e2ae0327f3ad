"""Makes the README's pictures of the panel: a shop with months of records, the real program, the real panel, chromium.

    .venv/bin/python tools/screenshots.py [FOLDER] [--pages / /statistics ...]

Writes into tools/pictures unless another folder is named. Takes about a minute. The shop is made up (tools/seed.py),
and its time zone is chosen so that it is afternoon there; everything else is what an owner would see.
"""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tools")]

from daemon_kit import SILENT, Daemon  # noqa: E402 - the kits are found now
from panel.kit import DESK, PHONE, PanelProcess, Window, browsing  # noqa: E402 - as above
from seed import Shop, seed  # noqa: E402 - as above

from edge.core.clock import ClockReading, SystemClock  # noqa: E402 - as above
from edge.core.timekeeping import to_ms  # noqa: E402 - as above
from edge.storage.store import Store  # noqa: E402 - as above

NAME = "Lindenhof Books"
AFTERNOON = 16
YEARS, PEOPLE = 0.4, 420.0
HAPPENED = ("crossing", "visit", "zone_stay", "correction", "walk", "heat")
LOOKS = (("phone", PHONE, "light"), ("phone-dark", PHONE, "dark"), ("desk", DESK, "light"), ("desk-dark", DESK, "dark"))
SETTLE_MS = 2500
# What is drawn on a phone is sharp.
SCALE = {"phone": 2, "phone-dark": 2}


def main() -> None:
    """Read the words, make the pictures."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("folder", nargs="?", type=Path, default=ROOT / "tools" / "pictures")
    words.add_argument("--pages", nargs="+", default=["/", "/display", "/statistics"], help="which pages")
    words.add_argument("--language", default="en-GB", help="the browser's language (en-GB)")
    ask = words.parse_args()
    ask.folder.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix="acm-pictures-"))
    try:
        _make(place, ask.folder, ask.pages, ask.language)
    finally:
        shutil.rmtree(place)


def _make(place: Path, out: Path, pages: list[str], language: str) -> None:
    now = SystemClock().utc_now()
    zone = _zone(now)
    shop = Shop((now + timedelta(hours=_offset_h(now))).date() + timedelta(days=1), YEARS, PEOPLE, zone, seed=3)
    (place / "state").mkdir()
    records = place / "state" / "records.db"
    seed(records, shop)
    _until(records, now)
    _rebuild(records, shop, now)
    with Daemon(place, _settings(shop)) as daemon:
        daemon.start()
        with PanelProcess(daemon) as panel, browsing() as browser:
            with Window(browser, panel, locale=language) as window:
                window.claim()
                state = window.context.storage_state()
            for name, viewport, scheme in LOOKS:
                look = {"viewport": viewport, "color_scheme": scheme, "device_scale_factor": SCALE.get(name, 1)}
                with Window(browser, panel, storage_state=state, locale=language, **look) as window:
                    _look(window, out, name, pages)


def _look(window: Window, out: Path, name: str, pages: list[str]) -> None:
    for path in pages:
        window.page.goto(path)
        window.page.wait_for_selector("h1", state="attached")
        window.page.wait_for_timeout(SETTLE_MS)
        file = out / f"{path.strip('/').replace('/', '-') or 'today'}-{name}.png"
        window.picture(file, whole=False)
        print(f"{file.name}: {file.stat().st_size // 1024} kB")


def _offset_h(now: datetime) -> int:
    """By how many hours the shop's clock is ahead, so that it is afternoon there."""
    ahead = AFTERNOON - now.hour
    return ahead - 24 if ahead > 12 else ahead


def _zone(now: datetime) -> str:
    # The names of these zones count the other way round.
    return f"Etc/GMT{-_offset_h(now):+d}"


def _until(records: Path, now: datetime) -> None:
    """Take away what is still to come today."""
    with closing(sqlite3.connect(records)) as database, database:
        for table in HAPPENED:
            database.execute(f"DELETE FROM {table} WHERE at_ms > ?", (to_ms(now),))  # noqa: S608 - names of ours


def _rebuild(records: Path, shop: Shop, now: datetime) -> None:
    """Figures of what is left."""
    site = shop.site(shop.until - timedelta(days=1))
    reading = ClockReading(SystemClock().monotonic_s(), now, synced=True)
    store = Store.open(records, boot="the pictures'", reading=reading, calendar=site)
    store.rebuild()
    store.close()


def _settings(shop: Shop) -> str:
    told = shop.settings().replace('name = "The seeded shop"', f'name = "{NAME}"\nclock_trusted = true')
    silent = SILENT.split("[sound]", 1)[1]
    calm = told.replace('source = "sim"', 'source = "sim"\nfps = 6.0\n[camera.sim]\npeople_per_minute = 4')
    return f'{calm}\n[sound]{silent}[[relay]]\nname = "light"\npin = 17\n[display]\nlimit = 60\n'


if __name__ == "__main__":
    if datetime.now(timezone.utc).weekday() == 6:
        print("It is Sunday: the shop is closed, and Today will be empty.", file=sys.stderr)
    main()
