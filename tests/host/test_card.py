"""A card is prepared on a laptop, and the box makes of it what it says."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest
from card_kit import CAMERA, FRESH, KEY, ROOT, boot_partition
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.config.card import Card, Wifi, countries, with_site
from edge.config.files import SettingsFiles
from edge.config.load import config_from
from edge.core.errors import ConfigError, InputError
from edge.host.card.first_run import first_run_files
from edge.host.card.partition import found, with_words, without_words
from edge.host.card.removable import refuse_on_linux
from edge.host.card.scrub import without_passwords
from edge.host.card.taking import BEFORE, faults_on, take
from edge.host.card.told import Signal, State, lasting, status_text
from edge.host.card.writing import planned, write

if TYPE_CHECKING:
    from pathlib import Path

CARD = Card("corner-shop", CAMERA, country="DE", wifi=Wifi("Über Café", "Blue Umbrella 7"), ssh_keys=(KEY,))
steady = settings(derandomize=True, deadline=None, max_examples=60)


def prepared(folder: Path, card: Card) -> Path:
    text, config = card.checked()
    partition = found(folder)
    write(partition, planned(partition, card, text, config.site.time_zone, ()))
    return folder


def box(folder: Path, text: str = CAMERA) -> SettingsFiles:
    (folder / "etc").mkdir()
    (folder / "etc" / "acm.toml").write_text(text, encoding="utf-8")
    return SettingsFiles(folder / "etc/acm.toml", folder / "state/overrides.toml", folder / "etc/secrets.toml")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"host": "corner_shop"}, "--host: 'corner_shop' cannot name a box"),
        ({"country": "UK"}, "--country: 'UK' is no country's code"),
        ({"country": "de"}, "such as DE"),
        ({"country": ""}, "--country: Wi-Fi needs to know the country"),
        ({"wifi": Wifi("x", "short")}, "this one has 5"),
        ({"wifi": Wifi("x", "")}, "this one has 0"),
        ({"wifi": Wifi("x", "a" * 64)}, ""),
        ({"wifi": Wifi("x", "g" * 64)}, "this one has 64"),
        ({"wifi": Wifi("x" * 33, "longenough")}, "this one has 33"),
        ({"wifi": Wifi("x")}, ""),
        ({"user": "root"}, "--user: 'root'"),
        ({"ssh_keys": ("-----BEGIN OPENSSH PRIVATE KEY-----\nsecretsecret",)}, "is no public key"),
        ({"ssh_keys": (KEY.replace("ed25519", "rsa", 1),)}, "is no public key"),
        ({"settings": '[site]\nname = "x"\n'}, "acm.toml: there is no camera; add a table headed [[camera]]."),
        ({"time_zone": "Europe/Berln"}, "did you mean Europe/Berlin?"),
        ({"settings": CAMERA + "[sound]\nvolum = 1\n"}, "sound.volum"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_in_a_sentence(changed: dict[str, object], told: str) -> None:
    card = replace(CARD, **changed)  # type: ignore[arg-type]
    if not told:
        card.checked()
        return
    with pytest.raises(ConfigError) as caught:
        card.checked()
    assert told in str(caught.value)
    assert "\n" not in str(caught.value), "one fault, one sentence"
    assert "secretsecret" not in str(caught.value)


def test_all_faults_are_told_at_once() -> None:
    wrong = Card("a_b", "", time_zone="Mars/Base", country="XX", wifi=Wifi("", "x"), user="Root", ssh_keys=("x",))
    with pytest.raises(ConfigError) as caught:
        wrong.checked()
    told = str(caught.value)
    assert [row.split(" ")[0] for row in told.split("\n")[:6]] == [
        "--host:", "--country:", "--wifi:", "--wifi-password-file:", "--user:", "--ssh-key:"
    ]  # fmt: skip
    assert "time_zone" in told
    assert "no camera" in told
    assert {"DE", "TR", "GB", "US"} <= countries()


@pytest.mark.parametrize(
    "text",
    [CAMERA, f'[site]\nname = "old"\n{CAMERA}', f"# mine\n[site]\n# zone below\ntime_zone = 'UTC'\n{CAMERA}",
     f"[sound]\nvolume = 0.5\n\n{CAMERA}\n[site]\n", f"{CAMERA}[[camera.line]]\nname = 'x'\n"],
)  # fmt: skip
def test_the_site_is_written_into_the_settings_and_nothing_else_changes(text: str) -> None:
    made = with_site(text, 'Corner "Shop"', "Europe/Berlin")
    rows = made.split("\n")
    assert 'name = "Corner \\"Shop\\""' in rows
    assert 'time_zone = "Europe/Berlin"' in rows
    kept = [row for row in text.split("\n") if row and "old" not in row and "UTC" not in row and row != "[site]"]
    assert [row for row in rows if row in kept] == kept
    if "line" not in text:
        config = config_from(made, "acm.toml")
        assert (config.site.name, config.site.time_zone) == ('Corner "Shop"', "Europe/Berlin")


def test_a_card_for_cloud_init(tmp_path: Path) -> None:
    card = replace(CARD, time_zone="Europe/Berlin", secrets="# s\n")
    boot = prepared(boot_partition(tmp_path / "boot", "trixie"), card)
    head, _, body = (boot / "user-data").read_text(encoding="utf-8").partition("\n")
    told = json.loads(body)
    assert head == "#cloud-config"
    assert (told["hostname"], told["timezone"], told["ssh_pwauth"]) == ("corner-shop", "Europe/Berlin", False)
    assert told["users"][0]["ssh_authorized_keys"] == [KEY]
    assert told["users"][0]["lock_passwd"] is True
    assert told["runcmd"][-1] == ["sh", "/boot/firmware/acm/install.sh"]
    network = json.loads((boot / "network-config").read_text(encoding="utf-8"))
    assert network["wifis"]["wlan0"]["access-points"] == {"Über Café": {"password": "Blue Umbrella 7"}}
    assert network["wifis"]["wlan0"]["regulatory-domain"] == "DE"
    instance = json.loads((boot / "meta-data").read_text(encoding="utf-8"))["instance-id"]
    assert (boot / "cmdline.txt").read_text() == f"{ROOT} ds=nocloud;i={instance}\n"
    assert (boot / "acm-secrets.toml").read_text() == "# s\n"
    assert config_from((boot / "acm.toml").read_text(encoding="utf-8"), "x").site.time_zone == "Europe/Berlin"
    again = prepared(boot, replace(CARD, time_zone="Europe/Berlin", host="other"))
    assert instance not in (again / "cmdline.txt").read_text(), "another box starts for the first time, too"


def test_a_card_for_the_first_run_script(tmp_path: Path) -> None:
    odd = replace(CARD, wifi=Wifi("a';reboot;'", " \\back$(reboot)"), time_zone="Europe/Istanbul")
    boot = prepared(boot_partition(tmp_path / "boot", "bookworm"), odd)
    words = (boot / "cmdline.txt").read_text().split()
    assert "systemd.run=/boot/firstrun.sh" in words
    assert words[:3] == ROOT.split()[:3]
    script = (boot / "firstrun.sh").read_text(encoding="utf-8")
    subprocess.run(["sh", "-n", boot / "firstrun.sh"], check=True)  # noqa: S603, S607 - only parsed
    assert "psk=\\s\\\\back$(reboot)\n" in script
    assert "ssid=97;39;59;" in script
    assert "<<'END_OF_CONNECTION'" in script, "nothing in it is run by the shell"
    made = first_run_files(odd, "Europe/Istanbul", (boot / "cmdline.txt").read_text().strip())
    assert made["cmdline.txt"].count("systemd.run=") == 1, "a card written twice starts once"


def test_the_end_of_the_script_leaves_nothing_behind(tmp_path: Path) -> None:
    boot = prepared(boot_partition(tmp_path / "boot", "bookworm"), CARD)
    script = (boot / "firstrun.sh").read_text(encoding="utf-8")
    only_end = f"set -u\nboot={boot}\n" + script[script.rindex("\n{\n") :]
    (boot / "firstrun.sh").write_text(only_end, encoding="utf-8")
    subprocess.run(["sh", boot / "firstrun.sh"], check=True)  # noqa: S603, S607 - it writes into this folder
    assert not (boot / "firstrun.sh").exists()
    assert (boot / "cmdline.txt").read_text().strip() == FRESH["bookworm"]["cmdline.txt"].strip()


@steady
@given(st.lists(st.sampled_from(["a=1", "ds=x", "quiet", "a=2", "rootwait"]), max_size=8))
def test_words_of_the_kernel_stand_once(words: list[str]) -> None:
    line = with_words(" ".join(words), {"ds": "nocloud;i=1"})
    assert line.split().count("ds=nocloud;i=1") == 1
    assert without_words(line, "ds") == without_words(" ".join(words), "ds")


def test_a_folder_that_is_no_boot_partition(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no folder"):
        found(tmp_path / "no")
    with pytest.raises(InputError, match=r"no cmdline\.txt and no config\.txt"):
        found(tmp_path)
    boot = boot_partition(tmp_path / "boot", "trixie")
    (boot / "cmdline.txt").write_text("a\nb\n")
    with pytest.raises(InputError, match="not one line"):
        found(boot)
    (boot / "cmdline.txt").write_text("a" * 5000)
    with pytest.raises(InputError, match="longer than a kernel takes"):
        found(boot)


@pytest.mark.parametrize(
    ("disk", "files", "root_too", "refused"),
    [
        ("sdb", {"removable": "1"}, False, ""),
        ("sda", {"removable": "0"}, False, "the disk sda, which is no removable card"),
        ("mmcblk0", {"removable": "0", "device/type": "SD"}, False, ""),
        ("mmcblk0", {"removable": "0", "device/type": "MMC"}, False, "no removable card"),
        ("mmcblk0", {"removable": "0", "device/type": "SD"}, True, "the disk this computer runs from"),
        ("loop0", {}, False, ""),
    ],
)
def test_only_cards_are_written_to(
    tmp_path: Path, disk: str, files: dict[str, str], root_too: bool, refused: str  # noqa: FBT001
) -> None:
    boot = tmp_path / "my card"
    boot.mkdir()
    whole = tmp_path / "devices" / disk
    for number in (1, 2):
        part = whole / f"{disk}p{number}"
        part.mkdir(parents=True)
        (part / "partition").write_text(str(number))
        (tmp_path / "dev").mkdir(exist_ok=True)
        (tmp_path / "dev" / f"8:{number}").symlink_to(part)
    for name, text in files.items():
        (whole / name).parent.mkdir(exist_ok=True)
        (whole / name).write_text(text + "\n")
    root = "8:2" if root_too else "9:9"
    mounts = tmp_path / "mountinfo"
    place = str(boot).replace(" ", "\\040")
    mounts.write_text(f"1 0 {root} / / rw - ext4 x rw\n2 1 8:1 / {place} rw - vfat x rw\n")
    if refused:
        with pytest.raises(InputError, match=refused):
            refuse_on_linux(boot, mounts, tmp_path / "dev")
    else:
        refuse_on_linux(boot, mounts, tmp_path / "dev")
    refuse_on_linux(tmp_path, mounts, tmp_path / "dev")


def test_a_full_card_keeps_its_old_start(tmp_path: Path) -> None:
    boot = boot_partition(tmp_path / "boot", "trixie")
    before = (boot / "cmdline.txt").read_text()
    partition = found(boot)
    with pytest.raises(InputError, match="1 MB free and 8 MB are needed"):
        write(partition, planned(partition, CARD, CAMERA, "UTC", ()), lambda _: 1 << 20)
    assert (boot / "cmdline.txt").read_text() == before


def test_the_box_takes_settings_and_keeps_those_from_before(tmp_path: Path) -> None:
    boot, files = boot_partition(tmp_path / "boot", "trixie"), box(tmp_path)
    assert take(boot, files).taken == ()
    (boot / "acm.toml").write_bytes(b"\xef\xbb\xbf[site]\r\nname = 'New'\r\n" + CAMERA.encode())
    (boot / "acm-secrets.toml").write_text('[mqtt]\nhost = "broker"\nuser = "u"\npassword = "hush hush"\n')
    came = take(boot, files)
    assert came.taken == ("acm.toml", "acm-secrets.toml")
    assert files.load().config.site.name == "New"
    assert files.secrets.stat().st_mode & 0o777 == 0o640
    assert (files.base.with_name(BEFORE)).read_text() == CAMERA
    assert not [path for path in boot.iterdir() if path.name.startswith("acm")]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("acm.toml", "[site\n", "acm.toml:1:"),
        ("acm.toml", "", "there is no camera"),
        ("acm.toml", CAMERA + "x = 1\n", "acm.toml:4: camera[0].x"),
        ("acm-secrets.toml", '[mqtt]\npassword = "hush hush"\n', "password"),
        ("acm.toml", "#" * 1_000_001, "is longer than"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_used_change_nothing(tmp_path: Path, name: str, text: str, told: str) -> None:
    boot, files = boot_partition(tmp_path / "boot", "trixie"), box(tmp_path)
    (boot / name).write_text(text)
    came = take(boot, files)
    assert told in "\n".join(came.faults)
    assert came.faults == faults_on(boot, files)
    assert "hush" not in "\n".join(came.faults)
    assert files.base.read_text() == CAMERA
    assert not files.secrets.exists()
    assert (boot / name).exists(), "whoever wrote it may mend it"


def test_passwords_do_not_stay_on_the_card(tmp_path: Path) -> None:
    boot = prepared(boot_partition(tmp_path / "boot", "trixie"), CARD)
    assert without_passwords(boot) == ["network-config"]
    assert without_passwords(boot) == []
    kept = (boot / "network-config").read_text(encoding="utf-8")
    assert "Umbrella" not in kept
    assert "Über Café" in kept
    other = prepared(boot_partition(tmp_path / "other", "bookworm"), CARD)
    assert without_passwords(other) == ["firstrun.sh"]
    assert not (other / "firstrun.sh").exists()


STATE = State("1.2.3", datetime(2026, 1, 2, 3, 4, tzinfo=timezone.utc), None)


@pytest.mark.parametrize(
    ("status", "faults", "signal"),
    [
        (None, (), Signal.FAULTY),
        ({"cameras": [{"state": "running"}]}, (), Signal.COUNTING),
        ({"cameras": [{"state": "running"}]}, ("acm.toml:1: wrong.",), Signal.FAULTY),
        ({"cameras": [{"state": "lost"}, {"state": "running"}]}, (), Signal.COUNTING),
        ({"cameras": [{"state": "lost"}]}, (), Signal.NO_CAMERA),
    ],
)
def test_how_the_box_does_is_told_by_beeps(
    status: dict[str, object] | None, faults: tuple[str, ...], signal: Signal
) -> None:
    state = replace(STATE, status=status, faults=faults)
    assert state.signal is signal
    assert f"({int(signal)} beeps.)" in status_text(state)


def test_what_has_to_be_mended_comes_first() -> None:
    rows = [{"level": "ok", "name": "disk", "what": "Fine.", "remedy": ""},
            {"level": "fail", "name": "camera door", "what": "It is lost.", "remedy": "Check its plug."}]  # fmt: skip
    text = status_text(replace(STATE, findings=rows, addresses=["http://shop.local/"], claim="abc"))
    assert text.index("camera door") < text.index("disk")
    assert "-> Check its plug." in text
    assert "http://shop.local/claim/abc" in text
    assert set(text.split("\n")[:-1]) == {row for row in text.split("\n")[:-1] if row.endswith("\r")}
    assert "no network" in status_text(STATE)


DISK = {"level": "ok", "name": "disk", "what": "5210 MB free.", "remedy": ""}


@pytest.mark.parametrize(
    ("changed", "news"),
    [
        ({"at": datetime(2026, 5, 1, 8, 1, tzinfo=timezone.utc)}, False),
        ({"findings": [{**DISK, "what": "5209 MB free."}]}, False),
        ({"findings": [{**DISK, "level": "warn"}]}, True),
        ({"addresses": ["http://192.168.1.21/"]}, True),
        ({"faults": ["acm.toml:2: wrong."]}, True),
        ({"version": "1.2.4"}, True),
        ({"claim": ""}, True),
    ],
)
def test_what_only_goes_by_the_minute_is_no_news(changed: dict[str, Any], *, news: bool) -> None:
    told = {"findings": [DISK], "addresses": ["http://192.168.1.20/"], "faults": ["acm.toml:1: wrong."], "claim": "a1"}
    state = replace(STATE, **told)
    assert (lasting(status_text(state)) != lasting(status_text(replace(state, **changed)))) is news
