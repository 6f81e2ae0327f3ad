"""How tests are shared out, and their ports."""

from __future__ import annotations

import socket
from contextlib import ExitStack

from beside import APART, LONG, TESTS, TOGETHER, WAITING, group_of, next_for
from ports import HOST, free_port


def test_what_is_named_is_there() -> None:
    assert [name for name in (*TOGETHER, *APART, *LONG, *WAITING) if not (TESTS / name).exists()] == []


def test_a_file_stays_together_and_so_does_a_folder_that_shares_something() -> None:
    assert group_of(TESTS / "core" / "test_clock.py") == "core/test_clock.py"
    assert group_of(TESTS / "test_run.py") == "test_run.py"
    assert group_of(TESTS / "rig" / "test_systemd.py") == group_of(TESTS / "rig" / "test_panel_unit.py") == "rig"
    assert group_of(TESTS / "rig" / "test_package.py") == "rig/test_package.py"


def test_those_that_wait_are_left_to_one_process_as_long_as_there_are_others() -> None:
    groups = ["test_footage.py", "rig", "test_run.py", "core/test_clock.py"]
    assert next_for(groups, waits=True) == "rig"
    assert next_for(groups, waits=False) == "test_footage.py"
    assert next_for(groups[1:3], waits=False) == "rig", "the others help when they have nothing else"
    assert next_for([groups[0], groups[3]], waits=True) == "core/test_clock.py", "and so does that one"
    assert next_for(groups[:1], waits=True) is None, "but not with what is long"


def test_no_port_is_given_twice_and_none_that_the_system_gives_to_callers() -> None:
    with ExitStack() as stack:
        ports = [free_port() for _ in range(50)]
        for port in ports:
            stack.enter_context(socket.create_server((HOST, port)))
        assert len(set(ports)) == 50
        assert max(ports) < 32_768
        assert free_port() not in ports
