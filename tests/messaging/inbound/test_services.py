"""Texts of phones are kept with all their octets, each once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from messaging.inbound import retention
from messaging.inbound.models import InboundPdu
from messaging.smpp.protocol.tlv import Tlv

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def test_every_field_and_octet_is_kept(organization, log, carrier):
    log.deliver(
        b"\x05\x00\x03Z\x03\x01hi",
        source="33612345678",
        destination="36000",
        esm_class=0x40,
        data_coding=8,
        source_addr_ton=1,
        source_addr_npi=1,
        tlvs=(Tlv(0x1400, b"abc"),),
    )
    log.take()

    (row,) = InboundPdu.objects.all()
    assert (row.organization_id, row.credential_id) == (organization.pk, carrier.credential_id)
    assert (row.source, row.destination, row.account) == ("33612345678", "36000", log.account)
    assert (row.esm_class, row.data_coding) == (0x40, 8)
    assert bytes.fromhex(row.octets) == b"\x05\x00\x03Z\x03\x01hi"
    assert (row.fields["source_addr_ton"], row.fields["source_addr_npi"]) == (1, 1)
    assert row.tlvs == [{"tag": "0x1400", "value": "616263"}]
    assert row.raw == log.written[0]["raw"]


@pytest.mark.parametrize("text", [b"", b"\x00\xff\x00", bytes(range(254))])
def test_any_octets_are_kept(log, text):
    log.deliver(text, data_coding=4)
    log.take()

    assert bytes.fromhex(InboundPdu.objects.get().octets) == text


def test_a_text_in_message_payload_is_kept(log):
    log.deliver(b"", tlvs=(Tlv(0x0424, b"hello"),))
    log.take()

    assert bytes.fromhex(InboundPdu.objects.get().octets) == b"hello"


@pytest.mark.parametrize("together", [True, False])
def test_what_is_delivered_again_after_a_lost_answer_is_one_row(log, together):
    log.deliver(b"yes", session="s1", sequence=9)
    if not together:
        log.take()
    log.deliver(b"yes", session="s2", sequence=1)
    log.take()

    (row,) = InboundPdu.objects.all()
    (copy,) = row.copies
    assert (row.session, copy["session"], copy["number"]) == ("s1", "s2", 2)


def test_what_a_person_sends_twice_is_two_rows(log):
    log.deliver(b"yes", sequence=1)
    log.deliver(b"yes", sequence=2)
    log.take()

    assert InboundPdu.objects.count() == 2


def test_two_that_were_not_acknowledged_come_again_as_two(log):
    for session in ("s1", "s2"):
        log.deliver(b"yes", session=session, sequence=1)
        log.deliver(b"yes", session=session, sequence=2)
    log.take()

    rows = InboundPdu.objects.all()
    assert [len(row.copies) for row in rows] == [1, 1]


@pytest.mark.parametrize(("seconds", "rows"), [(5, 2), (20, 3)])
def test_on_a_sibling_of_a_bind_that_went_on_it_is_another_text(log, seconds, rows):
    """A carrier that delivered more on the first bind has had its answers there."""
    log.deliver(b"yes", session="s1")
    log.written[-1]["at"] -= 60
    log.deliver(b"something else", session="s1")
    log.written[-1]["at"] -= 60 - seconds
    log.take()
    log.deliver(b"yes", session="s2")
    log.take()

    assert InboundPdu.objects.count() == rows


def test_after_ten_minutes_it_is_another_text(log):
    log.deliver(b"yes", session="s1")
    log.written[-1]["at"] -= 601
    log.deliver(b"yes", session="s2")
    log.take()

    assert InboundPdu.objects.count() == 2


def test_other_octets_and_other_accounts_are_other_texts(log):
    log.deliver(b"yes", session="s1")
    log.deliver(b"no", session="s2")
    log.account = "account-2"
    log.deliver(b"yes", session="s3")
    log.take()

    assert InboundPdu.objects.count() == 3


def test_where_no_session_is_told_nothing_is_taken_for_a_copy(log):
    log.deliver(b"yes", session="")
    log.deliver(b"yes", session="")
    log.take()

    assert InboundPdu.objects.count() == 2


def test_of_a_credential_that_is_gone_it_is_kept_too(log):
    log.cid = "obgone"
    log.deliver(b"yes")
    log.take()

    assert InboundPdu.objects.get().organization_id is None


def test_old_ones_are_pruned(log):
    log.deliver(b"old")
    log.deliver(b"new")
    log.take()
    old = timezone.now() - timedelta(days=settings.RETENTION_MESSAGES_DAYS + 1)
    InboundPdu.objects.filter(number=1).update(received_at=old)

    assert retention.prune_inbound() == 1
    assert InboundPdu.objects.get().number == 2
