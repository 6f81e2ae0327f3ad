"""Commands from outside: only what is on the list, only in the words there are for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.analytics.actions import Turn
from edge.core.errors import DeviceError
from edge.integrations.mqtt import Heard
from edge.integrations.mqtt_topics import Topics
from edge.services.remote import CHIME_EVERY_S, Remote

if TYPE_CHECKING:
    from edge.core.notice import Fact

TOPICS = Topics("acm", "shop1")
LIGHT, LOCK = TOPICS.relay_command("light"), TOPICS.relay_command("lock")


class Rig:
    def __init__(self, *, chime: bool = True, fails: str = "") -> None:
        self.done: list[object] = []
        self.facts: list[Fact] = []
        self.fails = fails
        self.remote = Remote(
            TOPICS, ["light", "lock"], ["light"], chime=chime, switch=self.switch, ring=lambda: self.switch("chime"),
            tell=self.facts.append,
        )  # fmt: skip

    def switch(self, *what: object) -> None:
        if self.fails:
            raise DeviceError(self.fails)
        self.done.append(what)

    def say(self, topic: str, payload: bytes, *, retained: bool = False, now_s: float = 0.0) -> str:
        """Have it heard; what it told."""
        self.remote.hear(Heard(topic, payload, retained, b"", {}, 1, 1), now_s)
        return f"{self.facts[-1].event}: {self.facts[-1].message}"


def test_what_is_listed_is_done() -> None:
    rig = Rig()
    for word in (b"ON", b"off", b" Pulse "):
        assert "command-taken: relay:light was done" in rig.say(LIGHT, word)
    assert "chime was done" in rig.say(TOPICS.chime_command, b"PRESS")
    assert rig.done == [("light", Turn.ON), ("light", Turn.OFF), ("light", Turn.PULSE), ("chime",)]


@pytest.mark.parametrize(
    ("topic", "payload", "retained", "said"),
    [
        (LOCK, b"ON", False, "relay:lock, asked for through the broker, was refused: it is not in commands"),
        (LIGHT, b"ON", True, "must not be retained"),
        (LIGHT, b"on fire", False, "it has to be ON, OFF, PULSE"),
        (LIGHT, b"", False, "it has to be ON"),
        (TOPICS.relay_command("none"), b"ON", False, "something, asked for"),
        (TOPICS.relay_command("x" * 300), b"ON", False, "something, asked for"),
        (TOPICS.chime_command, b"bell.wav", False, "it has to be PRESS"),
    ],
)
def test_anything_else_is_refused(topic: str, payload: bytes, retained: bool, said: str) -> None:  # noqa: FBT001
    rig = Rig()
    assert said in rig.say(topic, payload, retained=retained)
    assert rig.done == []
    assert "it is not in commands" in Rig(chime=False).say(TOPICS.chime_command, b"PRESS")


def test_what_cannot_be_done_is_told_with_the_reason() -> None:
    assert "was refused: the pin is lost" in Rig(fails="the pin is lost").say(LIGHT, b"ON")


def test_the_chime_is_no_toy() -> None:
    rig = Rig()
    for now_s in (0.0, 0.1, CHIME_EVERY_S / 2, CHIME_EVERY_S):
        rig.say(TOPICS.chime_command, b"", now_s=now_s)
    assert len(rig.done) == 2
    assert [fact.event.removeprefix("command-") for fact in rig.facts] == ["taken", "refused", "refused", "taken"]


WORDS = st.sampled_from([b"ON", b"off", b"PRESS", b""]) | st.binary(max_size=40)
PLACES = st.sampled_from([LIGHT, LOCK, TOPICS.chime_command]) | st.text(max_size=30)


@given(PLACES, WORDS, st.booleans())
def test_no_message_does_more_than_it_says(topic: str, payload: bytes, retained: bool) -> None:  # noqa: FBT001
    rig = Rig()
    rig.say(topic, payload, retained=retained)
    word = payload.strip().upper()
    allowed = {LIGHT: (b"ON", b"OFF", b"PULSE"), TOPICS.chime_command: (b"PRESS", b"")}.get(topic, ())
    assert bool(rig.done) is (word in allowed and not retained)
