"""The client against a hub over real sockets: whatever comes back, rows are neither lost nor blamed without reason."""

from __future__ import annotations

import base64
import json
import socket
import socketserver
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from threading import Thread
from typing import TYPE_CHECKING

import hub_standin
import pytest
from hub_standin import CODE, Authority, HubStandIn, gap, saying, server_context, standing_in
from pydantic import SecretStr
from shipment_kit import crossings

from edge.config.upstream import UpstreamTable
from edge.core.clock import ManualClock, SystemClock
from edge.core.errors import DeviceRefusedError, HubFailedError, InputError, UpstreamError
from edge.core.reportfile import MOST_REPORT_BYTES
from edge.core.shipment import MOST_PACKED_BYTES, Receipt, Verdict
from edge.upstream.client import HttpUpstream
from edge.upstream.keyring import KEY_FILE, TOKEN_FILE, Keyring
from edge.upstream.keys import fingerprint, public_bytes
from edge.upstream.troubles import USUAL, Limits
from edge.upstream.wire import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from hub_standin import Handler

    from edge.core.clock import Clock

    Make = Callable[..., HttpUpstream]
    Writer = Callable[[Path, bytes], None]

BATCH = crossings(50)
BODY = encode(BATCH)
QUICK = Limits(connect_s=10.0, read_s=0.3, whole_s=0.6)
PASSWORD = "pa55:w0rd"  # noqa: S105 - looked for in sentences


def write(path: Path, content: bytes) -> None:
    path.touch(0o600)
    path.write_bytes(content)


@pytest.fixture
def client() -> Iterator[Make]:
    """Makes clients, and closes them all in the end."""
    with ExitStack() as stack:

        def make(
            url: str, folder: Path, clock: Clock | None = None, writer: Writer = write, limits: Limits = USUAL,
            **settings: object,
        ) -> HttpUpstream:
            table = UpstreamTable.model_validate({"url": url, **settings})
            made = HttpUpstream(table, Keyring(folder, writer), clock or SystemClock(), limits)
            stack.callback(made.close)
            return made

        yield make


@pytest.fixture
def hub() -> Iterator[HubStandIn]:
    with standing_in() as standing:
        yield standing


@pytest.fixture
def upstream(hub: HubStandIn, client: Make, tmp_path: Path) -> HttpUpstream:
    client(hub.url, tmp_path).enrol(CODE, "Paris 1", "0.1.0")
    return client(hub.url, tmp_path)


def patience(misbehave: Callable[[Handler], None]) -> Limits:
    """Little with a hub that never comes to an end; else enough for a machine that is busy."""
    return QUICK if misbehave in (hub_standin.hang, hub_standin.drip, hub_standin.drip_body) else USUAL


def sentence_of(upstream: HttpUpstream, kind: type[UpstreamError] = UpstreamError) -> str:
    with pytest.raises(UpstreamError) as told:
        upstream.send(BODY)
    sentence = str(told.value)
    assert type(told.value) is kind, sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


def test_a_batch_is_handed_over(hub: HubStandIn, upstream: HttpUpstream) -> None:
    assert upstream.send(BODY) == Receipt(Verdict.ACCEPTED, BATCH.last_seq)
    assert hub.taken == [BATCH]
    _, headers = hub.asked[-1]
    assert headers["Content-Type"] == "application/vnd.acm.batch.v1+json"
    assert headers["Content-Encoding"] == "gzip"
    assert headers["User-Agent"].startswith("acm/")


def test_rejected_rows_and_a_gap_are_told_to_the_caller(hub: HubStandIn, upstream: HttpUpstream) -> None:
    rejecting = {"verdict": "accepted", "cursor": 9, "rejected": [[7, "from next year"]]}
    hub.plan += [saying(200, rejecting), gap(5), gap(-1), saying(400, {"error": "crossings.at_ms[3] is -5"})]
    assert upstream.send(BODY) == Receipt(Verdict.ACCEPTED, 9, ((7, "from next year"),))
    assert (upstream.send(BODY).verdict, hub.plan[0].__name__) == (Verdict.KEPT, "answer")
    assert upstream.send(BODY).cursor == -1
    refused = upstream.send(BODY)
    assert refused.verdict is Verdict.REJECTED
    assert refused.sentence.endswith("refuses the batch: crossings.at_ms[3] is -5.")


def test_a_batch_that_is_too_big_is_not_even_sent(hub: HubStandIn, upstream: HttpUpstream) -> None:
    asked = len(hub.asked)
    assert upstream.send(bytes(MOST_PACKED_BYTES + 1)).verdict is Verdict.REJECTED
    assert len(hub.asked) == asked


ABOUT = {"report": "week & so", "every": "week", "first": "2026-11-16", "last": "2026-11-22", "file": "week.pdf"}


def test_a_file_of_a_report_is_handed_in_also_with_an_old_token(hub: HubStandIn, upstream: HttpUpstream) -> None:
    upstream.hand_in(ABOUT, b"%PDF-1.7")
    hub.tokens.clear()
    upstream.hand_in(ABOUT, b"%PDF-1.7 once more")
    query = "report=week+%26+so&every=week&first=2026-11-16&last=2026-11-22&file=week.pdf"
    assert hub.reports == {f"/v1/reports?{query}": b"%PDF-1.7 once more"}
    assert hub.asked[-1][1]["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("misbehave", "said"),
    [
        (saying(404, {"error": "There is nothing here."}), "keeps no reports; bring the hub up to date first."),
        (saying(404, b"<html>"), "answers as no hub does (status 404)"),
        (saying(422, {"error": "file: no such kind"}), "refuses what was sent: file: no such kind."),
        (saying(413, {"error": "The body is too big."}), "refuses what was sent: The body is too big."),
        (saying(200, b"<html>Welcome</html>"), "answers as no hub does (status 200)"),
        (saying(403, {"error": "This device was revoked."}), "This device was revoked."),
        (saying(503, {"error": "The database is away"}), "now: The database is away."),
        (hub_standin.hang, "did not answer in time"),
    ],
)
def test_a_file_that_is_not_taken_is_told_and_the_next_passes(
    hub: HubStandIn, upstream: HttpUpstream, client: Make, tmp_path: Path, misbehave: Callable[[Handler], None],
    said: str,
) -> None:  # fmt: skip
    hub.plan.append(misbehave)
    with pytest.raises(UpstreamError) as told:
        client(hub.url, tmp_path, limits=patience(misbehave)).hand_in(ABOUT, b"%PDF-1.7")
    assert said in str(told.value)
    upstream.hand_in(ABOUT, b"%PDF-1.7")
    assert len(hub.reports) == 1


def test_a_file_that_is_too_big_is_not_even_sent(hub: HubStandIn, upstream: HttpUpstream) -> None:
    asked = len(hub.asked)
    with pytest.raises(UpstreamError, match=r"week\.pdf has 10485761 bytes"):
        upstream.hand_in(ABOUT, bytes(MOST_REPORT_BYTES + 1))
    assert len(hub.asked) == asked


TROUBLES: list[tuple[Callable[[Handler], None], type[UpstreamError], str]] = [
    (hub_standin.hang, UpstreamError, "did not answer in time"),
    (hub_standin.drip, UpstreamError, "did not answer in time"),
    (hub_standin.drip_body, UpstreamError, "did not answer in time"),
    (hub_standin.reset, UpstreamError, "broke the connection off before it had answered"),
    (hub_standin.lose, UpstreamError, "broke the connection off before it had answered"),
    (hub_standin.flood, UpstreamError, "answers with more than 4194304 bytes"),
    (hub_standin.raw(b"\x00\xff\r\n\r\n"), UpstreamError, "broke the connection off"),
    (hub_standin.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{}"), UpstreamError, "broke the connection off"),
    (hub_standin.raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 60_000), UpstreamError, "broke the connection off"),
    (saying(200, b"<html>Welcome to our network</html>"), UpstreamError, "answers as no hub does"),
    (saying(200, {"verdict": "accepted", "cursor": "x"}), UpstreamError, "answers as no hub does"),
    (saying(200, b"[" * 100_000), UpstreamError, "answers as no hub does"),
    (saying(200, b"\x1f\x8b", Content_Encoding="gzip"), UpstreamError, "answers as no hub does"),
    (saying(204, b""), UpstreamError, "answers as no hub does"),
    (saying(400, b"<html>Bad request</html>"), UpstreamError, "answers as no hub does"),
    (saying(403, b"<html>Please sign on</html>"), UpstreamError, "answers as no hub does"),
    (saying(404, {"detail": "Not Found"}), UpstreamError, "answers as no hub does"),
    (saying(409, {"error": "Gap.", "cursor": None}), UpstreamError, "refuses what was sent: Gap."),
    (saying(302, b"", Location="http://elsewhere/?token=x"), UpstreamError, "sends us elsewhere (status 302)"),
    (saying(415, {"error": "Version 2?"}), UpstreamError, "bring the hub up to date first"),
    (saying(403, {"error": "This device was revoked."}), DeviceRefusedError, "This device was revoked."),
    (saying(500, b"Internal Server Error"), HubFailedError, "failed over what was sent (status 500)"),
    (saying(502, b"<html>"), UpstreamError, "cannot take anything now (status 502)"),
    (saying(503, {"error": "The database is away"}), UpstreamError, "now: The database is away."),
]


@pytest.mark.parametrize(("misbehave", "kind", "said"), TROUBLES, ids=range(len(TROUBLES)))
def test_trouble_is_told_and_the_next_batch_passes(
    hub: HubStandIn, upstream: HttpUpstream, client: Make, tmp_path: Path, misbehave: Callable[[Handler], None],
    kind: type[UpstreamError], said: str,
) -> None:  # fmt: skip
    hub.plan.append(misbehave)
    assert said in sentence_of(client(hub.url, tmp_path, limits=patience(misbehave)), kind)
    assert upstream.send(BODY).verdict is Verdict.ACCEPTED


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"Retry-After": "120"}, 120),
        ({"Retry-After": "9999999"}, 86_400),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "soon"}, None),
        ({}, None),
        ({"Retry-After": "Mon, 01 Jun 2026 10:02:00 GMT", "Date": "Mon, 01 Jun 2026 10:00:00 GMT"}, 120),
        ({"Retry-After": "Mon, 01 Jun 2026 09:00:00 GMT", "Date": "Mon, 01 Jun 2026 10:00:00 GMT"}, 0),
        ({"Retry-After": "Mon, 32 Jun 2026 10:02:00 GMT"}, None),
    ],
)
def test_the_hub_is_left_alone_for_as_long_as_it_asks(
    hub: HubStandIn, upstream: HttpUpstream, headers: dict[str, str], wait_s: float | None
) -> None:
    """A date is reckoned by the hub's own clock, as long as it tells it: ours may be years off."""

    def busy(handler: Handler) -> None:
        handler.body()
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        handler.wfile.write(f"HTTP/1.1 429 Too Many\r\n{lines}Content-Length: 0\r\n\r\n".encode())

    hub.plan.append(busy)
    with pytest.raises(UpstreamError) as told:
        upstream.send(BODY)
    assert told.value.retry_after_s == wait_s


def test_a_lost_answer_does_no_harm(hub: HubStandIn, upstream: HttpUpstream) -> None:
    hub.plan.append(hub_standin.lose)
    sentence_of(upstream)
    upstream.send(BODY)
    assert hub.taken == [BATCH, BATCH]


def test_nobody_listening(hub: HubStandIn, client: Make, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    write(tmp_path / TOKEN_FILE, b'{"token": "sixteen-letters-or-more", "since_ms": 0}')
    assert "Connection refused" in sentence_of(client(f"http://127.0.0.1:{port}", tmp_path))
    assert "has a name that nobody knows" in sentence_of(client("https://hub.invalid", tmp_path))
    assert "has a name that nobody knows" in sentence_of(client(f"https://{'a' * 64}.invalid", tmp_path))
    assert hub.asked == []


def test_who_was_never_enrolled_is_told_so(hub: HubStandIn, client: Make, tmp_path: Path) -> None:
    ours = client(hub.url, tmp_path)
    assert not ours.enrolled
    assert "enrol it with acm enrol CODE" in sentence_of(ours, DeviceRefusedError)
    assert not (tmp_path / KEY_FILE).exists()


def test_a_token_the_hub_forgot_is_replaced_at_once(
    hub: HubStandIn, upstream: HttpUpstream, client: Make, tmp_path: Path
) -> None:
    hub.tokens.clear()
    assert upstream.send(BODY).verdict is Verdict.ACCEPTED
    (token,) = hub.tokens
    assert token in (tmp_path / TOKEN_FILE).read_text()
    (tmp_path / TOKEN_FILE).unlink()
    assert client(hub.url, tmp_path).send(BODY).verdict is Verdict.ACCEPTED


def test_a_hub_that_refuses_what_it_has_just_given_is_asked_once(hub: HubStandIn, upstream: HttpUpstream) -> None:
    hub.plan += [saying(401, {"error": "Who?"})] * 2
    assert "does not know the token it has just given" in sentence_of(upstream)
    assert [path for path, _ in hub.asked] == ["/v1/enrol", "/v1/batches", "/v1/token", "/v1/batches"]


def test_a_revoked_device_is_told_so(hub: HubStandIn, upstream: HttpUpstream) -> None:
    hub.tokens.clear()
    hub.revoked.update(hub.keys)
    assert "This device was revoked." in sentence_of(upstream, DeviceRefusedError)
    hub.revoked.clear()
    hub.keys.clear()
    assert "does not know this device; enrol it" in sentence_of(upstream, DeviceRefusedError)


def test_a_token_is_exchanged_every_thirty_days(hub: HubStandIn, client: Make, tmp_path: Path) -> None:
    clock = ManualClock()
    ours = client(hub.url, tmp_path, clock)
    ours.enrol(CODE, "Paris 1", "0.1.0")
    clock.advance(timedelta(days=30).total_seconds() - 1)
    ours.send(BODY)
    assert len(hub.tokens) == 1
    clock.advance(1)
    ours.send(BODY)
    ours.send(BODY)
    assert len(hub.tokens) == 2
    assert hub.asked[-1][1]["Authorization"] == f"Bearer {list(hub.tokens)[1]}"


def test_an_exchange_that_fails_keeps_no_rows_up(hub: HubStandIn, client: Make, tmp_path: Path) -> None:
    clock = ManualClock()
    ours = client(hub.url, tmp_path, clock)
    ours.enrol(CODE, "Paris 1", "0.1.0")
    clock.advance(timedelta(days=31).total_seconds())
    (public,) = hub.keys.values()
    hub.keys = dict.fromkeys(hub.keys, bytes(32))
    assert ours.send(BODY).verdict is Verdict.ACCEPTED
    assert ours.send(BODY).verdict is Verdict.ACCEPTED
    assert [path for path, _ in hub.asked].count("/v1/token") == 1
    hub.keys = dict.fromkeys(hub.keys, public)
    clock.advance(3600)
    ours.send(BODY)
    assert len(hub.tokens) == 2


def test_a_revoked_device_whose_token_is_due_is_told_so(hub: HubStandIn, client: Make, tmp_path: Path) -> None:
    clock = ManualClock()
    ours = client(hub.url, tmp_path, clock)
    ours.enrol(CODE, "Paris 1", "0.1.0")
    clock.advance(timedelta(days=31).total_seconds())
    hub.revoked.update(hub.keys)
    assert "This device was revoked." in sentence_of(ours, DeviceRefusedError)
    assert hub.taken == []


def test_a_token_that_cannot_be_written_is_used_all_the_same(hub: HubStandIn, client: Make, tmp_path: Path) -> None:
    def full(path: Path, content: bytes) -> None:
        if hub.tokens and path.name == TOKEN_FILE and len(hub.asked) > 1:
            raise OSError(28, "No space left on device")
        write(path, content)

    ours = client(hub.url, tmp_path, writer=full)
    ours.enrol(CODE, "Paris 1", "0.1.0")
    hub.tokens.clear()
    assert ours.send(BODY).verdict is Verdict.ACCEPTED


@pytest.mark.parametrize(("name", "said"), [(KEY_FILE, "The device's key is damaged"), (TOKEN_FILE, "cannot be read")])
def test_a_file_that_cannot_be_used_is_trouble_that_passes(
    hub: HubStandIn, client: Make, tmp_path: Path, name: str, said: str
) -> None:
    if name == KEY_FILE:
        write(tmp_path / name, b"no key")
    else:
        (tmp_path / name).mkdir()
    assert said in sentence_of(client(hub.url, tmp_path))


class TestEnrolment:
    def test_a_device_makes_its_key_and_is_given_a_token(self, hub: HubStandIn, client: Make, tmp_path: Path) -> None:
        ours = client(hub.url, tmp_path)
        enrolled = ours.enrol(f" {CODE}\n", "Paris 1", "0.1.0")
        assert (enrolled.device, enrolled.site) == (next(iter(hub.keys)), "Paris 1")
        assert ours.enrolled
        assert client(hub.url, tmp_path).send(BODY).verdict is Verdict.ACCEPTED
        assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}

    def test_the_same_again_is_right_and_another_device_is_not(
        self, hub: HubStandIn, client: Make, tmp_path: Path
    ) -> None:
        first = client(hub.url, tmp_path)
        assert first.enrol(CODE, "", "0.1.0") == first.enrol(CODE, "", "0.1.0")
        (tmp_path / "other").mkdir()
        with pytest.raises(InputError, match="another device used this code"):
            client(hub.url, tmp_path / "other").enrol(CODE, "", "0.1.0")

    @pytest.mark.parametrize("code", ["", "no", "wrong-code", "with space", "ä" * 8, "x\ny12"])
    def test_a_code_that_is_none_is_told_without_it(
        self, hub: HubStandIn, client: Make, tmp_path: Path, code: str
    ) -> None:
        with pytest.raises(InputError) as told:
            client(hub.url, tmp_path).enrol(code, "", "0.1.0")
        assert "acm hub device claim" in str(told.value)
        assert len(code) < 4 or code not in str(told.value)

    def test_the_key_is_on_the_disk_before_the_hub_hears_of_it(
        self, hub: HubStandIn, client: Make, tmp_path: Path
    ) -> None:
        """Otherwise a power cut would leave a code used up by a key nobody has."""

        def full(path: Path, _: bytes) -> None:
            raise OSError(28, "No space left on device", str(path))

        ours = client(hub.url, tmp_path, writer=full)
        with pytest.raises(OSError, match="No space left"):
            ours.enrol(CODE, "", "0.1.0")
        assert hub.asked == []

    @pytest.mark.parametrize(
        ("status", "told", "said"),
        [
            (201, {"device": "another-one", "token": "t" * 43}, "it calls this device by another name"),
            (201, {"token": "t" * 43}, "it calls this device by another name"),
            (200, b"<html>Welcome</html>", "it calls this device by another name"),
            (404, b"<html>Not found</html>", "answers as no hub does (status 404)"),
            (400, {"error": f"The code {CODE} is not signed"}, "The code *** is not signed."),
        ],
    )
    def test_an_answer_that_is_none_enrols_nobody(
        self, hub: HubStandIn, client: Make, tmp_path: Path, status: int, told: object, said: str
    ) -> None:
        hub.welcome = saying(status, told)
        ours = client(hub.url, tmp_path)
        with pytest.raises(UpstreamError) as error:
            ours.enrol(CODE, "", "0.1.0")
        assert said in str(error.value)
        assert not ours.enrolled

    def test_a_token_that_is_none_is_not_kept(self, hub: HubStandIn, client: Make, tmp_path: Path) -> None:
        def strange(handler: Handler) -> None:
            device = fingerprint(public_bytes(json.loads(handler.body())["public_key"]))
            handler.say(201, {"device": device, "token": "with\r\nHeader: in it, and long enough"})

        hub.welcome = strange
        ours = client(hub.url, tmp_path)
        with pytest.raises(UpstreamError, match="there is no token in it"):
            ours.enrol(CODE, "", "0.1.0")
        assert not ours.enrolled

    def test_a_hub_that_is_away_is_no_wrong_code(self, client: Make, tmp_path: Path) -> None:
        with pytest.raises(UpstreamError, match="cannot be reached"):
            client("http://127.0.0.1:9", tmp_path).enrol(CODE, "", "0.1.0")


class TestTls:
    @pytest.fixture
    def authority(self, tmp_path: Path) -> Authority:
        return Authority(tmp_path)

    def test_a_pinned_authority_is_believed(self, authority: Authority, client: Make, tmp_path: Path) -> None:
        with standing_in(server_context(authority.certificate("hub"))) as hub:
            ours = client(hub.url, tmp_path, ca_file=str(authority.file))
            ours.enrol(CODE, "", "0.1.0")
            assert ours.send(BODY).verdict is Verdict.ACCEPTED

    @pytest.mark.parametrize("wrong", ["unknown", "other", "address", "expired"])
    def test_a_wrong_certificate_is_told_and_hears_nothing(
        self, authority: Authority, client: Make, tmp_path: Path, wrong: str
    ) -> None:
        ends = {"expired": SystemClock().utc_now() - timedelta(days=1)}.get(wrong)
        address = "127.0.0.2" if wrong == "address" else "127.0.0.1"
        settings = {"unknown": "", "other": str(Authority(tmp_path, "other").file)}
        certificate = authority.certificate("hub", address, ends)
        with standing_in(server_context(certificate)) as hub:
            ours = client(hub.url, tmp_path, ca_file=settings.get(wrong, str(authority.file)))
            with pytest.raises(UpstreamError, match="shows a certificate that is not to be trusted"):
                ours.enrol(CODE, "", "0.1.0")
            assert hub.asked == []

    def test_a_hub_that_wants_a_certificate_gets_it(self, authority: Authority, client: Make, tmp_path: Path) -> None:
        context = server_context(authority.certificate("hub"), clients=authority.file)
        with standing_in(context) as hub:
            bare = client(hub.url, tmp_path, ca_file=str(authority.file))
            with pytest.raises(UpstreamError, match=r"TLS|broke the connection off"):
                bare.enrol(CODE, "", "0.1.0")
            ours = client(
                hub.url,
                tmp_path,
                ca_file=str(authority.file),
                client_certificate=str(authority.certificate("device")),
            )
            ours.enrol(CODE, "", "0.1.0")
            assert ours.send(BODY).verdict is Verdict.ACCEPTED

    def test_a_hub_without_tls_is_told(self, hub: HubStandIn, client: Make, tmp_path: Path) -> None:
        with pytest.raises(UpstreamError, match="does not come to terms about TLS"):
            client(hub.url.replace("http:", "https:"), tmp_path).enrol(CODE, "", "0.1.0")

    def test_files_that_are_none_are_told_and_may_be_put_back(
        self, authority: Authority, client: Make, tmp_path: Path
    ) -> None:
        with standing_in(server_context(authority.certificate("hub"))) as hub:
            place = tmp_path / "late.pem"
            ours = client(hub.url, tmp_path, ca_file=str(place))
            with pytest.raises(UpstreamError, match=r"upstream\.ca_file: .* cannot be used \(No such file"):
                ours.enrol(CODE, "", "0.1.0")
            place.write_text("no certificate")
            with pytest.raises(UpstreamError, match="no certificate"):
                ours.enrol(CODE, "", "0.1.0")
            place.write_bytes(authority.file.read_bytes())
            assert ours.enrol(CODE, "", "0.1.0").site == "Paris 1"
            keyless = client(
                hub.url, tmp_path, ca_file=str(place), client_certificate=str(authority.file)
            )
            with pytest.raises(UpstreamError, match=r"upstream\.client_certificate: .* with a key that fits"):
                keyless.send(BODY)


class Tunnel(socketserver.BaseRequestHandler):
    """A proxy that lets through who shows the password."""

    def handle(self) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.request.recv(65_536)
        wanted = base64.b64encode(f"shop:{PASSWORD}".encode())
        if b"Proxy-Authorization: Basic " + wanted not in head:
            self.request.sendall(b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n")
            return
        host, port = head.split()[1].decode().split(":")
        with socket.create_connection((host, int(port))) as far:
            self.request.sendall(b"HTTP/1.1 200 Go on\r\n\r\n")
            back = Thread(target=pipe, args=(far, self.request))
            back.start()
            pipe(self.request, far)
            back.join()


def pipe(source: socket.socket, sink: socket.socket) -> None:
    while piece := source.recv(65_536):
        sink.sendall(piece)
    sink.shutdown(socket.SHUT_WR)


@contextmanager
def tunnel() -> Iterator[str]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Tunnel) as proxy:
        thread = Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://shop@127.0.0.1:{proxy.server_address[1]}"
        proxy.shutdown()
        thread.join()


def test_the_way_through_a_proxy(client: Make, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with standing_in(server_context(authority.certificate("hub"))) as hub, tunnel() as proxy:
        settings = {"ca_file": str(authority.file), "proxy": proxy}
        ours = client(hub.url, tmp_path, proxy_password=SecretStr(PASSWORD), **settings)
        ours.enrol(CODE, "", "0.1.0")
        assert ours.send(BODY).verdict is Verdict.ACCEPTED
        wrong = client(hub.url, tmp_path, proxy_password=SecretStr("wr0ng"), **settings)
        sentence = sentence_of(wrong)
        assert "is not reached through the proxy, which says: 407 Who are you" in sentence
        assert "wr0ng" not in sentence
        # The proxy ends when those who go through it have.
        ours.close()
        wrong.close()


def test_no_proxy_is_taken_from_the_environment(upstream: HttpUpstream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert upstream.send(BODY).verdict is Verdict.ACCEPTED


def test_secrets_are_in_no_sentence(hub: HubStandIn, upstream: HttpUpstream, tmp_path: Path) -> None:
    """Not even when the hub says them to us."""
    (token,) = hub.tokens

    def echo(status: int) -> Callable[[Handler], None]:
        return saying(status, {"error": f"I know your token {token}"})

    hub.plan += [echo(status) for status in (400, 403, 404, 429, 500, 503)] + [saying(200, {"verdict": token})]
    said = [upstream.send(BODY).sentence]
    for _ in range(6):
        with pytest.raises(UpstreamError) as told:
            upstream.send(BODY)
        said.append(str(told.value))
    assert not hub.plan
    assert token not in " ".join(said)
    assert "***" in said[0]
    keyring = Keyring(tmp_path, write)
    assert token not in repr(keyring.token())
