"""Two launched Jasmins at one carrier: an organisation moves without a gap; one of them dies with
messages in it, and comes back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.carriers.models import Carrier
from messaging.credentials.models import Credential
from messaging.messages.dispatch import recovery
from messaging.messages.dispatch import run as dispatch
from messaging.messages.models import Message
from orbit.accounts.models import Organization
from orbit.dev.simulator import SimulatorThread
from orbit.dev.simulator.systems import System
from orbit.dev.stack import Jasmin
from orbit.dev.stack.stack import Stack
from reconciler import gateway_probe, tasks, verification
from reconciler.fleet import draining, evacuation, modes, upgrading
from reconciler.gateway_client.operator_client import OperatorClient
from reconciler.models import Gateway
from tests.e2e.waiting import becomes, eventually
from tests.fixtures.stack import reset
from tests.messaging.messages.dispatch.conftest import make_message
from tests.reconciler.conftest import make_credential, make_gateway, make_tenant
from tests.reconciler.fleet.conftest import where
from tests.reconciler.log_reading import read_log, skip_log
from tests.reconciler.passes import run, status

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def second_jasmin(stack: Stack) -> Iterator[Jasmin]:
    jasmin = stack._make_gateway("second")
    jasmin.start()
    yield jasmin
    jasmin.stop()


@pytest.fixture
def old(transactional_db, jasmin: Jasmin, monkeypatch, settings) -> Gateway:
    settings.GATEWAY_MOVE_PATIENCE = 90  # this machine may be busy
    monkeypatch.setattr(verification, "BIND_WAIT", 5.0)
    monkeypatch.setattr(tasks.reconcile_gateway, "apply_async", lambda *_, **__: None)
    gateway = make_gateway(jasmin)
    skip_log(gateway)
    return gateway


@pytest.fixture
def new(old: Gateway, second_jasmin: Jasmin) -> Gateway:
    assert reset(second_jasmin)
    gateway = make_gateway(second_jasmin)
    skip_log(gateway)
    run(gateway)
    gateway.refresh_from_db()
    return gateway


@pytest.fixture
def organization(old: Gateway, new: Gateway) -> Organization:
    return make_tenant(old)


def carrier(
    organization: Organization, system: System, smsc: SimulatorThread, **fields
) -> Credential:
    fields = {"password": system.password} | fields
    credential = make_credential(organization, port=smsc.port, system_id=system.system_id, **fields)
    Carrier.objects.create(
        organization=organization, credential=credential, name="north", countries=["FR"]
    )
    return credential


def bring_up(gateway: Gateway, credential: Credential) -> None:
    """Passes until one has seen the bind up: the machine may be busy."""

    def looked() -> str:
        run(gateway)
        return status(credential).bind_state

    becomes(looked, "bound")


def post(organization: Organization, count: int) -> list[str]:
    return [make_message(organization, body=f"text {number}").pk for number in range(count)]


def hand_over(organization: Organization) -> None:
    """As a sender worker does it, until nothing is due now."""
    while dispatch.dispatch(organization.pk) == dispatch.NOW:
        pass


def states(ids: list[str]) -> Counter[str]:
    return Counter(Message.objects.filter(pk__in=ids).values_list("status", flat=True))


def test_a_drained_gateways_organisation_is_bound_on_the_other_before_it_leaves(
    old, new, organization, smsc
):
    system = smsc.add_system("acme", "s3cret!!", faults=["no-receipt"])
    credential = carrier(organization, system, smsc)
    bring_up(old, credential)
    first = post(organization, 3)
    hand_over(organization)

    draining.begin(old, by=tasks.SYSTEM)
    stays = draining.move_off(
        old, by=tasks.SYSTEM, why="drained", gapless=True, tell=lambda line: None
    )
    modes.close(old)
    second = post(organization, 3)
    hand_over(organization)
    eventually(lambda: len(system.accepted) == 6)

    assert stays == []
    assert where(organization) == (new.name, "")
    assert (status(credential).bind_state, status(credential).gateway_id) == ("bound", new.pk)
    assert (system.binds_accepted, system.live_binds) == (2, 1)
    assert sorted(each.text for each in system.accepted) == sorted(
        f"text {number}" for number in (0, 1, 2) * 2
    )
    becomes(lambda: read_log(old) or read_log(new) or states(first + second), {"sent": 6})
    becomes(lambda: draining.left(old).open, 0)
    assert draining.left(old).is_empty


def test_an_upgrade_starts_each_again_and_the_organisation_is_bound_throughout(
    old, new, jasmin, second_jasmin, organization, smsc
):
    system = smsc.add_system("acme", "s3cret!!", faults=["no-receipt"])
    bring_up(old, carrier(organization, system, smsc))
    jasmins, binds = {old.pk: jasmin, new.pk: second_jasmin}, []

    def restart(gateway: Gateway) -> None:
        binds.append((gateway.name, where(organization)[0], system.live_binds))
        jasmins[gateway.pk].restart()

    upgrading.upgrade([old, new], restart, by=tasks.SYSTEM, tell=lambda line: None)
    messages = post(organization, 3)
    hand_over(organization)
    eventually(lambda: len(system.accepted) == 3)

    assert binds == [(old.name, new.name, 1), (new.name, old.name, 1)]
    becomes(lambda: read_log(old) or states(messages), {"sent": 3})
    assert set(Gateway.objects.values_list("mode", "closed", "state")) == {("active", False, "up")}


def test_a_process_that_another_database_has_closed_is_opened_by_the_passes(old):
    """As after a restore: the row knows nothing of it."""
    with closing(OperatorClient(old)) as client:
        client.drain(old.log.log, closed=True)

    tasks.reconcile_gateway(old.pk)
    assert Gateway.objects.get(pk=old.pk).told_closed
    tasks.reconcile_gateway(old.pk)

    assert not Gateway.objects.get(pk=old.pk).told_closed


@pytest.fixture
def lost(old, new, jasmin, organization, smsc) -> list[str]:
    """Five messages of `old`, killed with SIGKILL and evacuated: one was written without an answer,
    the others waited behind it. The carrier allows one bind."""
    system = smsc.add_system("acme", "s3cret!!", faults=["already-bound", "blackhole:on=submit"])
    credential = carrier(organization, system, smsc, window=1)
    bring_up(old, credential)
    messages = post(organization, 5)
    hand_over(organization)
    eventually(lambda: len(system.submits) == 1)
    assert states(messages) == {"sending": 5}
    jasmin.kill()
    system.faults = ["already-bound", "no-receipt"]
    eventually(lambda: system.live_binds == 0)
    gateway_probe.probe(old)
    old.refresh_from_db()
    evacuation.evacuate(old, by=tasks.SYSTEM, why="killed")
    bring_up(new, credential)
    assert (where(organization), system.live_binds) == ((new.name, ""), 1)
    return messages


def test_nothing_of_a_lost_gateway_goes_out_before_its_log_says_so(
    lost, old, new, jasmin, organization, smsc
):
    system = smsc.system("acme")
    hand_over(organization)
    recovery.recover()
    assert len(system.submits) == 1

    jasmin.start()
    eventually(lambda: gateway_probe.probe(old) or Gateway.objects.get(pk=old.pk).state == "up")
    tasks.reconcile_gateway(old.pk, "look")
    read_log(old)
    ended = dict(Message.objects.filter(pk__in=lost).values_list("body", "error_code"))
    assert Counter(ended.values()) == {"": 4, "OUTCOME_UNKNOWN": 1}

    Message.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))
    hand_over(organization)
    eventually(lambda: len(system.submits) == 5)
    read_log(new)

    assert Counter(each.text for each in system.submits) == {f"text {n}": 1 for n in range(5)}
    assert states(lost) == {"sent": 4, "submitted_no_receipt": 1}
    old.refresh_from_db()
    assert (old.mode, old.closed, old.told_closed) == ("lost", True, True)
    assert len(run(old).changes) == 0


def test_what_a_lost_gateway_never_got_comes_back_once_it_can_be_asked(
    lost, old, new, jasmin, organization, smsc
):
    (mine,) = post(organization, 1)
    lane = Message.objects.get(pk=lost[0]).lane
    over = timezone.now() - timedelta(seconds=1)
    Message.objects.filter(pk=mine).update(
        status="sending", attempt=1, lane=lane, claimed_at=over, leased_until=over,
        credential=Credential.objects.get(), carrier=Carrier.objects.get(), sender="ACME",
    )  # fmt: skip
    recovery.recover()
    assert Message.objects.get(pk=mine).taken_at is None

    jasmin.start()
    eventually(lambda: gateway_probe.probe(old) or Gateway.objects.get(pk=old.pk).state == "up")
    Message.objects.filter(pk=mine).update(leased_until=over)
    recovery.recover()
    assert Message.objects.get(pk=mine).claimed_at is None

    hand_over(organization)
    eventually(lambda: len(smsc.system("acme").submits) == 2)
    assert Message.objects.get(pk=mine).lane != lane
