"""Delivery receipts: their form, who gets them, and how long the carrier keeps them."""

from __future__ import annotations

import re

import pytest
from smpplib import consts

from messaging.smpp.protocol import pdu
from orbit.dev.simulator import SimulatorThread, delivery_queue

TEXT = re.compile(
    rb"id:(\S+) sub:001 dlvrd:(00[01]) submit date:(\d{10}) done date:(\d{10}) "
    rb"stat:([A-Z]{7}) err:(\d{3}) text:(.*)"
)


@pytest.fixture
def acme(smsc: SimulatorThread):
    return smsc.add_system("acme", "secret")


def test_a_receipt_has_the_form_of_appendix_b_and_the_two_tlvs(smsc, acme, esme):
    client = esme()
    client.bind()
    answer = client.submit(b"hello there, how are you today?")
    receipt = client.receive()
    message_id, delivered, _, _, state, error, text = TEXT.fullmatch(receipt.short_message).groups()
    assert message_id == answer.message_id == receipt.receipted_message_id
    assert (delivered, state, error) == (b"001", b"DELIVRD", b"000")
    assert text == b"hello there, how are"  # 20 characters
    assert receipt.message_state == consts.SMPP_MESSAGE_STATE_DELIVERED
    assert receipt.esm_class == 0x04


def test_the_addresses_of_a_receipt_change_places_with_their_types(smsc, acme, esme):
    client = esme()
    client.bind()
    client.submit()
    receipt = client.receive()
    assert (receipt.source_addr, receipt.source_addr_ton, receipt.source_addr_npi) == (
        b"33612345678",
        1,
        1,
    )
    assert (receipt.destination_addr, receipt.dest_addr_ton) == (b"ACME", 5)


@pytest.mark.parametrize(
    ("asked", "fault", "comes"),
    [
        (0, "receipt:DELIVRD", False),
        (1, "receipt:DELIVRD", True),
        (1, "receipt:UNDELIV", True),
        (2, "receipt:DELIVRD", False),
        (2, "receipt:UNDELIV", True),
        (3, "receipt:DELIVRD", True),
        (3, "receipt:UNDELIV", False),
        (0x11, "receipt:DELIVRD", True),
    ],
)
def test_a_receipt_comes_only_if_it_was_asked_for(smsc, acme, raw, asked, fault, comes):
    acme.faults = [fault]
    client = raw()
    client.bind()
    client.submit(registered_delivery=asked)
    assert client.read()[0].command == "submit_sm_resp"
    after = client.ask("enquire_link").command
    assert after == ("deliver_sm" if comes else "enquire_link_resp")


@pytest.mark.parametrize(
    ("state", "value"),
    [
        ("UNDELIV", 5),
        ("EXPIRED", 3),
        ("DELETED", 4),
        ("UNKNOWN", 7),
        ("REJECTD", 8),
        ("ACCEPTD", 6),
    ],
)
def test_a_receipt_can_tell_of_any_end(smsc, acme, esme, state, value):
    acme.faults = [f"receipt:{state}"]
    client = esme()
    client.bind()
    client.submit()
    receipt = client.receive()
    match = TEXT.fullmatch(receipt.short_message)
    assert (match[5].decode(), match[2], match[6]) == (state, b"000", b"001")
    assert receipt.message_state == value


def test_the_text_of_a_receipt_is_plain_whatever_the_message_was(smsc, acme, esme):
    client = esme()
    client.bind()
    client.submit("é\nid:1 Привет😀".encode("utf-16-be"), data_coding=8)
    assert TEXT.fullmatch(client.receive().short_message)[7].startswith(b"..id:1 ......")


def test_receipts_of_a_transmitter_go_to_the_receiver_of_the_same_system(smsc, acme, esme):
    smsc.add_system("other", "hidden")
    transmitter, receiver, stranger = esme(), esme(), esme()
    transmitter.bind("transmitter")
    receiver.bind("receiver")
    stranger.bind(system_id="other", password="hidden")
    answer = transmitter.submit()
    assert receiver.receive().receipted_message_id == answer.message_id
    smsc.wait_for(lambda: acme.receipts["acknowledged"] == 1)
    assert stranger.received == []


def test_a_receipt_goes_to_the_bind_that_sent_the_message(smsc, acme, esme):
    clients = [esme() for _ in range(3)]
    for client in clients:
        client.bind()
    for client in clients:
        assert client.submit().message_id == client.receive().receipted_message_id


def test_a_receipt_waits_until_somebody_may_receive(smsc, acme, esme):
    transmitter = esme()
    transmitter.bind("transmitter")
    answer = transmitter.submit()
    smsc.wait_for(lambda: len(acme.waiting) == 1)
    receiver = esme()
    receiver.bind("receiver")
    assert receiver.receive().receipted_message_id == answer.message_id
    smsc.wait_for(lambda: acme.receipts["acknowledged"] == 1)
    assert len(acme.waiting) == 0


def refuse_next_receipt(client, status: int) -> None:
    head, _ = client.read()
    assert head.command == "deliver_sm"
    client.send(pdu.write("deliver_sm_resp", sequence=head.sequence, status=status))


def test_a_receipt_that_is_not_wanted_now_goes_to_another_bind(smsc, acme, raw, esme):
    guest, owner = raw(), esme()
    guest.bind()
    owner.bind("receiver")
    guest.submit(registered_delivery=1)
    assert guest.read()[0].command == "submit_sm_resp"
    refuse_next_receipt(guest, consts.SMPP_ESME_RX_T_APPN)
    assert b"stat:DELIVRD" in owner.receive().short_message
    smsc.wait_for(lambda: acme.receipts["acknowledged"] == 1)
    assert acme.receipts["postponed"] == 1


def test_a_receipt_that_is_not_wanted_now_is_kept_for_the_next_bind(smsc, acme, raw, esme):
    guest = raw()
    guest.bind()
    guest.submit(registered_delivery=1)
    assert guest.read()[0].command == "submit_sm_resp"
    refuse_next_receipt(guest, consts.SMPP_ESME_RX_T_APPN)
    smsc.wait_for(lambda: len(acme.waiting) == 1)
    owner = esme()
    owner.bind("receiver")
    assert b"stat:DELIVRD" in owner.receive().short_message


def test_a_receipt_that_is_not_wanted_now_is_tried_again_later(smsc, acme, raw, monkeypatch):
    monkeypatch.setattr(delivery_queue, "POSTPONED_SECONDS", 0.02)
    client = raw()
    client.bind()
    client.submit(registered_delivery=1)
    assert client.read()[0].command == "submit_sm_resp"
    refuse_next_receipt(client, consts.SMPP_ESME_RX_T_APPN)
    refuse_next_receipt(client, 0)
    smsc.wait_for(lambda: acme.receipts["acknowledged"] == 1)


def test_a_receipt_that_nobody_answers_is_tried_again(smsc, acme, raw, monkeypatch):
    monkeypatch.setattr(delivery_queue, "UNANSWERED_SECONDS", 0.02)
    monkeypatch.setattr(delivery_queue, "POSTPONED_SECONDS", 0.02)
    client = raw()
    client.bind()
    client.submit(registered_delivery=1)
    assert [client.read()[0].command for _ in range(3)] == [
        "submit_sm_resp",
        "deliver_sm",
        "deliver_sm",
    ]


def test_a_receipt_that_is_refused_for_good_is_dropped(smsc, acme, raw):
    client = raw()
    client.bind()
    client.submit(registered_delivery=1)
    assert client.read()[0].command == "submit_sm_resp"
    refuse_next_receipt(client, consts.SMPP_ESME_RX_P_APPN)
    smsc.wait_for(lambda: acme.receipts["rejected"] == 1)
    assert len(acme.waiting) == 0


def test_a_receipt_that_was_sent_but_not_acknowledged_survives_the_connection(
    smsc, acme, raw, esme
):
    client = raw()
    client.bind()
    client.submit(registered_delivery=1)
    assert [client.read()[0].command for _ in range(2)] == ["submit_sm_resp", "deliver_sm"]
    client.link.close()
    smsc.wait_for(lambda: len(acme.waiting) == 1)
    returned = esme()
    returned.bind()
    assert b"stat:DELIVRD" in returned.receive().short_message


def test_receipts_wait_while_the_carrier_is_down(smsc, acme, esme):
    transmitter = esme()
    transmitter.bind("transmitter")
    transmitter.submit()
    smsc.wait_for(lambda: len(acme.waiting) == 1)
    smsc.stop()
    smsc.start()
    client = esme()
    client.bind()
    assert b"stat:DELIVRD" in client.receive().short_message
