"""Many at once, and processes that are killed in the middle."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django.utils import timezone

from messaging.credentials.models import Credential
from orbit.accounts.models import AuditEvent
from orbit.api.models import IdempotentRequest
from orbit.stack.jasmin import PROJECT
from reconciler import actual, gateways
from reconciler.models import Run, RunState
from tests.e2e.api import CREDENTIALS, Answer, Api
from tests.e2e.waiting import eventually
from tests.fixtures.site import Site

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


def audited(action: str, **filters: object) -> int:
    return AuditEvent.objects.filter(action=action, **filters).count()


def assert_chain_is_whole(site: Site) -> None:
    proof = site.manage("verify_audit")
    assert proof.returncode == 0, proof.stdout + proof.stderr


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


# -- web processes that die ------------------------------------------------------------------


def kill_web_workers(site: Site) -> None:
    """SIGKILL to every process that answers; gunicorn starts new ones."""
    for pid in site.web_workers():
        os.kill(pid, signal.SIGKILL)


def send(api: Api, headers: dict[str, str]) -> Answer | None:
    """A POST that may find nobody, or lose whom it found."""
    try:
        return api.post(CREDENTIALS, BODY, headers=headers)
    except OSError:
        return None


def repeat_until_answered(api: Api, headers: dict[str, str]) -> Answer:
    """As a client does it; a claim that died with its process is a minute old at once."""

    def repeat() -> Answer | None:
        answer = send(api, headers)
        if answer is None or answer.status != 409:
            return answer
        assert answer.code == "IDEMPOTENCY_IN_PROGRESS"
        IdempotentRequest.objects.filter(answered_at=None).update(leased_until=timezone.now())
        return None

    return eventually(repeat)


@contextmanager
def stuck_at(table: str) -> Iterator[Callable[[], bool]]:
    """Nobody writes to `table` meanwhile; yields whether somebody waits to."""

    def somebody_waits() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted")
            return cursor.fetchone() is not None

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f'LOCK TABLE "{table}" IN SHARE ROW EXCLUSIVE MODE')
        yield somebody_waits


@pytest.mark.parametrize(
    "table",
    [
        "api_idempotentrequest",  # nothing is done yet
        "messaging_credential",  # the key is claimed
        "messaging_credentialstatus",  # the credential and its audit row are in, not committed
        "accounts_auditevent",
    ],
)
def test_a_post_whose_process_is_killed_is_done_once_by_its_repetition(table, site, api):
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    with ThreadPoolExecutor(1) as pool:
        with stuck_at(table) as somebody_waits:
            first = pool.submit(send, api, headers)
            eventually(somebody_waits)
            kill_web_workers(site)
            assert first.result() is None
        assert not Credential.objects.exists()
        answer = repeat_until_answered(api, headers)

    assert answer.status == 201
    assert [row.pk for row in Credential.objects.all()] == [answer.data["id"]]
    assert audited("credential.created") == 1
    assert_chain_is_whole(site)


def test_posts_killed_at_any_moment_are_done_once_by_their_repetition(site, api):
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for number in range(1, 6):
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        with ThreadPoolExecutor(1) as pool:
            first: Future = pool.submit(send, api, headers)
            time.sleep(chance.uniform(0, 0.06))
            kill_web_workers(site)
            lost = first.result()
            answer = repeat_until_answered(api, headers)

        assert answer.status == 201, f"seed {seed}, round {number}"
        assert lost is None or lost.body == answer.body
        assert Credential.objects.live().count() == 1
        assert audited("credential.created") == number
        api.delete(f"{CREDENTIALS}/{answer.data['id']}")  # room for the next round
    assert_chain_is_whole(site)


# -- passes that die -------------------------------------------------------------------------


@pytest.fixture
def twenty(site, gateway, api, smsc) -> list[dict]:
    """Credentials that nobody has put into the gateway yet."""
    site.stop_worker()
    made = []
    for number in range(20):
        smsc.add_system(f"acme{number}", "secret")
        made.append(api.add(port=smsc.port, system_id=f"acme{number}"))
    return made


def wait_for_the_middle_of_a_pass() -> None:
    eventually(lambda: Run.objects.filter(state=RunState.RUNNING).exists())


def assert_the_next_pass_converges(site: Site, gateway, made: list[dict], smsc) -> None:
    assert list(Run.objects.values_list("state", flat=True)) == [RunState.RUNNING]

    done = site.manage("reconcile")
    again = site.manage("reconcile", "--plan")

    assert done.returncode == 0, done.stdout + done.stderr
    assert again.returncode == 0, again.stdout
    assert RunState.DIED in Run.objects.values_list("state", flat=True)
    with gateways.connect(gateway) as console:
        connectors = actual.read_sessions(console)
    assert len(connectors) == len(made)
    smsc.wait_for(lambda: all(smsc.system(each["system_id"]).live_binds == 1 for each in made))
    gateway.refresh_from_db()
    assert not gateway.unpersisted


def test_a_worker_killed_in_a_pass_leaves_nothing_that_the_next_does_not_mend(
    site, gateway, twenty, smsc
):
    site.start_worker(wait=False)
    wait_for_the_middle_of_a_pass()
    site.kill_worker()

    assert_the_next_pass_converges(site, gateway, twenty, smsc)


def test_so_does_a_command_killed_in_a_pass(site, gateway, twenty, smsc):
    command = subprocess.Popen(
        [sys.executable, "manage.py", "reconcile"],
        cwd=PROJECT,
        env=site.environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with command:
        wait_for_the_middle_of_a_pass()
        command.kill()

    assert_the_next_pass_converges(site, gateway, twenty, smsc)
