"""Texts are handed over where platforms are bound, each once while the gateway lives."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.utils import timezone

from messaging.access.models import Access
from messaging.inbound.models import InboundPdu
from messaging.receipts import ingest
from messaging.smpp.protocol.pdu import read, write
from orbit.accounts.models import Organization
from orbit.dev.stack.processes import poll
from reconciler.gateway_client.operator_client import OperatorClient, OtherLog
from reconciler.models import Gateway, GatewayLog, Placement
from reconciler.receiver.errands import Errands
from reconciler.receiver.platform_texts import PlatformTexts
from tests.factories import make_organization
from tests.reconciler.lane_gateway import LaneGateway, lane_gateway

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def fake() -> Iterator[LaneGateway]:
    with lane_gateway() as made:
        yield made


@pytest.fixture
def gateway(fake: LaneGateway) -> Gateway:
    gateway = fake.row("deliveries")
    GatewayLog.objects.create(gateway=gateway, log=fake.log, offset=0)
    return gateway


@pytest.fixture
def organization(gateway: Gateway) -> Organization:
    return here(gateway)


def here(gateway: Gateway) -> Organization:
    made = make_organization()
    Placement.objects.create(organization=made, gateway=gateway)
    Access.objects.create(
        organization=made, enabled=True, password="pw", password_set_at=timezone.now()
    )
    return made


def wait(organization: Organization, *words: str) -> list[InboundPdu]:
    """Texts that wait for the organisation's platform."""
    now = timezone.now()
    return [
        InboundPdu.objects.create(
            organization=organization,
            account="a",
            esm_class=0,
            data_coding=0,
            fields={},
            tlvs=[],
            raw=write("deliver_sm", sequence=1, short_message=each.encode()).hex(),
            digest=f"{InboundPdu.objects.count()}",
            log="f" * 16,
            number=InboundPdu.objects.count() + 1,
            received_at=now,
            access_state="waiting",
            access_due_at=now,
        )
        for each in words
    ]


@pytest.fixture
def turn(gateway: Gateway) -> Iterator[Callable[..., None]]:
    client = OperatorClient(gateway)
    texts = PlatformTexts(gateway)
    yield lambda: texts.turn(client)
    client.close()


def given(fake: LaneGateway) -> list[tuple[str, bytes]]:
    return [(each["user"], read(bytes.fromhex(each["pdu"])).payload) for each in fake.deliveries]


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


def test_nothing_is_handed_over_to_a_store_that_is_not_known(fake, organization, turn) -> None:
    fake.bound = {organization.gateway_key}
    wait(organization, "one")
    fake.lose_store()

    with pytest.raises(OtherLog):
        turn()

    assert fake.deliveries == []


@pytest.mark.django_db(transaction=True)
def test_a_thread_of_the_receiver_does_it(fake, gateway, organization) -> None:
    fake.bound = {organization.gateway_key}
    errands = Errands(gateway)
    errands.start()
    try:
        wait(organization, "one")
        errands.wake()

        assert poll(lambda: fake.deliveries, timeout=60)
    finally:
        errands.end()
        errands.join()
