"""The machine's health: read from made-up boards, and judged over made-up summers."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.host.clock_sync import clock_synced, kernel_synced
from edge.host.health import DAY_S, PARTS, Health, HealthLimits, HealthWatch, Slowdown, read_health
from edge.host.machine import Disk, Firmware, Machine, Power, device_of

if TYPE_CHECKING:
    from edge.core.notice import Fact

RECORDS = Path("/var/lib/acm")


def board(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def untold() -> None:
    return None


PI = {
    "proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.4\0",
    "proc/sys/kernel/random/boot_id": "0c4d5b1e-6f0e-4f2c-8f0b-6f2f0f8a9d11\n",
    "proc/uptime": "12345.67 40000.00\n",
    "proc/self/status": "Name:\tacm\nVmPeak:\t  300000 kB\nVmRSS:\t  184320 kB\n",
    "proc/self/io": "rchar: 1\nwchar: 2\nwrite_bytes: 9000000\ncancelled_write_bytes: 1000000\n",
    "proc/meminfo": "MemTotal:  3884000 kB\nMemAvailable:  2048000 kB\n",
    "sys/class/thermal/thermal_zone0/type": "cpu-thermal\n",
    "sys/class/thermal/thermal_zone0/temp": "61322\n",
    "sys/class/hwmon/hwmon1/name": "rpi_volt\n",
    "sys/class/hwmon/hwmon1/in0_lcrit_alarm": "0\n",
}
JETSON = {
    "sys/class/thermal/thermal_zone0/type": "CPU-therm\n",
    "sys/class/thermal/thermal_zone0/temp": "48500\n",
    "sys/class/thermal/thermal_zone1/type": "GPU-therm\n",
    "sys/class/thermal/thermal_zone1/temp": "51250\n",
    "sys/class/thermal/thermal_zone2/type": "PMIC-Die\n",
    "sys/class/thermal/thermal_zone2/temp": "100000\n",
    "sys/class/thermal/thermal_zone3/type": "SOC0-therm\n",
    "sys/class/thermal/thermal_zone3/temp": "-274000\n",
    "sys/class/thermal/cooling_device0/type": "thermal-cpufreq-0\n",
    "sys/class/thermal/cooling_device0/cur_state": "2\n",
    "sys/class/thermal/cooling_device1/type": "pwm-fan\n",
    "sys/class/thermal/cooling_device1/cur_state": "3\n",
}


def test_a_raspberry_pi_is_read(tmp_path: Path) -> None:
    machine = Machine(board(tmp_path, PI), lambda: "throttled=0x50005\n")
    assert machine.model() == "Raspberry Pi 4 Model B Rev 1.4"
    assert machine.celsius() == pytest.approx(61.322)
    assert machine.power() == Power(undervolted=True, slowed="too hot")
    assert machine.boot_id() == "0c4d5b1e-6f0e-4f2c-8f0b-6f2f0f8a9d11"
    assert machine.uptime_s() == pytest.approx(12345.67)
    assert machine.rss_mb() == 180
    assert machine.memory_free_mb() == 2000
    assert machine.written_mb() == 8


@pytest.mark.parametrize(
    ("told", "power"),
    [
        ("throttled=0x0", Power(undervolted=False, slowed="")),
        ("throttled=0x50000", Power(undervolted=False, slowed="")),
        ("throttled=0x1", Power(undervolted=True, slowed="")),
        ("throttled=0xe", Power(undervolted=False, slowed="too hot and near too hot and too little power")),
        ("error=1", Power(undervolted=False, slowed=None)),
        (None, Power(undervolted=False, slowed=None)),
    ],
)
def test_the_firmware_says_why_it_slows_down(tmp_path: Path, told: str | None, power: Power) -> None:
    assert Machine(board(tmp_path, PI), lambda: told).power() == power


def test_without_the_firmware_the_kernels_sensor_is_read(tmp_path: Path) -> None:
    root = board(tmp_path, {**PI, "sys/class/hwmon/hwmon1/in0_lcrit_alarm": "1\n"})
    assert Machine(root, untold).power().undervolted is True


def test_a_jetson_is_read(tmp_path: Path) -> None:
    machine = Machine(board(tmp_path, JETSON), untold)
    assert machine.celsius() == 51.25
    assert machine.power() == Power(undervolted=None, slowed="heat")


def test_a_board_that_tells_nothing_is_no_fault(tmp_path: Path) -> None:
    health = read_health(Machine(tmp_path / "none", untold), tmp_path / "no records", untold)
    assert health == Health()
    assert HealthWatch(HealthLimits(), RECORDS).see(health, 0.0) == []


@given(st.dictionaries(st.sampled_from(sorted({*PI, *JETSON})), st.text(max_size=30)), st.none() | st.text(max_size=20))
def test_whatever_a_board_tells_it_is_no_fault(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, str], told: str | None
) -> None:
    root = board(tmp_path_factory.mktemp("board"), files)
    health = read_health(Machine(root, lambda: told), root, untold)
    HealthWatch(HealthLimits(), RECORDS).see(health, 0.0)


def test_a_cards_own_account_is_read(tmp_path: Path) -> None:
    card = "sys/devices/platform/mmc/mmcblk0"
    root = board(
        tmp_path,
        {
            f"{card}/stat": "1 2 3 4 5 6 2000000 8 9 10 11\n",
            f"{card}/device/life_time": "0x02 0x09\n",
            f"{card}/mmcblk0p2/partition": "2\n",
            f"{card}/mmcblk0p2/stat": "1 2 3 4 5 6 7 8 9 10 11\n",
        },
    )
    (root / "sys/dev/block").mkdir(parents=True)
    (root / "sys/dev/block/179:2").symlink_to(root / card / "mmcblk0p2")
    (root / "sys/dev/block/179:0").symlink_to(root / card)
    machine = Machine(root, untold)
    for device in ("179:2", "179:0"):
        assert machine.card_written_mb(device) == 1024
        assert machine.card_worn(device) == 0.9
    for device in ("8:1", ""):
        assert machine.card_written_mb(device) is None
        assert machine.card_worn(device) is None


def test_this_machine_is_read(tmp_path: Path) -> None:
    health = read_health(Machine(), tmp_path)
    assert health.disk is not None
    assert 0 < health.disk.free_mb < health.disk.total_mb
    assert health.rss_mb is not None
    assert health.rss_mb > 5
    assert health.uptime_s is not None
    assert len(health.boot_id) == 36
    assert set(health.words()) >= {"celsius", "disk", "synced"}
    assert device_of(tmp_path / "missing") == ""


def test_firmware_that_is_not_there_is_asked_once() -> None:
    missing = Firmware(("no-such-command-here",))
    assert missing() is None
    assert missing() is None
    answering = Firmware((sys.executable, "-c", "print('throttled=0x0')"))
    assert answering() == "throttled=0x0\n"
    refusing = Firmware((sys.executable, "-c", "raise SystemExit(1)"))
    assert refusing() is None


def test_the_kernel_is_asked_for_the_clock_first(tmp_path: Path) -> None:
    assert clock_synced(tmp_path, lambda: True) is True
    assert clock_synced(tmp_path, lambda: False) is False
    assert clock_synced(tmp_path, untold) is None
    (tmp_path / "run/systemd/timesync").mkdir(parents=True)
    assert clock_synced(tmp_path, untold) is False
    (tmp_path / "run/systemd/timesync/synchronized").touch()
    assert clock_synced(tmp_path, untold) is True
    assert kernel_synced() in (True, False, None)


def watched(readings: list[tuple[float, Health]], limits: HealthLimits | None = None) -> list[tuple[float, Fact]]:
    watch = HealthWatch(limits or HealthLimits(), RECORDS)
    return [(now_s, fact) for now_s, health in readings for fact in watch.see(health, now_s)]


def events(told: list[tuple[float, Fact]]) -> list[tuple[float, str]]:
    return [(now_s, fact.event) for now_s, fact in told]


def test_a_flickering_supply_is_one_notice() -> None:
    readings = [(float(t), Health(power=Power(undervolted=t < 300 and t % 20 == 0))) for t in range(0, 600, 10)]
    assert events(watched(readings)) == [(0.0, "undervoltage"), (350.0, "power-good")]


def test_a_disk_has_to_gain_room_to_be_good_again() -> None:
    def reading(now_s: float, free_mb: float) -> tuple[float, Health]:
        return now_s, Health(disk=Disk(free_mb, 8000, read_only=False))

    readings = [reading(0, 301), reading(10, 299), reading(20, 301), reading(200, 310), reading(300, 400)]
    assert events(watched([*readings, reading(361, 400)])) == [(10, "disk-low"), (361, "disk-good")]


def test_own_writing_is_counted_by_the_day() -> None:
    hours = [(hour * 3600.0, Health(written_mb=hour * 10.0)) for hour in range(72)]
    told = watched(hours)
    assert events(told) == [(21 * 3600, "card-written"), (45 * 3600, "card-written"), (69 * 3600, "card-written")]
    assert told[0][1].message.startswith("This program wrote 210 MB")
    assert watched([(day * DAY_S, Health(written_mb=day * 199.0)) for day in range(30)]) == []


def test_a_worn_card_and_little_memory_are_told_once() -> None:
    tired = Health(card_worn=0.9, memory_free_mb=20.0)
    assert events(watched([(float(t), tired) for t in range(0, 3600, 10)])) == [(0.0, "card-worn"), (0.0, "memory-low")]


def test_a_board_that_slows_itself_says_why() -> None:
    ((_, fact),) = watched([(0.0, Health(power=Power(slowed="too hot"))), (10.0, Health(power=Power(slowed="")))])
    assert fact.message == "The board slows its processor down by itself (too hot)."


def test_heat_slows_down_step_by_step_and_back() -> None:
    watch = HealthWatch(HealthLimits(hot_c=78), RECORDS)
    story = []
    for now_s in range(0, 1200, 5):
        celsius = 70 + min(now_s, 600) / 30 - 3.0 * max(0, now_s - 600) / 30
        told = watch.see(Health(celsius=celsius), float(now_s))
        story += [(fact.event, round(celsius), watch.slowdown.part) for fact in told]
    assert story == [("hot", 78, 0.6), ("hot", 82, 0.3), ("cool", 62, 1.0)]


def test_one_hot_reading_is_no_heat() -> None:
    slowdown = Slowdown(78.0)
    for now_s in range(0, 600, 10):
        slowdown.see(90.0 if now_s % 20 else 60.0, float(now_s))
    assert slowdown.part == 1


def test_a_sensor_that_is_gone_does_not_slow_down_for_ever() -> None:
    slowdown = Slowdown(78.0)
    for now_s in range(0, 60, 10):
        slowdown.see(95.0, float(now_s))
    assert slowdown.part == PARTS[-1]
    for now_s in range(60, 300, 10):
        slowdown.see(None, float(now_s))
    assert slowdown.part == 1


@given(st.lists(st.one_of(st.none(), st.floats(20, 110)), max_size=200))
def test_steps_are_one_at_a_time_and_never_fast(readings: list[float | None]) -> None:
    slowdown, last = Slowdown(78.0), None
    for number, celsius in enumerate(readings):
        before = PARTS.index(slowdown.part)
        way = slowdown.see(celsius, 5.0 * number)
        assert PARTS.index(slowdown.part) - before == way
        if way:
            assert last is None or 5.0 * (number - last) >= 10.0
            last = number


def test_a_look_is_unchangeable() -> None:
    health = Health(celsius=40.0)
    assert replace(health, celsius=50.0) != health
