"""POST …/sms/batch: each message stands for itself, and all of them are written at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging.carriers.models import Carrier
from messaging.messages import services
from messaging.messages.dispatch import enqueue
from messaging.messages.models import Message
from orbit.ids import new_id
from tests.factories import make_organization
from tests.messaging.callers import audited, refusal
from tests.messaging.messages.conftest import AMERICA, FRANCE, Api, make_carrier
from tests.messaging.pools.conftest import Api as Pools

pytestmark = [pytest.mark.usefixtures("carrier"), pytest.mark.sqlite]

ONE = {"to": FRANCE, "body": "hello", "from": "ACME"}


def post(api: Api, *messages: Any, **fields: Any) -> Any:
    return api.post("/sms/batch", {"messages": list(messages)} | fields)


def taken(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 202, answer.content
    return answer.json()["data"]


def errors(answer: Any) -> list[tuple[str, str | None]]:
    """Code and field of those that were refused, and that all others were taken."""
    found = taken(answer)
    refused = [each["error"] for each in found["results"] if "error" in each]
    assert found["rejected"] == len(refused)
    assert found["accepted"] == len(found["results"]) - len(refused)
    return [(each["code"], each["field"]) for each in refused]


def test_each_is_taken_as_a_request_of_its_own_would_be(api, organization):
    fields = {
        "metadata": {"order": "A-17", "price": 1.5, "deep": [{"é": None}]},
        "tlvs": [{"tag": "0x1400", "type": "cstring", "value": "11012"}],
        "webhook_url": "https://example.com/hook",
        "sender_pool_id": Pools(organization).add("+33700000001"),
        "carrier_id": Carrier.objects.get(organization=organization).id,
    }
    body = ONE | fields | {"body": "hello € " * 30}
    result = taken(post(api, ONE, body))["results"][1]
    assert result == {"index": 1, "id": result["id"], "status": "queued"}
    own = ("id", "message_id", "events", "created_at", "updated_at")
    one = api.read(result["id"])
    other = api.read(api.post("/sms", body).json()["data"]["id"])
    assert {**one, **dict.fromkeys(own)} == {**other, **dict.fromkeys(own)}
    assert one["segments"] == 2
    row, single = (Message.objects.filter(pk=each["id"]).values().get() for each in (one, other))
    times = ("id", "events", "created_at", "updated_at", "next_attempt_at")
    assert {**row, **dict.fromkeys(times)} == {**single, **dict.fromkeys(times)}


def test_one_bad_one_refuses_no_other(api):
    answer = post(
        api,
        ONE,
        ONE | {"to": "1"},
        ONE | {"to": AMERICA},
        {"to": FRANCE, "body": "no sender"},
        ONE | {"text": "x"},
        ONE | {"body": 1},
        ONE | {"body": "a\0b"},
        ONE | {"body": "half \ud83d"},
        {"to": FRANCE, "from": "ACME"},
        ONE | {"sender_pool_id": new_id("pool")},
        ONE | {"carrier_id": "x"},
        ONE | {"webhook_url": "https://10.0.0.1/"},
        ONE | {"body": "a" * 1531},
        "text",
        None,
        [],
        ONE,
    )
    assert errors(answer) == [
        ("INVALID_PHONE_NUMBER", "to"),
        ("NO_ROUTE", "to"),
        ("NO_ELIGIBLE_SENDER", "from"),
        ("VALIDATION_ERROR", "text"),
        ("VALIDATION_ERROR", "body"),
        ("VALIDATION_ERROR", "body"),
        ("VALIDATION_ERROR", "body"),
        ("MISSING_REQUIRED_FIELD", "body"),
        ("VALIDATION_ERROR", "sender_pool_id"),
        ("VALIDATION_ERROR", "carrier_id"),
        ("INVALID_WEBHOOK_URL", "webhook_url"),
        ("VALIDATION_ERROR", "body"),
        ("VALIDATION_ERROR", "(body)"),
        ("VALIDATION_ERROR", "(body)"),
        ("VALIDATION_ERROR", "(body)"),
    ]
    results = taken(answer)["results"]
    assert [each["index"] for each in results] == list(range(17))
    kept = set(Message.objects.values_list("pk", flat=True))
    assert kept == {results[0]["id"], results[16]["id"]}


def test_an_error_reads_as_that_of_a_single_message(api):
    bad = ONE | {"to": "1"}
    single = refusal(api.post("/sms", bad), 422, "INVALID_PHONE_NUMBER")
    (result,) = taken(post(api, bad))["results"]
    expected = {"code": single["code"], "message": single["message"], "field": "to"}
    assert result == {"index": 0, "error": expected}


def test_pools_and_carriers_of_others_are_as_unknown_ones(api, organization):
    other = make_organization()
    foreign = make_carrier(other)
    pool_id = Pools(other).add("ACME")
    own = make_carrier(organization)
    answer = post(
        api,
        ONE | {"carrier_id": foreign.id},
        ONE | {"sender_pool_id": pool_id},
        ONE | {"carrier_id": own.id},
    )
    fields = [("VALIDATION_ERROR", "carrier_id"), ("VALIDATION_ERROR", "sender_pool_id")]
    assert errors(answer) == fields


class TestDefaults:
    def test_fill_in_what_a_message_does_not_name(self, api, organization):
        answer = post(
            api,
            {"to": FRANCE},
            {"to": FRANCE, "body": "mine", "metadata": {}},
            {"body": "no number"},
            defaults={"body": "common", "from": "ACME", "metadata": {"x": 1}},
        )
        assert errors(answer) == [("MISSING_REQUIRED_FIELD", "to")]
        first, second, _ = taken(answer)["results"]
        one, two = api.read(first["id"]), api.read(second["id"])
        assert (one["body"], one["from"], one["metadata"]) == ("common", "ACME", {"x": 1})
        assert (two["body"], two["from"], two["metadata"]) == ("mine", "ACME", {})

    def test_that_a_message_overrides_with_a_bad_value_refuse_that_one(self, api):
        answer = post(api, {"body": 1}, {"body": None}, {}, defaults=ONE)
        assert errors(answer) == [("VALIDATION_ERROR", "body"), ("VALIDATION_ERROR", "body")]

    @pytest.mark.parametrize(
        ("defaults", "code", "field"),
        [
            ([], "VALIDATION_ERROR", "defaults"),
            ("x", "VALIDATION_ERROR", "defaults"),
            ({"text": 1}, "VALIDATION_ERROR", "defaults.text"),
            ({"to": "1"}, "INVALID_PHONE_NUMBER", "defaults.to"),
            ({"from": ""}, "VALIDATION_ERROR", "defaults.from"),
            ({"body": "a\0"}, "VALIDATION_ERROR", "defaults.body"),
            ({"sender_pool_id": "x"}, "VALIDATION_ERROR", "defaults.sender_pool_id"),
            ({"carrier_id": "x"}, "VALIDATION_ERROR", "defaults.carrier_id"),
            ({"webhook_url": "https://10.0.0.1/"}, "INVALID_WEBHOOK_URL", "defaults.webhook_url"),
            ({"tlvs": [{"tag": "x"}]}, "VALIDATION_ERROR", "defaults.tlvs[0].type"),
        ],
    )
    def test_that_are_wrong_are_named_once_and_nothing_is_taken(
        self, api, settings, defaults, code, field
    ):
        settings.WEBHOOK_ALLOWED_NETWORKS = []
        error = refusal(post(api, ONE, ONE, defaults=defaults), 422, code)
        assert error["details"]["field"] == field
        assert error["message"].startswith(f"{field}: ")
        assert [each["field"] for each in error["details"]["errors"]] == [field]
        assert error["message"].count(field) == 1
        assert not Message.objects.exists()

    def test_show_no_address_that_was_refused(self, api):
        answer = post(api, ONE, defaults={"webhook_url": "ftp://secret.example/token"})
        assert "secret.example" not in answer.content.decode()


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({}, "MISSING_REQUIRED_FIELD", "messages"),
        ({"messages": None}, "VALIDATION_ERROR", "messages"),
        ({"messages": []}, "VALIDATION_ERROR", "messages"),
        ({"messages": {}}, "VALIDATION_ERROR", "messages"),
        ({"messages": "x"}, "VALIDATION_ERROR", "messages"),
        ({"messages": [{}] * 1001}, "VALIDATION_ERROR", "messages"),
        ({"messages": [ONE], "default": {}}, "VALIDATION_ERROR", "default"),
        ([ONE], "VALIDATION_ERROR", "(body)"),
    ],
)
def test_a_list_that_is_none_is_refused(api, body, code, field):
    error = refusal(api.post("/sms/batch", body), 422, code)
    assert error["details"]["field"] == field
    assert not Message.objects.exists()


def test_a_thousand_are_written_at_once_and_told_once(
    api, organization, monkeypatch, django_capture_on_commit_callbacks
):
    woken: list[str] = []
    monkeypatch.setattr(enqueue, "wake", lambda ours, after: woken.append(ours))
    bodies = [{"to": FRANCE, "body": f"hello {place}"} for place in range(1000)]
    counts = []
    for number in (10, 1000):
        with (
            django_capture_on_commit_callbacks(execute=True),
            CaptureQueriesContext(connection) as captured,
        ):
            answer = post(api, *bodies[:number], defaults={"from": "ACME"})
        assert taken(answer)["accepted"] == number
        counts.append(len(captured))
    assert counts[0] >= counts[1]  # the first one also notes that the key is used
    assert counts[1] <= 12
    assert woken == [organization.id] * 2
    assert Message.objects.count() == 1010
    ids = [each["id"] for each in taken(answer)["results"]]
    assert ids == sorted(ids)


def test_it_is_not_in_the_audit(api):
    post(api, ONE)
    assert not audited("message")


def test_the_list_shows_them(api):
    post(api, ONE, ONE)
    assert api.get("").json()["meta"]["pagination"]["total"] == 2


def test_the_same_key_replays_the_whole_answer_and_sends_nothing_again(api):
    bodies = [ONE, ONE | {"to": "1"}]
    first, again = (
        api.post("/sms/batch", {"messages": bodies}, Idempotency_Key="k") for _ in range(2)
    )
    assert taken(again) == taken(first)
    assert again["Idempotency-Replayed"] == "true"
    assert Message.objects.count() == 1
    other = api.post("/sms/batch", {"messages": [ONE]}, Idempotency_Key="k")
    refusal(other, 422, "IDEMPOTENCY_KEY_REUSED")


def test_a_refused_list_is_replayed_too(api):
    first, again = (api.post("/sms/batch", {}, Idempotency_Key="k") for _ in range(2))
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert again["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize(
    "part",
    ["{},", "[],", "1,", '{"a":1},', '{"to":"+33639980001","metadata":{"a":[1,2,3,4,5,6,7]}},'],
)
def test_a_body_of_more_values_than_a_thousand_messages_need_is_not_read(api, part):
    number = 3 * 1024 * 1024 // len(part)
    raw = '{"messages":[' + (part * number).rstrip(",") + "]}"
    answer = api.raw("/sms/batch", raw)
    error = refusal(answer, 400, "VALIDATION_ERROR")
    assert "100,000 values" in error["message"]


def test_separators_in_texts_are_no_values(api):
    bodies = [ONE | {"body": ",[{" * 200 + '"\\'} for _ in range(200)]
    assert taken(post(api, *bodies))["accepted"] == 200


def test_a_body_over_the_limit_of_bytes_is_refused(api):
    answer = api.raw("/sms/batch", " " * (4 * 1024 * 1024 + 1))
    assert "larger than" in refusal(answer, 400, "VALIDATION_ERROR")["message"]


@pytest.mark.parametrize("raw", ["{", '{"messages":[' + "[" * 40 + "]" * 40 + "]}", "\xff"])
def test_what_is_no_json_is_refused_and_replayed(api, raw):
    for _ in range(2):
        answer = api.raw("/sms/batch", raw, Idempotency_Key="k")
        refusal(answer, 400, "VALIDATION_ERROR")
    assert answer["Idempotency-Replayed"] == "true"
    assert refusal(post_plain(api), 415, "UNSUPPORTED_MEDIA_TYPE")


def post_plain(api: Api) -> Any:
    return api.raw("/sms/batch", "{}", content_type="text/plain")


def test_nothing_stays_if_the_insert_fails(api, monkeypatch):
    def fail(*args: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(enqueue, "wake_on_commit", fail)
    assert post(api, ONE, ONE).status_code == 500
    assert not Message.objects.exists()


def test_none_at_all_are_taken_without_a_statement(organization):
    assert services.create_many(organization=organization, bodies=[]) == []
