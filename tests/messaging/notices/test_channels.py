"""Which URLs of Apprise are taken, and where they may lead."""

from __future__ import annotations

import json
import logging
import socket
import threading
from base64 import b64encode
from collections.abc import Iterator
from email import message_from_bytes
from types import SimpleNamespace

import pytest
from apprise.plugins import pagerduty
from apprise.plugins.slack import NotifySlack

from messaging.notices.channels import BadUrl, NotTold, scheme_of, send
from messaging.webhooks import client
from tests.messaging.webhooks.server import Server, say, serving

SECRET = "s3cr3t-t0ken"
TOKENS = "T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


def tell(url: str) -> None:
    send(url, title="Down", body="why", incident="inc_1", is_over=False)


@pytest.mark.parametrize(
    "url",
    [
        "mailtos://user:pass@example.com?to=ops@example.com&smtp=smtp.example.com",
        f"slack://{TOKENS}/#ops",
        "pagerduty://abcdefghij1234567890ABCDEFGHIJ12@abcdefghij1234567890ABCDEFGHIJ12",
        "jsons://user:pass@example.com/path",
    ],
)
def test_the_four_services_are_taken(url: str) -> None:
    assert scheme_of(url) == url.partition(":")[0]


@pytest.mark.parametrize(
    "url",
    [
        "syslog://localhost",
        "windows://",
        "form://example.com",
        "jsons://example.com/?verify=no",
        "jsons://example.com/?redirect=yes",
        "jsons://example.com/#?verify=no",
        "jsons://example.com/#?redirect=yes",
        "jsons://example.com/?+Host=other.example",
        "jsons://example.com/#?+Host=other.example",
        f"slack://{TOKENS}/#ops?verify=no",
        "mailtos://user:pass@example.com?to=ops@example.com#&verify=no",
        "json://example.com/?method=DELETE",
        "mailtos://user:pass@example.com?pgp=yes&pgpkey=/etc/passwd",
        "jsons://exa mple.com/",
        "jsons://",
        f"jsons://[{SECRET}/",
        f"jsons://{SECRET}.example.com/{'x' * 3000}",
    ],
)
def test_what_could_do_more_than_tell_is_refused_without_the_url(url: str) -> None:
    with pytest.raises(BadUrl) as refused:
        scheme_of(url)

    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("piece", [b"x" * 65536, b""])
def test_an_answer_without_end_holds_no_worker(peer, monkeypatch, piece: bytes) -> None:
    """Of any length, or of none: the server goes on until its client has gone."""
    monkeypatch.setattr(client, "TIMEOUT", 0.2)
    monkeypatch.setattr(client, "REST", 0.1)
    gone = threading.Event()

    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        try:
            connection.sendall(b"HTTP/1.1 500 x\r\nTransfer-Encoding: chunked\r\n\r\n")
            while True:
                connection.sendall(b"%x\r\n%s\r\n" % (len(piece), piece) if piece else b"1")
        except OSError:
            gone.set()

    server = peer(serve)

    with pytest.raises(NotTold):
        tell(f"json://127.0.0.1:{server.port}/")

    assert gone.wait(10)


def test_a_user_is_sent_as_http_basic(server: Server) -> None:
    tell(f"json://me:{SECRET}%40@127.0.0.1:{server.port}/")

    assert server.posts[0].headers["Authorization"] == f"Basic {basic(f'me:{SECRET}@')}"


def basic(text: str) -> str:
    return b64encode(text.encode()).decode()


def test_a_web_server_is_told(server: Server) -> None:
    tell(f"json://127.0.0.1:{server.port}/{SECRET}")

    said = json.loads(server.posts[0].body)
    assert (said["title"], said["message"], said["type"]) == ("Down", "why", "failure")


def test_a_private_address_is_not_asked_and_the_url_stays_secret(
    settings, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = []
    caplog.set_level(logging.DEBUG)

    with pytest.raises(NotTold, match="not allowed") as refused:
        tell(f"json://127.0.0.1:{server.port}/{SECRET}")

    assert server.posts == []
    assert SECRET not in str(refused.value) + caplog.text


def test_a_mail_server_in_a_private_network_is_not_asked(settings) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = []

    with pytest.raises(NotTold, match="not allowed"):
        tell(f"mailto://me:{SECRET}@example.com?to=ops@example.com&smtp=127.0.0.1")


def test_an_answer_that_is_no_success_is_not_told_and_no_redirect_is_followed(
    server: Server,
) -> None:
    server.answer = lambda handler: say(handler, 302, Location=server.url)

    with pytest.raises(NotTold, match="did not take it"):
        tell(f"json://127.0.0.1:{server.port}/{SECRET}")

    assert len(server.posts) == 1


def test_slack_shows_names_as_they_are_and_no_log_has_its_tokens(
    server: Server, monkeypatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(NotifySlack, "webhook_url", f"http://127.0.0.1:{server.port}")

    send(
        f"slack://{TOKENS}/#ops",
        title="<!channel>",
        body="It touches 1: <http://evil.example|north>.",
        incident="inc_1",
        is_over=False,
    )

    said = server.posts[0]
    assert said.path.endswith(TOKENS) and TOKENS not in caplog.text
    assert b"<!channel" not in said.body and b"<http" not in said.body


def test_pagerduty_resolves_the_incident_that_it_was_told_of(monkeypatch) -> None:
    posted: list[dict] = []

    def post(url: str, *, data: str, **options: object) -> object:
        posted.append(json.loads(data))
        assert options["allow_redirects"] is False and options["verify"] is True
        return SimpleNamespace(status_code=202, content=b"{}")

    monkeypatch.setattr(pagerduty.requests, "post", post)
    url = "pagerduty://abcdefghij1234567890ABCDEFGHIJ12@abcdefghij1234567890ABCDEFGHIJ12"
    for is_over in (False, True):
        send(url, title="Down", body="why", incident="inc_1", is_over=is_over)

    assert [(each["event_action"], each["dedup_key"]) for each in posted] == [
        ("trigger", "inc_1"),
        ("resolve", "inc_1"),
    ]


def test_a_mail_is_sent_and_names_are_no_html(peer) -> None:
    mail: list[bytes] = []
    server = peer(lambda connection: take_mail(connection, mail))

    send(
        f"mailto://127.0.0.1:{server.port}?from=orbit@example.com&to=ops@example.com",
        title="Down",
        body="It touches 1: <img src=x>.",
        incident="inc_1",
        is_over=False,
    )

    said = message_from_bytes(mail[0])
    assert said["Subject"] == "Down"
    assert "text/html" not in [each.get_content_type() for each in said.walk()]
    assert b"It touches 1: <img" in mail[0]


def take_mail(connection: socket.socket, mail: list[bytes]) -> None:
    """As a mail server that takes one mail."""
    with connection.makefile("rb") as lines:
        connection.sendall(b"220 mail\r\n")
        for line in lines:
            if line[:4].upper() == b"DATA":
                connection.sendall(b"354 go on\r\n")
                mail.append(b"".join(iter(lines.readline, b".\r\n")))
            connection.sendall(b"250 fine\r\n")


def test_a_service_that_refuses_has_not_told(server: Server, monkeypatch) -> None:
    server.answer = lambda handler: say(handler, 500)
    monkeypatch.setattr(NotifySlack, "webhook_url", f"http://127.0.0.1:{server.port}")

    with pytest.raises(NotTold, match="did not take it") as refused:
        tell(f"slack://{TOKENS}/#ops")

    assert len(server.posts) == 1
    assert TOKENS not in str(refused.value)
