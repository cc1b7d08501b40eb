"""Messages as `devotel-orbit-sdk` sends and reads them, unchanged, over a real socket."""

from __future__ import annotations

import pytest
from orbit_sdk import OrbitClient
from orbit_sdk.errors import OrbitClientError

from messaging.messages.models import Message
from tests.factories import make_api_key
from tests.messaging.messages.conftest import AMERICA, FRANCE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("carrier")]


@pytest.fixture
def client(live_server, organization) -> OrbitClient:
    secret = make_api_key(organization).secret
    return OrbitClient.from_api_key(secret, base_url=f"{live_server.url}/v1", max_retries=0)


def test_it_sends_and_reads(client):
    sent = client.messages.send_sms(to=FRANCE, body="Your code is 4711", from_="ACME")["data"]
    assert (sent["status"], sent["from"], sent["body"]) == ("queued", "ACME", "Your code is 4711")
    assert client.messages.get(sent["id"])["data"] == sent


def test_it_sends_once_however_often_it_asks(client):
    answers = [
        client.messages.send_sms(to=FRANCE, body="once", from_="ACME", idempotency_key="once")
        for _ in range(3)
    ]
    assert answers[0] == answers[1] == answers[2]
    assert Message.objects.count() == 1


def test_it_sees_why_nothing_was_sent(client):
    for wanted, message in (
        ("NO_ROUTE", {"to": AMERICA, "body": "x", "from_": "ACME"}),
        ("NO_ELIGIBLE_SENDER", {"to": FRANCE, "body": "x"}),
        ("INVALID_PHONE_NUMBER", {"to": "hello", "body": "x"}),
    ):
        with pytest.raises(OrbitClientError) as caught:
            client.messages.send_sms(**message)
        assert (caught.value.status, caught.value.code) == (422, wanted)
