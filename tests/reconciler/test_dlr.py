"""The door of reports: one by its address, or many in a list."""

from __future__ import annotations

import json
from itertools import permutations

import pytest
from django.test import Client
from django.utils import timezone

from messaging.messages import router
from messaging.messages.models import Message
from messaging.messages.tokens import Attempt, token_of
from messaging.webhooks.models import Event, Webhook
from orbit.accounts.models import Organization
from reconciler.dlr import TOGETHER
from tests.factories import make_organization
from tests.messaging.messages.outbound.conftest import (
    carrier,  # noqa: F401 - fixtures
    fake,  # noqa: F401
    make_message,
    read,
)

pytestmark = pytest.mark.django_db

OK = {"level": 1, "message_status": "ESME_ROK"}
DELIVERED = {"level": 2, "message_status": "DELIVRD", "id_smsc": "7", "err": "000"}
REFUSED = {"level": 1, "message_status": "ESME_RINVDSTADR"}


@pytest.fixture
def organization(db) -> Organization:
    """On no gateway: what it has taken is all that the door is about."""
    return make_organization()


@pytest.fixture
def messages(organization, carrier, fake) -> list[Message]:  # noqa: F811
    """Three that the gateway has."""
    made = [make_message(organization, body=f"number {number}") for number in range(3)]
    router.route(organization.pk)
    return made


def token(message: Message, attempt: int = 1) -> str:
    return token_of(Attempt(message.pk, attempt))


def bring(*forms: object):
    return Client().post("/dlr", json.dumps(forms), content_type="application/json")


def acknowledged(answer) -> bool:
    return (answer.status_code, answer.content) == (200, b"ACK/Jasmin")


def states(message: Message) -> list[str]:
    return [event["status"] for event in read(message).events]


def test_each_report_of_a_list_settles_its_message(messages):
    forms = [OK | {"token": token(each)} for each in messages]
    assert acknowledged(bring(*forms, DELIVERED | {"token": token(messages[1])}))
    assert [read(each).status for each in messages] == ["sent", "delivered", "sent"]
    assert read(messages[1]).carrier_message_id == "7"


@pytest.mark.parametrize("order", list(permutations([OK, DELIVERED, DELIVERED, OK])))
def test_both_reports_of_a_message_may_stand_in_one_list(messages, order):
    assert acknowledged(bring(*(form | {"token": token(messages[0])} for form in order)))
    assert states(messages[0]) == ["queued", "sending", "sent", "delivered"]


def test_a_list_tells_webhooks_as_single_reports_do(organization, messages):
    Webhook.objects.create(
        organization=organization,
        url="https://192.0.2.9/",
        events=["*"],
        secret="whsec_x",
        secret_set_at=timezone.now(),
    )
    bring(
        *(OK | {"token": token(each)} for each in messages[:2]),
        DELIVERED | {"token": token(messages[0])},
        REFUSED | {"token": token(messages[2])},
    )
    told = [json.loads(event.body) for event in Event.objects.order_by("id")]
    assert [(each["type"], each["data"]["message_id"]) for each in told] == [
        ("message.sent", messages[0].pk),
        ("message.sent", messages[1].pk),
        ("message.delivered", messages[0].pk),
        ("message.failed", messages[2].pk),
    ]
    assert [each["data"]["status"] for each in told] == ["sent", "sent", "delivered", "failed"]


def test_a_report_after_the_end_of_its_attempt_changes_nothing(messages):
    not_sent = {"level": 1, "message_status": "ESME_NOT_SENT", "token": token(messages[0])}
    assert acknowledged(bring(not_sent, DELIVERED | {"token": token(messages[0])}))
    row = read(messages[0])
    assert (row.status, row.claimed_at) == ("sending", None)


def test_what_is_not_ours_is_acknowledged_beside_what_is(messages):
    good = OK | {"token": token(messages[0])}
    others = [
        OK,
        OK | {"token": token(messages[1])[:-1]},
        OK | {"token": token(messages[1], attempt=2)},
        OK | {"token": "f" * 32},
        OK | {"token": "msg_\0" + "9" * 5000},
        {"token": token(messages[1])},
        {"token": token(messages[1]), "level": 3, "message_status": "DELIVRD"},
        {"token": [1], "level": None, "message_status": {}},
    ]
    assert acknowledged(bring(*others, good, *others))
    assert [read(each).status for each in messages] == ["sent", "sending", "sending"]


@pytest.mark.parametrize("body", ["", "{}", "[1]", "nonsense", '"list"', "\x00", "[" * 9999])
def test_what_is_no_list_of_reports_is_refused(body):
    answer = Client().post("/dlr", body, content_type="application/json")
    assert answer.status_code == 400


def test_a_list_is_as_long_as_the_invitation_says(messages):
    answer = bring(*[OK | {"token": token(messages[0])}] * TOGETHER)
    assert (acknowledged(answer), answer["X-Reports-Together"]) == (True, str(TOGETHER))
    assert bring(*[OK] * (TOGETHER + 1)).status_code == 400


def test_a_single_report_is_answered_with_the_invitation(messages):
    answer = Client().post(f"/dlr/{token(messages[0])}", OK)
    assert (acknowledged(answer), answer["X-Reports-Together"]) == (True, str(TOGETHER))
    assert read(messages[0]).status == "sent"


def test_reports_are_posted(messages):
    assert Client().get("/dlr").status_code == Client().get("/dlr/x").status_code == 405


def test_a_list_costs_as_many_queries_as_one_report(messages, django_assert_max_num_queries):
    with django_assert_max_num_queries(5):  # with the two of the transaction
        bring(*(OK | {"token": token(each)} for each in messages))


def test_no_log_has_what_makes_a_report_believed(messages, caplog):
    with caplog.at_level("DEBUG"):
        Client().post(f"/dlr/{token(messages[0])}", OK)
        bring(OK | {"token": token(messages[1])})
    assert "POST /dlr/* 200" in caplog.text
    for message in messages:
        assert token(message).rpartition(".")[2] not in caplog.text
