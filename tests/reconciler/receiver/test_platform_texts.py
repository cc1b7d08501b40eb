"""Texts are handed over where platforms are bound, each once while the gateway lives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone

from messaging.inbound.models import InboundPdu
from messaging.receipts import ingest
from messaging.smpp.protocol.pdu import write
from orbit.accounts.models import Organization
from reconciler import gateway_api
from reconciler.gateway_client.operator_client import OperatorClient, OtherLog
from reconciler.models import Gateway, GatewayLog, Placement
from reconciler.receiver import platform_texts
from reconciler.receiver.platform_texts import PlatformTexts
from tests.factories import make_organization
from tests.reconciler.lane_gateway import LaneGateway
from tests.reconciler.receiver.conftest import given, here, wait

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

PDU_OCTETS = len(write("deliver_sm", sequence=0, short_message=b"1"))
LIMITS = [
    (gateway_api, "MOST_DELIVERIES", 2),
    (platform_texts, "MOST_OCTETS", 2 * PDU_OCTETS),
]


@pytest.fixture
def gateway(fake: LaneGateway) -> Gateway:
    gateway = fake.row("deliveries")
    GatewayLog.objects.create(gateway=gateway, log=fake.log, offset=0)
    return gateway


@pytest.fixture
def organization(gateway: Gateway) -> Organization:
    return here(gateway)


@pytest.fixture
def turn(gateway: Gateway) -> Iterator[Callable[..., None]]:
    client = OperatorClient(gateway)
    texts = PlatformTexts(gateway)
    yield lambda: texts.turn(client)
    client.close()


def answer(fake: LaneGateway, number: int = -1, status: int = 0) -> None:
    """The platform's answer is recorded and read."""
    fake.write("delivery", token=fake.deliveries[number]["token"], status=status, why="")
    ingest.take(fake.records[-1:], log=fake.log)
    GatewayLog.objects.update(offset=len(fake.records))


def test_texts_wait_until_the_platform_is_bound(fake, organization, turn) -> None:
    wait(organization, "one", "two")
    turn()
    assert fake.deliveries == []

    fake.bound = {organization.gateway_key}
    turn()

    user = organization.gateway_key
    assert given(fake) == [(user, b"one"), (user, b"two")]


def test_each_is_handed_over_once_while_it_has_no_end(fake, organization, turn) -> None:
    fake.bound = {organization.gateway_key}
    wait(organization, "one")
    turn()
    wait(organization, "two")
    turn()
    turn()
    answer(fake, 0)
    turn()

    assert [words for _, words in given(fake)] == [b"one", b"two"]


def test_what_failed_is_handed_over_again_when_it_is_due(fake, organization, turn) -> None:
    fake.bound = {organization.gateway_key}
    [row] = wait(organization, "one")
    turn()
    answer(fake, status=0x64)
    turn()
    assert len(fake.deliveries) == 1

    InboundPdu.objects.filter(pk=row.pk).update(access_due_at=timezone.now())
    turn()

    assert len(fake.deliveries) == 2
    assert fake.deliveries[0]["token"] != fake.deliveries[1]["token"]


def test_a_gateway_that_was_started_again_gets_what_its_log_says_nothing_of(
    fake, organization, turn
) -> None:
    fake.bound = {organization.gateway_key}
    wait(organization, "one", "two")
    turn()
    fake.write("delivery", token=fake.deliveries[0]["token"], status=0, why="")
    fake.restart()
    turn()
    assert len(fake.deliveries) == 2  # the log of the time before is not read yet

    ingest.take(fake.records, log=fake.log)
    GatewayLog.objects.update(offset=1)
    turn()

    assert [words for _, words in given(fake)] == [b"one", b"two", b"two"]


def test_another_receiver_offers_under_the_same_name(fake, gateway, organization, turn) -> None:
    """The gateway takes a name once: nothing is delivered twice."""
    fake.bound = {organization.gateway_key}
    wait(organization, "one")
    turn()

    client = OperatorClient(gateway)
    PlatformTexts(gateway).turn(client)
    client.close()

    assert fake.deliveries[0] == fake.deliveries[1]


def test_no_others_follow_where_the_gateway_has_no_room(fake, organization, turn) -> None:
    fake.bound = {organization.gateway_key}
    wait(organization, "one")
    fake.refused = {organization.gateway_key: "full"}
    turn()
    assert fake.deliveries == []

    fake.refused = {}
    turn()

    assert [words for _, words in given(fake)] == [b"one"]


def test_what_the_gateway_can_not_send_is_given_up(fake, organization, turn) -> None:
    fake.bound = {organization.gateway_key}
    wait(organization, "one")
    fake.refused = {organization.gateway_key: "invalid"}

    turn()

    assert InboundPdu.objects.get().access_state == "expired"


@pytest.mark.parametrize(("module", "name", "most"), LIMITS)
def test_many_go_in_requests_that_the_gateway_takes(
    fake, organization, turn, monkeypatch, module, name, most
) -> None:
    monkeypatch.setattr(module, name, most)
    sizes, deliver = [], fake.deliver
    monkeypatch.setattr(
        fake, "deliver", lambda body: sizes.append(len(body["deliveries"])) or deliver(body)
    )
    fake.bound = {organization.gateway_key}
    wait(organization, "1", "2", "3", "4", "5")

    turn()

    assert [words for _, words in given(fake)] == [b"1", b"2", b"3", b"4", b"5"]
    assert sizes == [0, 2, 2, 1]  # the first asks who is bound


def test_what_a_gateway_takes_that_was_just_started_again_is_offered_again(
    fake, organization, turn, monkeypatch
) -> None:
    """It may have died with what it took before."""
    deliver = fake.deliver

    def restarted(body: dict[str, Any]) -> Any:
        if body["deliveries"] and fake.life == "1":
            fake.restart()
        return deliver(body)

    monkeypatch.setattr(fake, "deliver", restarted)
    monkeypatch.setattr(gateway_api, "MOST_DELIVERIES", 1)
    fake.bound = {organization.gateway_key}
    wait(organization, "one", "two")
    turn()
    assert [words for _, words in given(fake)] == [b"one"]
    turn()

    assert [words for _, words in given(fake)] == [b"one", b"one", b"two"]
    assert fake.deliveries[0] == fake.deliveries[1]  # one name: it takes it once


def test_organisations_get_their_own_texts_on_their_gateway_alone(fake, gateway, turn) -> None:
    one, two, elsewhere = here(gateway), here(gateway), make_organization()
    Placement.objects.create(
        organization=elsewhere,
        gateway=Gateway.objects.create(name="other", jcli_host="x", http_url="http://x"),
    )
    fake.bound = {each.gateway_key for each in (one, two, elsewhere)}
    for each in (one, two, elsewhere):
        wait(each, each.pk)

    turn()

    assert sorted(given(fake)) == sorted(
        (each.gateway_key, each.pk.encode()) for each in (one, two)
    )


def test_one_organisation_has_some_at_a_time_in_the_gateway(
    fake, organization, turn, settings
) -> None:
    settings.ACCESS_DELIVERIES_AT_ONCE = 2
    fake.bound = {organization.gateway_key}
    wait(organization, "1", "2", "3")
    turn()
    turn()
    assert len(fake.deliveries) == 2

    answer(fake, 0)
    turn()

    assert [words for _, words in given(fake)] == [b"1", b"2", b"3"]


def test_nothing_is_handed_over_before_the_log_was_read(fake, gateway, organization, turn) -> None:
    GatewayLog.objects.all().delete()
    fake.bound = {organization.gateway_key}
    wait(organization, "one")
    turn()
    assert fake.deliveries == []

    GatewayLog.objects.create(gateway=gateway, log=fake.log, offset=0)
    turn()
    assert len(fake.deliveries) == 1


def test_nothing_is_handed_over_to_a_store_that_is_not_known(fake, organization, turn) -> None:
    fake.bound = {organization.gateway_key}
    wait(organization, "one")
    fake.lose_store()

    with pytest.raises(OtherLog):
        turn()

    assert fake.deliveries == []
