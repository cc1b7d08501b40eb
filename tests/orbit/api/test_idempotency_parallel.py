"""Many at once, each with a database connection of its own."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connections
from django.http import HttpResponse
from django.test import Client

from orbit.accounts.audit.chain import verify
from orbit.accounts.models import ApiKey, AuditEvent
from tests.factories import make_api_key

pytestmark = pytest.mark.sqlite

MANY = 24
URL = "/v1/settings/api-keys"
BODY = {"name": "Only one", "scopes": ["credentials:read"]}


def at_once(call: Callable[[int], HttpResponse]) -> list[HttpResponse]:
    answers: list[HttpResponse] = []
    together = threading.Barrier(MANY)

    def run(place: int) -> None:
        try:
            together.wait()
            answers.append(call(place))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(MANY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def post(secret: str, key: str) -> HttpResponse:
    client = Client(headers={"X-API-Key": secret}, raise_request_exception=False)
    return client.post(URL, BODY, content_type="application/json", headers={"Idempotency-Key": key})


@pytest.mark.django_db(transaction=True)
def test_of_many_equal_posts_one_does_the_work():
    secret = make_api_key().secret
    answers = at_once(lambda place: post(secret, "same"))

    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) <= {201, 409}
    assert statuses[201] >= 1
    created = {answer.content for answer in answers if answer.status_code == 201}
    assert len(created) == 1
    assert ApiKey.objects.filter(name="Only one").count() == 1
    assert AuditEvent.objects.filter(action="api_key.created").count() == 2  # with the caller's own
    assert post(secret, "same").content in created


@pytest.mark.django_db(transaction=True)
def test_many_different_posts_make_one_unbroken_chain():
    new = make_api_key()
    answers = at_once(lambda place: post(new.secret, f"key {place}"))

    assert {answer.status_code for answer in answers} == {201}
    proof = verify(new.key.organization_id)
    assert (proof.fault, proof.head.seq) == (None, MANY + 1)


@pytest.mark.django_db(transaction=True)
def test_a_claim_outlives_a_worker_that_is_killed_and_the_effect_does_not(monkeypatch):
    """Killed after the effect and before the commit: what was committed is the claim alone."""
    secret = make_api_key().secret

    class Killed(BaseException):
        pass

    def killed(*args: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("orbit.api.idempotency.store", killed)
        with pytest.raises(Killed):
            post(secret, "same")

    assert not ApiKey.objects.filter(name="Only one").exists()
    answer = post(secret, "same")
    assert answer.json()["error"]["code"] == "IDEMPOTENCY_IN_PROGRESS"
