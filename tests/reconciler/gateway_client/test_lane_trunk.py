"""Submits to a gateway behind our launcher, here a server without any carrier."""

from __future__ import annotations

import socket

import pytest

from messaging.gateway import Accepted, Refusal, Refused, Submission, Submit, Unknown
from messaging.smpp.protocol.segmentation import encode
from reconciler.gateway_client import lane_trunk, trunks
from reconciler.models import Gateway, GatewayLog
from tests.reconciler.conftest import change, make_credential, make_tenant
from tests.reconciler.lane_gateway import LaneGateway

pytestmark = pytest.mark.django_db


@pytest.fixture
def gateway(fake: LaneGateway) -> Gateway:
    made = Gateway.objects.create(
        name="main", jcli_host="192.0.2.1", http_url=fake.url, capabilities=["lane", "addresses"]
    )
    GatewayLog.objects.create(gateway=made, log=fake.log)
    return made


@pytest.fixture
def credential(gateway: Gateway):
    return make_credential(make_tenant(gateway), port=2775, system_id="acme")


def send(credential, *texts: str, **fields) -> list[Submission]:
    trunk = trunks.trunks([credential.pk])[credential.pk]
    assert not isinstance(trunk, Refused), trunk
    message = {"sender": "ACME", "to": "+33612345678", "dlr_token": ""} | fields
    batch = [
        Submit(token=f"msg_{n}.1", text=encode(text, credential.gsm_data_coding), **message)
        for n, text in enumerate(texts)
    ]
    return trunk.submit_many(batch)


def test_many_messages_are_one_request(credential, fake):
    assert send(credential, *["hello"] * 500) == [Accepted("")] * 500

    (request,) = fake.requests
    assert request[0] == {
        "token": "msg_0.1",
        "from": "ACME",
        "to": "+33612345678",
        "data_coding": 0,
        "parts": [b"hello".hex()],
        "udhi": False,
        "tlvs": [],
        "expires_in": lane_trunk.EXPIRES_IN,
    }


def test_more_than_the_gateway_takes_at_once_are_several(credential, fake):
    assert len(send(credential, *["hello"] * 1001)) == 1001

    assert [len(each) for each in fake.requests] == [1000, 1]


def test_a_request_of_too_many_octets_is_made_in_halves(credential, fake):
    """500 long texts with all the TLVs that they may have are more than one request may have."""

    def answer(batch):
        if len(batch) > 2:
            return 413, {"error": "too_large", "detail": "octets"}
        return 200, {"results": [{"token": each["token"], "accepted": True} for each in batch]}

    fake.answer_submits = answer

    assert send(credential, *["hello"] * 5) == [Accepted("")] * 5


def test_a_long_text_goes_in_parts_with_headers(credential, fake):
    send(credential, "x" * 161)

    ((item,),) = fake.requests
    first, second = (bytes.fromhex(part) for part in item["parts"])
    assert item["udhi"] is True
    assert (first[:3], first[4:6]) == (b"\5\0\3", b"\2\1")
    assert (second[:4], second[4:6]) == (first[:4], b"\2\2")
    assert (len(first), len(second)) == (6 + 153, 6 + 8)


def test_the_same_token_has_the_same_parts_again(credential, fake):
    send(credential, "x" * 161)
    send(credential, "x" * 161)

    assert fake.requests[0] == fake.requests[1]


@pytest.mark.parametrize(
    ("coding", "text", "written", "octets"),
    [
        (0, "@ €", 0, "00201b65"),
        (3, "@ à", 3, "4020e0"),
        (3, "5€", 8, "003520ac"),
        (0, "Ж", 8, "0416"),
    ],
)
def test_the_text_is_in_the_alphabet_of_the_carriers_data_coding(
    credential, fake, coding, text, written, octets
):
    change(credential, gsm_data_coding=coding)

    send(credential, text)

    ((item,),) = fake.requests
    assert (item["data_coding"], item["parts"]) == (written, [octets])


def test_tlvs_go_with_it(credential, fake):
    send(credential, "hello", tlvs=((0x1400, b"abc\0"),))

    assert fake.requests[0][0]["tlvs"] == [[0x1400, "61626300"]]


@pytest.mark.parametrize(
    ("reason", "kind", "retryable"),
    [
        ("not_bound", Refusal.NOT_BOUND, True),
        ("full", Refusal.TOO_FAST, True),
        ("expired", Refusal.UNAVAILABLE, True),
        ("invalid", Refusal.REJECTED, False),
        ("something_new", Refusal.UNAVAILABLE, True),
    ],
)
def test_each_is_refused_for_itself(credential, fake, reason, kind, retryable):
    def answer(batch):
        refused = {"accepted": False, "reason": reason, "detail": "to: too long"}
        results = [
            {"token": each["token"]} | ({"accepted": True} if n == 0 else refused)
            for n, each in enumerate(batch)
        ]
        return 200, {"life": "1", "results": results}

    fake.answer_submits = answer
    taken, refused = send(credential, "one", "two")

    assert taken == Accepted("")
    assert isinstance(refused, Refused)
    assert (refused.kind, refused.retryable) == (kind, retryable)


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (401, "unauthorized", Refusal.NOT_SYNCED),
        (403, "no_route", Refusal.NOT_SYNCED),
        (503, "store", Refusal.UNAVAILABLE),
        (409, "other_log", Refusal.UNAVAILABLE),
        (413, "too_large", Refusal.UNAVAILABLE),
        (500, "whatever", Refusal.UNAVAILABLE),
        (500, ["no", "word"], Refusal.UNAVAILABLE),
    ],
)
def test_all_are_refused_together(credential, fake, status, error, kind):
    fake.answer_submits = lambda batch: (status, {"error": error, "detail": "why"})

    answers = send(credential, "one", "two")

    assert all(isinstance(each, Refused) for each in answers)
    assert {(each.kind, each.retryable) for each in answers} == {(kind, True)}


def test_an_answer_that_is_lost_is_unknown_for_all(credential, fake):
    fake.answer_submits = lambda batch: None

    assert all(isinstance(each, Unknown) for each in send(credential, "one", "two"))


@pytest.mark.parametrize("body", [{}, {"results": None}, {"results": [{}]}, {"results": [7]}, []])
def test_an_answer_that_can_not_be_read_is_unknown_for_all(credential, fake, body):
    """It may have taken them: they are not sent again."""
    fake.answer_submits = lambda batch: (200, body)

    assert all(isinstance(each, Unknown) for each in send(credential, "one", "two"))


def test_what_the_answer_does_not_name_is_unknown(credential, fake):
    fake.answer_submits = lambda batch: (
        200,
        {"results": [{"token": batch[1]["token"], "accepted": True}]},
    )

    first, second = send(credential, "one", "two")

    assert isinstance(first, Unknown)
    assert second == Accepted("")


def test_after_a_lost_answer_the_next_request_is_not_made(credential, fake):
    fake.answer_submits = lambda batch: None

    answers = send(credential, *["hello"] * 1001)

    assert len(fake.requests) == 1
    assert isinstance(answers[-1], Refused)


def test_where_nothing_listens_nothing_was_taken(credential, gateway):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        free = probe.getsockname()[1]
    Gateway.objects.filter(pk=gateway.pk).update(http_url=f"http://127.0.0.1:{free}")

    (answer,) = send(credential, "hello")

    assert isinstance(answer, Refused)
    assert answer.kind is Refusal.UNAVAILABLE


def test_before_its_log_was_read_a_gateway_gets_no_message(credential, fake):
    GatewayLog.objects.update(log="")

    answer = trunks.trunks([credential.pk])[credential.pk]

    assert isinstance(answer, Refused)
    assert "receiver" in answer.reason


def test_the_trunk_is_named_by_the_log_that_tells_of_it(credential, fake):
    assert trunks.trunks([credential.pk])[credential.pk].lane == fake.log


def test_the_password_is_in_no_repr(credential):
    trunk = trunks.trunks([credential.pk])[credential.pk]

    assert credential.gateway_password not in repr(trunk)
