"""A fleet of which parts do not hear each other: nothing is lost or doubled, others go on.

The long forms, under load and with kills, are in `test_losses.py`.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reconciler.models import Gateway, GatewayState
from tests.e2e.fleet.fleet import Fleet
from tests.e2e.fleet.loading import lateness
from tests.e2e.fleet.tenant import Tenant
from tests.e2e.waiting import becomes, eventually

pytestmark = [
    pytest.mark.stack,
    pytest.mark.slow("whichever comes first starts a fleet: three gateways, a site on two hosts"),
]

SOME = 20  # messages
MakeTenant = Callable[..., Tenant]


def state(gateway: Gateway) -> str:
    gateway.refresh_from_db()
    return gateway.state


def test_a_gateway_that_the_site_can_not_reach_is_named_and_its_messages_wait(
    fleet: Fleet, gateways: dict[str, Gateway], make_tenant: MakeTenant
) -> None:
    there, here = make_tenant("oslo"), make_tenant("cairo")
    fleet.network.cut(fleet.network.gateways["oslo"], "site")
    there.send(SOME)
    here.send(SOME)
    here.all_over()
    becomes(lambda: state(gateways["oslo"]), GatewayState.DOWN)

    here.assert_each_once()
    assert there.states().keys() <= {"queued", "sending"}
    assert state(gateways["cairo"]) == GatewayState.UP
    fleet.network.mend(fleet.network.gateways["oslo"], "site")
    there.all_over()
    there.assert_each_once()


def test_what_is_under_way_to_a_carrier_that_is_out_of_reach_arrives_once_it_is_back(
    fleet: Fleet, make_tenant: MakeTenant
) -> None:
    """Before the gateway gives the bind up: TCP brings it."""
    there, here = make_tenant("oslo"), make_tenant("cairo")
    fleet.network.cut(fleet.network.gateways["oslo"], "carriers")
    there.send(SOME)
    here.send(SOME)
    here.all_over()
    eventually(lambda: there.states() == {"sending": SOME})

    here.assert_each_once()
    assert not there.taken()
    fleet.network.mend(fleet.network.gateways["oslo"], "carriers")
    there.all_over()
    there.assert_each_once()


def test_a_gateway_that_is_slow_makes_no_other_one_wait(
    fleet: Fleet, make_tenant: MakeTenant
) -> None:
    slow, quick = make_tenant("oslo"), make_tenant("cairo")
    fleet.doors["oslo"].slow_down(0.7)  # each way: 1.4 s for each answer, or it counts as down

    def quick_is_first() -> bool:
        slow.send(SOME)
        quick.send(SOME)
        for each in (quick, slow):
            each.all_over()
        return lateness([quick])[0] < lateness([slow])[0]

    # Others of this machine may hold up a round or two; one that waited for the slow one is late
    # in every round.
    assert any(quick_is_first() for _ in range(10))
    for each in (quick, slow):
        each.assert_each_once()


def test_clocks_that_go_apart_double_nothing(fleet: Fleet, make_tenant: MakeTenant) -> None:
    """One sender's and receiver's is an hour late, one gateway's an hour early."""
    there, here = make_tenant("lima"), make_tenant("cairo")
    fleet.clocks["site-2"].set(-1)
    fleet.clocks["lima"].set(1)
    for _ in range(3):
        there.send(SOME)
        here.send(SOME)
    for each in (there, here):
        each.all_over()
        each.assert_each_once()
