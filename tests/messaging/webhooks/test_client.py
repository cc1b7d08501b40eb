"""Connections: to the address that was judged, TLS checked against the name, bounded in all."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from messaging.net.host_policy import HostPolicy
from messaging.webhooks import client
from messaging.webhooks.client import MAX_KEPT, PostError, WebhookClient
from messaging.webhooks.endpoints import Endpoint, parse
from orbit.dev.simulator.certificate import self_signed
from tests.messaging.webhooks.server import Server, say, serving


@pytest.fixture
def secure(tmp_path, monkeypatch) -> Iterator[Server]:
    """A server with a certificate for localhost and 127.0.0.1 that we trust."""
    context, pem = self_signed("127.0.0.1")
    (tmp_path / "authorities.pem").write_text(pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authorities.pem"))
    with serving(context) as running:
        yield running


@contextmanager
def speaking(talk: Callable[[socket.socket], None]) -> Iterator[Endpoint]:
    """A server that says to its only client what it likes."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        peer, _ = listener.accept()
        with peer:
            talk(peer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield parse(f"http://127.0.0.1:{listener.getsockname()[1]}/")
    finally:
        thread.join(10)
        listener.close()


def take(peer: socket.socket) -> None:
    """All of the request: a close with some of it unread would be a reset."""
    taken = b""
    while not taken.endswith(b"{}"):
        taken += peer.recv(65536)


def post(endpoint: Endpoint) -> client.Answer:
    with WebhookClient() as one:
        return one.post(endpoint, b"{}", {})


def failure(endpoint: Endpoint) -> str:
    with pytest.raises(PostError) as caught:
        post(endpoint)
    return str(caught.value)


def test_tls_is_checked_against_the_name(secure, names):
    names["localhost"] = names["elsewhere.example"] = ["127.0.0.1"]

    assert post(parse(f"https://localhost:{secure.port}/")).status == 200
    assert secure.posts[0].headers["Host"] == f"localhost:{secure.port}"
    said = failure(parse(f"https://elsewhere.example:{secure.port}/"))
    assert "certificate" in said and "Hostname mismatch" in said
    assert len(secure.posts) == 1


def test_a_certificate_of_an_unknown_authority_is_refused():
    context, _ = self_signed("127.0.0.1")
    with serving(context) as server:
        assert "self-signed certificate" in failure(parse(server.url))
        assert server.posts == []


def test_an_old_tls_is_refused(secure):
    with serving() as plain:
        assert "TLS" in failure(parse(plain.url.replace("http:", "https:")))
    assert ssl.create_default_context().minimum_version >= ssl.TLSVersion.TLSv1_2


def test_the_address_that_was_judged_is_the_one(server, names, monkeypatch):
    """A second look-up of the name gives another address."""
    names["hook.example"] = ["127.0.0.1"]
    judged = HostPolicy.violation

    def violation(policy: HostPolicy, address: str) -> str | None:
        names["hook.example"] = ["169.254.169.254"]
        return judged(policy, address)

    monkeypatch.setattr(HostPolicy, "violation", violation)

    assert post(parse(f"http://hook.example:{server.port}/")).status == 200


@pytest.mark.parametrize("bad", ["169.254.169.254", "10.0.0.1", "0.0.0.0", "100.64.0.1"])
def test_one_forbidden_address_spoils_all(server, names, bad):
    names["hook.example"] = ["127.0.0.1", bad]

    assert f"hook.example ({bad}) is not allowed" in failure(
        parse(f"http://hook.example:{server.port}/")
    )
    assert server.posts == []


def test_a_second_address_helps_when_the_first_is_dead(server, names):
    names["hook.example"] = ["127.0.0.9", "127.0.0.1"]

    assert post(parse(f"http://hook.example:{server.port}/")).status == 200


def test_a_name_without_an_address_is_said_so(names):
    assert failure(parse("http://gone.example/")) == "gone.example does not exist in the DNS"


def test_a_long_answer_is_cut_and_not_waited_for(server):
    server.answer = lambda handler: say(handler, 200, b"x" * 1_000_000)

    with WebhookClient() as one:
        for _ in range(2):
            assert one.post(parse(server.url), b"{}", {}).body == "x" * MAX_KEPT
    assert len({each.peer for each in server.posts}) == 2


def test_bytes_that_are_no_text_are_kept_as_far_as_they_are(server):
    server.answer = lambda handler: say(handler, 200, b"a\xff\0b")

    assert post(parse(server.url)).body == "a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}b"


def test_one_connection_serves_post_after_post(server):
    with WebhookClient() as one:
        for _ in range(3):
            assert one.post(parse(server.url), b"{}", {}).status == 200
    assert len({each.peer for each in server.posts}) == 1


def test_what_is_sent_is_the_callers_to_the_letter(server):
    url = f"http://127.0.0.1:{server.port}//a[b]/%2f?x=%zz&y={{}}"

    with WebhookClient() as one:
        one.post(parse(url), b"{}", {"X-Devotel-Event-Id": "evt_1"})

    (got,) = server.posts
    assert got.path.replace("//", "/", 1) == "/a[b]/%2f?x=%zz&y={}"  # the server's own doing
    assert got.headers == {
        "Host": f"127.0.0.1:{server.port}",
        "Content-Length": "2",
        "X-Devotel-Event-Id": "evt_1",
    }


def test_head_and_body_leave_in_one_piece():
    pieces = []

    def talk(peer: socket.socket) -> None:
        pieces.append(peer.recv(65536))
        peer.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    with speaking(talk) as endpoint:
        assert post(endpoint).status == 413
    assert pieces[0].endswith(b"\r\n\r\n{}")


def test_a_redirect_is_an_answer(server):
    server.answer = lambda handler: say(handler, 307, Location=f"{server.url}/elsewhere")

    assert post(parse(server.url)).status == 307
    assert len(server.posts) == 1


def test_odd_headers_of_an_answer_are_not_logged(server, caplog):
    """The URL would be logged with them, which may be a secret."""

    def odd(handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nno header\r\nContent-Length: 2\r\n\r\nok")

    def both(handler) -> None:
        say(handler, 200, b"2\r\nok\r\n0\r\n\r\n", **{"Transfer-Encoding": "chunked"})

    for answer in (odd, both):
        server.answer = answer
        assert post(parse(server.url)).status == 200
    assert caplog.records == []


def test_a_connection_that_the_server_closed_is_made_anew(server):
    def close(handler) -> None:
        say(handler)
        handler.close_connection = True  # without a word of it

    server.answer = close
    with WebhookClient() as one:
        for _ in range(3):
            assert one.post(parse(server.url), b"{}", {}).status == 200
    assert len(server.posts) == 3


def test_an_answer_that_says_close_is_read(server):
    server.answer = lambda handler: say(handler, 200, b"bye", Connection="close")

    assert post(parse(server.url)).body == "bye"


def test_a_server_that_says_a_byte_now_and_then_has_30_seconds_in_all(monkeypatch):
    monkeypatch.setattr(client, "TIMEOUT", 0.4)
    over = threading.Event()

    def dribble(peer: socket.socket) -> None:
        while not over.is_set():
            try:
                peer.sendall(b"H")
            except OSError:
                return
            time.sleep(0.05)

    with speaking(dribble) as endpoint:
        said = failure(endpoint)
        over.set()
    assert said == "no answer within 0.4 s"


def test_a_body_that_never_ends_costs_no_success(monkeypatch):
    monkeypatch.setattr(client, "REST", 0.1)
    over = threading.Event()

    def talk(peer: socket.socket) -> None:
        take(peer)
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok")
        over.wait(10)

    with speaking(talk) as endpoint:
        assert post(endpoint).status == 200
        over.set()


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (b"", "connection lost (Remote end closed connection without response)"),
        (b"SSH-2.0-OpenSSH\r\n", "the answer is no HTTP (BadStatusLine)"),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n", "the answer is no HTTP"),
        (b"HTTP/1.1 " + b"2" * 70_000, "the answer is no HTTP (LineTooLong)"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
            "the answer is no HTTP (InvalidHeader)",
        ),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 50_000, "the answer is no HTTP (AnswerTooLong)"),
    ],
)
def test_what_is_no_answer_is_said_so(said, error):
    def talk(peer: socket.socket) -> None:
        take(peer)
        with suppress(OSError):
            peer.sendall(said)

    with speaking(talk) as endpoint:
        assert failure(endpoint).startswith(error)


def test_a_chunk_of_a_negative_size_is_not_read_to_its_end():
    sent = 0

    def talk(peer: socket.socket) -> None:
        nonlocal sent
        take(peer)
        peer.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n")
        with suppress(OSError):
            while sent < 100_000_000:
                sent += peer.send(b"x" * 65536)

    with speaking(talk) as endpoint:
        assert post(endpoint) == client.Answer(200, "")
    assert sent < 100_000_000


def test_a_post_that_could_not_be_begun_leaves_the_next_one_alone(server):
    with WebhookClient() as one:
        with pytest.raises(ValueError, match="header"):
            one.post(parse(server.url), b"{}", {"X-Odd": "a\r\nb: c"})
        assert one.post(parse(server.url), b"{}", {}).status == 200
    assert len(server.posts) == 1


def test_a_refused_connection_is_said_so():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    assert failure(parse(f"http://127.0.0.1:{port}/")) == f"connection refused by 127.0.0.1:{port}"
