"""The site's own share of a pass, by the number of credentials on the gateway.

The gateway is a value in memory that has all of what is wanted. For each part: milliseconds of CPU
a thousand credentials, of Python and of PostgreSQL (the least of `ROUNDS`), which stay as they are
where it grows evenly; the statements of a call, which do not grow with them; MiB that it needs
at its highest.
"""

from __future__ import annotations

import gc
import itertools
import os
import time
import tracemalloc
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.db import connection

from messaging.credentials.models import Credential, CredentialStatus
from orbit.dev.stack import Stack
from reconciler import addresses, desired
from reconciler.actual import Traffic
from reconciler.desired import Desired
from reconciler.diff import Action, Change, diff
from reconciler.models import Gateway
from reconciler.opt_out_copies import Copy
from reconciler.plan import make_plan
from reconciler.state import Kind, State
from reconciler.status import access_status, credential_status, gateway_status
from tests.benchmarks import large_fleet, process_memory
from tests.benchmarks.query_plans import on_core, watched
from tests.factories import make_user
from tests.fixtures.database import empty_tables
from tests.fixtures.site import environment

pytestmark = pytest.mark.stack

SIZES = [int(each) for each in os.environ.get("FLEETS", "300,1000,3000,10000").split(",")]
ROUNDS = int(os.environ.get("FLEET_ROUNDS", 3))
CAPABILITIES = frozenset({"tls", "tlvs", "keys"})
Call = Callable[[], Any]


@dataclass(frozen=True)
class Cost:
    """`python`, `server`: seconds of CPU."""

    python: float
    server: float
    statements: int
    mebibytes: float


def test_the_sites_share_of_a_pass(transactional_db: None) -> None:
    statements: dict[str, list[int]] = defaultdict(list)
    for size in SIZES:
        fleet = large_fleet.fill(size, gateways=1)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # as autovacuum does
        costs = dict(_costs(fleet.gateways[0]))
        _print(size, costs)
        for name, cost in costs.items():
            statements[name].append(cost.statements)
        empty_tables()
    assert {name for name, each in statements.items() if each[-1] > each[0] + 20} == set()


def test_the_memory_of_processes(transactional_db: None, stack: Stack) -> None:
    """Of one process of each kind, with a pass over each gateway by the worker."""
    print("\n\n  MiB: after the start, after its work, at its highest")
    make_user(is_staff=True, is_superuser=True)
    large_fleet.fill(SIZES[-1])
    for role in ("web", "worker", "receiver"):
        found = process_memory.of(role, environment(stack, "memory"))
        print(f"  {role:<10}{found.start:8.0f}{found.after:8.0f}{found.peak:8.0f}")


def _costs(gateway: Gateway) -> Iterator[tuple[str, Cost]]:
    yield "addresses", _measured(lambda: addresses.look_up(gateway))
    yield "snapshot", _measured(lambda: desired.take_snapshot(gateway))
    taken: dict[str, Any] = {}

    def take() -> None:
        taken["snapshot"] = desired.take_snapshot(gateway)  # decrypted anew

    def build() -> Desired:
        return desired.build(taken["snapshot"], capabilities=CAPABILITIES)

    yield "desired, decrypted", _measured(build, before=take)
    wanted = build()
    found = _as_wanted(wanted)
    yield "diff, plan", _measured(lambda: make_plan(diff(wanted.state, found), found, wanted.names))
    copy = Copy(gateway, _versions=dict.fromkeys(wanted.state.groups, 1))
    yield "opt-out versions", _measured(lambda: copy.turn(None))
    yield from _writes(gateway, found)


def _writes(gateway: Gateway, found: State) -> Iterator[tuple[str, Cost]]:
    taken: dict[str, Any] = {}
    turn = itertools.count()

    def take() -> None:
        snapshot = desired.take_snapshot(gateway)
        taken["wanted"] = desired.build(snapshot, capabilities=CAPABILITIES)

    def fail() -> None:
        take()
        taken["errors"] = _errors(taken["wanted"], next(turn))

    def unprove() -> None:
        CredentialStatus.objects.update(bind_state="binding")
        Credential.objects.update(proven_version=0)
        take()

    def observe(errors: bool) -> Call:
        def run() -> None:
            told = taken["errors"] if errors else {}
            credential_status.observe(gateway, taken["wanted"], found, told)

        return run

    yield "statuses, as before", _measured(observe(errors=False), before=take)
    yield "statuses, all just bound", _measured(observe(errors=False), before=unprove)
    yield "statuses, an error each", _measured(observe(errors=True), before=fail)
    yield (
        "accesses, all with traffic",
        _measured(lambda: _traffic(gateway, taken["wanted"], next(turn)), before=take),
    )
    yield (
        "gateway down",
        _measured(
            lambda: gateway_status.mark_down(gateway, "no answer", shown_by_looks=False),
            before=lambda: CredentialStatus.objects.update(bind_state="bound"),
        ),
    )


def _as_wanted(wanted: Desired) -> State:
    connectors = {
        cid: replace(connector, session="BOUND_TRX", starts=1)
        for cid, connector in wanted.state.connectors.items()
    }
    return replace(wanted.state, connectors=connectors)


def _errors(wanted: Desired, turn: int) -> dict[Change, str]:
    return {
        Change(Kind.CONNECTOR, key, Action.UPDATE, "differs"): f"{key}, round {turn}: no"
        for key in wanted.credentials
    }


def _traffic(gateway: Gateway, wanted: Desired, turn: int) -> None:
    traffic = {key: Traffic(sessions=turn % 5, submits=turn) for key in wanted.accesses}
    access_status.observe(wanted, {}, traffic, gateway=gateway, epoch="1")


def _measured(call: Call, *, before: Call = lambda: None) -> Cost:
    before()
    gc.collect()
    tracemalloc.start()
    with watched() as statements:
        call()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    rounds = []
    for _ in range(ROUNDS):
        before()
        server, python = on_core(), time.process_time()
        call()
        rounds.append((time.process_time() - python, on_core() - server))
    return Cost(*map(min, zip(*rounds, strict=True)), len(statements), peak / 2**20)


def _print(size: int, costs: dict[str, Cost]) -> None:
    head = f"{size:,} credentials on one gateway"
    print(f"\n\n  {head:<34}{'Python':>9}{'server':>9}  sql  MiB   (ms of CPU a 1,000)")
    for name, cost in costs.items():
        python, server = (1e6 * each / size for each in (cost.python, cost.server))
        print(f"  {name:<34}{python:9.1f}{server:9.1f}{cost.statements:5}{cost.mebibytes:5.0f}")
    whole = sum(each.python + each.server for each in costs.values())
    print(f"  {'all of it':<34}{whole:9.2f} s", flush=True)
