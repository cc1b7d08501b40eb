"""Two passes at once, two gateways at once, and what people do while a pass runs."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections

from messaging.credentials.models import Credential
from orbit.dev.stack import Jasmin, Stack
from orbit.dev.stack.jasmin import PROJECT
from reconciler import actual, executor, runs
from reconciler.gateway_client import gateway_console
from reconciler.loop import reconcile
from reconciler.models import Gateway, Placement, Run
from reconciler.result import Ending, Result
from tests.reconciler.conftest import change, make_gateway
from tests.reconciler.passes import run, status
from tests.reconciler.programs import heard, program

pytestmark = pytest.mark.stack


@pytest.fixture
def in_thread() -> Iterator[Callable[..., Future]]:
    """Runs a function in a thread of its own, which closes its database connection."""
    with ThreadPoolExecutor(4) as pool:

        def closing(work: Callable[..., Result], *args: object, **options: object) -> Result:
            try:
                return work(*args, **options)
            finally:
                connections.close_all()

        yield lambda work, *args, **options: pool.submit(closing, work, *args, **options)


class Halt:
    """Stops in the first call of a function until it is let go."""

    def __init__(self, function: Callable) -> None:
        self._function = function
        self._first = threading.Lock()
        self.reached, self.go_on = threading.Event(), threading.Event()

    def __call__(self, *args: object, **options: object) -> object:
        if self._first.acquire(blocking=False):
            self.reached.set()
            assert self.go_on.wait(30)
        return self._function(*args, **options)


@pytest.fixture
def halted(monkeypatch) -> Iterator[Halt]:
    """The first pass stops before it types anything."""
    halt = Halt(executor.apply)
    monkeypatch.setattr(executor, "apply", halt)
    yield halt
    halt.go_on.set()


def test_a_second_pass_is_busy_and_one_that_waits_finds_all_done(
    gateway, add_credential, halted, in_thread, smsc
):
    add_credential()
    first = in_thread(run, gateway)
    assert halted.reached.wait(30)

    assert run(Gateway.objects.get()).ending is Ending.BUSY
    waiting = in_thread(run, Gateway.objects.get(), wait=30)
    halted.go_on.set()

    assert first.result().ending is Ending.APPLIED
    assert waiting.result().ending is Ending.IN_SYNC
    assert Run.objects.count() == 1
    assert smsc.system("acme").bind_attempts == 1


def test_a_pass_of_another_process_is_waited_for(gateway, add_credential, smsc):
    add_credential()
    with program(ELSEWHERE) as other:
        assert heard(other) == "under way"

        assert run(gateway).ending is Ending.BUSY
        print(file=other.stdin, flush=True)
        result = run(gateway, wait=30)

        assert heard(other) == "applied"
    assert result.ending is Ending.IN_SYNC
    assert smsc.system("acme").bind_attempts == 1


ELSEWHERE = """
from reconciler import executor
from reconciler.loop import reconcile
from reconciler.models import Gateway
apply = executor.apply

def halting(*args):
    print("under way", flush=True)
    sys.stdin.readline()
    return apply(*args)

executor.apply = halting
print(reconcile(Gateway.objects.get(), trigger="command").ending.value, flush=True)
"""


def test_many_passes_at_once_make_everything_once(
    gateway, add_credential, in_thread, smsc, console
):
    made = [add_credential(f"acme{n}") for n in range(5)]
    scopes = ["", made[0].organization_id]

    passes = [
        in_thread(run, Gateway.objects.get(), organization_id=scopes[n % 2], wait=30)
        for n in range(4)
    ]

    endings = sorted(each.result().ending for each in passes)
    assert endings == [Ending.APPLIED, Ending.IN_SYNC, Ending.IN_SYNC, Ending.IN_SYNC]
    found = actual.read_sessions(console)
    assert set(found) == {each.gateway_key for each in made}
    assert {(row.starts, row.stops) for row in found.values()} == {(1, 0)}


def test_a_patch_during_a_pass_is_not_lost_and_not_called_synced(
    gateway, add_credential, halted, in_thread
):
    credential = add_credential()
    first = in_thread(run, gateway)
    assert halted.reached.wait(30)

    change(credential, throughput=7)
    halted.go_on.set()

    assert first.result().ending is Ending.APPLIED
    assert status(credential).sync_state == "pending"
    result = run(gateway)
    assert [entry["action"] for entry in result.changes] == ["update"]
    assert status(credential).sync_state == "synced"


# -- two gateways -----------------------------------------------------------------------------


@pytest.fixture
def second(gateway: Gateway) -> Iterator[tuple[Gateway, Jasmin]]:
    """Another Jasmin, with servers of its own."""
    root = Path(tempfile.mkdtemp(prefix="test-", dir=PROJECT / ".local"))
    with Stack(root, gateways=["second"], postgres=False, keep=False) as stack:
        jasmin = stack.gateways["second"]
        yield make_gateway(jasmin), jasmin
    shutil.rmtree(root, ignore_errors=True)


def connectors_on(gateway: Gateway) -> set[str]:
    with gateway_console.connect(gateway) as console:
        return set(actual.read_sessions(console))


def test_gateways_work_side_by_side_and_an_organisation_moves_between_them(
    gateway, organization, add_credential, second, halted, in_thread, smsc
):
    other, jasmin = second
    stays = add_credential("stays")

    # A pass that stands still on one does not keep the other from its own.
    first = in_thread(run, gateway)
    assert halted.reached.wait(30)
    assert run(other).ending is Ending.IN_SYNC
    halted.go_on.set()
    assert first.result().ending is Ending.APPLIED

    call_command("gateways", "move", organization.pk, "--to", "second")
    assert run(gateway).ending is Ending.IN_SYNC
    assert connectors_on(gateway) == {stays.gateway_key}

    assert runs.run(other, trigger="command").ending is Ending.APPLIED
    assert connectors_on(other) == connectors_on(gateway) == {stays.gateway_key}
    assert smsc.system("stays").live_binds == 2
    seen = status(stays)
    assert (seen.gateway_id, seen.bind_state) == (other.pk, "bound")

    assert run(gateway).ending is Ending.APPLIED
    assert (connectors_on(gateway), connectors_on(other)) == (set(), {stays.gateway_key})
    smsc.wait_for(lambda: smsc.system("stays").live_binds == 1)
    assert Placement.objects.get().leaving is None
    assert (run(gateway).ending, run(other).ending) == (Ending.IN_SYNC, Ending.IN_SYNC)
    assert (status(stays).gateway_id, status(stays).bind_state) == (other.pk, "bound")

    # One that is down says nothing of the other.
    jasmin.kill()
    assert run(other).ending is Ending.DOWN
    assert run(gateway).ending is Ending.IN_SYNC
    assert status(stays).bind_state == "unknown"


def test_a_plan_waits_for_no_other_pass_longer_than_told(
    gateway, add_credential, halted, in_thread
):
    add_credential()
    first = in_thread(run, gateway)
    assert halted.reached.wait(30)

    result = reconcile(Gateway.objects.get(), trigger="command", plan_only=True, wait=0.1)

    assert result.ending is Ending.BUSY
    halted.go_on.set()
    first.result()
    assert Credential.objects.count() == 1
