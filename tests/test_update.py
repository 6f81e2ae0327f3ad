"""``acm update``: what is looked over, what is refused and in which words, when it is installed, what came of it."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from edge.app.run import RunAsk
from edge.app.update import UpdateAsk, Updates, apply, apply_waiting, check, standing
from edge.cli import main
from edge.core.clock import ManualClock
from edge.core.errors import AcmError, InputError
from edge.host.package import Packager
from edge.host.programs import Told
from edge.host.signature import SignatureError
from edge.host.upgrade_note import TAKEN, TAKEN_BACK, UpgradeNote, save_note
from edge.host.versions import Versions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.core.notice import Fact

ROOT = Path(__file__).parents[1]
TOOL = ROOT / "tools" / "sign_update.py"
HOURS = 'mon = ["09:00-18:30"]\n'
# A Monday.
NOON, NIGHT = datetime(2026, 11, 23, 12, tzinfo=timezone.utc), datetime(2026, 11, 23, 3, tzinfo=timezone.utc)
SETTINGS = """\
[site]
clock_trusted = true
[[camera]]
name = "door"
source = "sim"
[schedule]
{hours}
"""


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Packages that are signed: a newer one, an older one, the same, one for another machine, and another product's."""
    folder = tmp_path_factory.mktemp("signed")
    for name, words in {
        "newer": ("customer-messenger", "1.10", "amd64"), "older": ("customer-messenger", "1.1", "amd64"),
        "same": ("customer-messenger", "1.9", "all"), "arm": ("customer-messenger", "1.10", "arm64"),
        "other": ("something-else", "1.10", "amd64"), "bad": ("customer-messenger", "1.11", "amd64"),
        "nothing": (),
    }.items():  # fmt: skip
        (folder / f"{name}.deb").write_text(json.dumps(words))
    run("--make-key", folder / "vendor")
    run("--key", folder / "vendor.key", *sorted(folder.glob("*.deb")))
    return folder


def run(*words: object) -> None:
    command = [sys.executable, str(TOOL), *map(str, words)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - ours


class System:
    """A system on which version 1.9 runs, with dpkg and apt as far as they are asked; version 1.11 is no good."""

    def __init__(self, folder: Path, at: datetime = NOON, hours: str = HOURS) -> None:
        self.folder = folder / "state"
        self.home = folder / "lib"
        (self.home / "1.9").mkdir(parents=True)
        (self.home / "current").symlink_to("1.9")
        self.config = folder / "acm.toml"
        self.config.write_text(SETTINGS.format(hours=hours))
        self.clock = ManualClock(utc=at)
        self.installed: list[str] = []
        self.told: list[Fact] = []
        self.out = io.StringIO()

    def ask(self, command: Sequence[str], _: float) -> Told:
        if command[0] == "dpkg-deb":
            return Told(" ".join(json.loads(Path(command[-1]).read_text())))
        if command[:2] == ["dpkg", "--print-architecture"]:
            return Told("amd64\n")
        if command[0] == "dpkg":
            first, second = ([int(part) for part in text.split(".")] for text in (command[2], command[4]))
            return Told("", "" if first > second else "no")
        assert "apt-get" in command
        return self._install(json.loads(Path(command[-1]).read_text())[1])

    def _install(self, version: str) -> Told:
        self.installed.append(version)
        if version == "1.10" and self.config.with_name("full").exists():
            return Told("Reading ...\nE: You don't have enough free space.\n", "systemd-run: it ended with 100")
        (self.home / version).mkdir()
        good = version != "1.11"
        if good:
            Versions(self.home).turn_to(version)
        at = self.clock.utc_now().isoformat()
        why = "" if good else "its service failed"
        save_note(UpgradeNote(TAKEN if good else TAKEN_BACK, "1.9", version, at, why=why), self.folder)
        return Told("")

    def updates(self, keys: Path, *, root: bool = True) -> Updates:
        return Updates(
            self.clock, lambda: False, self.clock.advance, self.told.append, Packager(self.ask), Versions(self.home),
            self.folder, keys, root,
        )  # fmt: skip

    def where(self) -> RunAsk:
        return RunAsk(self.config, self.config.parent)


@pytest.fixture
def system(tmp_path: Path) -> System:
    return System(tmp_path)


def ask(system: System, file: Path, *, now: bool = False, downgrade: bool = False) -> UpdateAsk:
    return UpdateAsk(system.where(), file, now=now, downgrade=downgrade)


def test_a_check_tells_and_changes_nothing(system: System, signed: Path) -> None:
    updates = system.updates(signed / "vendor.pub", root=False)
    assert check(ask(system, signed / "newer.deb"), updates, system.out) == 0
    assert system.out.getvalue().splitlines() == [
        f"{signed / 'newer.deb'}: version 1.10 for amd64, signed: file:newer.deb.",
        f"It can be installed in place of 1.9: sudo acm update --apply {signed / 'newer.deb'}",
    ]
    assert not system.folder.exists()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("older", "is version 1.1, older than 1.9, which is in use; --downgrade takes it all the same"),
        ("same", "is version 1.9, which is in use already"),
        ("arm", "is for arm64, and this machine is amd64"),
        ("other", "is the package something-else, not customer-messenger"),
        ("nothing", "is no package"),
        ("lost", "there is no such file"),
    ],
)
def test_what_will_not_do_is_refused_in_a_sentence(system: System, signed: Path, name: str, why: str) -> None:
    updates = system.updates(signed / "vendor.pub")
    for doing in (check, apply):
        with pytest.raises(InputError) as told:
            doing(ask(system, signed / f"{name}.deb", now=True), updates, system.out)
        assert why in str(told.value)
        assert "\n" not in str(told.value)
    assert system.installed == []
    assert not list(system.folder.glob("*"))


def test_the_signature_is_looked_at_before_anything_else(system: System, signed: Path, tmp_path: Path) -> None:
    for name in ("newer.deb", "newer.deb.minisig"):
        (tmp_path / name).write_bytes((signed / name).read_bytes())
    (tmp_path / "newer.deb").write_text("[]")
    updates = system.updates(signed / "vendor.pub")
    updates = replace(updates, packager=Packager(lambda *_: pytest.fail("an unsigned file was opened")))
    for doing in (check, apply):
        with pytest.raises(SignatureError, match="is not what was signed"):
            doing(ask(system, tmp_path / "newer.deb", now=True), updates, system.out)


def test_nobody_is_trusted_without_a_key(system: System, signed: Path) -> None:
    with pytest.raises(InputError, match="holds no key, so nothing can be trusted"):
        check(ask(system, signed / "newer.deb"), system.updates(ROOT / "config" / "update.pub"), system.out)


def test_only_root_installs(system: System, signed: Path) -> None:
    with pytest.raises(InputError, match="only root may install an update; say: sudo acm update --apply"):
        apply(ask(system, signed / "newer.deb"), system.updates(signed / "vendor.pub", root=False), system.out)


def test_in_opening_hours_it_waits_and_is_installed_after_them(system: System, signed: Path) -> None:
    updates = system.updates(signed / "vendor.pub")
    assert apply(ask(system, signed / "newer.deb"), updates, system.out) == 0
    assert "Version 1.10 is installed by itself later: the shop is open." in system.out.getvalue()
    assert [fact.event for fact in system.told] == ["update-waits"]
    assert apply_waiting(system.where(), updates, system.out) == 0
    assert system.installed == []
    standing(updates, system.out)
    assert "newer.deb waits until the shop is closed" in system.out.getvalue()
    system.clock.advance(timedelta(hours=6, minutes=29).total_seconds())
    assert apply_waiting(system.where(), updates, system.out) == 0
    assert system.installed == []
    system.clock.advance(120)
    assert apply_waiting(system.where(), updates, system.out) == 0
    assert system.installed == ["1.10"]
    assert apply_waiting(system.where(), updates, system.out) == 0
    assert system.installed == ["1.10"]
    assert [path.name for path in system.folder.iterdir()] == ["upgrade.json"]


def test_now_does_not_wait(system: System, signed: Path) -> None:
    updates = system.updates(signed / "vendor.pub")
    assert apply(ask(system, signed / "newer.deb", now=True), updates, system.out) == 0
    assert system.out.getvalue().endswith("Version 1.10 is in use.\n")
    assert updates.version == "1.10"
    standing(updates, system.out)
    assert "1.10 is in use" in system.out.getvalue()


def test_a_few_minutes_before_opening_it_is_too_late(tmp_path: Path, signed: Path) -> None:
    system = System(tmp_path, at=datetime(2026, 11, 23, 8, 59, tzinfo=timezone.utc))
    apply(ask(system, signed / "newer.deb"), system.updates(signed / "vendor.pub"), system.out)
    assert "the shop is about to open" in system.out.getvalue()
    assert system.installed == []


@pytest.mark.parametrize(("at", "done"), [(NOON, []), (NIGHT, ["1.10"])])
def test_without_opening_hours_it_is_done_at_night(tmp_path: Path, signed: Path, at: datetime, done: list[str]) -> None:
    system = System(tmp_path, at=at, hours="")
    apply(ask(system, signed / "newer.deb"), system.updates(signed / "vendor.pub"), system.out)
    assert system.installed == done
    assert ("opening hours are not set, so it is done from 2:00 to 5:00" in system.out.getvalue()) == (not done)


def test_a_box_that_does_not_know_the_time_waits(tmp_path: Path, signed: Path) -> None:
    system = System(tmp_path, at=NIGHT)
    system.config.write_text(system.config.read_text().replace("clock_trusted = true", ""))
    updates = system.updates(signed / "vendor.pub")
    apply(ask(system, signed / "newer.deb"), updates, system.out)
    assert "does not know the time of day for certain" in system.out.getvalue()
    assert system.installed == []
    apply_waiting(system.where(), replace(updates, synced=lambda: True), system.out)
    assert system.installed == ["1.10"]


def test_settings_that_are_wrong_are_no_opening_hours(system: System, signed: Path) -> None:
    system.config.write_text("[schedule]\nmon = 5\n")
    apply(ask(system, signed / "newer.deb"), system.updates(signed / "vendor.pub"), system.out)
    assert "the settings are wrong, so nobody knows when the shop is open" in system.out.getvalue()


def test_an_older_version_is_taken_if_it_is_meant(system: System, signed: Path) -> None:
    updates = system.updates(signed / "vendor.pub")
    apply(ask(system, signed / "older.deb", downgrade=True), updates, system.out)
    system.clock.advance(timedelta(hours=8).total_seconds())
    assert apply_waiting(system.where(), updates, system.out) == 0
    assert system.installed == ["1.1"]


def test_a_version_that_was_taken_back_is_told(system: System, signed: Path) -> None:
    updates = system.updates(signed / "vendor.pub")
    assert apply(ask(system, signed / "bad.deb", now=True), updates, system.out) == 1
    assert system.out.getvalue().endswith("It was taken back: its service failed. Version 1.9 is in use.\n")
    standing(updates, system.out)
    assert "The upgrade to version 1.11 of 2026-11-23T12:00:00+00:00 was taken back: its service failed." in (
        system.out.getvalue()
    )


def test_a_package_that_cannot_be_installed_is_told_in_the_packager_s_words(system: System, signed: Path) -> None:
    system.config.with_name("full").touch()
    with pytest.raises(AcmError, match=r"was not installed \(You don't have enough free space\.\)"):
        apply(ask(system, signed / "newer.deb", now=True), system.updates(signed / "vendor.pub"), system.out)
    assert not list(system.folder.glob("staged*"))


def test_what_waits_and_is_no_good_is_thrown_away_and_told(system: System, signed: Path) -> None:
    updates = system.updates(signed / "vendor.pub")
    apply(ask(system, signed / "newer.deb"), updates, system.out)
    (system.folder / "waiting" / "newer.deb").write_text("exchanged")
    system.clock.advance(timedelta(hours=8).total_seconds())
    assert apply_waiting(system.where(), updates, system.out) == 1
    assert system.told[-1].event == "update-refused"
    assert "is not what was signed" in str(system.told[-1].values["reason"])
    assert not list(system.folder.glob("waiting*"))


def test_what_waits_is_for_root_s_eyes_only(system: System, signed: Path) -> None:
    apply(ask(system, signed / "newer.deb"), system.updates(signed / "vendor.pub"), system.out)
    assert (system.folder / "waiting").stat().st_mode & 0o777 == 0o700


def test_the_command_tells_in_a_sentence(capsys: pytest.CaptureFixture[str], signed: Path) -> None:
    keys = ["--keys", str(signed / "vendor.pub")]
    assert main(["update", "--check", "nowhere.deb", *keys]) == 2
    assert "there is no such file" in capsys.readouterr().err
    assert main(["update", "--now"]) == 2
    assert "--now and --downgrade go with --apply FILE" in capsys.readouterr().err
    assert main(["update"]) == 0
    assert capsys.readouterr().out.startswith("Version ")
