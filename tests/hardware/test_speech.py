"""Greetings as files: rendered once, kept within bounds, and every failure a sentence.

The speaking program is a stand-in that keeps espeak-ng's manners (measured on 1.51: it ends with 0 even if it could
not write); where the real one is installed, it is asked as well.
"""

from __future__ import annotations

import os
import shutil
import sys
import wave
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from edge.core.errors import DeviceError
from edge.hardware.speech import PROGRAM, Speech

if TYPE_CHECKING:
    from pathlib import Path

STAND_IN = f"""\
    #!{sys.executable}
    import sys, time, wave
    words = sys.argv[1:]
    voice, speed, out = (words[words.index(option) + 1] for option in ("-v", "-s", "-w"))
    assert words[-1] == "--stdin", words
    text = sys.stdin.buffer.read().decode()
    with open(__file__ + ".log", "a") as log:
        log.write(text + chr(10))
    if voice not in ("en", "de"):
        sys.exit("Error: The specified espeak-ng voice does not exist.")
    if text == "hang":
        time.sleep(60)
    if text == "broken":
        sys.exit("Can't open the data.")
    if text == "mute":
        sys.exit(0)
    seconds = 20.0 if text == "long" else 0.05 * len(text) * 150 / int(speed)
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(22050)
        sound.writeframes(b"" if text == "empty" else bytes([1, 2]) * round(seconds * 22050))
    """


class Program:
    """The stand-in, installed somewhere."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "speak"
        self.path.write_text(dedent(STAND_IN))
        self.path.chmod(0o755)

    @property
    def texts(self) -> list[str]:
        log = self.path.with_name("speak.log")
        return log.read_text().splitlines() if log.exists() else []


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


def speech(program: Program, **settings: object) -> Speech:
    return Speech(program.path.parent / "state" / "speech", program=str(program.path), **settings)  # type: ignore[arg-type]


def length_s(path: Path) -> float:
    with wave.open(str(path)) as sound:
        return sound.getnframes() / sound.getframerate()


def test_a_text_is_rendered_once_and_then_at_hand(program: Program) -> None:
    voice = speech(program)
    assert voice.cached("Good morning") is None
    path = voice.render("Good morning")
    assert path == voice.cached("Good morning") == voice.render("Good morning")
    assert path == speech(program).cached("Good morning")
    assert length_s(path) == pytest.approx(0.6, abs=0.01)
    assert program.texts == ["Good morning"]
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_another_voice_or_pace_is_another_file(program: Program) -> None:
    paths = {
        speech(program).render("Hallo"),
        speech(program, voice="de").render("Hallo"),
        speech(program, words_per_minute=300).render("Hallo"),
        speech(program).render("Hallo!"),
    }
    assert len(paths) == 4
    assert length_s(speech(program, words_per_minute=300).render("Hallo")) == pytest.approx(0.125, abs=0.01)


@pytest.mark.parametrize("text", ["--path=/etc", "-w /tmp/x", "$(id); `id` | cat > x", "größer ✂ «guillemets»", "a\nb"])
def test_a_text_is_never_an_option_nor_a_command(program: Program, text: str) -> None:
    assert speech(program).render(text).is_file()
    assert "\n".join(program.texts) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hang", "took more than 0 s; the chime sounds instead."),
        ("broken", "failed (Can't open the data); the chime sounds instead."),
        ("mute", "failed (it wrote no sound); the chime sounds instead."),
        ("empty", "failed (it wrote no sound); the chime sounds instead."),
        ("long", "takes more than 15 s to say; shorten [greeting] text; the chime sounds instead."),
    ],
)
def test_a_failure_is_a_sentence_and_leaves_nothing_behind(program: Program, text: str, said: str) -> None:
    voice = speech(program, limit_s=0.4 if text == "hang" else 10.0)
    with pytest.raises(DeviceError) as failed:
        voice.render(text)
    assert str(failed.value).endswith(said)
    assert voice.cached(text) is None
    assert list((program.path.parent / "state" / "speech").iterdir()) == []


def test_a_missing_program_or_voice_is_told_with_the_remedy(program: Program) -> None:
    with pytest.raises(DeviceError, match=r"no voice 'xx' \(see espeak-ng --voices\); set \[greeting\] language"):
        speech(program, voice="xx").render("Hello")
    program.path.chmod(0o644)
    absent = Speech(program.path.parent / "state", program="espeak-absent")
    for voice in (absent, speech(program)) if os.geteuid() else (absent,):
        with pytest.raises(DeviceError, match=r"is not installed \(apt install espeak-ng\); the chime sounds instead"):
            voice.render("Hello")


def test_a_folder_that_cannot_be_written_is_told(program: Program) -> None:
    (program.path.parent / "state").write_text("a file where the folder should be")
    with pytest.raises(DeviceError, match=r"cannot be kept in .*speech \(Not a directory\)"):
        speech(program).render("Hello")


def test_the_folder_stays_within_its_bounds_and_the_oldest_goes(program: Program) -> None:
    voice = speech(program, most_files=3)
    texts = [f"You are number {number}" for number in range(6)]
    for number, text in enumerate(texts):
        path = voice.render(text)
        os.utime(path, (1000 + number, 1000 + number))
    left_over = path.parent / "tmpcut.part"
    left_over.write_bytes(b"half")
    stranger = path.parent / "notes.txt"
    stranger.write_text("not ours")
    voice.render("One more")
    assert [text for text in texts if voice.cached(text)] == texts[-2:]
    assert voice.cached("One more")
    assert not left_over.exists()
    assert stranger.exists()


def test_bytes_are_bounded_too_but_the_newest_stays(program: Program) -> None:
    voice = speech(program, most_bytes=30_000)
    first = voice.render("short")
    os.utime(first, (1000, 1000))
    assert voice.render("a somewhat longer text").stat().st_size > 30_000
    assert voice.cached("short") is None
    assert voice.cached("a somewhat longer text")


@pytest.mark.parametrize("program_name", [name for name in (PROGRAM,) if shutil.which(name)] or [None])
def test_the_real_program_speaks_if_it_is_here(program: Program, program_name: str | None) -> None:
    voice = Speech(program.path.parent / "state", voice="de", program=program_name or str(program.path))
    path = voice.render("Guten Morgen, Sie sind Nummer 7.")
    assert 0.5 < length_s(path) < 5.0
    with pytest.raises(DeviceError, match="no voice 'xx'"):
        Speech(program.path.parent / "state", voice="xx", program=program_name or str(program.path)).render("Hi")
