"""The settings file: what is taken, and how every fault in it is told."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from edge.config.load import config_from, load_config
from edge.core.errors import ConfigError
from edge.core.model import Mount, Tripwire, Zone

if TYPE_CHECKING:
    from pathlib import Path

TWO_DOORS = """
    [site]
    name = "Corner shop"
    time_zone = "Europe/Paris"

    [[camera]]
    name = "front"
    source = "rtsp://user:secret@camera/stream"
    mount = "overhead"
    fps = 8

    [[camera.line]]
    name = "entrance"
    from = [0.0, 0.5]
    to = [1, 0.5]
    in = "bottom-to-top"

    [[camera.line]]
    name = "till"
    from = [0.5, 0.0]
    to = [0.5, 1.0]
    in = "left-to-right"

    [[camera.zone]]
    name = "counter"
    corners = [[0.1, 0.6], [0.4, 0.6], [0.4, 0.9]]

    [[camera]]
    name = "back"

    [sound]
    enabled = false
"""


END = "one end as two fractions of the picture from 0 to 1"
WAYS = '"left-to-right", "right-to-left", "top-to-bottom" or "bottom-to-top"'


def faults_of(text: str) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        config_from(dedent(text), "acm.toml")
    return str(refused.value).split("\n")


def test_settings_become_words() -> None:
    config = config_from(dedent(TWO_DOORS), "acm.toml")
    front, back = config.camera
    assert (front.mount, front.fps, back.mount, back.fps) == (Mount.OVERHEAD, 8.0, Mount.OBLIQUE, 10.0)
    assert config.tripwires("front") == (
        Tripwire("entrance", (1.0, 0.5), (0.0, 0.5)),
        Tripwire("till", (0.5, 1.0), (0.5, 0.0)),
    )
    assert config.zones("front") == (Zone("counter", ((0.1, 0.6), (0.4, 0.6), (0.4, 0.9))),)
    assert (config.tripwires("back"), config.zones("back")) == ((), ())
    assert not config.sound.enabled
    assert config.site.time_zone == "Europe/Paris"


def test_an_empty_file_is_all_defaults() -> None:
    config = config_from("", "acm.toml")
    assert config.camera == ()
    assert config.detector.threads == 1
    assert config.sound.enabled


def test_all_faults_are_told_at_once_each_with_its_line_and_place() -> None:
    assert faults_of("""\
        [site]
        time_zone = "Europe/Pariss"
        [detector]
        treads = 2
        [[camera]]
        name = "front"
        mount = "ceiling"
        fps = 0
        [[camera.line]]
        name = "a"
        from = [0.5, 1.2]
        to = [0.5, 1.0]
        in = "left"
        [[camera]]
        name = "front"
        [[camera.line]]
        name = "b"
        to = [0.5, 1.0]
        in = "left-to-right"
    """) == [
        "acm.toml:2: site.time_zone: there is no time zone 'Europe/Pariss'; did you mean Europe/Paris?",
        "acm.toml:4: detector.treads: there is no such setting; did you mean threads?",
        "acm.toml:7: camera[0].mount: 'ceiling' will not do; give \"oblique\" or \"overhead\".",
        "acm.toml:8: camera[0].fps: 0 will not do; give pictures a second from 1 to 60.",
        f"acm.toml:11: camera[0].line[0].from[1]: 1.2 will not do; give {END}.",
        f"acm.toml:13: camera[0].line[0].in: 'left' will not do; give {WAYS}.",
        "acm.toml:15: camera[1].name: two cameras are called 'front'; give each its own name.",
        f"acm.toml:16: camera[1].line[0].from: is missing; give {END}.",
    ]


def test_names_are_looked_at_whatever_else_is_wrong() -> None:
    """Whoever mends one fault does not want to be told of the next."""
    faults = faults_of("""\
        [[camera]]
        fps = "ten"
        [[camera]]
        [[relay]]
        name = "light"
        pin = "GPIO17"
        [[relay]]
        name = "light"
        pin = 4
        [[button]]
        name = "exit"
        pin = 4
        [[rule]]
        name = "a"
        on = "arrival"
        line = "entrance"
        relay = "ligth"
        [[rule]]
        name = "a"
        on = "notice"
        camera = "dor"
        line = "entrance"
        chime = "bell"
        [infrared]
        camera = "back"
    """)
    assert [fault.split(": ")[:2] for fault in faults] == [
        ["acm.toml:2", "camera[0].fps"], ["acm.toml:3", "camera[1].name"], ["acm.toml:6", "relay[0].pin"],
        ["acm.toml:8", "relay[1].name"], ["acm.toml:16", "rule[0].line"], ["acm.toml:17", "rule[0].relay"],
        ["acm.toml:18", "rule[1]"], ["acm.toml:19", "rule[1].name"], ["acm.toml:21", "rule[1].camera"],
        ["acm.toml:22", "rule[1].line"], ["acm.toml:25", "infrared.camera"],
    ]  # fmt: skip
    assert faults[5].endswith("names a relay 'ligth' that does not exist; did you mean 'light'?")


def test_all_disagreements_between_tables_are_told_each_with_its_line() -> None:
    faults = faults_of("""\
        [[camera]]
        [[relay]]
        name = "light"
        pin = 4
        max_on_s = 5
        [[relay]]
        name = "fan"
        pin = 4
        [[button]]
        name = "exit"
        pin = 4
        [[rule]]
        name = "a"
        on = "arrival"
        relay = "light"
        turn = "hold"
        for_s = 6
        hours = "open"
        from = "sunset"
        holidays = "only"
        [[rule]]
        name = "b"
        on = "notice"
        notice = "camera-los"
        chime = "bell"
    """)
    assert [fault.split(": ")[:2] for fault in faults] == [
        ["acm.toml:8", "relay[1].pin"], ["acm.toml:11", "button[0].pin"], ["acm.toml:17", "rule[0].for_s"],
        ["acm.toml:18", "rule[0].hours"], ["acm.toml:19", "rule[0].from"], ["acm.toml:20", "rule[0].holidays"],
        ["acm.toml:24", "rule[1].notice"],
    ]  # fmt: skip
    assert faults[-1].endswith("names a notice 'camera-los' that does not exist; did you mean 'camera-lost'?")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[site]\ncoordinates=[91, 0]", "acm.toml:2: site.coordinates: [91, 0] will not do; give latitude"),
        ("[site]\ncoordinates='48,2'", "acm.toml:2: site.coordinates: '48,2' will not do; give latitude"),
        ("[site]\nname = 2020-01-01", "acm.toml:2: site.name: 2020-01-01 will not do"),
        ("[detector]\nthreads = true", "detector.threads: true will not do"),
        ("[site]\nname = '\u2028'\n[sound]\nvolume = 2", "acm.toml:2: site.name: "),
        ('[[camera]]\nname = "a\\u001b[31m"', "camera[0].name"),
        ('[[camera]]\nname = "a\\u202eb"', "camera[0].name"),
        ('[[camera]]\nsource = "/dev/video0\\u0000"', "camera[0].source"),
        ('[records]\nfolder = "/data\\u0000"', "records.folder"),
        ("[records]\nfolder = 'data'", "depends on where acm is started; name the folder from the root on"),
        ("[records]\nkeep_days = 1_000_000", "a whole number of days up to 36500, or 0 for ever."),
        ("a = " + "[" * 3000 + "]" * 3000, "acm.toml:1: is nested too deeply to be settings."),
    ],
)
def test_what_strangers_write_is_told_in_a_sentence(text: str, said: str) -> None:
    assert said in faults_of(text)[0]


def test_names_of_all_languages_are_names() -> None:
    config = config_from("[[camera]]\nname = 'Eingang süd 中文 🚪 👨‍👩‍👧'", "acm.toml")
    assert config.camera[0].name == "Eingang süd 中文 🚪 👨‍👩‍👧"


def test_a_file_of_another_kind_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "film.toml"
    path.write_bytes(b"# a comment\n" * 100_000)
    with pytest.raises(ConfigError, match="too big for settings"):
        load_config(path)
    faults = faults_of("[site]\n" + "".join(f"k{number} = 1\n" for number in range(1000)))
    assert len(faults) == 51
    assert faults[-1] == "950 more faults are not shown."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[sounds]", "acm.toml:1: sounds: there is no such setting; did you mean sound?"),
        ("[cellar]\nport = 1", "acm.toml:1: cellar: there is no such setting; there are site, camera, detector, "),
        ("[camera]\nname = 'a'", "[[camera]], with two brackets"),
        ("site = 3", "a table headed [site]"),
        ("sound.volume = 2", "acm.toml:1: sound.volume: 2 will not do; give loudness from 0 to 1."),
        ("[sound]\nvolume = nan", "acm.toml:2: sound.volume"),
        ("[sound]\nvolume = '0.5'", "acm.toml:2: sound.volume"),
        ("[sound]\nenabled = 1", "acm.toml:2: sound.enabled: 1 will not do; give true or false."),
        ("[detector]\nthreads = 1.5", "acm.toml:2: detector.threads"),
        ("[detector]\nthreads = true", "acm.toml:2: detector.threads"),
        ("[[camera]]\nname = ' '", "acm.toml:2: camera[0].name"),
        ("[[camera]]\nsource = 0", "acm.toml:2: camera[0].source: 0 will not do; give a device"),
        ("[[camera]]\nsource = ['rtsp://u:secret@h/']", "['rtsp://***@h/']"),
        ("[[camera]]\n[[camera]]", "two cameras are called 'door'; give each its own name."),
        (
            "[[camera]]\n[[camera.zone]]\nname='z'\ncorners=[[0,0],[1,1]]",
            "acm.toml:4: camera[0].zone[0].corners: [[0, 0], [1, 1]] will not do; give three corners or more",
        ),
        (
            "[[camera]]\n[[camera.zone]]\nname='z'\ncorners=[[0,0],[1,1],[0.5,0.5]]",
            "acm.toml:2: camera[0].zone[0]: the corners enclose no floor",
        ),
        (
            "[[camera]]\nline = [\n  {name='a', from=[0,0], to=[0,0], in='left-to-right'},\n]",
            "acm.toml:2: camera[0].line[0]: the line has no length",
        ),
        ("[site]\nname 'x'", "acm.toml:2: is not TOML here: expected '=' after a key in a key/value pair."),
        ("[site]\nname = 'x'\nname = 'y'", "acm.toml:3: is not TOML here: "),
        ("[site]\nname = ", "acm.toml:2: is not TOML here: "),
    ],
)
def test_a_fault_is_told_in_one_sentence(text: str, said: str) -> None:
    (fault,) = faults_of(text)
    assert said in fault
    assert fault.startswith("acm.toml:")
    assert fault.endswith((".", "?"))
    assert "secret" not in fault


def test_two_lines_of_a_camera_need_two_names_but_two_cameras_may_share_them() -> None:
    line = "[[camera.line]]\nname='a'\nfrom=[0,0]\nto=[0,1]\nin='left-to-right'\n"
    (fault,) = faults_of(f"[[camera]]\n{line}{line}")
    assert "two lines of this camera are called 'a'" in fault
    config_from(f"[[camera]]\nname='x'\n{line}[[camera]]\nname='y'\n{line}", "acm.toml")


def test_a_byte_order_mark_and_windows_line_ends_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "acm.toml"
    path.write_bytes(b"\xef\xbb\xbf" + dedent(TWO_DOORS).replace("\n", "\r\n").encode())
    assert load_config(path) == config_from(dedent(TWO_DOORS), "acm.toml")


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(ConfigError, match="cannot be read"):
            load_config(path)
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b"[site]\nname = 'Caf\xe9'\n")
    with pytest.raises(ConfigError, match=r"latin\.toml:2: is not text in UTF-8"):
        load_config(latin)
