"""The control socket, over real sockets: what is answered, who may ask, and who cannot spoil it for others."""

from __future__ import annotations

import contextlib
import grp
import json
import os
import socket
import stat
import tempfile
from contextlib import closing
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.core.errors import AcmError
from edge.host.control import BEHIND_BYTES, CLIENTS, IDLE_S, PATIENCE_S, ControlServer, open_control
from edge.host.control_client import ControlClient
from edge.host.control_place import client_sockets, server_socket
from edge.host.control_wire import QUESTION_BYTES, ControlError, NotRunningError, line_of, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.core.notice import Fact


class Program:
    """What stands behind the socket."""

    def __init__(self) -> None:
        self.told: list[Fact] = []
        self.pulsed: list[str] = []

    def status(self, _: dict[str, Any]) -> dict[str, object]:
        return {"fps": 9.8, "inside": 3}

    def relay(self, words: dict[str, Any]) -> dict[str, object]:
        if words.get("relay") != "light":
            raise AcmError(f"there is no relay {words.get('relay')!r}; there is light.")
        self.pulsed.append(words["relay"])
        return {}

    def chime(self, _: dict[str, Any]) -> dict[str, object]:
        raise ZeroDivisionError("a fault of ours")

    def snapshot(self, _: dict[str, Any]) -> dict[str, object]:
        return {"jpeg": "A" * 300_000}

    def reload(self, _: dict[str, Any]) -> dict[str, object]:
        return {"fps": float("nan")}


class Caller:
    """A client that never waits: it sees what has arrived so far."""

    def __init__(self, path: Path) -> None:
        self._link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._link.connect(str(path))
        self._link.settimeout(0)
        self._received = b""
        self.ended = False

    def say(self, data: bytes) -> None:
        self._link.send(data)

    def finish(self) -> None:
        """Say that nothing more will be said."""
        self._link.shutdown(socket.SHUT_WR)

    def heard(self) -> list[dict[str, Any]]:
        with contextlib.suppress(BlockingIOError, ConnectionResetError):
            while not self.ended:
                data = self._link.recv(1 << 20)
                self.ended = not data
                self._received += data
        *lines, self._received = self._received.split(b"\n")
        return [json.loads(line) for line in lines]

    def close(self) -> None:
        self._link.close()


@pytest.fixture
def program() -> Program:
    return Program()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "acm" / "control.sock"


@pytest.fixture
def server(path: Path, program: Program) -> Iterator[ControlServer]:
    handlers = {verb: getattr(program, verb) for verb in ("status", "relay", "chime", "snapshot", "reload")}
    with closing(ControlServer(path, handlers, program.told.append)) as server:
        yield server


@pytest.fixture
def caller(server: ControlServer, path: Path) -> Iterator[Caller]:
    assert server.clients == 0
    with closing(Caller(path)) as caller:
        yield caller


def served(server: ControlServer, now_s: float = 0.0, steps: int = 4) -> None:
    for _ in range(steps):
        server.step(now_s)


def test_status_is_answered(server: ControlServer, caller: Caller) -> None:
    caller.say(b'{"verb":"status"}\n{"verb":"status","id":7}\n')
    served(server)
    assert caller.heard() == [{"ok": True, "fps": 9.8, "inside": 3}, {"ok": True, "fps": 9.8, "inside": 3, "id": 7}]


def test_a_refusal_is_a_sentence(server: ControlServer, caller: Caller) -> None:
    caller.say(b'{"verb":"relay","relay":"door"}\n')
    served(server)
    assert caller.heard() == [{"ok": False, "error": "there is no relay 'door'; there is light."}]


def test_who_changes_something_is_noted(server: ControlServer, caller: Caller, program: Program) -> None:
    caller.say(b'{"verb":"status"}\n{"verb":"relay","relay":"light"}\n')
    served(server)
    assert program.pulsed == ["light"]
    assert [answer["ok"] for answer in caller.heard()] == [True, True]
    (fact,) = program.told
    assert fact.event == "control-used"
    assert fact.values == {"verb": "relay", "uid": os.getuid(), "pid": os.getpid()}


def test_a_fault_of_ours_costs_only_the_question(server: ControlServer, caller: Caller, program: Program) -> None:
    caller.say(b'{"verb":"chime"}\n{"verb":"reload"}\n{"verb":"status"}\n')
    served(server)
    failed, untold, fine = caller.heard()
    assert "fault in acm run" in failed["error"]
    assert "no sensible answer" in untold["error"]
    assert fine["ok"]
    failures = [fact.message for fact in program.told if fact.event == "control-verb-failed"]
    assert failures[0].endswith("failed: ZeroDivisionError: a fault of ours.")
    assert len(failures) == 2


@pytest.mark.parametrize(
    ("question", "complaint"),
    [
        (b"hello", "not a question in JSON"),
        (b"", "not a question in JSON"),
        (b"[1]", "not a question in JSON (it is no object)"),
        (b'{"verb":NaN}', "NaN is not a number"),
        (b"\xff\xfe", "not a question in JSON"),
        (b'{"verb":"stop"}', "no such verb; there are status, subscribe"),
        (b'{"verb":["status"]}', "no such verb"),
        (b"{}", "no such verb"),
        (b"[" * 4000, "not a question in JSON"),
        (b'{"verb":' + b"9" * 4000 + b"}", "no such verb"),
    ],
)
def test_nonsense_is_answered_with_a_sentence(
    server: ControlServer, caller: Caller, question: bytes, complaint: str
) -> None:
    caller.say(question + b'\n{"verb":"status"}\n')
    served(server)
    nonsense, sense = caller.heard()
    assert complaint in nonsense["error"] or "not a question" in nonsense["error"]
    assert sense["ok"]


def test_a_verb_this_program_lacks_is_refused(path: Path, program: Program) -> None:
    with (
        closing(ControlServer(path, {"status": program.status}, program.told.append)) as server,
        closing(Caller(path)) as caller,
    ):
        caller.say(b'{"verb":"relay"}\n')
        served(server)
        assert caller.heard() == [{"ok": False, "error": "this acm run cannot do relay."}]
    with pytest.raises(ValueError, match="no such verbs: stop"):
        ControlServer(path, {"stop": program.status}, program.told.append)


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_line_without_end_is_cut_off(server: ControlServer, caller: Caller, end: bytes) -> None:
    caller.say(b"x" * (QUESTION_BYTES + 1) + end)
    served(server)
    assert caller.heard() == [{"ok": False, "error": "a question has at most 4096 bytes."}]
    assert caller.ended
    assert server.clients == 0


def test_a_question_may_come_in_pieces_and_its_sender_may_close_half(server: ControlServer, caller: Caller) -> None:
    for piece in (b'{"verb"', b':"sta', b'tus"}\n'):
        caller.say(piece)
        served(server)
    caller.finish()
    served(server)
    assert [answer["ok"] for answer in caller.heard()] == [True]
    assert caller.ended


def test_whoever_is_silent_is_dropped_but_not_a_subscriber(server: ControlServer, caller: Caller, path: Path) -> None:
    caller.say(b'{"verb":"sta')
    with closing(Caller(path)) as subscriber:
        subscriber.say(b'{"verb":"subscribe"}\n')
        served(server)
        assert server.clients == 2
        served(server, PATIENCE_S + 1)
        assert caller.heard() == []
        assert caller.ended
        server.publish({"event": "crossing", "line": "entrance"})
        served(server, 1000.0)
        assert subscriber.heard() == [{"ok": True}, {"event": "crossing", "line": "entrance"}]


def test_a_subscriber_who_does_not_read_is_given_up(server: ControlServer, caller: Caller, path: Path) -> None:
    with closing(Caller(path)) as reader:
        for each in (caller, reader):
            each.say(b'{"verb":"subscribe"}\n')
        served(server)
        event = {"event": "crossing", "text": "x" * 10_000}
        seen = 0
        for _ in range(100):
            server.publish(event)
            served(server)
            seen += len(reader.heard())
        assert server.clients == 1
        assert seen == 101
        assert 0 < len(caller.heard()) < 100
        assert caller.ended


def test_a_client_who_does_not_read_answers_is_held_then_dropped(server: ControlServer, caller: Caller) -> None:
    for _ in range(30):
        with contextlib.suppress(BlockingIOError):
            caller.say(b'{"verb":"snapshot"}\n' * 100)
        served(server, 1.0)
    (client,) = server._clients.values()  # noqa: SLF001 - how much is kept for a client is told nowhere else
    assert len(client.unsent) < BEHIND_BYTES + 8 * 310_000
    assert server.clients == 1
    served(server, 1.0 + PATIENCE_S + 0.1)
    assert server.clients == 0


def test_a_big_answer_goes_out_in_pieces(server: ControlServer, caller: Caller) -> None:
    caller.say(b'{"verb":"snapshot"}\n')
    heard: list[dict[str, Any]] = []
    for _ in range(50):
        server.step(0.0)
        heard += caller.heard()
    assert [len(answer["jpeg"]) for answer in heard] == [300_000]


def test_too_many_are_told_so(server: ControlServer, path: Path) -> None:
    with contextlib.ExitStack() as stack:
        callers = [stack.enter_context(closing(Caller(path))) for _ in range(CLIENTS + 1)]
        served(server)
        assert server.clients == CLIENTS
        assert callers[-1].heard() == [
            {"ok": False, "error": "16 others are connected to acm run; close one and ask again."}
        ]
        callers[0].close()
        served(server)
        with closing(Caller(path)) as late:
            late.say(b'{"verb":"status"}\n')
            served(server)
            assert late.heard()[0]["ok"]


def test_whoever_is_silent_keeps_nobody_out(server: ControlServer, path: Path) -> None:
    with contextlib.ExitStack() as stack:
        silent = [stack.enter_context(closing(Caller(path))) for _ in range(CLIENTS)]
        served(server)
        silent[0].say(b'{"verb":"status"}\n')
        served(server, IDLE_S)
        late = stack.enter_context(closing(Caller(path)))
        late.say(b'{"verb":"status"}\n')
        served(server, IDLE_S + 0.1)
        assert late.heard()[0]["ok"]
        assert server.clients == CLIENTS
        assert [caller.heard() and caller.ended for caller in silent[:1]] == [False], "who asked just now stays"
        for caller in silent[1:]:
            caller.heard()
        assert sum(caller.ended for caller in silent) == 1


def test_subscribers_and_whoever_speaks_just_now_give_up_no_place(server: ControlServer, path: Path) -> None:
    with contextlib.ExitStack() as stack:
        callers = [stack.enter_context(closing(Caller(path))) for _ in range(CLIENTS)]
        for caller in callers[1:]:
            caller.say(b'{"verb":"subscribe"}\n')
        served(server)
        late_s = PATIENCE_S - 1.0
        # This one speaks in the very moment in which somebody else knocks.
        callers[0].say(b'{"verb":"status"}\n')
        late = stack.enter_context(closing(Caller(path)))
        served(server, late_s)
        assert callers[0].heard()[0]["ok"]
        assert "others are connected" in late.heard()[0]["error"]
        assert server.clients == CLIENTS


SENTENCES = st.one_of(
    st.binary(max_size=200),
    st.sampled_from([b'{"verb":"status"}\n', b'{"verb":"subscribe"}\n', b'{"verb":"relay"}\n', b"\n", b"{" * 5000]),
    st.binary(max_size=50).map(lambda data: data + b"\n"),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 2), SENTENCES, st.booleans()), max_size=20))
def test_garbage_of_some_does_not_hinder_others(
    server: ControlServer, path: Path, said: list[tuple[int, bytes, bool]]
) -> None:
    with contextlib.ExitStack() as stack:
        callers = [stack.enter_context(closing(Caller(path))) for _ in range(3)]
        for number, data, listens in said:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError, BlockingIOError):
                callers[number].say(data)
            server.publish({"event": "crossing"})
            served(server, steps=1)
            if listens:
                assert all("ok" in line or "event" in line for line in callers[number].heard())
        honest = stack.enter_context(closing(Caller(path)))
        honest.say(b'{"verb":"status"}\n')
        served(server)
        assert honest.heard()[0]["inside"] == 3
    served(server)
    assert server.clients == 0


def test_the_socket_is_for_its_group_only(server: ControlServer, path: Path) -> None:
    found = path.stat()
    assert stat.S_IMODE(found.st_mode) == 0o660
    assert stat.S_ISSOCK(found.st_mode)
    assert [entry.name for entry in path.parent.iterdir()] == ["control.sock"]
    server.close()
    server.close()
    assert not path.exists()


def test_a_socket_left_by_a_crash_is_replaced_but_not_one_in_use(path: Path, program: Program) -> None:
    path.parent.mkdir()
    with closing(socket.socket(socket.AF_UNIX)) as crashed:
        crashed.bind(str(path))
    with closing(ControlServer(path, {}, program.told.append)):
        with pytest.raises(ControlError, match="another acm run answers"):
            ControlServer(path, {}, program.told.append)
        assert open_control(path, {}, program.told.append) is None
    (fact,) = program.told
    assert fact.event == "control-fault"


def test_a_newer_socket_is_left_in_its_place(server: ControlServer, path: Path, program: Program) -> None:
    path.unlink()
    with closing(ControlServer(path, {}, program.told.append)):
        server.close()
        assert path.exists()


def test_a_place_that_will_not_do_is_a_sentence(tmp_path: Path, program: Program) -> None:
    taken = tmp_path / "control.sock"
    taken.write_text("", encoding="utf-8")
    for place, complaint in (
        (taken, "is no socket"),
        (tmp_path / "no" / "folder" / "control.sock", "cannot be made"),
        (tmp_path / ("x" * 200) / "control.sock", "too long"),
    ):
        with pytest.raises(ControlError, match=complaint):
            ControlServer(place, {}, program.told.append)
    assert taken.read_text(encoding="utf-8") == ""


@contextlib.contextmanager
def running(server: ControlServer) -> Iterator[None]:
    """The server on a thread of its own."""
    stop = Event()

    def run() -> None:
        while not stop.is_set():
            server.step(0.0, 10.0)

    thread = Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        server.wake()
        thread.join(5.0)
        assert not thread.is_alive()


def test_the_client_asks_and_listens(server: ControlServer, path: Path) -> None:
    with running(server), ControlClient(path) as client:
        assert client.ask("status")["inside"] == 3
        assert len(client.ask("snapshot")["jpeg"]) == 300_000
        with pytest.raises(ControlError, match="there is no relay 'door'"):
            client.ask("relay", relay="door")
        with ControlClient(path) as other:
            events = other.events()
            server.publish({"event": "missed"})
            assert client.ask("status")["ok"]
            first = Thread(target=lambda: server.publish({"event": "crossing"}))
            heard: list[dict[str, Any]] = []
            # Subscribing happens at the first next(); what is published after its answer arrives.
            listener = Thread(target=lambda: heard.append(next(events)))
            listener.start()
            while not any(each.subscribed for each in list(server._clients.values())):  # noqa: SLF001
                assert client.ask("status")["ok"]
            first.start()
            listener.join(5.0)
            first.join(5.0)
            assert heard == [{"event": "crossing"}]


def test_the_end_of_the_program_ends_the_events(server: ControlServer, path: Path) -> None:
    with ControlClient(path) as client:
        with running(server):
            assert client.ask("subscribe")["ok"]
        server.close()
        with pytest.raises(NotRunningError, match="ended before"):
            client.ask("status")


def test_no_program_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(NotRunningError, match=r"acm run is not running .*systemctl start acm"):
        ControlClient(tmp_path / "control.sock")
    with closing(socket.socket(socket.AF_UNIX)) as crashed:
        crashed.bind(str(tmp_path / "control.sock"))
    with pytest.raises(NotRunningError, match="not running"):
        ControlClient(tmp_path / "control.sock")


def test_a_program_that_does_not_answer_is_a_sentence(server: ControlServer, path: Path) -> None:
    assert server.clients == 0
    with ControlClient(path, limit_s=0.05) as client, pytest.raises(ControlError, match="did not answer within 0"):
        client.ask("status")


@pytest.mark.parametrize("answer", [b"SSH-2.0-OpenSSH\r\n", b"[]\n", b'{"ok":1}\n'])
def test_another_program_at_the_socket_is_a_sentence(tmp_path: Path, answer: bytes) -> None:
    with closing(socket.socket(socket.AF_UNIX)) as stranger:
        stranger.bind(str(tmp_path / "s"))
        stranger.listen()
        with ControlClient(tmp_path / "s", limit_s=2.0) as client:
            link, _ = stranger.accept()
            with closing(link):
                link.sendall(answer)
                with pytest.raises(ControlError, match="acm run"):
                    client.ask("status")


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    """Without root's powers for a while; whoever is not root has none to give up."""
    if os.geteuid() != 0:
        yield
        return
    groups = os.getgroups()
    os.setgroups([])
    os.setegid(65534)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)


def test_whoever_is_not_in_the_group_is_told_which(program: Program) -> None:
    with tempfile.TemporaryDirectory(prefix="acm-test-") as folder:
        path = Path(folder) / "control.sock"
        path.parent.chmod(0o755)
        with closing(ControlServer(path, {}, program.told.append)):
            if os.geteuid() != 0:
                path.chmod(0)
            group = grp.getgrgid(path.stat().st_gid).gr_name
            sentence = f"^Only the group {group} may .*sudo usermod -aG {group}"
            with as_nobody(), pytest.raises(ControlError, match=sentence):
                ControlClient(path)


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"RUNTIME_DIRECTORY": "/run/acm:/run/other"}, "/run/acm/control.sock"),
        ({"RUNTIME_DIRECTORY": "/run/trial"}, "/run/trial/control.sock"),
    ],
)
def test_the_service_manager_says_where_the_socket_is(environ: dict[str, str], expected: str) -> None:
    assert str(server_socket(environ)) == expected


def test_by_hand_it_is_where_this_user_may_write() -> None:
    own = server_socket({"XDG_RUNTIME_DIR": "/run/user/1000"})
    expected = "/run/acm" if os.geteuid() == 0 else "/run/user/1000/acm"
    assert str(own.parent) == expected
    assert str(client_sockets({"XDG_RUNTIME_DIR": "/run/user/1000"})[-1]) == "/run/acm/control.sock"
    assert server_socket({"XDG_RUNTIME_DIR": "relative"}).is_absolute()


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3)))
def test_a_line_says_what_was_put_in(value: object) -> None:
    line = line_of({"event": value})
    assert line.count(b"\n") == 1
    assert words_of(line) == {"event": value}


def test_what_json_cannot_tell_is_refused() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    for value in (object(), float("inf"), deep):
        with pytest.raises(ValueError, match=r"."):
            line_of({"value": value})
