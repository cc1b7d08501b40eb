"""Texts for organisations' own platforms: what waits, what is handed over, what ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.access.models import Access
from messaging.inbound import access_queue, recovery
from messaging.inbound.models import InboundPdu
from messaging.smpp.protocol.pdu import read, write
from messaging.smpp.protocol.tlv import Tlv
from orbit.accounts.models import Organization
from tests.factories import make_organization
from tests.messaging.inbound.conftest import (
    PHONE,
    SHORT_CODE,
    UDHI,
    access_states,
    due,
    part,
    part16,
    told,
)

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def access(organization: Organization) -> Access:
    return Access.objects.create(
        organization=organization, enabled=True, password="pw", password_set_at=timezone.now()
    )


def texts(offers: list[access_queue.Offer]) -> list[bytes]:
    return [read(each.octets).payload for each in offers]


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

    assert access_states() == ["expired"] * 3 + ["waiting"] * 3
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
