"""Changed settings while people are counted: what takes effect, what waits, and that wrong ones change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge.config.load import config_from
from edge.core.clock import ManualClock
from edge.core.errors import ConfigError
from edge.services.analysis import Analysis, Outlet
from edge.services.ledger import Ledger
from edge.services.reload import Reloader, counting_plan

if TYPE_CHECKING:
    from edge.config.schema import Config
    from edge.core.frame import Frame
    from edge.core.model import Sighting
    from edge.core.notice import Fact

SETTINGS = """
[[camera]]
name = "front"
fps = 10
[[camera.line]]
name = "door"
from = [0.5, 0.0]
to = [0.5, 1.0]
in = "left-to-right"
[sound]
volume = 0.8
[[rule]]
name = "bell"
on = "arrival"
chime = "bell"
"""


class Blind:
    def see(self, frame: Frame) -> Sighting:
        raise AssertionError(frame)


class Office:
    """A reloader whose settings are a text."""

    def __init__(self) -> None:
        self.text = SETTINGS
        self.facts: list[Fact] = []
        self.applied: list[Config] = []
        config = self.load()
        self.analysis = Analysis("front", counting_plan(config.camera[0]), Blind, Outlet(Ledger()), ManualClock())
        appliers = dict.fromkeys(("camera", "sound", "rule"), self.applied.append)
        self.reloader = Reloader(
            config, self.load, {"front": self.analysis}, appliers, waiting=("sound.device",), tell=self.facts.append
        )

    def load(self) -> Config:
        return config_from(self.text, "acm.toml")

    def change(self, before: str, after: str) -> tuple[list[str], list[str]]:
        assert before in self.text
        self.text = self.text.replace(before, after)
        return self.reloader.reload()

    def lines(self) -> list[str]:
        self.analysis.step(0.0)
        return [wire.name for wire in self.analysis._plan.tripwires]  # noqa: SLF001 - what it counts at now


def test_nothing_changed_does_nothing() -> None:
    office = Office()
    assert office.reloader.reload() == ([], [])
    assert office.applied == []
    assert [fact.event for fact in office.facts] == ["config-reloaded"]


def test_lines_sounds_and_rules_take_effect_at_once() -> None:
    office = Office()
    assert office.change('"door"', '"gate"') == (["line of camera front"], [])
    assert office.lines() == ["gate"]
    assert office.change("volume = 0.8", "volume = 0.5\ngroup_s = 5.0") == (["sound.volume", "sound.group_s"], [])
    assert office.change('"arrival"', '"departure"') == (["rule"], [])
    assert [config.sound.volume for config in office.applied] == [0.8, 0.5, 0.5]
    assert office.reloader.config is office.applied[-1]


def test_everything_is_applied_once_however_much_changed() -> None:
    office = Office()
    office.text = office.text.replace('"door"', '"gate"').replace("0.8", "0.5").replace('"arrival"', '"departure"')
    changed, waiting = office.reloader.reload()
    assert changed == ["line of camera front", "sound.volume", "rule"]
    assert (waiting, len(office.applied)) == ([], 1)


def test_what_belongs_to_an_open_device_waits_for_a_restart() -> None:
    office = Office()
    changed, waiting = office.change("fps = 10", "fps = 5")
    assert (changed, waiting) == ([], ["fps of camera front"])
    changed, waiting = office.change("volume = 0.8", 'volume = 0.8\ndevice = "hw:CARD=X"\n[detector]\nthreads = 2')
    assert (changed, waiting) == ([], ["detector.threads", "sound.device"])
    changed, waiting = office.change("[sound]", '[[camera]]\nname = "back"\n[sound]')
    assert waiting == ["camera back"]
    assert office.applied == []
    assert [fact.event for fact in office.facts].count("config-waits") == 3


def test_what_is_changed_back_waits_for_nothing() -> None:
    office = Office()
    there, back = [("fps = 10", "fps = 5"), ("[sound]\nvol", '[detector]\nthreads = 2\n[sound]\ndevice = "x"\nvol')], []
    for before, after in there:
        assert office.change(before, after)[1]
        back.insert(0, (after, before))
    assert office.change("[[rule]]", '[[camera]]\nname = "back"\n[[rule]]')[1] == ["camera back"]
    assert office.change('[[camera]]\nname = "back"\n[[rule]]', "[[rule]]") == ([], [])
    for before, after in back:
        assert office.change(before, after) == ([], [])
    assert office.facts[-1].event == "config-reloaded"


def test_wrong_settings_are_refused_with_every_fault_and_the_old_ones_stay() -> None:
    office = Office()
    with pytest.raises(ConfigError) as refused:
        office.change("volume = 0.8", "volume = 8\nvolum = 3\n[detector]\nthreads = 99")
    assert len(str(refused.value).splitlines()) == 3
    assert [fact.event for fact in office.facts] == ["config-refused"] * 3
    assert "acm.toml:11: sound.volume" in office.facts[0].message
    assert office.lines() == ["door"]
    assert office.reloader.config.sound.volume == 0.8
