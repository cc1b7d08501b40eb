"""The demo's address for webhooks."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from orbit.dev.demo import webhook_inbox


@pytest.fixture
def there() -> Iterator[webhook_inbox.Inbox]:
    made = webhook_inbox.Inbox()
    made.start()
    yield made
    made.stop()


def ask(there: webhook_inbox.Inbox, method: str, body: str = "", **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection(urlsplit(there.url).netloc, timeout=10)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, "/", body, sent)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def test_what_is_posted_is_shown_newest_first(there):
    assert ask(there, "POST", '{"id": 1}', X_Devotel_Signature="t=1")[0] == 200
    assert ask(there, "POST", "no JSON")[0] == 200
    first, second = json.loads(ask(there, "GET")[1])
    assert first["body"] == "no JSON"
    assert second == {"path": "/", "headers": {"X-Devotel-Signature": "t=1"}, "body": {"id": 1}}


def test_it_keeps_no_more_than_it_should(there, monkeypatch):
    for number in range(webhook_inbox.KEPT + 3):
        ask(there, "POST", str(number))
    kept = [each["body"] for each in json.loads(ask(there, "GET")[1])]
    assert (len(kept), kept[0]) == (webhook_inbox.KEPT, webhook_inbox.KEPT + 2)
    monkeypatch.setattr(webhook_inbox, "LARGEST", 3)
    assert ask(there, "POST", "too large")[0] == 413
