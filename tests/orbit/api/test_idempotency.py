"""The same request twice does its work once, and gets the same answer."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from orbit.accounts.models import AuditEvent
from orbit.api.errors import ApiError
from orbit.api.idempotency import LEASE
from orbit.api.models import IdempotentRequest
from tests.factories import make_api_key, make_member, make_session

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.orbit.api.probe"), pytest.mark.sqlite]

JSON = "application/json"
URL = "/v1/probe"


def send(api: Client, key: str = "k", *, method: str = "POST", body=None, url: str = URL, **extra):
    content = {} if body is None else {"data": json.dumps(body), "content_type": JSON}
    return api.generic(method, url, headers={"Idempotency-Key": key}, **content, **extra)


def error(response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def work_done() -> int:
    return AuditEvent.objects.filter(action="probe").count()


@pytest.fixture(autouse=True)
def _works(probe):
    probe(lambda view: view.worked(201))


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_the_first_answer_comes_again(api, method):
    first, second = (send(api, method=method) for _ in range(2))

    assert work_done() == 1
    assert (second.status_code, second.content) == (first.status_code, first.content)
    for name in ("Content-Type", "Location", "ETag", "Cache-Control", "X-Request-Id"):
        assert second[name] == first[name]
    assert second.json()["meta"]["request_id"] == second["X-Request-Id"]
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"


def test_an_answer_without_a_body_comes_again(api, probe):
    probe(lambda view: view.worked(200) and view.no_content())
    first, second = send(api), send(api)
    assert (second.status_code, second.content) == (first.status_code, first.content) == (204, b"")
    assert "Content-Type" not in second
    assert work_done() == 1


def test_another_body_is_refused(api):
    send(api, body={"a": 1})
    assert error(send(api, body={"a": 2})) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert work_done() == 1


def test_no_body_and_an_empty_object_are_the_same(api):
    send(api)
    assert send(api, body={})["Idempotency-Replayed"] == "true"


def test_a_slash_at_the_end_makes_no_difference(api):
    send(api)
    assert send(api, url=f"{URL}/")["Idempotency-Replayed"] == "true"


def test_another_key_caller_method_or_path_is_another_request(api):
    send(api)
    send(api, "other")
    send(api, method="PATCH")
    send(Client(headers={"X-API-Key": make_api_key().secret}))
    send(api, url="/v1/probe/cred_1/reveal")  # 405, but not a replay
    assert work_done() == 4


def test_a_person_has_the_same_right(key):
    access = make_session(make_member()).access
    client = Client(headers={"Authorization": f"Bearer {access}"})
    send(client)
    assert send(client)["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize("bad", ["", "x" * 256, "é", "a\tb", "a\x7f"])
def test_a_malformed_key_is_refused(api, bad):
    response = send(api, bad)
    assert error(response) == (422, "VALIDATION_ERROR")
    assert response.json()["error"]["details"]["field"] == "Idempotency-Key"
    assert work_done() == 0


@pytest.mark.parametrize("good", ["x", "x" * 255, "job-7a3b9d-attempt-1", "~ !"])
def test_any_printable_key_will_do(api, good):
    assert send(api, good).status_code == 201


@pytest.mark.parametrize(
    ("code", "status"), [("INVALID_STATE", 409), ("NOT_FOUND", 404), ("NO_ROUTE", 422)]
)
def test_a_refusal_is_kept(api, probe, code, status):
    def refuse(view):
        raise ApiError(code, "No.")

    probe(refuse)
    first = send(api)
    probe(lambda view: view.worked())
    second = send(api)
    assert (first.status_code, second.status_code) == (status, status)
    assert second.content == first.content
    assert second["Idempotency-Replayed"] == "true"


def test_broken_json_is_kept_as_well(api):
    sent = {"headers": {"Idempotency-Key": "k"}, "data": "{", "content_type": JSON}
    first, second = (api.generic("POST", "/v1/settings/api-keys", **sent) for _ in range(2))
    assert first.status_code == second.status_code == 400
    assert second["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize(
    "code",
    [
        "UNAUTHORIZED",
        "INSUFFICIENT_PERMISSIONS",
        "RATE_LIMIT_EXCEEDED",
        "INTERNAL_ERROR",
        "GATEWAY_UNAVAILABLE",
    ],
)
def test_what_may_be_different_next_time_is_not_kept(api, probe, code):
    def refuse(view):
        raise ApiError(code, "No.")

    probe(refuse)
    assert send(api).status_code >= 400
    assert not IdempotentRequest.objects.exists()
    probe(lambda view: view.worked(201))
    assert send(api).status_code == 201


def test_a_server_error_is_not_kept(api, probe):
    def fail(view):
        raise RuntimeError

    probe(fail)
    assert send(api).status_code == 500
    probe(lambda view: view.worked(201))
    assert send(api).status_code == 201


def test_rights_come_first_on_replays_too(api, key):
    send(api)
    key.key.revoked_at = timezone.now()
    key.key.save()
    assert error(send(api)) == (401, "INVALID_API_KEY")


@pytest.mark.stack
def test_the_throttle_comes_first_on_replays_too(api, settings):
    send(api)
    settings.API_RATE_LIMIT = "1/3601"
    assert send(api).status_code == 201
    assert error(send(api)) == (429, "RATE_LIMIT_EXCEEDED")


def test_a_running_one_is_in_progress(api, probe):
    inner = []

    def during(view):
        inner.append(error(send(api)))

    probe(lambda view: view.worked(201), before=during)
    assert send(api).status_code == 201
    assert inner == [(409, "IDEMPOTENCY_IN_PROGRESS")]
    assert send(api)["Idempotency-Replayed"] == "true"
    assert work_done() == 1


def test_an_unanswered_claim_is_free_after_its_lease(api, probe):
    def die(view):
        raise SystemExit  # as a kill: nothing is cleaned up

    probe(lambda view: None, before=die)
    with pytest.raises(SystemExit):
        send(api)
    probe(lambda view: view.worked(201), before=lambda view: None)

    assert error(send(api)) == (409, "IDEMPOTENCY_IN_PROGRESS")
    with time_machine.travel(timezone.now() + LEASE + timedelta(seconds=1)):
        assert send(api).status_code == 201
    assert work_done() == 1


def test_a_request_that_lost_its_lease_rolls_everything_back(api, probe):
    """The first is slow; its lease runs out and the second does the work."""
    overtaken = []

    def slow(view):
        if not overtaken:
            overtaken.append(True)
            with time_machine.travel(timezone.now() + LEASE + timedelta(seconds=1)):
                overtaken.append(send(api).status_code)

    probe(lambda view: view.worked(201), before=slow)
    assert error(send(api)) == (409, "IDEMPOTENCY_IN_PROGRESS")
    assert overtaken == [True, 201]
    assert work_done() == 1
    assert send(api)["Idempotency-Replayed"] == "true"


def test_after_a_day_the_key_is_free_again(api):
    send(api)
    with time_machine.travel(timezone.now() + timedelta(hours=24, minutes=1)):
        assert "Idempotency-Replayed" not in send(api, body={"another": "body"})
    assert work_done() == 2


def test_answers_are_encrypted_and_bodies_hashed_with_a_key(api):
    send(api, body={"password": "hunter2?"})
    row = IdempotentRequest.objects.get()
    assert "hunter2!" in row.answer
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM api_idempotentrequest")
        raw = b"".join(
            bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
            for value in cursor.fetchone()
        )
    assert b"hunter2" not in raw
    assert b"gAAAAA" in raw


def test_a_key_from_before_a_rotation_of_the_secret_key_replays(api, settings):
    first = send(api, body={"a": 1})
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "new-key-" * 8

    again, other = send(api, body={"a": 1}), send(api, body={"a": 2})

    assert (again.content, again["Idempotency-Replayed"]) == (first.content, "true")
    assert error(other) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert work_done() == 1


def test_a_path_longer_than_its_column_is_answered_twice_too(api):
    url = f"/v1/messaging/smpp/credentials/{'x' * 1000}/rotate"

    first, again = send(api, url=url), send(api, url=url)

    assert error(first) == error(again) == (404, "NOT_FOUND")
    assert again["Idempotency-Replayed"] == "true"
    assert error(send(api, url=url.replace("x/", "y/"))) == (404, "NOT_FOUND")
    longest = IdempotentRequest._meta.get_field("path").max_length
    assert [len(row.path) <= longest for row in IdempotentRequest.objects.all()] == [True, True]
