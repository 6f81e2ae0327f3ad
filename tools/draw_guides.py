"""Draws the pictures of the guides: how high and at which angle a camera hangs, and what is wired to what.

    python tools/draw_guides.py [FOLDER]   (default: edge/guides/pictures)

Plain SVG, the same bytes every time; a test fails when a picture is older than this file.
"""

from __future__ import annotations

import sys
from html import escape
from math import radians, tan
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "edge" / "guides" / "pictures"
INK, MUTED, FILL, ACCENT, RED, BLUE = "#1c2b28", "#5d6f6a", "#f1f5f3", "#0b7a63", "#b3261e", "#1f5fa8"
FONT = "font-family='DejaVu Sans, Verdana, sans-serif'"
# Of the Raspberry Pi Camera Module 3, wide across (data sheet).
FIELD_DEG = 66.0
HEAD_M = 1.7
TALL_M = 1.9


class Drawing:
    """Shapes of one picture, in pixels."""

    def __init__(self, width: int, height: int, title: str) -> None:
        self._size, self._title = (width, height), title
        self._shapes: list[str] = []

    def line(self, *points: tuple[float, float], ink: str = INK, width: float = 2, dashed: bool = False) -> None:
        """A line through points."""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        dash = " stroke-dasharray='7 5'" if dashed else ""
        self._shapes.append(f"<polyline points='{path}' fill='none' stroke='{ink}' stroke-width='{width}'{dash}/>")

    def area(self, *points: tuple[float, float], ink: str = ACCENT, opacity: float = 0.14) -> None:
        """A filled area."""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._shapes.append(f"<polygon points='{path}' fill='{ink}' fill-opacity='{opacity}' stroke='none'/>")

    def box(self, x: float, y: float, width: float, height: float, *rows: str, ink: str = INK) -> None:
        """A part with its name in it."""
        place = f"x='{x}' y='{y}' width='{width}' height='{height}' rx='6'"
        self._shapes.append(f"<rect {place} fill='{FILL}' stroke='{ink}' stroke-width='2'/>")
        top = y + height / 2 - 9 * (len(rows) - 1) + 5
        for number, row in enumerate(rows):
            self.text(x + width / 2, top + 18 * number, row, anchor="middle", bold=number == 0)

    def dot(self, x: float, y: float, ink: str = INK, radius: float = 4.5) -> None:
        """A terminal."""
        self._shapes.append(f"<circle cx='{x}' cy='{y}' r='{radius}' fill='{ink}'/>")

    def text(  # noqa: PLR0913 - how words may look
        self, x: float, y: float, said: str, *, anchor: str = "start", ink: str = INK, bold: bool = False,
        size: int = 14,
    ) -> None:  # fmt: skip
        """Some words."""
        weight = " font-weight='bold'" if bold else ""
        look = f"{FONT} font-size='{size}' fill='{ink}' text-anchor='{anchor}'{weight}"
        self._shapes.append(f"<text x='{x:.1f}' y='{y:.1f}' {look}>{escape(said)}</text>")

    def wire(self, *points: tuple[float, float], ink: str = INK, said: str = "") -> None:
        """A wire with a dot at each end, and what it is."""
        self.line(*points, ink=ink, width=3)
        self.dot(*points[0], ink=ink)
        self.dot(*points[-1], ink=ink)
        if said:
            (x, y), (to_x, _) = points[0], points[1]
            self.text(min(x, to_x) + 10, y - 8, said, ink=ink, size=13)

    def person(self, x: float, floor_y: float, height_px: float) -> None:
        """Somebody, seen from the side."""
        head = height_px * 0.075
        top = floor_y - height_px
        self._shapes.append(f"<circle cx='{x}' cy='{top + head:.1f}' r='{head:.1f}' fill='{MUTED}'/>")
        self.area((x - height_px * 0.1, top + 2.4 * head), (x + height_px * 0.1, top + 2.4 * head),
                  (x + height_px * 0.06, floor_y), (x - height_px * 0.06, floor_y), ink=MUTED, opacity=1.0)  # fmt: skip

    def measure(self, start: tuple[float, float], end: tuple[float, float], said: str) -> None:
        """A measure between two points, upright or level."""
        upright = start[0] == end[0]
        self.line(start, end, ink=BLUE, width=1.5)
        for x, y in (start, end):
            wide, high = 5 * upright, 5 * (not upright)
            self.line((x - wide, y - high), (x + wide, y + high), ink=BLUE, width=1.5)
        x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
        anchor = "start" if upright else "middle"
        self.text(x + 8 * upright, y - 7 * (not upright) + 5 * upright, said, anchor=anchor, ink=BLUE, size=13)

    def svg(self) -> str:
        """The whole picture."""
        width, height = self._size
        shapes = "\n".join(self._shapes)
        return (
            f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' width='{width}' height='{height}'"
            ">\n"
            f"<title>{escape(self._title)}</title>\n<rect width='{width}' height='{height}' fill='white'/>\n"
            f"{shapes}\n</svg>\n"
        )


def oblique() -> Drawing:
    """The camera beside or over the door, looking down at an angle."""
    made, floor, metre = Drawing(860, 420, "The camera looks down at an angle"), 370, 100.0
    camera = (170, floor - 2.6 * metre)
    made.line((20, floor), (840, floor), width=3)
    made.line((150, floor), (150, 40), ink=MUTED, width=6)
    made.area(camera, (290, floor), (760, floor), (760, floor - 80), ink=ACCENT)
    made.box(camera[0] - 20, camera[1] - 14, 40, 24, "")
    made.text(camera[0] + 30, camera[1] - 8, "camera, 25 to 45 degrees down", bold=True)
    for x in (380, 560):
        made.person(x, floor, 1.7 * metre)
    made.line((470, floor - 6), (470, floor + 14), ink=RED, width=5)
    made.text(470, floor + 34, "the line, on the floor", anchor="middle", ink=RED, bold=True)
    made.measure((60, floor), (60, camera[1]), "2.3 to 3 m")
    made.measure((150, floor - 10), (470, floor - 10), "2 to 5 m")
    made.text(560, 60, "Feet seen on both sides of the line,", size=13, ink=MUTED)
    made.text(560, 80, "not against a bright door or window.", size=13, ink=MUTED)
    made.text(560, 100, 'mount = "oblique"', size=13, bold=True)
    return made


def overhead() -> Drawing:
    """The camera straight above the line."""
    made, floor, metre = Drawing(860, 440, "The camera looks straight down"), 390, 105.0
    height_m = 3.0
    camera = (430, floor - height_m * metre)
    half = tan(radians(FIELD_DEG / 2))
    made.line((20, floor), (840, floor), width=3)
    made.line((20, camera[1] - 16), (840, camera[1] - 16), ink=MUTED, width=6)
    wide = height_m * half * metre
    made.area(camera, (camera[0] - wide, floor), (camera[0] + wide, floor))
    made.box(camera[0] - 22, camera[1] - 16, 44, 26, "")
    made.text(camera[0] + 34, camera[1] + 12, "camera, straight down", bold=True)
    for x in (360, 500):
        made.person(x, floor, HEAD_M * metre)
    heads = (height_m - HEAD_M) * half * metre
    level = floor - HEAD_M * metre
    made.line((camera[0] - heads, level), (camera[0] + heads, level), ink=BLUE, dashed=True)
    made.text(camera[0] + heads + 10, level + 5, f"{2 * heads / metre:.1f} m at the heads", ink=BLUE, size=13)
    below = floor + 30
    made.measure((camera[0] - wide, below), (camera[0] + wide, below), f"{2 * wide / metre:.1f} m on the floor")
    made.measure((80, floor), (80, camera[1]), "2.5 to 4 m")
    made.line((430, floor - 8), (430, floor + 6), ink=RED, width=5)
    made.text(600, 150, 'mount = "overhead"', size=13, bold=True)
    made.text(600, 172, "Wide doors need a higher ceiling,", size=13, ink=MUTED)
    made.text(600, 192, "a wider lens or a second line.", size=13, ink=MUTED)
    return made


def relay() -> Drawing:
    """A relay board at the header, a lamp at the relay."""
    made = Drawing(860, 360, "A relay board on the box's header")
    made.box(30, 60, 200, 220, "Raspberry Pi", "40-pin header")
    made.box(380, 60, 190, 220, "Relay board", "3.3 V logic,", "opto-isolated")
    made.box(690, 60, 140, 90, "Lamp", "or fan")
    made.box(690, 200, 140, 80, "Its supply")
    made.wire((230, 100), (380, 100), ink=RED, said="5 V  (pin 2)")
    made.wire((230, 160), (380, 160), ink=INK, said="ground  (pin 6)")
    made.wire((230, 220), (380, 220), ink=BLUE, said="GPIO 17  (pin 11)")
    made.wire((570, 100), (690, 100), ink=INK, said="NO")
    made.wire((570, 240), (690, 240), ink=INK, said="COM")
    made.line((760, 150), (760, 200), width=3)
    made.text(30, 320, '[[relay]]  name = "light"  pin = 17  active = "high"   (or "low")', size=13)
    made.text(30, 342, "Mains belongs to an electrician. NO (normally open): no power means off.", size=13, ink=RED)
    return made


def strike() -> Drawing:
    """A door strike with a supply of its own and a diode across it."""
    made = Drawing(860, 380, "A door strike")
    made.box(30, 90, 170, 160, "Relay board", "as above")
    made.box(330, 40, 200, 80, "12 V supply", "1 A or more")
    made.box(620, 60, 200, 200, "Door strike", "12 V DC,", "fail-secure")
    made.wire((530, 80), (620, 80), ink=RED, said="+12 V")
    made.wire((200, 120), (270, 120), (270, 100), (330, 100), ink=INK, said="COM")
    made.wire((200, 210), (620, 210), ink=BLUE, said="NO")
    made.box(440, 150, 100, 40, "1N4007")
    made.line((490, 150), (490, 80), width=2)
    made.line((490, 190), (490, 210), width=2)
    made.dot(490, 80)
    made.dot(490, 210)
    made.text(436, 176, "stripe to +12 V", size=12, ink=MUTED, anchor="end")
    made.text(30, 310, "[[relay]]  max_on_s = 8.0, so that it never stays open;  [[button]] for who leaves.", size=13)
    made.text(30, 334, "An escape route must open without power and without this box.", size=13, ink=RED)
    return made


def infrared() -> Drawing:
    """An infra-red lamp by a transistor, and the filter before the sensor by a bridge."""
    made = Drawing(860, 400, "Infra-red lamp and filter")
    made.box(30, 60, 190, 260, "Raspberry Pi", "40-pin header")
    made.box(360, 50, 190, 100, "MOSFET board", "logic level, to 5 A")
    made.box(660, 50, 170, 100, "IR lamp", "850 nm, 12 V")
    made.box(360, 220, 190, 110, "H-bridge", "DRV8833 or alike")
    made.box(660, 220, 170, 110, "IR cut filter", "two wires")
    made.wire((220, 90), (360, 90), ink=BLUE, said="GPIO 12  (pin 32)")
    made.wire((220, 130), (360, 130), ink=INK, said="ground")
    made.wire((550, 100), (660, 100), ink=RED, said="12 V, switched")
    made.wire((220, 250), (360, 250), ink=BLUE, said="GPIO 5  (pin 29)")
    made.wire((220, 300), (360, 300), ink=BLUE, said="GPIO 6  (pin 31)")
    made.wire((550, 250), (660, 250), said="A")
    made.wire((550, 300), (660, 300), said="B")
    made.text(30, 362, '[infrared]  lamp_pin = 12  filter = "pulse"  filter_night_pin = 5  filter_day_pin = 6', size=13)
    made.text(30, 384, "Do not look into the lamp from near by; it is bright, though it is not seen.", size=13, ink=RED)
    return made


def speaker() -> Drawing:
    """A speaker by USB, by a sound board, or by HDMI."""
    made = Drawing(860, 300, "A speaker")
    made.box(30, 60, 190, 170, "Raspberry Pi")
    made.box(350, 40, 200, 60, "USB speaker")
    made.box(350, 125, 200, 70, "Amplifier board", "MAX98357A (I2S)")
    made.box(680, 125, 150, 70, "Speaker", "4 ohm, 3 W")
    made.wire((220, 80), (350, 70), said="USB")
    made.wire((220, 150), (350, 150), ink=BLUE, said="GPIO 18, 19, 21")
    made.wire((220, 185), (350, 185), ink=RED, said="5 V, ground")
    made.wire((550, 160), (680, 160))
    made.text(30, 265, "A Pi 5 has no socket for a speaker. aplay -L lists them; device in [sound] names one.", size=13)
    made.text(30, 287, "acm chime --test says how long it takes until it sounds.", size=13)
    return made


PICTURES = {
    "mount-oblique": oblique, "mount-overhead": overhead, "wiring-relay": relay, "wiring-strike": strike,
    "wiring-infrared": infrared, "wiring-speaker": speaker,
}  # fmt: skip


def main(words: list[str]) -> None:
    """Write every picture."""
    folder = Path(words[0]) if words else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in PICTURES.items():
        path = folder / f"{name}.svg"
        path.write_text(draw().svg(), encoding="utf-8")
        print(path)


if __name__ == "__main__":
    main(sys.argv[1:])
