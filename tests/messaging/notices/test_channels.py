"""Which URLs of Apprise are taken, and where they may lead."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from messaging.notices.channels import BadUrl, NotTold, scheme_of, send
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
        "json://example.com/?method=DELETE",
        "mailtos://user:pass@example.com?pgp=yes&pgpkey=/etc/passwd",
        "jsons://exa mple.com/",
        "jsons://",
        f"jsons://{SECRET}.example.com/{'x' * 3000}",
    ],
)
def test_what_could_do_more_than_tell_is_refused_without_the_url(url: str) -> None:
    with pytest.raises(BadUrl) as refused:
        scheme_of(url)

    assert SECRET not in str(refused.value)


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
