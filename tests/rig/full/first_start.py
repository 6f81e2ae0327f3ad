"""From a freshly flashed card to an owner who counts along: the installer's guide, chapter by chapter."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from box import COUNT_S, INSTALL_S, ROOT, Rig, crossings, first, settings
from guest import Guest, boot_image, monotonic_s, read_back, run, wired
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from playwright.sync_api import Page

PYTHON = sys.executable
CMDLINE = "console=tty1 root=PARTUUID=1234-02 rootfstype=ext4 rootwait quiet ds=nocloud;i=rpi-image\n"
# The emulated processor looks at one or two pictures a second: the clip's people walk as much slower.
RATE = "0.2"
# Asked until it answers: it starts beside everything else.
PANEL = """
import time, urllib.request
for _ in range(100):
    try:
        print(urllib.request.urlopen("http://127.0.0.1:8080/", timeout=60).status)
        break
    except OSError:
        time.sleep(2)
"""
UNITS = ("acm", "acm-panel", "acm-provision", "acm-card")
CHROMIUM = "/usr/bin/chromium"
PANEL_PORT = 18080
# The guest has no network by itself: as in the shop, it is given one when the box is claimed.
WIRE = (
    "modprobe virtio_net; sleep 1; link=$(ls /sys/class/net | grep -v lo | head -1); "
    "ip address add 10.0.2.15/24 dev $link; ip link set $link up"
)


def card(rig: Rig) -> None:
    """A card as the installer prepares it: freshly flashed, then ``tools/sdcard.py``."""
    folder = rig.folder / "bootfs"
    subprocess.run(["rm", "-rf", str(folder)], check=True)
    folder.mkdir(parents=True)
    for name, text in {"cmdline.txt": CMDLINE, "config.txt": "camera_auto_detect=1\n", "user-data": "", "meta-data": "",
                       "network-config": ""}.items():  # fmt: skip
        (folder / name).write_text(text)
    packages = sorted((rig.folder / "dist").glob("customer-messenger_*_amd64.deb"))
    if not packages:
        run(
            PYTHON,
            str(ROOT / "tools/build_deb.py"),
            "--python",
            "3.13",
            "--architecture",
            "amd64",
            "--out",
            str(rig.folder / "dist"),
        )
        packages = sorted((rig.folder / "dist").glob("customer-messenger_*_amd64.deb"))
    (rig.folder / "acm.toml").write_text(settings(rig.clip))
    began_s = time.monotonic()
    said = run(PYTHON, str(ROOT / "tools/sdcard.py"), str(folder), "--settings", str(rig.folder / "acm.toml"),
               "--deb", str(packages[-1]), "--host", "rig-box", "--country", "DE")  # fmt: skip
    assert "Written" in said, said
    (folder / "rig").mkdir()
    (folder / "rig" / "clip").write_bytes(rig.clip.read_bytes())
    (folder / "rig" / "camera.env").write_text(f"RATE={RATE}\n")
    boot_image(folder, rig.boot)
    (rig.folder / "disk.qcow2").unlink(missing_ok=True)
    size_mb = packages[-1].stat().st_size / 1e6
    rig.note(rate=RATE, card_s=round(time.monotonic() - began_s, 1), package_mb=round(size_mb, 1))


def install(rig: Rig) -> None:
    """The card's first start: installed without a network, checked, counting, told on the card."""
    with rig.guest() as guest:
        guest.wait_for(lambda: guest.journal, "the kernel's first words")
        ready = guest.wait_for(lambda: first(guest, "started"), "the counter's first start", INSTALL_S)
        crossing = guest.wait_for(lambda: first(guest, "crossing"), "the first person counted", COUNT_S)
        rig.note(
            installed_and_ready_s=round(monotonic_s(ready), 1),
            first_count_after_flash_s=round(monotonic_s(crossing), 1),
        )
        guest.shell()
        status = guest.ask("acm status", 60)
        panel = guest.ask(f"python3 -c '{PANEL}'", 300)
        rig.note(status=status.splitlines()[0], panel=panel)
        scores = guest.ask(
            f"for u in {' '.join(UNITS)}; do systemd-analyze security --no-pager $u | tail -1; done",
            120,
        )
        found = ", ".join(row.split(":")[1].split()[0] for row in scores.splitlines() if ":" in row)
        rig.note(units=", ".join(UNITS), security=found)
        guest.ask("acm provision --tell", 300)
        # Its plug is pulled: whoever takes the card out does no more.
        guest.cut()
    text = read_back(rig.boot, "acm-status.txt")
    assert text.startswith("COUNTING"), text
    assert "acm-secrets.toml" not in run("mdir", "-b", "-i", str(rig.boot), "::/")
    rig.note(card_says=text.splitlines()[0])


def walk(rig: Rig) -> None:
    """The rest of the installer's guide, by a browser: claimed by the card's link, looked at, aimed, counted along."""
    links = re.findall(r"http://rig-box.local:8080(/claim/\S+)", read_back(rig.boot, "acm-status.txt"))
    assert links, "no link on the card"
    with rig.guest(more=wired(PANEL_PORT)) as guest:
        guest.wait_for(lambda: first(guest, "crossing"), "the first person counted", COUNT_S)
        guest.shell()
        guest.ask(WIRE)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
            phone = browser.new_page(base_url=f"http://127.0.0.1:{PANEL_PORT}", viewport={"width": 390, "height": 844})
            phone.set_default_timeout(COUNT_S * 1000)
            claimed(phone, links[0])
            came_in = int(phone.text_content("[data-test=in]") or 0)
            phone.wait_for_function(f"Number(document.querySelector('[data-test=in]').textContent) > {came_in}")
            phone.screenshot(path=rig.folder / "walk-today.png")
            rig.note(walk_aim=aimed(phone))
            counted_along(phone, guest)
            phone.screenshot(path=rig.folder / "walk-count-along.png", full_page=True)
            phone.goto("/reports")
            phone.wait_for_selector("text=Notice at the door")
            browser.close()
        guest.power_off()


def claimed(phone: Page, link: str) -> None:
    """Chapter 7."""
    phone.goto(link)
    phone.fill("#name", "Ada")
    for place in ("#password", "#again"):
        phone.fill(place, "a door with a bell")
    phone.click("button[type=submit]")
    phone.wait_for_selector("[data-test=inside]")


def aimed(phone: Page) -> str:
    """Chapter 8: what the score says."""
    phone.goto("/aim")
    phone.wait_for_selector("[data-test=points] >> text=/\\d+ of 100/")
    phone.click("[data-test=ring]")
    phone.wait_for_selector("text=/It sounds \\d+ ms after/")
    phone.click("[data-test=pulse]")
    phone.wait_for_selector("text=lamp is switched on for a second.")
    return str(phone.text_content("[data-test=points]")).strip()


def counted_along(phone: Page, guest: Guest, most: int = 3) -> None:
    """Chapter 8.4: somebody taps, the panel compares. An emulated box counts people seconds late, so not how well."""
    phone.goto("/count-along")
    phone.click("[data-test=begin]")
    phone.wait_for_selector("[data-test=tap-in]")
    guest.hear()
    known = len(crossings(guest))
    while len(crossings(guest)) < known + most:
        seen = len(crossings(guest))
        guest.wait_for(lambda seen=seen: len(crossings(guest)) > seen, "another person", COUNT_S)
        for row in crossings(guest)[seen:]:
            phone.click(f"[data-test=tap-{row['ACM_DIRECTION']}]")
    phone.click("[data-test=end]")
    phone.wait_for_selector(f"text=/of the {most} people you tapped were counted the right way/")
