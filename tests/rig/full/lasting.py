"""What may happen to a box that hangs: cold starts, a wrong clock, a frozen system, its plug pulled."""

from __future__ import annotations

import json
import random
import time
from dataclasses import dataclass

from box import COUNT_S, PIN, RECORDS, Rig, first, recorded
from guest import Guest, monotonic_s

RECORDED = """
import json, socket, subprocess, sys, time, wave
import numpy as np
words = "arecord -q -D plughw:Loopback,1,0 -f S16_LE -r 44100 -c 2 -t raw".split()
rec = subprocess.Popen(words, stdout=subprocess.PIPE)
import threading
chunks = []
def read():
    while data := rec.stdout.read(1764):
        chunks.append((time.monotonic(), data))
threading.Thread(target=read, daemon=True).start()
time.sleep(3)
link = socket.socket(socket.AF_UNIX)
link.connect("/run/acm/control.sock")
asked = time.monotonic()
link.sendall(b'{"verb": "chime"}\\n')
told = link.recv(65536).decode()
time.sleep(15)
rec.terminate()
with wave.open(sys.argv[1]) as sound:
    rate, wanted = sound.getframerate(), np.frombuffer(sound.readframes(10**7), "<i2").astype(float)
chunks = [(moment, data) for moment, data in chunks if moment >= asked]
heard = np.frombuffer(b"".join(data for _, data in chunks), "<i2")[::2].astype(float)
# A busy emulated processor leaves gaps: so in pieces of a tenth of a second.
long, size = rate // 10, 1 << (len(heard) + rate).bit_length()
whole, energy = np.fft.rfft(heard, size), np.concatenate([[0], np.cumsum(heard**2)])
energy = np.sqrt(energy[long:] - energy[:-long])
pieces = [(start, wanted[start : start + long]) for start in range(0, len(wanted) - long, long)]
loudest = max(np.linalg.norm(piece) for _, piece in pieces)
found = []
for start, piece in pieces:
    strength = np.linalg.norm(piece)
    if strength < loudest / 20:
        continue
    match = np.fft.irfft(whole * np.conj(np.fft.rfft(piece, size)), size)[: len(energy)]
    alike = match / (strength * np.maximum(energy, loudest / 100))
    found.append((float(alike.max()), int(alike.argmax())))
heard_at = [at for alike, at in found if alike > 0.9]
count, when = 0, None
for moment, data in chunks:
    count += len(data) // 4
    if heard_at and count > min(heard_at):
        when = round((moment - asked) * 1000)
        break
print(json.dumps({"heard": len(heard_at), "of": len(found), "heard_ms": when, "told": told}))
"""
# Tells the kernel that its clock is kept right, as a time server's client does (adjtimex: ADJ_STATUS, ADJ_MAXERROR).
SYNCED = """
import ctypes, struct
timex = ctypes.create_string_buffer(208)
timex[0:4] = struct.pack("I", 0x14)
print(ctypes.CDLL(None).adjtimex(timex))
"""


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


def sound(rig: Rig, guest: Guest) -> None:
    """The chime, recorded at the other end of the sound card."""
    python = "/usr/lib/customer-messenger/current/venv/bin/python"
    guest.ask(f"cat >/run/heard.py <<'END'\n{RECORDED}\nEND")
    wav = guest.ask(
        f"{python} -c \"from edge.hardware.sound_files import sound_file; print(sound_file('two-tone'))\""
    ).splitlines()[-1]
    told = json.loads(guest.ask(f"{python} /run/heard.py {wav}", 400).splitlines()[-1])
    queued_ms = json.loads(told["told"])["queued_ms"]
    rig.note(chime_heard=f"{told['heard']} of {told['of']}", chime_heard_ms=told["heard_ms"], chime_queued_ms=queued_ms)
    assert told["heard"] >= told["of"] / 2 > 0, told


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
    """Its plug is pulled at random moments: nothing that was acknowledged is lost, and relays are safe.

    Every third time while it starts; otherwise up to 20 s after a row of this start was acknowledged.
    """
    chance, known, found = random.Random(rig.cuts), set[int](), Found()
    for number in range(rig.cuts):
        with rig.guest() as guest:
            if number % 3 == 1:
                hear_for(guest, chance.uniform(2.0, 70.0))
            else:
                looked_over(guest, known, found)
                guest.wait_for(lambda: recorded(guest), "a row that is safe", COUNT_S)
                hear_for(guest, chance.uniform(0.0, 20.0))
            guest.cut()
            guest.hear()
            known |= recorded(guest)
        rig.note(cuts=number + 1, cuts_acknowledged=len(known), **found.facts)
    with rig.guest() as guest:
        looked_over(guest, known, found)
        rig.note(cuts_acknowledged=len(known), **found.facts)
        guest.power_off()
    assert not any(found.facts.values()), found


@dataclass
class Found:
    """What must not be."""

    lost: int = 0
    unclean: int = 0
    unsafe: int = 0

    @property
    def facts(self) -> dict[str, int]:
        return {"cuts_lost": self.lost, "database_unclean": self.unclean, "relay_unsafe": self.unsafe}


def looked_over(guest: Guest, known: set[int], found: Found) -> None:
    """What is left after the plug was pulled; and whether a relay is on before anybody came."""
    guest.wait_for(lambda: guest.journal, "the kernel's first words")
    guest.shell()
    found.unsafe += guest.ask(f"cat {PIN}") != "0"
    guest.wait_for(lambda: first(guest, "started"), "ready", COUNT_S)
    level = guest.ask(f"cat {PIN}")
    guest.hear()
    found.unsafe += level != "0" and first(guest, "crossing") is None
    rows, sound_ = survived(guest)
    found.lost += len(known - rows)
    found.unclean += not sound_


def hear_for(guest: Guest, lasting_s: float) -> None:
    """Listen for so long."""
    end_s = time.monotonic() + lasting_s
    while time.monotonic() < end_s:
        guest.hear()
        time.sleep(0.02)


def survived(guest: Guest) -> tuple[set[int], bool]:
    """The rows there are, and whether the database is sound."""
    rows = guest.ask(f"sqlite3 -readonly {RECORDS} 'select seq from crossing'")
    checked = guest.ask(f"sqlite3 -readonly {RECORDS} 'pragma integrity_check'")
    return {int(row) for row in rows.split()}, checked.strip() == "ok"


TIMELESS = "systemd.mask=systemd-timesyncd.service"


def clock(rig: Rig) -> None:
    """It starts in 1970, counts, and hears the time later: all rows end with right times."""
    true = int(time.time())
    # Otherwise it would begin with the time of its last stop.
    with rig.guest(kernel=TIMELESS) as guest:
        guest.shell()
        guest.ask("rm -f /var/lib/systemd/timesync/clock")
        guest.power_off()
    guest = rig.guest(kernel=TIMELESS)
    with guest.start(rtc="base=1970-01-02T00:00:00,clock=vm"):
        guest.shell()
        before = guest.ask(f"sqlite3 -readonly {RECORDS} 'select coalesce(max(seq), 0) from crossing'")
        seen = guest.ask("date +%F")
        guest.wait_for(lambda: len({seq for seq in recorded(guest) if seq > int(before)}) > 2, "people", COUNT_S)
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
    """Its first process dies; the watchdog starts the machine again, and it counts again."""
    kernel = "modules-load=softdog systemd.watchdog_sec=10 systemd.watchdog_device=/dev/watchdog0"
    with rig.guest(kernel=kernel) as guest:
        guest.shell()
        frozen_s = time.monotonic()
        guest.say("echo 1 >/proc/sys/kernel/sysrq; kill -SEGV 1")
        console = rig.folder / "console.txt"
        guest.wait_for(lambda: b"Initiating system reboot" in console.read_bytes(), "the watchdog", 60)
        rig.note(watchdog_fired_s=round(time.monotonic() - frozen_s, 1))
        after_s = time.monotonic() - guest.began_s
        guest.wait_for(
            lambda: [row for row in guest.journal if row.get("ACM_EVENT") == "started" and row["came_s"] > after_s],
            "a new start", COUNT_S,
        )  # fmt: skip
        rig.note(watchdog_ready_s=round(time.monotonic() - frozen_s, 1))
        guest.shell()
        guest.power_off()
