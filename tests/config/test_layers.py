"""Settings files over each other: what is in force, where it came from, where its faults are told."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent

import pytest

from edge.config.files import SettingsFiles, state_folder
from edge.config.load import InForce, Text, in_force
from edge.config.show import shown, toml_value
from edge.core.errors import ConfigError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

OWNER = """
[site]
name = "Corner shop"

[[camera]]
name = "front"
source = "rtsp://camera/stream"
[[camera.line]]
name = "entrance"
from = [0.0, 0.5]
to = [1.0, 0.5]
in = "bottom-to-top"

[[camera]]
name = "back"
"""
PANEL = """
[[camera]]
name = "front"
fps = 5
line = []

[[camera]]
name = "side"
"""
CAMERA_LOGIN = """
[[camera]]
name = "back"
source = "rtsp://owner:apple@camera/stream"
"""


def layered(*texts: str) -> InForce:
    names = ("acm.toml", "overrides.toml", "secrets.toml")
    return in_force(tuple(Text(name, text, secret=name[0] == "s") for name, text in zip(names, texts, strict=False)))


def test_tables_merge_by_key_cameras_by_name_and_lists_are_replaced() -> None:
    config = layered(OWNER, PANEL, CAMERA_LOGIN).config
    front, back, side = config.camera
    assert (front.name, front.fps, front.source, front.line) == ("front", 5.0, "rtsp://camera/stream", ())
    assert (back.name, back.source) == ("back", "rtsp://owner:apple@camera/stream")
    assert side.name == "side"
    assert config.site.name == "Corner shop"


def test_each_setting_knows_its_file_and_line() -> None:
    settings = layered(OWNER, PANEL, CAMERA_LOGIN)
    assert settings.source(("site", "name")) == ("acm.toml", 3)
    assert settings.source(("camera", 0, "fps")) == ("overrides.toml", 4)
    assert settings.source(("camera", 1, "name")) == ("acm.toml", 15)
    assert settings.source(("camera", 1, "source")) == ("secrets.toml", 4)
    assert settings.source(("camera", 1, "fps")) is None
    assert settings.source(("sound", "volume")) is None


def test_faults_of_all_files_are_told_at_once_each_in_its_own() -> None:
    with pytest.raises(ConfigError) as refused:
        layered(OWNER.replace("bottom-to-top", "up"), PANEL.replace("fps = 5", "fsp = 5"), "[site]\ntime_zone = 3\n")
    rows = str(refused.value).split("\n")
    assert [row.split(": ")[:2] for row in rows] == [
        ["overrides.toml:4", "camera[0].fsp"],
        ["secrets.toml:2", "site.time_zone"],
    ], "the line that was taken away has no faults any more"
    with pytest.raises(ConfigError) as refused:
        layered("[site\n", "[[camera]]\nname = front\n")
    assert [row.split(": ")[0] for row in str(refused.value).split("\n")] == ["acm.toml:1", "overrides.toml:2"]


def test_a_missing_key_is_told_where_its_table_stands() -> None:
    line = "[[camera]]\nname = 'front'\n\n[[camera.line]]\nname = 'a'\nfrom = [0, 0]\nin = 'left-to-right'\n"
    with pytest.raises(ConfigError, match=r"^overrides\.toml:4: camera\[0\]\.line\[0\]\.to: is missing"):
        layered(OWNER, line)


def test_what_is_shown_can_be_read_again_and_holds_no_secret() -> None:
    settings = layered(OWNER.replace("camera/stream", "user:pear@camera/stream?token=9"), PANEL, CAMERA_LOGIN)
    told = shown(settings)
    assert not any(secret in told for secret in ("apple", "pear", "token=9"))
    assert 'name = "back"' in told
    assert 'source = "***" ' in told
    assert "# overrides.toml:4" in told
    again = tomllib.loads(told)
    assert [camera["name"] for camera in again["camera"]] == ["front", "back", "side"]
    assert again["camera"][0]["fps"] == 5.0
    plainly = in_force((Text("again.toml", told),)).config
    assert plainly.sound == settings.config.sound
    assert plainly.detector == settings.config.detector


VALUES = ('quote " back \\ tab \t nul \x00 del \x7f é ☂', True, 3, 2.5, ["a", [1.0]], {"k y": 1})


@pytest.mark.parametrize("value", VALUES)
def test_values_are_written_as_toml_reads_them(value: object) -> None:
    assert tomllib.loads(f"a = {toml_value(value)}")["a"] == value


def write(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        (folder / f"{name}.toml").write_text(dedent(text), encoding="utf-8")


def test_a_box_has_three_files_of_which_one_must_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, state, handed = tmp_path / "etc", tmp_path / "state", tmp_path / "credentials"
    for folder in (settings, state, handed):
        folder.mkdir()
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    with pytest.raises(ConfigError, match="cannot be read"):
        SettingsFiles.around(settings / "acm.toml", state).load()
    write(settings, acm=OWNER, secrets=CAMERA_LOGIN)
    write(state, overrides=PANEL)
    loaded = SettingsFiles.around(settings / "acm.toml", state).load()
    assert [camera.name for camera in loaded.config.camera] == ["front", "back", "side"]
    assert loaded.config.camera[1].source.startswith("rtsp://owner:apple@")
    write(handed, secrets=CAMERA_LOGIN.replace("apple", "plum"))
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(handed))
    assert "plum" in SettingsFiles.around(settings / "acm.toml", state).load().config.camera[1].source


def test_the_state_folder_is_as_asked_or_as_the_service_manager_or_the_owner_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = tmp_path / "acm.toml"
    base.write_text("[records]\nfolder = '/srv/shop'\n", encoding="utf-8")
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/shop:/var/lib/other")
    assert state_folder(base) == Path("/var/lib/shop")
    assert state_folder(base, Path("/srv/acm")) == Path("/srv/acm")
    monkeypatch.delenv("STATE_DIRECTORY")
    assert state_folder(base) == Path("/srv/shop")
    for text in ("", "records = 3", "[records]\nfolder = 3", "[records"):
        base.write_text(text, encoding="utf-8")
        assert state_folder(base) == Path("/var/lib/acm")
    assert state_folder(tmp_path / "none.toml") == Path("/var/lib/acm")
