"""Texts for organisations' own platforms: what waits, what is handed over, what ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.access.models import Access
from messaging.inbound import access_queue, recovery
from messaging.inbound.models import InboundMessage, InboundPdu
from messaging.smpp.protocol.pdu import read, write
from messaging.smpp.protocol.tlv import Tlv
from orbit.accounts.models import Organization
from tests.factories import make_organization
from tests.messaging.inbound.conftest import (
    OTHER_PHONE,
    PHONE,
    SHORT_CODE,
    UDHI,
    part,
    part16,
    told,
)
from tests.messaging.messages.conftest import Api

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def access(organization: Organization) -> Access:
    return Access.objects.create(
        organization=organization, enabled=True, password="pw", password_set_at=timezone.now()
    )


@pytest.fixture
def text(log):
    def deliver(octets: bytes = b"hi", **fields) -> None:
        log.deliver(octets, **{"source": PHONE, "destination": SHORT_CODE} | fields)
        log.take()

    return deliver


@pytest.fixture
def settle(log):
    """The platform has answered an offer with this status; None: it has not."""

    def write(offer: access_queue.Offer, status: int | None = 0, why: str = "") -> None:
        log.write("delivery", token=offer.token, status=status, why=why)
        log.take()

    return write


def due(organization: Organization) -> list[access_queue.Offer]:
    return [access_queue.offer(row) for row in access_queue.due(organization.pk)]


def texts(offers: list[access_queue.Offer]) -> list[bytes]:
    return [read(each.octets).payload for each in offers]


def states() -> list[str]:
    return list(InboundPdu.objects.order_by("pk").values_list("access_state", flat=True))


@pytest.mark.parametrize(
    ("route", "waits", "events"), [("webhook", 0, 1), ("access", 1, 0), ("both", 1, 1)]
)
def test_a_text_goes_where_its_number_says(
    text, number, organization, webhook, route, waits, events
) -> None:
    number(route=route)

    text()

    assert len(due(organization)) == waits
    assert len(told()) == events


def test_texts_to_no_number_wait_for_no_platform(text, number, organization) -> None:
    number(route="both")

    text(destination="99999")

    assert due(organization) == []


def test_parts_go_as_they_came_once_the_text_is_whole_in_their_order(
    text, number, organization
) -> None:
    number(route="access")
    second = part16("dé".encode("utf-16-be"), 2, 2)
    first = part16("Gra".encode("utf-16-be"), 1, 2)
    text(second, esm_class=UDHI, data_coding=8, tlvs=(Tlv(0x1400, b"\0\1"),))
    assert due(organization) == []

    text(first, esm_class=UDHI, data_coding=8)
    offers = due(organization)

    assert sorted(texts(offers)) == sorted([first, second])
    pdus = {each.payload: each for each in (read(offer.octets) for offer in offers)}
    assert {each.number("esm_class") for each in pdus.values()} == {UDHI}
    assert {each.number("data_coding") for each in pdus.values()} == {8}
    assert pdus[second].tlv(0x1400) == b"\0\1"
    assert pdus[first].text("source_addr") == PHONE


def test_what_the_carrier_repeats_goes_once(text, number, organization) -> None:
    number(route="access")
    text(session="s1")
    text(session="s2")
    for octets in (part(b"a", 1, 2), part(b"a", 1, 2), part(b"b", 2, 2)):
        text(octets, esm_class=UDHI)

    assert sorted(texts(due(organization))) == [part(b"a", 1, 2), part(b"b", 2, 2), b"hi"]


def test_a_text_whose_parts_do_not_all_come_goes_as_far_as_it_came(
    text, number, organization, carrier
) -> None:
    number(route="access")
    carrier.credential.inbound_parts_timeout = 0
    carrier.credential.save()
    text(part(b"a", 1, 2), esm_class=UDHI)

    recovery.sweep()

    assert texts(due(organization)) == [part(b"a", 1, 2)]


def test_a_text_is_done_once_the_platform_has_answered(text, number, organization, settle) -> None:
    number(route="access")
    text()
    [offer] = due(organization)
    assert due(organization) == [offer]

    settle(offer)

    assert due(organization) == []
    assert states() == ["delivered"]


@pytest.mark.parametrize("status", [0x65, 0x66])
def test_what_the_platform_never_takes_is_refused(
    text, number, organization, settle, status
) -> None:
    number(route="access")
    text()

    settle(due(organization)[0], status)

    assert states() == ["refused"]
    assert due(organization) == []


@pytest.mark.parametrize(
    ("status", "why"), [(0x64, ""), (0x58, ""), (0x08, ""), (None, "no_answer")]
)
def test_what_it_does_not_take_now_comes_again_later(
    text, number, organization, settle, status, why
) -> None:
    number(route="access")
    text()
    [first] = due(organization)

    settle(first, status, why)

    assert due(organization) == []
    InboundPdu.objects.update(access_due_at=timezone.now())
    [second] = due(organization)
    assert second.token != first.token
    settle(first, None, "no_answer")  # a record that is late
    assert due(organization) == [second]
    settle(second)
    assert states() == ["delivered"]


def test_what_met_no_bind_comes_again_at_once(text, number, organization, settle) -> None:
    number(route="access")
    text()
    [first] = due(organization)

    settle(first, None, "not_bound")

    assert len(due(organization)) == 1


def test_an_answer_to_an_earlier_offer_counts(text, number, organization, settle) -> None:
    """The answer was late, and the text was offered again meanwhile."""
    number(route="access")
    text()
    [first] = due(organization)
    settle(first, 0x64)

    settle(first, 0)

    assert states() == ["delivered"]


def test_records_of_no_text_change_nothing(log, text, number) -> None:
    number(route="access")
    text()

    for token in ("", "x", "a:b:c", f"{'f' * 16}:1:1", "log:99999999999:1"):
        log.write("delivery", token=token, status=0, why="")
    log.take()

    assert states() == ["waiting"]


def test_texts_are_offered_oldest_first_and_some_at_a_time(
    text, number, organization, settings
) -> None:
    settings.ACCESS_DELIVERIES_AT_ONCE = 3
    number(route="access")
    for n in range(5):
        text(b"%d" % n)

    assert texts(due(organization)) == [b"0", b"1", b"2"]


def test_old_texts_and_too_many_are_given_up_the_oldest_first(
    text, number, organization, settings
) -> None:
    number(route="access")
    for n in range(6):
        text(b"%d" % n)
    first = InboundPdu.objects.order_by("pk").first()
    hours = settings.ACCESS_DELIVERY_HOURS
    first.received_at = timezone.now() - timedelta(hours=hours, seconds=1)
    first.save()
    settings.ACCESS_DELIVERIES_WAITING = 3

    recovery.sweep()

    assert states() == ["expired"] * 3 + ["waiting"] * 3
    assert texts(due(organization)) == [b"3", b"4", b"5"]


def test_those_are_looked_for_that_have_an_access_and_texts_that_are_due(
    text, number, organization, access
) -> None:
    everybody = Organization.objects.all()
    number(route="access")
    make_organization()
    assert access_queue.waiting_among(everybody) == {}

    text()
    assert access_queue.waiting_among(everybody) == {organization.gateway_key: organization.pk}

    Access.objects.update(enabled=False)
    assert access_queue.waiting_among(everybody) == {}
    Access.objects.update(enabled=True)
    InboundPdu.objects.update(access_due_at=timezone.now() + timedelta(minutes=1))
    assert access_queue.waiting_among(everybody) == {}


def test_the_detail_says_what_became_of_it(text, number, organization, settle) -> None:
    api = Api(organization)
    made = number(route="both")
    text(part(b"a", 1, 2), esm_class=UDHI)
    text(part(b"b", 2, 2), esm_class=UDHI)
    message = InboundMessage.objects.get()
    seen = [api.get(f"/{message.pk}")]
    for offer in due(organization):
        settle(offer)
        seen.append(api.get(f"/{message.pk}"))
    made.route = "webhook"
    made.save()
    text(source=OTHER_PHONE)
    other = InboundMessage.objects.latest("pk")

    states = [each.json()["data"]["access_delivery"] for each in seen]
    assert states == ["waiting", "waiting", "delivered"]
    assert seen[0]["ETag"] != seen[-1]["ETag"]
    detail = api.get(f"/{other.pk}").json()["data"]
    assert detail["access_delivery"] is None


@pytest.mark.parametrize(
    "raw",
    [
        write("deliver_sm", sequence=9, source_addr=PHONE, short_message=b"hi") + b"\0\0\7",
        write("data_sm", sequence=9, source_addr=PHONE * 4, tlvs=[Tlv(0x0424, b"hi")]),
    ],
)
def test_octets_that_no_platform_expects_are_left_out(log, number, organization, raw) -> None:
    """Padding behind the last TLV; what is longer than a field of deliver_sm; a data_sm."""
    number(route="access")
    body = _to(len(raw).to_bytes(4) + raw[4:], SHORT_CODE)
    log.write("deliver", cid=log.cid, account=log.account, session="s1", raw=body.hex())
    log.take()

    [offer] = due(organization)
    pdu = read(offer.octets)

    assert (pdu.command, pdu.payload, pdu.padding) == ("deliver_sm", b"hi", b"")
    assert len(pdu.text("source_addr")) <= 20
    assert pdu.text("destination_addr") == SHORT_CODE


def _to(raw: bytes, destination: str) -> bytes:
    """The same PDU to another destination, its padding kept."""
    pdu = read(raw)
    fields = pdu.fields | {"destination_addr": destination}
    again = write(pdu.command, sequence=pdu.sequence, tlvs=pdu.tlvs, **fields) + pdu.padding
    return len(again).to_bytes(4) + again[4:]
