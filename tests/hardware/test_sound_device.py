"""A card by its short name becomes the device SDL knows, however the cards are numbered today."""

from __future__ import annotations

import pytest

from edge.hardware.sound_device import sdl_name

# A Pi with two HDMI sockets, its headphone socket, and two USB cards of one make.
CARDS = """\
 0 [vc4hdmi0       ]: vc4-hdmi - vc4-hdmi-0
                      vc4-hdmi-0
 1 [Headphones     ]: bcm2835_headpho - bcm2835 Headphones
                      bcm2835 Headphones
 2 [Device         ]: USB-Audio - USB Audio Device
                      C-Media Electronics Inc. USB Audio Device at usb-1.1, full speed
 3 [Device_1       ]: USB-Audio - USB Audio Device
                      C-Media Electronics Inc. USB Audio Device at usb-1.2, full speed
"""
NAMES = (
    "vc4-hdmi-0, MAI PCM i2s-hifi-0",
    "bcm2835 Headphones, bcm2835 Headphones",
    "USB Audio Device, USB Audio",
    "USB Audio Device, USB Audio #1",
    "USB Audio Device, USB Audio (2)",
)


@pytest.mark.parametrize(
    ("device", "name"),
    [
        ("hw:CARD=Headphones", NAMES[1]),
        ("hw:CARD=Headphones,DEV=0", NAMES[1]),
        ("plughw:CARD=vc4hdmi0", NAMES[0]),
        ("hw:CARD=Device", NAMES[2]),
        ("hw:CARD=Device,DEV=1", NAMES[3]),
        ("hw:CARD=Device_1", NAMES[4]),
        ("hw:DEV=1,CARD=Device", NAMES[3]),
        ("hw:CARD=Device,1", NAMES[3]),
        ("hw:SUBDEV=0,DEV=0,CARD=Device_1", NAMES[4]),
        ("hw:CARD=Gone", "hw:CARD=Gone"),
        ("hw:CARD=Headphones,DEV=5", "hw:CARD=Headphones,DEV=5"),
        ("plughw:Headphones,0", NAMES[1]),
        ("hw:1", NAMES[1]),
        ("hw:2,1", NAMES[3]),
        ("plughw:Device_1,0,0", NAMES[4]),
        ("default:CARD=Headphones", NAMES[1]),
        ("default", "default"),
        (NAMES[1], NAMES[1]),
    ],
)
def test_a_short_name_is_translated(device: str, name: str) -> None:
    assert sdl_name(device, NAMES, CARDS) == name


def test_outputs_of_one_card_that_share_a_name_are_told_apart() -> None:
    cards = " 0 [Loopback       ]: Loopback - Loopback\n                      Loopback 1\n"
    names = ("Loopback, Loopback PCM", "Loopback, Loopback PCM (2)")
    assert sdl_name("plughw:Loopback,0,0", names, cards) == names[0]
    assert sdl_name("hw:CARD=Loopback,DEV=1", names, cards) == names[1]


def test_numbers_may_change_from_start_to_start() -> None:
    rows = CARDS.splitlines(keepends=True)
    swapped = rows[2].replace(" 1 [", " 0 [") + rows[3] + rows[0].replace(" 0 [", " 1 [") + rows[1]
    assert sdl_name("hw:CARD=Headphones", NAMES[1::-1], swapped) == NAMES[1]


def test_without_cards_a_name_stays_as_it_is() -> None:
    assert sdl_name("hw:CARD=Headphones", (), "") == "hw:CARD=Headphones"
