"""Many requests at once: each has its effect whole, or none."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from messaging.credentials.models import Credential
from tests.e2e.api import CREDENTIALS, Answer
from tests.e2e.audit import assert_chain_is_whole, audited

pytestmark = pytest.mark.stack

BODY = {"host": "127.0.0.1", "system_id": "acme", "password": "secret"}


def at_once(*calls: Callable[[], Answer]) -> list[Answer]:
    """Their answers, in the order given; they start together."""
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], Answer]) -> Answer:
        start.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def statuses(answers: list[Answer]) -> Counter[int]:
    return Counter(answer.status for answer in answers)


def test_of_fifty_reveals_exactly_one_gets_the_password(site, api):
    made = api.add(password="onlyonce")

    answers = at_once(*[lambda: api.reveal(made["id"])] * 50)

    assert statuses(answers) == {200: 1, 410: 49}
    assert [a.data["password"] for a in answers if a.status == 200] == ["onlyonce"]
    assert {a.code for a in answers if a.status == 410} == {"SECRET_ALREADY_REVEALED"}
    assert not any(b"onlyonce" in a.body for a in answers if a.status == 410)
    assert audited("credential.revealed", outcome="ok") == 1
    assert audited("credential.revealed", outcome="refused") == 49
    assert_chain_is_whole(site)


def test_equal_posts_with_one_key_make_one_credential(site, api):
    headers = {"Idempotency-Key": str(uuid.uuid4())}

    answers = at_once(*[lambda: api.post(CREDENTIALS, BODY, headers=headers)] * 24)
    last = api.post(CREDENTIALS, BODY, headers=headers)

    assert set(statuses(answers)) <= {201, 409}
    assert {a.code for a in answers if a.status == 409} <= {"IDEMPOTENCY_IN_PROGRESS"}
    assert {a.body for a in answers if a.status == 201} == {last.body}
    assert Credential.objects.count() == audited("credential.created") == 1
    assert_chain_is_whole(site)


def test_equal_posts_without_a_key_make_one_credential_and_duplicates(api):
    answers = at_once(*[lambda: api.post(CREDENTIALS, BODY)] * 8)

    assert statuses(answers) == {201: 1, 409: 7}
    (made,) = [a.data["id"] for a in answers if a.status == 201]
    assert {a.error["details"]["credential_id"] for a in answers if a.status == 409} == {made}
    assert Credential.objects.count() == audited("credential.created") == 1


@pytest.fixture
def slow_carrier(smsc):
    """It takes the password "newone" a second after it was asked."""
    return smsc.add_system("acme", "newone", faults=["slow:1:on=bind"])


def test_of_two_rotates_at_once_one_is_told_to_look_again(api, slow_carrier, smsc):
    made = api.add(port=smsc.port)

    answers = at_once(*[lambda: api.rotate(made["id"], {"password": "newone"})] * 2)

    assert statuses(answers) == {200: 1, 409: 1}
    assert {a.code for a in answers if a.status == 409} == {"INVALID_STATE"}
    assert Credential.objects.get().password == "newone"
    assert audited("credential.rotated") == 1


def test_unverified_rotates_at_once_leave_the_password_of_one_that_was_told_so(api):
    made = api.add()
    before = Credential.objects.get().version

    def rotate(password: str) -> Callable[[], Answer]:
        return lambda: api.rotate(made["id"], {"password": password, "verify": False})

    passwords = [f"new-{number}" for number in range(8)]
    answers = at_once(*map(rotate, passwords))

    told = [p for p, answer in zip(passwords, answers, strict=True) if answer.status == 200]
    assert set(statuses(answers)) <= {200, 409}
    stored = Credential.objects.get()
    assert stored.password in told
    assert stored.version - before == len(told) == audited("credential.rotated")


def test_a_patch_during_a_rotation_wins_and_the_rotation_changes_nothing(api, slow_carrier, smsc):
    made = api.add(port=smsc.port, password="old")

    with ThreadPoolExecutor(1) as pool:
        rotation = pool.submit(api.rotate, made["id"], {"password": "newone"})
        smsc.wait_for(lambda: slow_carrier.bind_attempts)
        patched = api.patch(f"{CREDENTIALS}/{made['id']}", {"throughput": 5})
        refused = rotation.result()

    assert patched.status == 200
    assert (refused.status, refused.code) == (409, "INVALID_STATE")
    stored = Credential.objects.get()
    assert (stored.password, stored.throughput) == ("old", 5)


def test_a_deletion_during_a_rotation_wins_too(api, slow_carrier, smsc):
    made = api.add(port=smsc.port, password="old")

    with ThreadPoolExecutor(1) as pool:
        rotation = pool.submit(api.rotate, made["id"], {"password": "newone"})
        smsc.wait_for(lambda: slow_carrier.bind_attempts)
        deleted = api.delete(f"{CREDENTIALS}/{made['id']}")
        refused = rotation.result()

    assert deleted.status == 204
    assert (refused.status, refused.code) == (404, "NOT_FOUND")
    assert Credential.objects.get().password == "old"
