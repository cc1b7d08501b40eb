"""MESSAGE_RATE_LIMIT: messages of an organisation, one by one and in batches."""

from __future__ import annotations

import time
from typing import Any

import pytest

from messaging.messages.models import Message
from orbit.api.message_limits import bucket_of
from tests.messaging.callers import refusal
from tests.messaging.messages.conftest import Api
from tests.messaging.messages.test_batch import ONE, post, taken

pytestmark = [pytest.mark.usefixtures("carrier"), pytest.mark.stack]  # Redis counts


@pytest.fixture(autouse=True)
def _limit(settings):
    settings.MESSAGE_RATE_LIMIT = "10/3600"


def left(answer: Any) -> int:
    assert answer["X-MessageLimit-Limit"] == "10"
    return int(answer["X-MessageLimit-Remaining"])


def test_every_message_counts_wherever_it_comes_from(api, organization):
    assert left(api.try_to_send()) == 9
    assert left(post(api, ONE, ONE, ONE)) == 6
    other_key = Api(organization)
    answer = other_key.try_to_send()
    assert left(answer) == 5
    reset = int(answer["X-MessageLimit-Reset"])
    assert 1700 < reset - time.time() < 1802  # half of the hour


def test_one_that_is_refused_counts_too(api):
    assert left(api.try_to_send(to="1")) == 9
    assert left(post(api, ONE | {"to": "1"}, ONE)) == 7


def test_a_batch_counts_as_one_request(api):
    before = int(api.get("")["X-RateLimit-Remaining"])
    after = int(post(api, *[ONE] * 5)["X-RateLimit-Remaining"])
    assert before - after == 1


def test_one_too_many_takes_nothing_and_says_when_to_come_back(api):
    taken(post(api, *[ONE] * 8))
    answer = post(api, ONE, ONE, ONE)
    error = refusal(answer, 429, "RATE_LIMIT_EXCEEDED")
    assert left(answer) == 2
    wait = error["details"]["retry_after"]
    assert error["details"] == {"retry_after": wait, "limit": 10, "window": "3600s"}
    assert answer["Retry-After"] == str(wait)
    assert 350 < wait <= 360  # one of ten comes back in 360 s
    assert Message.objects.count() == 8
    assert left(post(api, ONE, ONE)) == 0
    refusal(api.try_to_send(), 429, "RATE_LIMIT_EXCEEDED")


def test_it_is_not_kept_for_an_idempotency_key(api, settings):
    taken(post(api, *[ONE] * 10))
    body = {"messages": [ONE]}
    assert api.post("/sms/batch", body, Idempotency_Key="k").status_code == 429
    settings.MESSAGE_RATE_LIMIT = "100/3600"
    answer = api.post("/sms/batch", body, Idempotency_Key="k")
    assert answer.status_code == 202
    assert "Idempotency-Replayed" not in answer


def test_more_than_the_limit_is_taken_from_a_full_one_and_made_up_for(api):
    answer = post(api, *[ONE] * 15)
    assert (answer.status_code, left(answer)) == (202, 0)
    error = refusal(api.try_to_send(), 429, "RATE_LIMIT_EXCEEDED")
    assert 2100 < error["details"]["retry_after"] <= 2160  # six of ten: five are owed
    refusal(post(api, *[ONE] * 15), 429, "RATE_LIMIT_EXCEEDED")


def test_who_may_not_send_takes_nothing(organization, api):
    viewer = Api(organization, role="viewer")
    for answer in (viewer.try_to_send(), post(viewer, ONE)):
        assert answer.status_code == 403
        assert "X-MessageLimit-Limit" not in answer
    assert left(api.try_to_send()) == 9


def test_who_has_no_request_left_takes_no_message(api, settings):
    settings.API_RATE_LIMIT = "1/3600"
    assert api.try_to_send().status_code == 202
    answer = api.try_to_send()
    assert answer.status_code == 429
    assert "Rate limit exceeded" in answer.json()["error"]["message"]
    settings.API_RATE_LIMIT = "100/3600"
    assert left(api.try_to_send()) == 8


def test_a_list_that_is_no_list_takes_nothing(api):
    for body in ({}, [], {"messages": [ONE] * 1001}):
        answer = api.post("/sms/batch", body)
        assert answer.status_code == 422
        assert "X-MessageLimit-Limit" not in answer


def test_organisations_do_not_share_it(api, stranger):
    taken(post(api, *[ONE] * 10))
    assert stranger.send(sender="ACME")["status"] == "queued"


def test_reading_does_not_count(api):
    assert "X-MessageLimit-Limit" not in api.get("")
    assert "X-MessageLimit-Limit" not in api.get("/sms")


def test_the_bucket_of_another_limit_is_another_one(settings):
    before = bucket_of("org_1", 1)
    settings.MESSAGE_RATE_LIMIT = "20/60"
    assert bucket_of("org_1", 1).key != before.key
    assert bucket_of("org_1", 1).each == 3_000_000
