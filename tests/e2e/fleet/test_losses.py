"""A fleet under load: a host is cut off and its gateway evacuated, all gateways are upgraded.

Each test prints what it counted. FLEET_RATE, FLEET_AWAY, UPGRADE_RATE: other sizes; UPGRADE_WITHIN:
how many seconds a message may take meanwhile: what is promised, but for a machine that is busy.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from orbit.dev.stack import Stack
from reconciler.models import Gateway, GatewayState
from tests.e2e.fleet.fleet import GATEWAYS, Fleet
from tests.e2e.fleet.loading import (
    assert_none_lost_none_twice,
    first_by_another,
    lateness,
    loaded,
    share,
)
from tests.e2e.fleet.meter import Meter
from tests.e2e.fleet.tenant import Tenant
from tests.e2e.waiting import becomes, eventually

pytestmark = [pytest.mark.stack, pytest.mark.kills]

RATE = int(os.environ.get("FLEET_RATE", "300"))
AWAY = float(os.environ.get("FLEET_AWAY", "300"))  # seconds
UPGRADE_RATE = int(os.environ.get("UPGRADE_RATE", "200"))
WITHIN = float(os.environ.get("UPGRADE_WITHIN", "10"))
EACH = 2  # organisations of a gateway
WINDOW = 10
ANSWER = 0.18  # seconds of a carrier: with its window and pace, some are without one at any moment


@pytest.fixture
def tenants(make_tenant: Callable[..., Tenant]) -> list[Tenant]:
    return [make_tenant(name) for name in GATEWAYS for _ in range(EACH)]


def state(gateway: Gateway) -> str:
    gateway.refresh_from_db()
    return gateway.state


@pytest.mark.slow("five minutes without a gateway's host")
def test_a_gateways_host_is_cut_off_evacuated_and_comes_back(
    fleet: Fleet, gateways: dict[str, Gateway], make_tenant: Callable[..., Tenant]
) -> None:
    """Meanwhile a sender and a receiver are killed."""
    tenants = [make_tenant(name, answer_after=ANSWER) for name in GATEWAYS for _ in range(EACH)]
    theirs = [each for each in tenants if each.gateway == gateways["oslo"]]
    with loaded(tenants, RATE) as load:
        load.go_on_for(10)
        cut = time.time()
        fleet.cut_off("oslo")
        becomes(lambda: state(gateways["oslo"]), GatewayState.DOWN)
        down = time.time()
        done = fleet.manage("gateways", "evacuate", "oslo")
        assert done.returncode == 0, done.stdout + done.stderr
        print(done.stdout)
        evacuated = time.time()
        look = first_by_another(theirs, fleet.network.gateways["oslo"].outside, cut)
        first = eventually(look)
        print(
            f"after the cut: named {down - cut:.1f} s, evacuated {evacuated - cut:.1f} s, first "
            f"message of the last organisation by another gateway {first - cut:.1f} s"
        )
        fleet.kill("sender-1", "receiver-1")
        load.go_on_for(30)
        fleet.run("sender-1")
        fleet.run("receiver-1")
        time.sleep(max(0.0, cut + AWAY - time.time()))
        fleet.reconnect("oslo")
        becomes(lambda: state(gateways["oslo"]), GatewayState.UP)
        load.go_on_for(20)
    assert_none_lost_none_twice(tenants, load, unknown=EACH * WINDOW)


@pytest.mark.slow("until a bind on which nothing is heard is given up")
def test_a_gateway_that_reaches_no_carrier_for_long_says_so_and_binds_again(
    fleet: Fleet, make_tenant: Callable[..., Tenant]
) -> None:
    """What is in its window has no answer. The rest waits, first for the carrier to be heard, then
    for another bind."""
    there, here = make_tenant("oslo"), make_tenant("cairo")
    fleet.network.cut(fleet.network.gateways["oslo"], "carriers")
    there.send(5 * WINDOW)
    eventually(lambda: there.bind["state"] != "bound", timeout=180)
    here.send(5 * WINDOW)
    here.all_over()

    here.assert_each_once()
    fleet.network.mend(fleet.network.gateways["oslo"], "carriers")
    there.wait_until_bound()
    there.send(5 * WINDOW)
    there.all_over(timeout=300)
    unknown = there.states()["submitted_no_receipt"]
    print(f"{unknown} of {there.sent} unknown")
    assert there.states() == {"delivered": there.sent - unknown, "submitted_no_receipt": unknown}
    assert unknown <= WINDOW
    assert set(there.texts().values()) == {1}


@pytest.mark.slow("three gateways are upgraded one after another")
def test_all_gateways_are_upgraded_one_after_another(
    fleet: Fleet, tenants: list[Tenant], stack: Stack
) -> None:
    with loaded(tenants, UPGRADE_RATE) as load, ThreadPoolExecutor(1) as operator:
        load.go_on_for(10)
        meter, before = Meter(fleet, stack), load.taken
        load.go_on_for(20)
        meter.show(load.taken - before)
        for name in GATEWAYS:
            jasmin = fleet.gateways[name]
            restart = f"kill {jasmin.pid}"  # a supervisor starts it again: this loop
            asked = operator.submit(
                fleet.manage, "gateways", "upgrade", name, "--restart-command", restart, timeout=300
            )
            while not asked.done():
                if not jasmin.is_running():
                    fleet.start_gateway(name)
                time.sleep(0.1)
            done = asked.result()
            assert done.returncode == 0, done.stdout + done.stderr
            print(done.stdout)
        load.go_on_for(10)
    assert_none_lost_none_twice(tenants, load, unknown=0)
    late = lateness(tenants)
    print(
        f"seconds from POST to carrier: median {share(late, 0.5):.2f}, p99 {share(late, 0.99):.2f},"
        f" latest {late[-1]:.2f}"
    )
    assert late[-1] <= WITHIN
