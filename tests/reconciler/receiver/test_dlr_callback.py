"""The DLR callback of a stock Jasmin."""

from __future__ import annotations

from itertools import permutations

import pytest
from django.http import HttpResponse
from django.test import Client

from messaging.messages.attempt_tokens import Attempt, dlr_token_of
from messaging.messages.dispatch import run
from messaging.messages.models import Message
from orbit.accounts.models import Organization
from reconciler.receiver import dlr_callback
from tests.factories import make_organization
from tests.messaging.messages.dispatch.conftest import (
    carrier,  # noqa: F401 - fixtures
    fake,  # noqa: F401
    make_message,
    read,
)

pytestmark = pytest.mark.django_db

OK = {"level": 1, "message_status": "ESME_ROK"}
DELIVERED = {"level": 2, "message_status": "DELIVRD", "id_smsc": "7", "err": "000"}


@pytest.fixture
def organization(db) -> Organization:
    """An organisation without a gateway: callbacks need none."""
    return make_organization()


@pytest.fixture
def messages(organization, carrier, fake) -> list[Message]:  # noqa: F811
    """Three messages that a stock Jasmin has taken."""
    fake.lane = ""
    made = [make_message(organization, body=f"number {number}") for number in range(3)]
    run.dispatch(organization.pk)
    return made


def token(message: Message, attempt: int = 1) -> str:
    return dlr_token_of(Attempt(message.pk, attempt))


def bring(message: Message, *forms: dict) -> list[HttpResponse]:
    return [Client().post(f"/dlr/{token(message)}", form) for form in forms]


def acknowledged(*answers: HttpResponse) -> bool:
    return {(each.status_code, each.content) for each in answers} == {(200, b"ACK/Jasmin")}


def states(message: Message) -> list[str]:
    return [event["status"] for event in read(message).events]


def test_answer_and_receipt_settle_the_message(messages):
    assert acknowledged(*bring(messages[1], OK, DELIVERED))

    assert [read(each).status for each in messages] == ["sending", "delivered", "sending"]
    assert read(messages[1]).carrier_message_id == "7"


@pytest.mark.parametrize("order", list(permutations([OK, DELIVERED, DELIVERED, OK])))
def test_they_may_come_in_any_order_and_twice(messages, order):
    assert acknowledged(*bring(messages[0], *order))

    assert states(messages[0]) == ["queued", "sending", "sent", "delivered"]


def test_a_report_after_the_end_of_its_attempt_changes_nothing(messages):
    not_sent = {"level": 1, "message_status": "ESME_NOT_SENT"}
    assert acknowledged(*bring(messages[0], not_sent, DELIVERED))

    row = read(messages[0])
    assert (row.status, row.claimed_at) == ("sending", None)


@pytest.mark.parametrize(
    "form",
    [{}, {"level": 3, "message_status": "DELIVRD"}, {"level": 1}, {"message_status": "ESME_ROK"}],
)
def test_what_says_nothing_that_we_know_is_acknowledged(messages, form):
    assert acknowledged(*bring(messages[0], form))

    assert read(messages[0]).status == "sending"


@pytest.mark.parametrize("change", [lambda t: t[:-1], lambda t: "f" * 32, lambda t: "msg_" + t])
def test_what_is_not_ours_is_acknowledged(messages, change):
    assert acknowledged(Client().post(f"/dlr/{change(token(messages[0]))}", OK))
    assert acknowledged(Client().post(f"/dlr/{token(messages[0], attempt=2)}", OK))

    assert read(messages[0]).status == "sending"


def test_reports_are_posted(messages):
    assert Client().get("/dlr/x").status_code == 405


def test_no_log_has_what_makes_a_report_believed(messages, caplog):
    with caplog.at_level("DEBUG"):
        bring(messages[0], OK)
    assert "POST /dlr/* 200" in caplog.text
    assert token(messages[0]).rpartition(".")[2] not in caplog.text


@pytest.mark.parametrize("address", ["203.0.113.9", "2001:db8::9"])
def test_a_report_from_elsewhere_than_the_gateways_changes_nothing(messages, address):
    before = states(messages[0])

    answer = Client(REMOTE_ADDR=address).post(f"/dlr/{token(messages[0])}", DELIVERED)

    assert answer.status_code == 404
    assert states(messages[0]) == before


def test_a_report_over_a_unix_socket_is_believed(messages):
    """Who may use the socket is this machine's to say."""
    answer = Client(REMOTE_ADDR="").post(f"/dlr/{token(messages[0])}", DELIVERED)

    assert acknowledged(answer)
    assert states(messages[0])[-1] == "delivered"


@pytest.mark.parametrize(
    "odd",
    [
        "%00",
        "a%00b",
        "msg_%00.1.x",
        "%ED%A0%80",
        "msg_%ED%A0%80",
        "%EF%BC%91",
        "msg_1.1.1",
        "x" * 500,
    ],
)
def test_a_token_that_is_none_is_acknowledged_without_a_look_at_the_database(
    odd, django_assert_num_queries
):
    with django_assert_num_queries(0):
        answer = Client().post(f"/dlr/{odd}", DELIVERED)

    assert acknowledged(answer)


@pytest.mark.parametrize("odd", ["\0", "\ud800", "１"])
def test_a_value_that_the_database_can_not_hold_is_no_error(messages, odd):
    body = "&".join(f"{name}={value}" for name, value in DELIVERED.items()).replace("7", "7%00")
    raw = body.encode() + b"&err=" + odd.encode("utf-8", "surrogatepass")

    answer = Client().generic(
        "POST",
        f"/dlr/{token(messages[0])}",
        raw,
        content_type="application/x-www-form-urlencoded",
    )

    assert acknowledged(answer)


def test_this_machine_may_ask_whether_it_is_reached_here(db, settings, monkeypatch):
    settings.GATEWAY_TRUSTED_NETWORKS = ["172.31.77.12"]
    monkeypatch.setattr(dlr_callback, "own_addresses", lambda: ["172.31.77.10"])

    assert acknowledged(Client(REMOTE_ADDR="172.31.77.10").post("/dlr/check"))
    assert Client(REMOTE_ADDR="172.31.77.11").post("/dlr/check").status_code == 404
