"""Reports of gateways and carriers: late, doubled, in any order, forged, about others' messages."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, urlencode

import pytest

from messaging.messages.attempt_tokens import Attempt, dlr_token_of
from messaging.messages.models import Message
from orbit.dev.simulator import SimulatorThread
from reconciler.models import Gateway, Placement
from tests.e2e.api import Answer, Api
from tests.e2e.messages.conftest import World, all_over, states
from tests.e2e.waiting import becomes
from tests.factories import make_organization
from tests.fixtures.site import Site

pytestmark = pytest.mark.stack

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def report(site: Site, token: str, level: int, status: str, **more: str) -> Answer:
    """As Jasmin does it: a POST without any key."""
    body = {"id": "x", "level": level, "message_status": status, "id_smsc": "1", **more}
    path = f"/dlr/{quote(token, safe='')}"
    return Api(site.base_url).post(path, urlencode(body).encode(), headers=FORM)


def acknowledged(answer: Answer) -> bool:
    return (answer.status, answer.body) == (200, b"ACK/Jasmin")


def sent(world: World, number: int) -> list[str]:
    """Messages that the carrier took and says no more about."""
    messages = [world.send(sender="ACME", body=f"number {n}") for n in range(number)]
    for message in messages:
        becomes(lambda of=message: world.read(of)["status"], "sent")
    return messages


def address(message: str) -> str:
    """The end of the address of its last attempt, which a stock Jasmin would be told."""
    return dlr_token_of(Attempt(message, Message.objects.get(pk=message).attempt))


@pytest.mark.parametrize("fault", ["double-receipt", "early-receipt", "late-receipt:1"])
def test_whenever_and_however_often_a_receipt_comes(world: World, fault: str):
    world.carrier("north", "FR", faults=[fault])
    world.wait_until_bound()

    messages = [world.send(sender="ACME", body=f"number {n}") for n in range(20)]
    all_over()

    assert states() == {"delivered": 20}
    for message in messages:
        # The gateway of an earlier test may have cost it a second attempt.
        steps = dict.fromkeys(each["status"] for each in world.read(message)["events"])
        assert list(steps) == ["queued", "sending", "sent", "delivered"]


def test_nobody_can_report_on_what_the_gateways_log_tells_of(world: World, site: Site):
    """Not even with an address that is signed by us."""
    world.carrier("north", "FR", faults=["no-receipt"])
    world.wait_until_bound()
    (message,) = sent(world, 1)

    for level, status in ((1, "ESME_RINVDSTADR"), (2, "UNDELIV"), (2, "DELIVRD")):
        assert acknowledged(report(site, address(message), level, status))

    assert world.read(message)["status"] == "sent"


@pytest.fixture
def neighbour(
    gateway: Gateway, make_api: Callable[..., Api], make_smsc: Callable[..., SimulatorThread]
) -> World:
    """Another organisation on the same gateway, with a carrier elsewhere."""
    organization = make_organization()
    Placement.objects.create(organization=organization, gateway=gateway)
    return World(make_api(organization), make_smsc())


def test_carriers_of_two_organisations_with_equal_ids_settle_their_own(world, neighbour):
    for each, state in ((world, "DELIVRD"), (neighbour, "UNDELIV")):
        each.carrier("north", "FR", faults=["equal-ids", f"receipt:{state}", "late-receipt:0.3"])
    for each in (world, neighbour):
        each.wait_until_bound()

    messages = [each.send(sender="ACME") for _ in range(20) for each in (world, neighbour)]
    all_over()

    assert {each.message_id for each in world.got("north")} == {str(n) for n in range(1, 21)}
    assert {each.message_id for each in neighbour.got("north")} == {str(n) for n in range(1, 21)}
    assert {world.read(each)["status"] for each in messages[::2]} == {"delivered"}
    assert {neighbour.read(each)["status"] for each in messages[1::2]} == {"undelivered"}


def test_a_carrier_that_forges_anothers_ids_settles_nothing_of_theirs(world, neighbour):
    """The forger reports on all of the victim's ids, before the victim's own carrier does."""
    for each in (world, neighbour):
        each.carrier("north", "FR", faults=["equal-ids", "no-receipt"])
    for each in (world, neighbour):
        each.wait_until_bound()
    victims, own = sent(world, 5), sent(neighbour, 1)[0]

    for number, submit in enumerate(world.got("north")):
        neighbour.smsc.report("north", submit, "DELIVRD" if number else "UNDELIV")
    becomes(lambda: neighbour.read(own)["status"], "undelivered")  # its own message 1

    forged = neighbour.smsc.system("north").receipts
    neighbour.smsc.wait_for(lambda: forged["acknowledged"] == 5)
    assert {world.read(each)["status"] for each in victims} == {"sent"}
    for submit in world.got("north"):
        world.smsc.report("north", submit, "DELIVRD")
    for message in victims:
        becomes(lambda of=message: world.read(of)["status"], "delivered")
