"""Parts of texts, as logs bring them: joined whole, once, and never with those of another."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from messaging import gateway
from messaging.credentials.models import Credential
from messaging.inbound import recovery
from messaging.inbound.models import InboundMessage, InboundPdu
from messaging.smpp.protocol.tlv import Tlv
from tests.messaging.inbound.conftest import (
    OTHER_PHONE,
    PHONE,
    SHORT_CODE,
    UDHI,
    bodies,
    part,
    part16,
    told,
)

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite, pytest.mark.usefixtures("still")]


@pytest.fixture
def came(log):
    """A part comes; `alone`: as a page of its own."""

    def deliver(octets: bytes, *, alone: bool = True, **fields) -> None:
        log.deliver(
            octets, **{"source": PHONE, "destination": SHORT_CODE, "esm_class": UDHI} | fields
        )
        if alone:
            log.take()

    return deliver


def sweep(later: float = 0) -> None:
    with time_machine.travel(timezone.now() + timedelta(seconds=later), tick=False):
        recovery.sweep()


@pytest.mark.parametrize("alone", [True, False])
def test_three_parts_in_any_order_with_one_twice_are_one_text(came, log, webhook, alone):
    for n in (3, 1, 2, 2):
        came(part(b"abc"[n - 1 : n], n, 3), alone=alone, session=f"s{n}")
    log.take()
    sweep(later=901)

    assert bodies() == ["abc"]
    (event,) = told()
    assert (event["body"], event["segments"], event["complete"]) == ("abc", 3, True)
    message = InboundMessage.objects.get()
    assert [row.part for row in InboundPdu.objects.filter(message=message).order_by("part")] == [
        1, 2, 3,
    ]  # fmt: skip
    assert InboundPdu.objects.filter(due_at__isnull=False).count() == 0


def test_what_is_repeated_is_kept_as_a_copy(came):
    for n in (1, 2, 2):
        came(part(b"ab"[n - 1 : n], n, 2))
    sweep(later=901)

    rows = InboundPdu.objects.order_by("part")
    assert [len(row.copies) for row in rows] == [0, 1]


def test_a_character_that_is_split_over_parts_is_whole(came):
    octets = "Hi 😀!".encode("utf-16-be")
    came(part16(octets[:8], 1, 2), data_coding=8)
    came(part16(octets[8:], 2, 2), data_coding=8)
    came(part(b"5\x1b", 1, 2), source=OTHER_PHONE)
    came(part(b"\x65.", 2, 2), source=OTHER_PHONE)

    assert bodies() == ["Hi 😀!", "5€."]
    assert [each.charset for each in InboundMessage.objects.order_by("pk")] == ["ucs2", "gsm7"]


def sar(reference: int, number: int, of: int) -> tuple[Tlv, ...]:
    return (
        Tlv(0x020C, reference.to_bytes(2)),
        Tlv(0x020E, bytes([of])),
        Tlv(0x020F, bytes([number])),
    )


def test_parts_by_tlvs_and_in_message_payload(came):
    came(b"b", esm_class=0, tlvs=sar(7, 2, 2))
    came(b"", esm_class=0, tlvs=(*sar(7, 1, 2), Tlv(0x0424, b"a")))
    came(b"", tlvs=(Tlv(0x0424, part(b"x" * 300, 1, 2)),))
    came(part(b"y", 2, 2))

    assert bodies() == ["ab", "x" * 300 + "y"]


def test_two_phones_with_one_reference_are_two_texts(came):
    for source, text in ((PHONE, b"A1"), (OTHER_PHONE, b"B1")):
        came(part(text, 1, 2), source=source)
    for source, text in ((OTHER_PHONE, b"B2"), (PHONE, b"A2")):
        came(part(text, 2, 2), source=source)

    assert sorted(bodies()) == ["A1A2", "B1B2"]


@pytest.mark.parametrize(
    "other",
    [
        {"destination": "38081"},
        {"octets": part(b"b", 2, 2, reference=0x5B)},
        {"octets": part(b"b", 2, 3)},
        {"octets": part16(b"b", 2, 2, reference=0x5A)},
        {"octets": b"b", "esm_class": 0, "tlvs": sar(0x5A, 2, 2)},
    ],
)
def test_another_receiver_reference_count_or_kind_is_another_text(came, other):
    came(part(b"a", 1, 2))
    came(**{"octets": part(b"b", 2, 2)} | other)

    assert bodies() == []


def test_parts_come_by_siblings_of_one_account(came, log):
    came(part(b"a", 1, 2), session="s1")
    sibling = Credential.objects.get()
    sibling.pk, sibling.gateway_key, sibling.bind_type = "cred_" + "1" * 32, "obsibling", "receiver"
    sibling.save(force_insert=True)
    log.cid = "obsibling"
    came(part(b"b", 2, 2), session="s2")

    assert bodies() == ["ab"]


def test_parts_of_two_accounts_are_two_texts(came, log):
    came(part(b"a", 1, 2))
    log.account = "account-2"
    came(part(b"b", 2, 2))

    assert bodies() == []


@pytest.mark.parametrize(
    ("number", "of"), [(0, 2), (3, 2), (1, 0), (1, 1)], ids=lambda each: str(each)
)
def test_an_impossible_place_is_no_part(came, number, of):
    came(part(b"a", number, of))

    assert bodies() == ["a"]


class TestIncomplete:
    def test_it_is_told_in_time_with_its_gaps(self, came, webhook):
        came(part(b"one ", 1, 4))
        came(part(b" three ", 3, 4))

        sweep(later=899)
        assert bodies() == []
        sweep(later=901)

        assert bodies() == ["one … three …"]
        (event,) = told()
        assert (event["complete"], event["segments"]) == (False, 4)
        sweep(later=2000)
        assert len(told()) == 1

    def test_the_time_is_the_credentials(self, came):
        Credential.objects.update(inbound_parts_timeout=60)
        came(part(b"b", 2, 2))

        sweep(later=61)

        assert bodies() == ["…b"]

    def test_it_waits_for_records_that_are_not_read_yet(self, came, fake, monkeypatch):
        monkeypatch.setattr(gateway, "_implementation", fake)
        fake.until = timezone.now()
        came(part(b"a", 1, 2))
        sweep(later=5000)
        assert bodies() == []

        came(part(b"b", 2, 2))

        assert bodies() == ["ab"]

    def test_what_comes_later_is_a_text_of_its_own(self, came):
        came(part(b"a", 1, 2))
        sweep(later=901)
        came(part(b"b", 2, 2))
        sweep(later=2000)

        assert bodies() == ["a…", "…b"]


def test_a_reference_that_is_used_again_before_the_text_is_whole(came):
    came(part(b"A1", 1, 2))
    came(part(b"B1", 1, 2))
    came(part(b"B2", 2, 2))
    assert bodies() == []

    sweep(later=29)
    assert bodies() == []
    sweep(later=31)
    assert bodies() == ["B1B2"]
    sweep(later=901)
    assert bodies() == ["B1B2", "A1…"]


def test_texts_that_came_mixed_are_told_part_by_part(came):
    for text, n in ((b"A1", 1), (b"B1", 1), (b"X2", 2), (b"Y2", 2)):
        came(part(text, n, 2))
    sweep(later=31)

    assert sorted(bodies()) == ["A1…", "B1…", "…X2", "…Y2"]


def test_one_reference_for_each_text_is_no_hindrance(came):
    for text in (b"A", b"B", b"C"):
        came(part(text + b"1", 1, 2))
        came(part(text + b"2", 2, 2))

    assert bodies() == ["A1A2", "B1B2", "C1C2"]


def test_a_flood_of_parts_with_one_key_is_bounded(came, log, monkeypatch):
    monkeypatch.setattr("messaging.inbound.parts.MOST_OPEN", 2)
    for n in range(5):
        came(part(b"%d" % n, 1, 2))

    assert bodies() == ["3…", "4…"]


def test_a_record_that_is_read_again_is_no_second_text(came, log, webhook):
    came(b"hello", esm_class=0)
    came(part(b"a", 1, 2))
    came(part(b"b", 2, 2))
    log._taken = 0
    log.take()

    assert bodies() == ["hello", "ab"]
    assert len(told()) == 2
