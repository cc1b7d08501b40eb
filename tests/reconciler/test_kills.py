"""A pass is killed with SIGKILL at each of its steps: the next one finishes what it began."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator

import pytest
from django.utils import timezone

from messaging.credentials.models import Credential
from orbit.dev.stack import Jasmin
from reconciler import actual, lock
from reconciler.gateway_client import gateway_console
from reconciler.models import Gateway, Run, RunState
from reconciler.result import Ending
from tests.reconciler.conftest import change
from tests.reconciler.passes import run, status
from tests.reconciler.programs import heard, program

pytestmark = pytest.mark.stack

# `manage.py reconcile`, killed before or after the n-th call of a function: a child for each
# line "FUNCTION before|after NUMBER", whose exit status is printed.
DRIVER = """
import itertools, pydoc, signal
from django.core.management import call_command
from reconciler import loop  # imports all that is found by name

def die_at(target, when, count):
    owner, _, name = target.rpartition(".")
    owner = pydoc.locate(owner)
    function, calls = getattr(owner, name), itertools.count(1)

    def dying(*args, **options):
        number = next(calls)
        if (number, when) == (count, "before"):
            os.kill(os.getpid(), signal.SIGKILL)
        result = function(*args, **options)
        if (number, when) == (count, "after"):
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, dying)

for line in sys.stdin:
    target, when, count = line.split()
    child = os.fork()
    if not child:
        die_at(target, when, int(count))
        call_command("reconcile", stdout=sys.stderr)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
CONSOLE = "reconciler.jcli.console.Console"
POINTS = {
    "before anything is written down": ("reconciler.status.run_history.begin", "before", 1),
    "when the plan is written down": ("reconciler.status.run_history.begin", "after", 1),
    "after the first commands": (f"{CONSOLE}.run_in_order", "after", 1),
    "before the first connector": (f"{CONSOLE}.run", "before", 1),
    "after a connector was removed": (f"{CONSOLE}.run", "after", 1),
    "in the middle of the connectors": (f"{CONSOLE}.run", "after", 5),
    "before Jasmin persists": ("reconciler.executor.persist", "before", 1),
    "when Jasmin has persisted": ("reconciler.executor.persist", "after", 1),
    "before the run is finished": ("reconciler.status.run_history.finish", "before", 1),
    "when the run is finished": ("reconciler.status.run_history.finish", "after", 1),
    "before the first status": ("reconciler.status.status_rows._write_rows", "before", 1),
    "before deleted rows go": (
        "reconciler.status.credential_status._delete_gone",
        "before",
        1,
    ),
    "when deleted rows are gone": ("reconciler.status.credential_status._delete_gone", "after", 1),
    "before the gateway is marked up": ("reconciler.status.gateway_status.mark_up", "before", 1),
}


@pytest.fixture
def killed(transactional_db) -> Iterator[Callable[[tuple[str, str, int]], None]]:
    """`killed(POINTS[…])`: run a pass in another process that is killed there."""
    with program(DRIVER) as driver:

        def kill(point: tuple[str, str, int]) -> None:
            print(*point, file=driver.stdin, flush=True)
            assert heard(driver) == str(-signal.SIGKILL), driver.stderr.read()

        yield kill


def assert_finished_by_the_next_pass(gateway: Gateway, wanted: set[str], smsc) -> None:
    running = list(Run.objects.filter(state=RunState.RUNNING).values_list("pk", flat=True))
    with lock.held(f"gateway-{gateway.pk}", wait=10) as ours:
        assert ours, "the lock was not free"

    result = run(gateway)

    assert result.ending in (Ending.APPLIED, Ending.IN_SYNC), result
    assert run(gateway).ending is Ending.IN_SYNC
    assert set(Run.objects.filter(pk__in=running).values_list("state", flat=True)) <= {"died"}
    gateway.refresh_from_db()
    assert (gateway.state, gateway.unpersisted) == ("up", False)
    with gateway_console.connect(gateway) as console:
        found = actual.read(console)
    assert set(found.connectors) == set(found.users) == wanted
    live = {row.gateway_key: row for row in Credential.objects.all()}
    assert set(live) == wanted, "a deleted row was not buried, or a live one was"
    for each in live.values():
        smsc.wait_for(lambda each=each: smsc.system(each.system_id).live_binds == 1)
        assert status(each).sync_state == "synced"


@pytest.fixture
def work(gateway: Gateway, add_credential) -> Callable[[int], set[str]]:
    """`work(3)`: something to do for a pass: one to delete, one to replace, some to create.

    Returns the gateway keys that are wanted at the end."""

    def make(number: int) -> set[str]:
        old, moved = add_credential(f"old{number}"), add_credential(f"moved{number}")
        run(gateway)
        change(old, deleted_at=timezone.now())
        change(moved, system_type="new")
        for extra in "abc":
            add_credential(f"new{number}{extra}")
        return set(Credential.objects.live().values_list("gateway_key", flat=True))

    return make


@pytest.mark.slow("a pass and its successor for each of fourteen points")
def test_a_pass_killed_anywhere_is_finished_by_the_next(gateway, work, killed, smsc, subtests):
    for number, (name, point) in enumerate(POINTS.items()):
        with subtests.test(name):
            wanted = work(number)
            killed(point)
            assert_finished_by_the_next_pass(gateway, wanted, smsc)


def test_what_a_killed_pass_did_not_have_persisted_is_persisted_by_the_next(
    gateway, work, killed, smsc, jasmin: Jasmin
):
    wanted = work(0)
    killed(("reconciler.executor.persist", "before", 1))

    died = Run.objects.get(state=RunState.RUNNING)

    result = run(gateway, wait=10)

    died.refresh_from_db()
    assert (died.state, died.error) == (RunState.DIED, "its process was killed")
    assert (result.ending, result.persisted) == (Ending.APPLIED, True)
    jasmin.kill()
    jasmin.start()

    assert_finished_by_the_next_pass(gateway, wanted, smsc)
