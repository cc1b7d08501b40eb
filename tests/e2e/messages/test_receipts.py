"""Reports of gateways and carriers: late, doubled, in any order, forged, about others' messages."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from urllib.parse import quote, urlencode

import pytest

from messaging.messages.models import Message
from messaging.messages.tokens import Attempt, token_of
from messaging.smpp.simulator import SimulatorThread
from orbit.ids import new_id
from reconciler.models import Gateway, Placement
from tests.e2e.api import Answer, Api
from tests.e2e.messages.conftest import World, all_over, states
from tests.e2e.waiting import becomes
from tests.factories import make_organization
from tests.fixtures.site import Site

pytestmark = pytest.mark.stack

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
REPORTS = ((1, "ESME_ROK"), (1, "ESME_RTHROTTLED"), (2, "DELIVRD"), (2, "UNDELIV"))


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


def address(message: str, *, later: int = 0) -> str:
    """The end of the address of its last attempt, or of one that is yet to come."""
    return token_of(Attempt(message, Message.objects.get(pk=message).attempt + later))


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


def test_reports_in_any_order_settle_what_the_first_end_says(world: World, site: Site):
    """Each comes twice. The answer ESME_ROK has been reported already."""
    world.carrier("north", "FR", faults=["no-receipt"])
    world.wait_until_bound()
    orders = list(itertools.permutations(REPORTS))

    for message, order in zip(sent(world, len(orders)), orders, strict=True):
        token = address(message)
        for level, status in order:
            assert acknowledged(report(site, token, level, status))
            assert acknowledged(report(site, token, level, status))
        first = next(status for level, status in order if level == 2)
        expected = {"DELIVRD": "delivered", "UNDELIV": "undelivered"}[first]
        seen = world.read(message)
        assert seen["status"] == expected, order
        assert [each["status"] for each in seen["events"]].count(expected) == 1
    assert len(world.got("north")) == len(orders), "one was sent again"


def test_what_nobody_here_signed_settles_nothing(world: World, site: Site):
    world.carrier("north", "FR", faults=["no-receipt"])
    world.wait_until_bound()
    message, other = sent(world, 2)
    good, of_other = address(message), address(other)
    start, _, signature = good.rpartition(".")
    forged = [
        message,
        start,
        f"{start}.",
        f"{start}.{'A' * len(signature)}",
        f"{start}.{of_other.rpartition('.')[2]}",
        f"{start}0.{signature}",
        f"{message}.0{start.rpartition('.')[2]}.{signature}",
        f"{other}.1.{signature}",
        good.swapcase(),
        good[:-1],
        f"{good}x",
        f"{good}.1",
        f"msg_.1.{signature}",
        "msg_\0.1.x",
        "msg_€",
        "x" * 2000,
        # Signed by us, and nobody's: a message that never was, an attempt that is not under way.
        token_of(Attempt(new_id("msg"), 1)),
        token_of(Attempt(message, 0)),
        address(message, later=1),
        token_of(Attempt(message, 10**30)),
    ]

    for token in forged:
        for level, status in ((1, "ESME_RINVDSTADR"), (2, "UNDELIV"), (2, "DELIVRD")):
            assert acknowledged(report(site, token, level, status)), token
    for level, status in ((3, "DELIVRD"), (2, ""), (2, "NONSENSE\0"), (1, "ESME_ROK")):
        assert acknowledged(report(site, of_other, level, status, err="\0" * 500))

    assert world.read(message)["status"] == "sent"
    assert world.read(other)["status"] == "submitted_no_receipt"  # "NONSENSE": it does not know
    assert acknowledged(report(site, good, 2, "DELIVRD"))
    assert world.read(message)["status"] == "delivered"


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
