"""The whole box under qemu, from a prepared card to its first count, and what may happen to it afterwards.

    python tests/rig/full/run.py FOLDER [--clip CLIP] [--only card,cold,...] [--cuts 20]

FOLDER keeps the guest (built once) and the run's disks. Needs root for building, and qemu-system-x86 qemu-utils seabios
mmdebstrap mtools dosfstools cpio zstd. Times are those of an emulated processor: about twenty times slower than a box.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent))

from guest import Guest, RigError, boot_image, monotonic_s, needed, read_back, run

from edge.host.sample_clip import sample_clip

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
PYTHON = sys.executable
CMDLINE = "console=tty1 root=PARTUUID=1234-02 rootfstype=ext4 rootwait quiet ds=nocloud;i=rpi-image\n"
# The emulated processor looks at one or two pictures a second: the clip's people walk as much slower.
RATE = "0.2"
SETTINGS = """
[site]
name = "Rig"
time_zone = "Europe/Berlin"

[[camera]]
name = "door"
source = "/dev/video0"
mount = "oblique"
fps = 5

LINES

[sound]
device = "plughw:Loopback,0,0"

[gpio]
driver = "lgpio"

[[relay]]
name = "lamp"
pin = 17

[[rule]]
name = "light"
on = "arrival"
relay = "lamp"

[panel]
port = 8080
"""
PIN = "/sys/devices/platform/gpio-sim.0/gpiochip*/sim_gpio17/value"
RECORDS = "/var/lib/acm/records.db"
INSTALL_S, COUNT_S = 1800.0, 900.0


@dataclass
class Rig:
    """The folder of a run, and what was found."""

    folder: Path
    clip: Path
    cuts: int
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def made(self) -> Path:
        return self.folder / "guest"

    @property
    def boot(self) -> Path:
        return self.folder / "boot.img"

    def guest(self, **more: Any) -> Guest:
        return Guest(self.made, self.folder, self.boot, **more)

    def note(self, **facts: Any) -> None:
        self.facts.update(facts)
        for key, value in facts.items():
            sys.stdout.write(f"  {key}: {value}\n")
        sys.stdout.flush()
        (self.folder / "facts.json").write_text(json.dumps(self.facts, indent=2) + "\n")


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
    rig.note(card_s=round(time.monotonic() - began_s, 1), package_mb=round(packages[-1].stat().st_size / 1e6, 1))


def settings(clip: Path) -> str:
    """Settings for a clip whose line is known: from the truth beside it, or across the middle of the picture."""
    truth = clip.with_suffix(".gt.json")
    line = {"p1": [0.5, 0.0], "p2": [0.5, 1.0], "in": "left-to-right"}
    if truth.exists():
        line = json.loads(truth.read_text())["line"]
    written = (
        f'[[camera.line]]\nname = "entrance"\nfrom = {line["p1"]}\nto = {line["p2"]}\nin = {json.dumps(line["in"])}\n'
    )
    return SETTINGS.replace("LINES", written)


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
        guest.ask("acm provision --tell", 300)
        status = guest.ask("acm status", 60)
        panel = guest.ask(
            "python3 -c \"import urllib.request as u; print(u.urlopen('http://127.0.0.1:8080/', timeout=60).status)\"",
            90,
        )
        rig.note(status=status.splitlines()[0], panel=panel)
        scores = guest.ask(
            "for u in acm acm-panel acm-provision acm-card; do systemd-analyze security --no-pager $u | tail -1; done",
            120,
        )
        rig.note(security=[row.split(":")[1].split()[0] for row in scores.splitlines() if ":" in row])
        guest.power_off()
    text = read_back(rig.boot, "acm-status.txt")
    assert text.startswith("COUNTING"), text
    assert "acm-secrets.toml" not in run("mdir", "-b", "-i", str(rig.boot), "::/")
    rig.note(card_says=text.splitlines()[0])


def first(guest: Guest, event: str) -> dict[str, Any] | None:
    return next((row for row in guest.journal if row.get("ACM_EVENT") == event), None)


def cold(rig: Rig) -> None:
    """A cold start of the installed box, stage by stage."""
    with rig.guest() as guest:
        guest.wait_for(lambda: guest.journal, "the kernel's first words")
        ready = guest.wait_for(lambda: first(guest, "started"), "ready", COUNT_S)
        crossing = guest.wait_for(lambda: first(guest, "crossing"), "the first person counted", COUNT_S)
        started = next(
            (
                row
                for row in guest.journal
                if "acm.service" in str(row.get("MESSAGE")) and "Starting" in str(row.get("MESSAGE"))
            ),
            None,
        )
        rig.note(
            cold_service_started_s=round(monotonic_s(started), 1) if started else None,
            cold_ready_s=round(monotonic_s(ready), 1),
            cold_first_count_s=round(monotonic_s(crossing), 1),
        )
        guest.shell()
        sound(rig, guest)
        relay(rig, guest)
        guest.power_off()


RECORDED = """
import json, subprocess, sys, time, wave
import numpy as np
words = "arecord -q -D hw:Loopback,1,0 -f S16_LE -r 44100 -c 2 -t raw".split()
rec = subprocess.Popen(words, stdout=subprocess.PIPE)
import threading
chunks = []
def read():
    while data := rec.stdout.read(1764):
        chunks.append((time.monotonic(), data))
threading.Thread(target=read, daemon=True).start()
time.sleep(3)
asked = time.monotonic()
said = subprocess.run(["acm", "chime", "--config", "/etc/acm/acm.toml"], capture_output=True, text=True)
time.sleep(4)
rec.terminate()
with wave.open(sys.argv[1]) as sound:
    rate, wanted = sound.getframerate(), np.frombuffer(sound.readframes(10**7), "<i2").astype(float)
heard = np.frombuffer(b"".join(data for _, data in chunks), "<i2")[::2].astype(float)
size = 1 << (len(heard) + len(wanted)).bit_length()
match = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(wanted, size)), size)[: len(heard)]
at = int(match.argmax())
part = heard[at : at + len(wanted)]
alike = float(part @ wanted[: len(part)] / (np.linalg.norm(part) * np.linalg.norm(wanted) + 1e-9))
count, when = 0, None
for moment, data in chunks:
    count += len(data) // 4
    if count > at:
        when = moment
        break
print(json.dumps({"alike": round(alike, 4), "heard_ms": round((when - asked) * 1000), "said": said.stdout.strip()}))
"""


def sound(rig: Rig, guest: Guest) -> None:
    """The chime, recorded at the other end of the sound card."""
    python = "/usr/lib/customer-messenger/current/venv/bin/python"
    guest.ask(f"cat >/run/heard.py <<'END'\n{RECORDED}\nEND")
    wav = guest.ask(
        f"{python} -c \"from edge.hardware.sound_files import sound_file; print(sound_file('two-tone'))\""
    ).splitlines()[-1]
    told = json.loads(guest.ask(f"{python} /run/heard.py {wav}", 180).splitlines()[-1])
    rig.note(chime_alike=told["alike"], chime_heard_ms=told["heard_ms"], chime_told=told["said"])
    assert told["alike"] > 0.5, told


def relay(rig: Rig, guest: Guest) -> None:
    """The relay's line, read from the far side."""
    levels = {}
    for turn in ("on", "off"):
        guest.ask(f"acm relay lamp {turn}")
        levels[turn] = guest.ask(f"sleep 1; cat {PIN}")
    guest.ask("acm relay lamp on; sleep 1; systemctl kill --signal=KILL acm.service; sleep 1", 60)
    levels["killed"] = guest.ask(f"cat {PIN}")
    guest.wait_for(lambda: sum(row.get("ACM_EVENT") == "started" for row in guest.journal) > 1, "a new start", COUNT_S)
    levels["again"] = guest.ask(f"cat {PIN}")
    rig.note(relay=levels)
    assert (levels["on"], levels["off"]) == ("1", "0"), levels
    assert levels["again"] == "0", levels


def cuts(rig: Rig) -> None:
    """Its plug is pulled at random moments: nothing that was acknowledged is lost, and relays are safe."""
    chance, acknowledged, lost, unsafe, unclean = random.Random(rig.cuts), 0, 0, 0, 0
    known: set[int] = set()
    for number in range(rig.cuts):
        with rig.guest() as guest:
            guest.wait_for(lambda: guest.journal, "the kernel's first words")
            guest.shell()
            unsafe += guest.ask(f"cat {PIN} 2>/dev/null || echo 0") != "0"
            if number:
                rows, sound_ = survived(guest)
                lost += len(known - rows)
                unclean += not sound_
            guest.wait_for(lambda: recorded(guest), "a row that is safe", COUNT_S)
            end_s = time.monotonic() + chance.uniform(0.0, 20.0)
            while time.monotonic() < end_s:
                guest.hear()
                time.sleep(0.02)
            guest.cut()
            guest.hear()
            known |= recorded(guest)
        acknowledged = len(known)
        rig.note(cut=number + 1, acknowledged=acknowledged, lost=lost, database_unclean=unclean, relay_unsafe=unsafe)
    with rig.guest() as guest:
        guest.shell()
        rows, sound_ = survived(guest)
        rig.note(cuts=rig.cuts, cuts_acknowledged=acknowledged, cuts_lost=len(known - rows), cuts_sound=sound_)
        guest.power_off()
    assert not lost
    assert not (known - rows)


def recorded(guest: Guest) -> set[int]:
    return {int(row["seq"]) for row in guest.events if row.get("event") == "recorded"}


def survived(guest: Guest) -> tuple[set[int], bool]:
    """The rows there are, and whether the database is sound."""
    rows = guest.ask(f"sqlite3 -readonly {RECORDS} 'select seq from crossing'")
    checked = guest.ask(f"sqlite3 -readonly {RECORDS} 'pragma integrity_check'")
    return {int(row) for row in rows.split()}, checked.strip() == "ok"


# Tells the kernel that its clock is kept right, as a time server's client does (adjtimex(2), ADJ_STATUS).
SYNCED = """
import ctypes, struct
timex = ctypes.create_string_buffer(208)
timex[0:4] = struct.pack("I", 0x10)
print(ctypes.CDLL(None).adjtimex(timex))
"""


def clock(rig: Rig) -> None:
    """It starts in 1970, counts, and hears the time later: all rows end with right times."""
    true = int(time.time())
    guest = rig.guest()
    with guest.start(rtc="base=1970-01-02T00:00:00,clock=vm"):
        guest.shell()
        before = guest.ask(f"sqlite3 -readonly {RECORDS} 'select coalesce(max(seq), 0) from crossing'")
        seen = guest.ask("date +%s")
        guest.wait_for(lambda: {seq for seq in recorded(guest) if seq > int(before)}, "somebody counted", COUNT_S)
        guest.ask(f"date -s @{true}")
        guest.ask(f"cat >/run/synced.py <<'END'\n{SYNCED}\nEND\npython3 /run/synced.py")
        guest.wait_for(lambda: first(guest, "clock-synced"), "the clock's notice", COUNT_S)
        end = int(guest.ask("date +%s"))
        rows = guest.ask(f"sleep 3; sqlite3 -readonly {RECORDS} 'select at_ms from crossing where seq > {before}'")
        times = [int(row) / 1000 for row in rows.split()]
        right = [moment for moment in times if true - 3600 < moment < end + 60]
        rig.note(clock_seen_at_start=seen, clock_rows=len(times), clock_rows_right=len(right))
        assert len(right) == len(times)
        guest.power_off()


def watchdog(rig: Rig) -> None:
    """Its first process dies; the watchdog starts the machine again."""
    kernel = "modules-load=softdog systemd.watchdog_sec=10 systemd.watchdog_device=/dev/watchdog0"
    with rig.guest(kernel=kernel) as guest:
        guest.shell()
        frozen_s = time.monotonic()
        guest.say("echo 1 >/proc/sys/kernel/sysrq; kill -SEGV 1")
        after_s = frozen_s - guest.began_s + 1
        guest.wait_for(
            lambda: [row for row in guest.journal if "Linux version" in str(row) and row["came_s"] > after_s],
            "a new start", 180,
        )  # fmt: skip
        rig.note(watchdog_restarted_s=round(time.monotonic() - frozen_s, 1))


STAGES: dict[str, Callable[[Rig], None]] = {
    "card": card, "install": install, "cold": cold, "clock": clock, "watchdog": watchdog, "cuts": cuts,
}  # fmt: skip


def main() -> int:
    """Run the stages in order; 1 if one failed."""
    words = argparse.ArgumentParser(description="The whole box under qemu.")
    words.add_argument("folder", type=Path)
    words.add_argument("--clip", type=Path, help="what the camera sees (the sample clip)")
    words.add_argument("--only", default=",".join(STAGES))
    words.add_argument("--cuts", type=int, default=20)
    asked = words.parse_args()
    if missing := list(needed()):
        sys.stderr.write(f"Install what gives {', '.join(missing)} first; the head of this file says which packages.\n")
        return 2
    asked.folder.mkdir(parents=True, exist_ok=True)
    clip = asked.clip or sample_clip(sys.stderr.write)
    rig = Rig(asked.folder.resolve(), clip.resolve(), asked.cuts)
    facts = rig.folder / "facts.json"
    rig.facts = json.loads(facts.read_text()) if facts.exists() else {}
    if not (rig.made / "root.img").exists():
        run("bash", str(HERE / "build_guest.sh"), str(rig.made))
    failed = False
    for name in asked.only.split(","):
        sys.stdout.write(f"{name}: {STAGES[name].__doc__}\n")
        try:
            STAGES[name](rig)
        except (RigError, AssertionError) as error:
            failed = True
            sys.stdout.write(f"  FAILED: {error}\n")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
