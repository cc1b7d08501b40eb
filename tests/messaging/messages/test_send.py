"""POST …/sms: what it makes."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging.messages.dispatch import enqueue
from messaging.messages.models import Message
from tests.messaging.callers import audited, refusal
from tests.messaging.messages.conftest import AMERICA, FRANCE, URL, Api, stored
from tests.messaging.pools.conftest import Api as Pools

pytestmark = pytest.mark.usefixtures("carrier")


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Organisations with a dispatch task queued by what committed."""
    ids: list[str] = []
    monkeypatch.setattr(enqueue, "wake", lambda organization_id, after: ids.append(organization_id))
    return ids


@pytest.mark.parametrize("to", [f"\u202a{FRANCE}\u202c", f"\u200b{FRANCE}\u200e"])
def test_a_number_that_was_copied_with_marks_around_it_is_taken_without_them(api, to):
    assert api.try_to_send(to=to).json()["data"]["to"] == FRANCE


def test_a_message_is_taken_and_waits(api):
    answer = api.try_to_send(body="hello €")

    assert answer.status_code == 202
    message = answer.json()["data"]
    assert re.fullmatch(r"msg_[0-9a-f]{32}", message["id"])
    assert answer["Location"] == f"{URL}/{message['id']}"
    now = message["created_at"]
    assert message == {
        "id": message["id"],
        "message_id": message["id"],
        "channel": "sms",
        "direction": "outbound",
        "to": FRANCE,
        "from": "ACME",
        "body": "hello €",
        "status": "queued",
        "segments": 1,
        "encoding": "gsm7",
        "carrier_id": None,
        "sender_pool_id": None,
        "campaign_id": None,
        "provider_id": None,
        "price": None,
        "error": None,
        "metadata": {},
        "tlvs": [],
        "events": [{"status": "queued", "at": now, "detail": ""}],
        "created_at": now,
        "updated_at": message["updated_at"],
        "sent_at": None,
        "delivered_at": None,
        "finished_at": None,
    }
    detail = api.get(f"/{message['id']}")
    assert detail.json()["data"] == message
    assert detail["ETag"] == answer["ETag"]


def test_from_need_not_be_of_the_named_pool_nor_heed_another(api, organization, carrier):
    pools = Pools(organization)
    pool_id = pools.add("+33700000001")
    pools.add({"sender": "ACME", "enabled": False})
    assert api.send(sender="ACME", sender_pool_id=pool_id)["from"] == "ACME"
    assert api.send(sender="ACME")["from"] == "ACME"


def test_what_was_asked_for_is_kept_apart_from_what_is_chosen(api, organization, carrier):
    pool_id = Pools(organization).add("ACME")
    fields = {
        "sender_pool_id": pool_id,
        "carrier_id": carrier.id,
        "webhook_url": "https://example.com/hook?key=1",
        "metadata": {"order": "A-17", "deep": {"list": [1, None, 2.5, "é"]}},
    }
    message = api.send(sender="38600", **fields)

    assert (message["carrier_id"], message["sender_pool_id"]) == (carrier.id, pool_id)
    assert (message["from"], message["metadata"]) == ("38600", fields["metadata"])
    row = stored(message["id"])
    assert (row.wanted_sender, row.wanted_pool_id, row.wanted_carrier_id) == (
        "38600",
        pool_id,
        carrier.id,
    )
    assert (row.sender, row.sender_pool_id, row.carrier_id) == ("", None, None)
    assert row.webhook_url == fields["webhook_url"]
    assert row.metadata == fields["metadata"]


def test_the_sender_is_unknown_until_it_is_chosen(api, organization):
    pool_id = Pools(organization).add("ACME")
    message = api.send(sender=None, sender_pool_id=pool_id)
    assert message["from"] is None


@pytest.mark.parametrize(
    ("body", "encoding", "segments"),
    [
        ("a" * 160, "gsm7", 1),
        ("a" * 161, "gsm7", 2),
        ("€" * 80, "gsm7", 1),
        ("ж" * 70, "ucs2", 1),
        ("ж" * 71, "ucs2", 2),
        ("a" * 1530, "gsm7", 10),
        ("😀" * 330, "ucs2", 10),
        (" a ", "gsm7", 1),
    ],
)
def test_encoding_and_segments_are_told_at_once(api, body, encoding, segments):
    message = api.send(body=body)
    assert (message["encoding"], message["segments"]) == (encoding, segments)
    assert message["body"] == stored(message["id"]).body == body


def test_the_router_is_woken_once_it_has_committed(api, woken, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        api.send()
        assert woken == []  # it would find no row
    assert woken == [api.organization.id]


def test_a_refused_one_leaves_nothing(api, woken, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        refusal(api.try_to_send(to=AMERICA), 422, "NO_ROUTE")
    assert (Message.objects.count(), woken) == (0, [])


def test_it_asks_the_database_no_more_than_it_has_to(api):
    """Who calls and what they may do; the carriers; the message; a savepoint stands for BEGIN."""
    api.send()  # the key's "last used" is written now
    with CaptureQueriesContext(connection) as captured:
        api.send()
    tables = [
        set(re.findall(r'(?:FROM|INTO) "(\w+)"', query["sql"]))
        for query in captured.captured_queries
    ]
    assert [found for found in tables if found] == [
        {"accounts_apikey", "accounts_member"},
        {"messaging_carrier"},
        {"messaging_message"},
    ]


def test_messages_are_not_in_the_audit(api):
    api.send()
    assert audited("message") == []


def test_the_same_idempotency_key_sends_one(api, woken, django_capture_on_commit_callbacks):
    body = {"to": FRANCE, "body": "hello", "from": "ACME"}
    with django_capture_on_commit_callbacks(execute=True):
        first, again = (api.post("/sms", body, Idempotency_Key="one") for _ in range(2))
    assert again["Idempotency-Replayed"] == "true"
    assert (again.status_code, again["Location"]) == (202, first["Location"])
    assert again["ETag"] == first["ETag"]
    assert again.json()["data"] == first.json()["data"]
    assert Message.objects.count() == len(woken) == 1
    other = api.post("/sms", body | {"body": "bye"}, Idempotency_Key="one")
    refusal(other, 422, "IDEMPOTENCY_KEY_REUSED")


def test_a_refusal_is_replayed_too(api):
    body = {"to": AMERICA, "body": "hello", "from": "ACME"}
    first, again = (api.post("/sms", body, Idempotency_Key="one") for _ in range(2))
    refusal(again, 422, "NO_ROUTE")
    assert again.json()["error"] == first.json()["error"]


def test_a_trailing_slash_changes_nothing(api):
    answer = api.post("/sms/", {"to": FRANCE, "body": "hello", "from": "ACME"})
    assert answer["Location"] == f"{URL}/{answer.json()['data']['id']}"


def test_a_reader_may_not_send(organization):
    reader = Api(organization, scopes=["messages:read", "campaigns:write"])
    refusal(reader.try_to_send(), 403, "INSUFFICIENT_PERMISSIONS")
    assert Message.objects.count() == 0
