"""Receipts find the part that they are about, however the carrier writes them."""

from __future__ import annotations

import pytest

from messaging.credentials.models import Credential
from messaging.inbound.models import InboundPdu
from messaging.messages import event_history
from messaging.receipts.models import Part, StrayReceipt
from messaging.smpp.protocol.tlv import Tlv
from tests.messaging.messages.dispatch.conftest import AMERICA, FRANCE, read
from tests.messaging.receipts.conftest import Log

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def test_answer_and_receipt_move_the_message(log, send):
    message = send()
    log.answer(message)
    log.take()
    row = read(message)
    assert (row.status, row.carrier_message_id) == ("sent", "A1B2C3")

    log.receipt()
    log.take()

    row = read(message)
    assert (row.status, row.error_code) == ("delivered", "")
    assert [each["status"] for each in row.events] == ["queued", "sending", "sent", "delivered"]
    assert row.events[-1]["detail"] == "DELIVRD (err 000)"


@pytest.mark.parametrize("together", [True, False])
def test_a_receipt_may_come_before_its_answer(log, send, together):
    message = send()
    log.receipt()
    if not together:
        log.take()
        assert read(message).status == "sending"
        assert StrayReceipt.objects.count() == 1
    log.answer(message)
    log.take()

    assert read(message).status == "delivered"
    assert StrayReceipt.objects.count() == 0


def test_a_receipt_may_come_by_another_bind_of_the_account(organization, log, send):
    message = send()
    log.answer(message)
    log.take()
    sibling = Credential.objects.get()
    sibling.pk, sibling.gateway_key, sibling.bind_type = "cred_" + "1" * 32, "obsibling", "receiver"
    sibling.save(force_insert=True)

    log.cid = "obsibling"
    log.receipt()
    log.take()

    assert read(message).status == "delivered"


def test_another_accounts_receipt_with_the_same_id_is_another_message(log, send):
    message = send()
    log.answer(message)
    log.account = "account-2"
    log.receipt()
    log.take()

    assert read(message).status == "sent"
    (stray,) = StrayReceipt.objects.all()
    assert message.pk in stray.near
    assert "another account" in stray.near


@pytest.mark.parametrize(
    ("answered", "receipted", "format"),
    [
        ("42", "0000000042", "same"),
        ("ab12cd", "AB12CD", "same"),
        ("1A", "26", "receipt_decimal"),
        ("26", "1a", "receipt_hex"),
    ],
)
def test_one_id_in_two_spellings(log, send, answered, receipted, format):
    Credential.objects.update(message_id_format=format)
    message = send()
    log.answer(message, id=answered)
    log.receipt(id=receipted)
    log.take()

    assert read(message).status == "delivered"


def test_a_setting_that_is_wrong_is_named(log, send):
    message = send()
    log.answer(message, id="1A")
    log.receipt(id="26")
    log.take()

    assert read(message).status == "sent"
    (stray,) = StrayReceipt.objects.all()
    assert (stray.kind, stray.ids) == ("unmatched", ["26"])
    assert "The ids of its receipts are decimal: set `message_id_format` to" in stray.near
    assert message.pk in stray.near


def test_a_receipt_of_another_number_with_this_id_settles_nothing(log, send):
    """Carriers use their ids again."""
    message = send()
    log.answer(message)
    log.receipt(source="33600000000")
    log.take()

    assert read(message).status == "sent"
    assert FRANCE in StrayReceipt.objects.get().near


def test_of_two_messages_with_one_id_the_number_tells(log, send):
    french, american = send(), send(to=AMERICA)
    log.answer(french)
    log.answer(american)
    log.receipt()
    log.take()

    assert (read(french).status, read(american).status) == ("delivered", "sent")


@pytest.mark.parametrize("source", ["33639980001", "+33639980001", "0639980001", ""])
def test_numbers_are_compared_by_their_ends(log, send, source):
    message = send()
    log.answer(message)
    log.receipt(source=source, destination="" if not source else "ACME")
    log.take()

    assert read(message).status == "delivered"


def test_doubled_late_and_contrary_receipts_change_nothing(log, send):
    message = send()
    log.answer(message)
    for stat in ("ENROUTE", "DELIVRD", "DELIVRD", "UNDELIV", "ACCEPTD"):
        log.receipt(stat)
        log.take()

    row = read(message)
    assert (row.status, row.error_code) == ("delivered", "")
    assert [each["status"] for each in row.events] == ["queued", "sending", "sent", "delivered"]
    assert StrayReceipt.objects.count() == 0


@pytest.mark.parametrize(
    ("stat", "status", "code"),
    [
        ("FAILED", "undelivered", "FAILED"),
        ("Delivrd", "delivered", ""),
        ("DELIVERED", "delivered", ""),
        ("REJECTED", "undelivered", "REJECTD"),
        ("EXPIRED", "expired", "EXPIRED"),
        ("ACKED", "sent", ""),
        ("BUFFRED", "sent", ""),
        ("UNKNOWN", "sent", ""),
    ],
)
def test_each_word_of_a_carrier(log, send, stat, status, code):
    message = send()
    log.answer(message)
    log.receipt(stat, err="0047")
    log.take()

    row = read(message)
    assert (row.status, row.error_code) == (status, code)
    if code:
        assert "0047" in row.error_message
    if not row.finished_at:
        log.receipt()
        log.take()
        assert read(message).status == "delivered"


def test_what_the_carrier_does_not_know_is_an_event(log, send):
    message = send()
    log.answer(message)
    log.receipt("UNKNOWN", err="099")
    log.receipt("UNKNOWN", err="099")
    log.take()

    details = [each["detail"] for each in read(message).events]
    assert details.count("UNKNOWN (err 099)") == 1


@pytest.mark.parametrize("err", ["0047", "1024", "0x45", "-1"])
def test_the_carriers_code_is_shown_as_it_wrote_it(log, send, err):
    message = send()
    log.answer(message)
    log.receipt("UNDELIV", err=err)
    log.take()

    row = read(message)
    assert row.events[-1]["detail"] == f"UNDELIV (err {err})"
    assert f"(err {err})" in row.error_message


def test_enroute_in_tlvs_alone_ends_nothing(log, send):
    message = send()
    log.answer(message)
    log.deliver(b"", esm_class=4, tlvs=(Tlv(0x1E, b"A1B2C3\0"), Tlv(0x0427, b"\1")))
    log.take()
    assert read(message).status == "sent"

    log.receipt()
    log.take()
    assert read(message).status == "delivered"


def test_a_receipt_of_unknown_form_is_kept_with_its_text(log, send):
    message = send()
    log.answer(message)
    text = b"00,2601010102,2601010100,,33612345678,ACME,A1B2C3"
    log.deliver(text, esm_class=4)
    log.take()

    assert read(message).status == "sent"
    (stray,) = StrayReceipt.objects.all()
    assert (stray.kind, stray.text) == ("unknown_form", text.decode())


def test_receipts_of_access_traffic_are_the_platforms(log, send):
    log.receipt()
    log.written[-1]["access"] = True
    log.take()

    assert StrayReceipt.objects.count() == InboundPdu.objects.count() == 0


def test_a_pdu_that_is_cut_short_is_kept(log: Log, carrier):
    log.write("deliver", cid=log.cid, account="a", session="", raw="0000001000000005000000000000")
    log.written[-1]["raw"] = "00000012" + "00000005" + "00000000" + "00000001" + "0001"
    log.take()

    (stray,) = StrayReceipt.objects.all()
    assert "can't be read" in stray.near


def test_a_carrier_that_never_knows_does_not_fill_the_events(log, send):
    message = send()
    log.answer(message)
    for number in range(2 * event_history.MOST):
        log.receipt("UNKNOWN", err=f"{number:03}")
    log.take()

    assert len(read(message).events) <= event_history.MOST


def test_parts_are_one_row_each(log, send):
    message = send()
    log.answer(message)
    log.answer(message)
    log.take()

    (part,) = Part.objects.all()
    assert (part.owner, part.carrier_id, part.status) == (message.pk, "A1B2C3", 0)
