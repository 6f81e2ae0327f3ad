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
        f"acm.toml:16: camera[1].line[0].from: is missing; give {END}.",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[sounds]", "acm.toml:1: sounds: there is no such setting; did you mean sound?"),
        ("[cellar]\nport = 1", "acm.toml:1: cellar: there is no such setting; there are site, camera, detector, sound, "),
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
