"""Concurrent requests, each in a thread with its own connection."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import pytest

from messaging.credentials import rotation
from messaging.credentials.models import Credential
from messaging.credentials.verification import Verification
from orbit.accounts.models import AuditEvent
from tests.factories import make_organization
from tests.messaging.at_once import at_once, statuses
from tests.messaging.credentials.conftest import Api, audit_rows, stored

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


@pytest.fixture
def organization(transactional_db):
    """Real commits: the other threads have to see them."""
    return make_organization()


def test_of_fifty_reveals_exactly_one_gets_it(api: Api):
    credential_id = api.add(password="s3cr3t")
    answers = at_once(50, lambda number: api.reveal(credential_id))

    assert statuses(answers) == {200: 1, 410: 49}
    [won] = [answer for answer in answers if answer.status_code == 200]
    assert won.json()["data"]["password"] == "s3cr3t"
    rows = audit_rows("credential.revealed")
    assert Counter(row.outcome for row in rows) == {"ok": 1, "refused": 49}
    numbers = AuditEvent.objects.filter(chain=api.organization.id).values_list("seq", flat=True)
    assert sorted(numbers) == list(range(1, len(numbers) + 1))


def test_of_equal_credentials_exactly_one_is_made(api: Api):
    body = {"host": "127.0.0.1", "system_id": "acme", "password": "secret"}
    answers = at_once(8, lambda number: api.post("", body))

    assert statuses(answers) == {201: 1, 409: 7}
    [made] = Credential.objects.all()
    for answer in answers:
        if answer.status_code == 409:
            assert answer.json()["error"]["details"] == {"credential_id": made.id}
    assert len(audit_rows("credential.created")) == 1


def test_two_rotations_at_once_one_wins(api: Api, monkeypatch):
    credential_id = api.add(password="secret")
    both_asked = threading.Barrier(2)

    def verify(*args: Any, **options: Any) -> Verification:
        both_asked.wait(30)
        return Verification("bound")

    monkeypatch.setattr(rotation, "verify", verify)
    answers = at_once(2, lambda number: api.rotate(credential_id, password=f"pass{number}"))

    assert statuses(answers) == {200: 1, 409: 1}
    [winner] = [n for n, answer in enumerate(answers) if answer.status_code == 200]
    assert stored(credential_id).password == f"pass{winner}"
    assert stored(credential_id).version == 2
    assert len(audit_rows("credential.rotated")) == 1


def test_patches_of_different_fields_at_once_all_count(api: Api):
    credential_id = api.add()
    fields = [{"window": 3}, {"throughput": 7}, {"name": "N"}, {"port": 2999}]
    answers = at_once(4, lambda number: api.patch(f"/{credential_id}", fields[number]))

    assert statuses(answers) == {200: 4}
    row = stored(credential_id)
    assert (row.window, row.throughput, row.name, row.port) == (3, 7, "N", 2999)
    assert row.version == 5


def test_no_more_than_five_guesses_are_compared(organization):
    credential_id = Api(organization).add(password="right1")
    writer = Api(organization, scopes=["credentials:write"])
    guess = {"port": 2776, "current_password": "wrong1"}
    answers = at_once(12, lambda number: writer.patch(f"/{credential_id}", guess))
    assert statuses(answers) == {403: 5, 429: 7}
