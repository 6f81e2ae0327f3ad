"""The traffic light with its reasons, waits after wrong passwords, weak passwords, and how many calls may be made."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from edge.config.load import config_of
from edge.panel.auth.passwords import weak
from edge.panel.auth.throttle import LONGEST_ACCOUNT_S, LONGEST_ADDRESS_S, wait_s
from edge.panel.health import Health, Level, health
from edge.panel.rates import MOST, Rates
from edge.panel.words import Languages

CONFIG = config_of({})
WORDS = Languages().get("en")


def status(**changed: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever the counter tells
    camera = {"name": "door", "state": "running", "since_s": 100.0, "fps": 10.0, "wanted_fps": 10.0}
    told: dict[str, Any] = {
        "state": "running", "cameras": [camera], "sound": {"speaker": "ready"}, "services": {},
        "records": {"state": "written", "dropped": 0, "clock": "synced"}, "relays": {"switches": []},
        "machine": {"disk": {"free_mb": 5000.0, "read_only": False}, "pictures_part": 1.0},
    }  # fmt: skip
    for name, value in changed.items():
        told[name] = [{**camera, **value}] if name == "cameras" else {**told[name], **value}
    return told


def judged(told: dict[str, Any]) -> tuple[Level, list[str]]:
    found = health(told, "", CONFIG)
    return found.level, [reason.sentence(WORDS) for reason in found.reasons]


def test_all_is_well() -> None:
    assert health(status(), "", CONFIG) == Health(Level.GOOD, "health.good", ())


@pytest.mark.parametrize(
    ("changed", "level", "said"),
    [
        ({"cameras": {"state": "lost"}}, Level.BAD, "The camera door gives no picture."),
        ({"cameras": {"state": "hanging"}}, Level.BAD, "The camera door hangs; it is being opened again."),
        ({"cameras": {"fps": 3.2}}, Level.WARN, "The camera door gives 3 pictures a second instead of 10."),
        ({"records": {"state": "database-full"}}, Level.BAD, "Records wait to be written."),
        ({"records": {"dropped": 1200}}, Level.BAD, "1,200 records were lost."),
        ({"records": {"clock": "unset"}}, Level.WARN, "The time of day is not certain."),
        ({"sound": {"speaker": "lost"}}, Level.WARN, "The loudspeaker is missing; greeting is silent."),
        ({"relays": {"switches": [{"name": "lamp", "lost": True}]}}, Level.WARN, "The relay lamp is missing."),
        ({"machine": {"pictures_part": 0.5, "celsius": 81.4}}, Level.WARN, "The box is 81 degrees hot and looks at fewer pictures."),  # noqa: E501 - a sentence
        ({"machine": {"power": {"undervolted": True}}}, Level.WARN, "The power supply is too weak."),
        ({"machine": {"disk": {"free_mb": 12.0}}}, Level.WARN, "Only 12 MB are free on the disk."),
        ({"machine": {"disk": {"read_only": True}}}, Level.BAD, "The disk can only be read."),
        ({"services": {"sound": {"failing_s": 3.0}}}, Level.BAD, "The part sound fails."),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(changed: dict[str, Any], level: Level, said: str) -> None:
    assert judged(status(**changed)) == (level, [said])


def test_a_camera_that_was_opened_just_now_may_be_slow_and_the_worst_comes_first() -> None:
    assert judged(status(cameras={"fps": 0.0, "since_s": 5.0})) == (Level.GOOD, [])
    level, said = judged(status(sound={"speaker": "lost"}, cameras={"state": "lost"}))
    assert level is Level.BAD
    assert said[0].startswith("The camera door")


def test_a_counter_that_starts_or_does_not_answer_is_a_state_too() -> None:
    assert health({**status(), "state": "starting"}, "", CONFIG).word == "health.starting"
    assert health(None, "", CONFIG).level is Level.BAD
    assert health(status(), "health.no_right", CONFIG).reasons[0].key == "health.no_right"


@given(failures=some.integers(0, 10**6), since_s=some.floats(0, 10**6))
def test_a_wait_is_never_longer_than_the_longest_and_ends(failures: int, since_s: float) -> None:
    left_s = wait_s(failures, since_s, LONGEST_ADDRESS_S)
    assert 0 <= left_s <= LONGEST_ADDRESS_S
    assert (left_s > 0) == (failures >= 5 and since_s < min(LONGEST_ADDRESS_S, 30 * 2 ** min(failures - 5, 9)))
    assert wait_s(failures, LONGEST_ACCOUNT_S, LONGEST_ACCOUNT_S) == 0


@pytest.mark.parametrize("password", ["short", "password12", "Passwort123", "aaaaaaaaaaaaa", "ada ada ad", "x" * 201])
def test_weak_passwords_are_known(password: str) -> None:
    assert weak(password, "Ada")


@pytest.mark.parametrize("password", ["seven green umbrellas", "Yedi yeşil şemsiye", "k3#v9!mQ2z", "Gründonnerstag 98"])
def test_good_ones_are_taken(password: str) -> None:
    assert not weak(password, "Ada")


def test_calls_are_let_through_as_fast_as_they_may_come() -> None:
    rates = Rates(10.0, 5.0)
    assert [rates.take("a", 0.0) for _ in range(6)] == [0.0] * 5 + [pytest.approx(0.1)]
    assert rates.take("b", 0.0) == 0.0
    assert rates.take("a", 0.15) == 0.0
    assert rates.take("a", 0.15) > 0
    assert rates.left("a") == 0


def test_callers_without_number_do_not_fill_the_memory() -> None:
    rates = Rates(1.0, 5.0)
    for number in range(3 * MOST):
        rates.take(number, 0.0)
    assert len(rates._buckets) <= MOST  # noqa: SLF001 - what is kept is the point
    assert rates.take("a", 0.0) == 0.0
