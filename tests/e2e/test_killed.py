"""Processes that are killed in the middle: of an answer, of a pass."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django.utils import timezone

from messaging.credentials.models import Credential
from orbit.api.models import IdempotentRequest
from orbit.dev.stack.jasmin import PROJECT
from orbit.dev.stack.processes import poll
from reconciler import actual
from reconciler.gateway_client import gateway_console
from reconciler.models import Run, RunState
from tests.e2e.api import CREDENTIALS, Answer, Api
from tests.e2e.audit import assert_chain_is_whole, audited
from tests.e2e.waiting import LONG, eventually
from tests.fixtures.forkserver.programs import Program
from tests.fixtures.site import Site

pytestmark = pytest.mark.stack

BODY = {"host": "127.0.0.1", "system_id": "acme", "password": "secret"}


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
            first = pool.submit(send, api, headers)
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
    """A pass is short, and whoever runs it may need long to start: looked for often."""
    running = Run.objects.filter(state=RunState.RUNNING)
    assert poll(running.exists, timeout=LONG, interval=0.01)


def assert_the_next_pass_converges(site: Site, gateway, made: list[dict], smsc) -> None:
    assert list(Run.objects.values_list("state", flat=True)) == [RunState.RUNNING]

    done = site.manage("reconcile")
    again = site.manage("reconcile", "--plan")

    assert done.returncode == 0, done.stdout + done.stderr
    assert again.returncode == 0, again.stdout
    assert RunState.DIED in Run.objects.values_list("state", flat=True)
    with gateway_console.connect(gateway) as console:
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
    command = Program(
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
