"""A hundred carriers of one country: order and failover, by the access and by pinned HTTP."""

from __future__ import annotations

import pytest

from messaging.credentials.models import Credential
from messaging.gateway import Accepted, Refused, Submit
from messaging.messages import services
from messaging.messages.dispatch.run import dispatch
from messaging.messages.models import Message
from messaging.smpp.protocol.segmentation import encode
from orbit.accounts.models import Organization
from reconciler.gateway_client import trunks
from reconciler.jcli import connectors, routes
from reconciler.result import Ending
from tests.reconciler.passes import run
from tests.reconciler.routes.platform import Platform
from tests.reconciler.routes.rows import ACCESS_PASSWORD, give_access, make_carrier

pytestmark = pytest.mark.stack

COUNT, REFUSING = 100, 60
FRANCE, NO_CARRIER_BOUND = "33612345678", 0x45
ORDER = sorted(range(COUNT), key=lambda number: (number // 10, -(number % 10)))


@pytest.fixture(params=["launched", "stock"])
def server(request):
    return request.getfixturevalue("stock_jasmin" if request.param == "stock" else "jasmin")


@pytest.fixture
def hundred(server, gateway, organization, add_credential, smsc) -> list[Credential]:
    """Credentials whose carriers serve France, in their order; the first of them are refused.

    Neither age nor name is what decides: in each ten the newest is the best.
    """
    give_access(organization)
    made = []
    for number in range(COUNT):
        refused = ORDER.index(number) < REFUSING
        made.append(add_credential(f"c{number:02}", faults=["wrong-password"] if refused else []))
        make_carrier(made[-1], ["FR"], fallback_order=number // 10 + 1, quality=number % 10)
    in_order = [made[number] for number in ORDER]
    assert run(gateway).ending is Ending.APPLIED
    smsc.wait_for(
        lambda: all(smsc.system(each.system_id).live_binds for each in in_order[REFUSING:])
    )
    assert run(gateway).ending is Ending.IN_SYNC
    return in_order


def test_the_first_that_is_bound_takes_what_comes_over_the_access(
    hundred, server, organization, smsc, console
):
    listed = [route for route in routes.read(console.ask(routes.LIST)[0]) if route.pattern]
    assert [route.connectors for route in listed] == [tuple(each.gateway_key for each in hundred)]

    with Platform(server, organization.gateway_key, ACCESS_PASSWORD) as bind:
        for credential in hundred[REFUSING:]:
            system = smsc.system(credential.system_id)
            assert bind.submit(FRANCE, credential.system_id) == 0
            smsc.wait_for(lambda of=system: of.submits)
            assert [each.text for each in system.submits] == [credential.system_id]
            system.faults = ["wrong-password"]
            smsc.drop_binds(credential.system_id)
            smsc.wait_for(lambda of=credential: not is_bound(console, of))
        assert bind.submit(FRANCE) == NO_CARRIER_BOUND

    assert sum(len(smsc.system(each.system_id).submits) for each in hundred) == COUNT - REFUSING


def test_the_first_that_is_bound_takes_a_message_and_each_what_is_pinned_to_it(
    hundred, organization, smsc, settings, console
):
    settings.DLR_BASE_URL = "http://127.0.0.1:9"
    pinned = trunks.trunks([each.pk for each in hundred])
    answers = [
        pinned[each.pk].submit_many(
            [Submit(each.pk, each.system_id, "ACME", f"+{FRANCE}", encode("pinned"))]
        )[0]
        for each in hundred
    ]
    assert set(map(type, answers[:REFUSING])) == {Refused}
    assert set(map(type, answers[REFUSING:])) == {Accepted}
    first, second, *rest = [smsc.system(each.system_id) for each in hundred[REFUSING:]]
    smsc.wait_for(lambda: all(system.submits for system in (first, second, *rest)))

    assert sent(organization, "to the first").credential_id == hundred[REFUSING].pk
    smsc.wait_for(lambda: len(first.submits) == 2)
    first.faults = ["wrong-password"]
    smsc.drop_binds(first.system_id)
    smsc.wait_for(lambda: not is_bound(console, hundred[REFUSING]))  # and no pass has seen it
    assert sent(organization, "to the next").credential_id == hundred[REFUSING + 1].pk
    smsc.wait_for(lambda: len(second.submits) == 2)

    assert [each.text for each in first.submits] == ["pinned", "to the first"]
    assert [each.text for each in second.submits] == ["pinned", "to the next"]
    assert [each.text for system in rest for each in system.submits] == ["pinned"] * len(rest)


def sent(organization: Organization, text: str) -> Message:
    """Return a message of the API once it was handed over."""
    message = services.build(
        organization_id=organization.pk, to=f"+{FRANCE}", body=text, sender="ACME"
    )
    message.save(force_insert=True)
    dispatch(organization.pk)
    message.refresh_from_db()
    return message


def is_bound(console, credential: Credential) -> bool:
    row = connectors.read(console.ask(connectors.LIST)[0])[credential.gateway_key]
    return row.session.startswith("BOUND_")
