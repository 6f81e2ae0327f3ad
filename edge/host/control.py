"""The control socket's server: status, events and a few wishes, for ``acm status`` and the panel.

It does not wait for anybody: ``step`` serves whoever is ready and returns. Who may connect is decided by the socket's
group and mode (0660). Clients that send garbage, too much or nothing at all are told so or dropped, and cost nobody
else anything.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
from collections import deque
from typing import TYPE_CHECKING

from edge.core.errors import AcmError
from edge.core.notices import CONTROL_FAULT, CONTROL_USED, CONTROL_VERB_FAILED
from edge.host.control_place import BACKLOG, listening_at
from edge.host.control_wire import ANSWER_BYTES, QUESTION_BYTES, VERBS, ControlError, line_of, refusal, words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from edge.core.notice import Fact
    from edge.host.control_wire import Words

    # Answers a verb: given the question's words, gives the answer's. ``AcmError`` is a refusal, told as it is.
    Handler = Callable[[Words], Mapping[str, object]]

CLIENTS = BACKLOG
# A client that is silent, or does not read, for this long is not coming back.
PATIENCE_S = 10.0
# Whoever has been silent for so long gives up their place when somebody else knocks and all are taken.
IDLE_S = 1.0
# So many questions of one client are answered before the others have their turn.
QUESTIONS_A_TURN = 8
EVENTS_WAITING = 1000
# A subscriber that is this far behind has stopped reading.
BEHIND_BYTES = 256_000
READ_BYTES = 65536
CREDENTIALS = struct.Struct("3i")


class ControlServer:
    """Serves the control socket. All but ``publish`` and ``wake`` are for one thread.

    ``handlers`` has a function for each verb but ``subscribe``; ``tell`` is given facts worth noting. Raises
    ``ControlError`` if the socket cannot be made; a socket left behind by a crash is replaced.
    """

    def __init__(self, path: Path, handlers: Mapping[str, Handler], tell: Callable[[Fact], None]) -> None:
        unknown = set(handlers) - (set(VERBS) - {"subscribe"})
        if unknown:
            raise ValueError(f"no such verbs: {', '.join(sorted(unknown))}")
        self._path, self._handlers, self._tell = path, dict(handlers), tell
        self._clients: dict[int, _Client] = {}
        self._events: deque[bytes] = deque(maxlen=EVENTS_WAITING)
        self._listening = listening_at(path)
        self._inode = path.stat().st_ino
        self._bell, self._rope = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        for link in (self._bell, self._rope, self._listening):
            link.settimeout(0)
        self._selector.register(self._listening, selectors.EVENT_READ)
        self._selector.register(self._bell, selectors.EVENT_READ)

    @property
    def clients(self) -> int:
        """How many are connected."""
        return len(self._clients)

    def publish(self, event: Mapping[str, object]) -> None:
        """Send an event to all subscribers at the next ``step``, from any thread. Nobody is waited for.

        ``ValueError`` if JSON cannot tell it.
        """
        self._events.append(line_of(event))
        self.wake()

    def wake(self) -> None:
        """End the waiting of a ``step`` that is under way, from any thread."""
        with contextlib.suppress(OSError):
            self._rope.send(b"!")

    def step(self, now_s: float, wait_s: float = 0.0) -> None:
        """Serve whoever is ready; wait up to ``wait_s`` for somebody to be, if there is nothing to do."""
        unfinished = any(client.servable for client in self._clients.values())
        found = self._selector.select(0.0 if unfinished else wait_s)
        # Who knocks comes last: one of those who are ready might have to make room.
        for key, ready in sorted(found, key=lambda pair: pair[0].fileobj is self._listening):
            if key.fileobj is self._listening:
                while self._welcome(now_s):
                    pass
            elif key.fileobj is self._bell:
                _emptied(self._bell)
            else:
                client = self._clients[key.fd]
                if ready & selectors.EVENT_READ and client.hungry:
                    client.read(now_s)
                if ready & selectors.EVENT_WRITE:
                    client.write(now_s)
        self._pass_on_events(now_s)
        for client in list(self._clients.values()):
            self._serve(client, now_s)

    def close(self) -> None:
        """Say good-bye to all and take the socket away; may be called twice."""
        for client in list(self._clients.values()):
            self._part(client)
        if self._listening.fileno() >= 0:
            with contextlib.suppress(OSError):
                # Another program may have put its own in this place.
                if self._path.stat().st_ino == self._inode:
                    self._path.unlink()
        self._selector.close()
        for link in (self._listening, self._bell, self._rope):
            link.close()

    def _welcome(self, now_s: float) -> bool:
        """Let in one of those who knock; False if there is none."""
        try:
            link, _ = self._listening.accept()
        except OSError:
            # Nobody is left, or this process is out of descriptors: others are served all the same.
            return False
        link.settimeout(0)
        if len(self._clients) >= CLIENTS and not self._room_made(now_s):
            with contextlib.suppress(OSError):
                link.send(line_of(refusal(f"{CLIENTS} others are connected to acm run; close one and ask again.")))
            link.close()
            return True
        self._clients[link.fileno()] = _Client(link, now_s)
        self._selector.register(link, selectors.EVENT_READ)
        return True

    def _room_made(self, now_s: float) -> bool:
        """Part with who has been silent longest, if that is somebody nothing is being done for."""
        idle = [client for client in self._clients.values() if client.idle_s(now_s) > IDLE_S]
        if not idle:
            return False
        self._part(max(idle, key=lambda client: client.idle_s(now_s)))
        return True

    def _pass_on_events(self, now_s: float) -> None:
        subscribers = [client for client in self._clients.values() if client.subscribed]
        while self._events:
            line = self._events.popleft()
            for client in subscribers:
                client.send(line, now_s)

    def _serve(self, client: _Client, now_s: float) -> None:
        for _ in range(QUESTIONS_A_TURN):
            question = client.question()
            if question is None:
                break
            client.send(self._answer(client, question), now_s)
        client.write(now_s)
        if client.over(now_s):
            self._part(client)
            return
        wanted = selectors.EVENT_READ if client.hungry or not client.unsent else 0
        wanted |= selectors.EVENT_WRITE if client.unsent else 0
        self._selector.modify(client.link, wanted)

    def _part(self, client: _Client) -> None:
        del self._clients[client.link.fileno()]
        self._selector.unregister(client.link)
        client.link.close()

    def _answer(self, client: _Client, question: bytes) -> bytes:
        answer, asked = self._answered(client, question)
        if "id" in asked:
            answer = {**answer, "id": asked["id"]}
        try:
            line = line_of(answer)
        except ValueError as error:
            self._tell(CONTROL_VERB_FAILED.fact(verb=str(asked.get("verb")), reason=f"{error}."))
            return line_of(refusal("acm run has no sensible answer to that; the journal tells why."))
        return line if len(line) <= ANSWER_BYTES else line_of(refusal("the answer is too long to be sent."))

    def _answered(self, client: _Client, question: bytes) -> tuple[Words, Words]:
        """The answer, and the question it answers as far as it was understood."""
        try:
            asked = words_of(question)
        except ValueError as error:
            return refusal(f"this is not a question in JSON ({error})."), {}
        verb = asked.get("verb")
        if not isinstance(verb, str) or verb not in VERBS:
            return refusal(f"there is no such verb; there are {', '.join(VERBS)}."), asked
        if verb == "subscribe":
            client.subscribed = True
            return {"ok": True}, asked
        if verb not in self._handlers:
            return refusal(f"this acm run cannot do {verb}."), asked
        if VERBS[verb]:
            self._tell(CONTROL_USED.fact(verb=verb, uid=client.uid, pid=client.pid))
        return self._handled(verb, asked), asked

    def _handled(self, verb: str, asked: Words) -> Words:
        try:
            return {"ok": True, **self._handlers[verb](asked)}
        except AcmError as error:
            return refusal(str(error))
        except Exception as error:  # noqa: BLE001 - a fault in one verb must not take the socket from all others
            self._tell(CONTROL_VERB_FAILED.fact(verb=verb, reason=f"{type(error).__name__}: {error}."))
            return refusal(f"{verb} failed by a fault in acm run; the journal tells more (journalctl -u acm).")


class _Client:
    """Somebody connected: what they sent that waits, what they have not read yet, and since when they are idle."""

    def __init__(self, link: socket.socket, now_s: float) -> None:
        self.link = link
        self.pid, self.uid, _ = _credentials(link)
        self.subscribed = False
        self.unsent = bytearray()
        self._received = bytearray()
        self._sending = True
        self._gone = False
        self._heard_s = self._sent_s = now_s

    @property
    def servable(self) -> bool:
        """Whether a whole question is waiting for its turn, and they read what they asked for before."""
        return b"\n" in self._received and len(self.unsent) <= BEHIND_BYTES

    @property
    def hungry(self) -> bool:
        """Whether more should be taken from them: not while much of what they sent waits."""
        return self._sending and len(self._received) < READ_BYTES

    def idle_s(self, now_s: float) -> float:
        """For how long they have said nothing; 0 while something is being done for them."""
        busy = self.subscribed or self.unsent or b"\n" in self._received
        return 0.0 if busy else now_s - self._heard_s

    def read(self, now_s: float) -> None:
        """Take what they sent."""
        try:
            data = self.link.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data, self._gone = b"", True
        if not data:
            # They may have closed only their half and still want the answer.
            self._sending = False
            return
        self._received += data
        self._heard_s = now_s

    def question(self) -> bytes | None:
        """The next line, if it may be answered now."""
        line, end, rest = self._received.partition(b"\n")
        if not end and len(line) <= QUESTION_BYTES:
            return None
        if len(line) > QUESTION_BYTES:
            self.unsent += line_of(refusal(f"a question has at most {QUESTION_BYTES} bytes."))
            self._received.clear()
            self._sending = False
            return None
        if len(self.unsent) > BEHIND_BYTES:
            return None
        self._received = rest
        return bytes(line)

    def send(self, line: bytes, now_s: float) -> None:
        """Have a line sent as they take it. A subscriber who is too far behind is given up."""
        if not self.unsent:
            self._sent_s = now_s
        if self.subscribed and len(self.unsent) > BEHIND_BYTES:
            self._gone = True
            return
        self.unsent += line

    def write(self, now_s: float) -> None:
        """Send what they take now."""
        if not self.unsent or self._gone:
            return
        try:
            sent = self.link.send(self.unsent[:READ_BYTES])
        except BlockingIOError:
            return
        except OSError:
            self._gone = True
            return
        del self.unsent[:sent]
        self._sent_s = self._heard_s = now_s

    def over(self, now_s: float) -> bool:
        """Whether there is nothing more to do for them: they left, do not read, or have been silent."""
        if self._gone or (not self._sending and not self.unsent and b"\n" not in self._received):
            return True
        if self.unsent:
            return now_s - self._sent_s > PATIENCE_S
        return not self.subscribed and now_s - self._heard_s > PATIENCE_S


def open_control(path: Path, handlers: Mapping[str, Handler], tell: Callable[[Fact], None]) -> ControlServer | None:
    """The control socket, or None and a notice of why there is none: the shop is counted without it too."""
    try:
        return ControlServer(path, handlers, tell)
    except ControlError as error:
        tell(CONTROL_FAULT.fact(file=str(path), reason=str(error)))
        return None


def _credentials(link: socket.socket) -> tuple[int, int, int]:
    """Process, user and group at the other end, as the kernel knows them."""
    try:
        told = link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
    except OSError:
        return -1, -1, -1
    pid, uid, gid = CREDENTIALS.unpack(told)
    return pid, uid, gid


def _emptied(bell: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while bell.recv(READ_BYTES):
            pass
