"""Settings of sound, greeting, display and of a board's own cameras."""

from __future__ import annotations

from datetime import time

import pytest

from edge.config.camera_source import CameraKind, CameraSource, camera_source
from edge.config.hours import hours, within
from edge.config.load import config_from
from edge.core.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "span"),
    [("21:00-07:00", (time(21), time(7))), (" 9:30 to 12:00 ", (time(9, 30), time(12))),
     ("00:00-24:00", (time(0), time(0))), ("18:00-24:00", (time(18), time(0)))],
)  # fmt: skip
def test_hours_are_read(text: str, span: tuple[time, time]) -> None:
    assert hours(text) == span


def test_hours_hold_from_their_start_to_just_before_their_end() -> None:
    assert [within(time(h), (time(9), time(11))) for h in (8, 9, 10, 11)] == [False, True, True, False]
    assert [within(time(h), (time(22), time(6))) for h in (21, 22, 0, 5, 6)] == [False, True, True, True, False]
    assert within(time(23, 59), (time(0), time(0)))


@pytest.mark.parametrize(
    ("text", "source"),
    [("picamera", CameraSource(CameraKind.PICAMERA)), ("picamera:1", CameraSource(CameraKind.PICAMERA, 1)),
     ("jetson", CameraSource(CameraKind.JETSON)), ("jetson:0", CameraSource(CameraKind.JETSON, 0)),
     ("/dev/video0", CameraSource(CameraKind.VIDEO, place="/dev/video0")),
     ("0", CameraSource(CameraKind.VIDEO, place="0")),
     ("door", CameraSource(CameraKind.VIDEO, place="door")),
     ("./picamera", CameraSource(CameraKind.VIDEO, place="./picamera")),
     ("picamera.mp4", CameraSource(CameraKind.VIDEO, place="picamera.mp4"))],
)  # fmt: skip
def test_sources_are_told_apart(text: str, source: CameraSource) -> None:
    assert camera_source(text) == source


GREETING = "placeholders are {greeting}, {shop} and {count}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[sound]\nquiet = ['22-7']", "acm.toml:2: sound.quiet[0]: '22-7' are no hours; write them like 21:00-07:00."),
        ("[sound]\nnight = ['22:00-25:00']", "'22:00-25:00': the day runs from 00:00 to 24:00."),
        ("[sound]\nnight = ['22:60-23:00']", "the day runs from 00:00 to 24:00."),
        ("[sound]\nnight = ['22:00-22:00']", "have no length; for the whole day write 00:00-24:00."),
        ("[sound]\nquiet = '22:00-07:00'", 'will not do; give hours in a list, such as ["22:00-07:00"].'),
        ("[sound]\narrival = ''", "sound.arrival: '' will not do; give the name of a chime"),
        ("[sound]\nnight_volume = 1.5", "sound.night_volume: 1.5 will not do; give loudness from 0 to 1."),
        ("[sound]\ngroup_s = -1", "sound.group_s: -1 will not do; give seconds from 0 to 3600."),
        ("[sound]\ndevise = 'x'", "did you mean device?"),
        ("[greeting]\ntext = 'Hello {name}'", f"nothing can be put for {{name}}; {GREETING}."),
        ("[greeting]\ntext = 'Hello {count.real}'", f"nothing can be put for {{count.real}}; {GREETING}."),
        ("[greeting]\ntext = 'Hello {count:9999999}'", f"nothing can be put for {{count}}; {GREETING}."),
        ("[greeting]\ntext = 'Hello {'", f"greeting.text: a brace stands alone; {GREETING}."),
        ("[greeting]\nlanguage = 'en --stdout'", "greeting.language: 'en --stdout' will not do; give a voice"),
        ("[greeting]\nlanguage = '-w/etc/x'", "greeting.language"),
        ("[greeting]\nwords_per_minute = 5", "give a whole number from 80 to 300."),
        ("[display]\nlimit = -1", "display.limit: -1 will not do; give how many people may be inside"),
        ("[[camera]]\nsource = 'picamera2'", "camera[0].source: 'picamera2' is no camera; did you mean picamera?"),
        ("[[camera]]\nsource = 'picamera:x'", "the first camera is picamera:0, the second picamera:1."),
        ("[[camera]]\nsource = 'jetson:99'", "the first camera is jetson:0, the second jetson:1."),
        ("[[camera]]\nsource = 'jetsen:1'", "'jetsen:1' is no camera; did you mean jetson?"),
        ("[[camera]]\nturned = 90", "camera[0].turned: 90 will not do; give 0, or 180 for a camera that hangs"),
        ("[[camera]]\ntuning = 'imx219_noir.json'", 'tuning is for a source "picamera", not for /dev/video0'),
    ],
)
def test_a_fault_is_told_in_one_sentence(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        config_from(text, "acm.toml")
    (fault,) = str(refused.value).split("\n")
    assert said in fault


def test_all_of_it_can_be_set() -> None:
    config = config_from(
        """
        [sound]
        device = "hw:CARD=Headphones"
        night = ["20:00-08:00"]
        quiet = ["22:00-07:00", "12:30-13:00"]
        [greeting]
        text = "{greeting} at {shop}, number {count} {{today}}"
        language = "pt-br"
        [display]
        enabled = true
        limit = 12
        [[camera]]
        source = "picamera:1"
        turned = 180
        tuning = "imx708_noir.json"
        """,
        "acm.toml",
    )
    assert config.sound.quiet_hours() == ((time(22), time(7)), (time(12, 30), time(13)))
    assert config.sound.night_hours() == ((time(20), time(8)),)
    assert config.display.limit == 12
    assert config.camera[0].turned == 180
