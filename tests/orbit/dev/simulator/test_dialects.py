"""Faults that are dialects of real carriers: what is on the wire, and how our reader takes it."""

from __future__ import annotations

import pytest
from smpplib import consts

from messaging.smpp.protocol.pdu import Pdu, write
from messaging.smpp.protocol.receipt import State, is_marked, read_receipt
from messaging.smpp.protocol.tlv import Tlv
from orbit.dev.simulator import SimulatorThread
from tests.messaging.smpp.probing import SECRET, Report, message, send, target

FIRST = b"\x05\x00\x03\x2a\x02\x01"
SECOND = b"\x05\x00\x03\x2a\x02\x02"


@pytest.fixture
def acme(smsc: SimulatorThread):
    return smsc.add_system("acme", "secret")


def submitted(client, count: int = 1, **fields) -> tuple[Pdu, list[Pdu]]:
    """The answer to a submit that asks for a receipt, and so many PDUs that come after it."""
    wanted = {"source_addr": "ACME", "registered_delivery": 1, "short_message": b"hi"} | fields
    client.submit(**wanted)
    answer = client.read()[1]
    return answer, [client.read()[1] for _ in range(count)]


def receipts(acme, raw, *faults: str, count: int = 1, **fields) -> list[Pdu]:
    acme.faults = faults
    client = raw()
    client.bind()
    return submitted(client, count, **fields)[1]


@pytest.mark.parametrize(
    ("fault", "command", "text"),
    [
        ("tlv-receipt", "deliver_sm", b""),
        ("payload-receipt", "deliver_sm", b""),
        ("data-sm-receipt", "data_sm", b""),
        ("utf16-receipt", "deliver_sm", "stat:DELIVRD".encode("utf-16-be")),
        ("wrong-coding", "deliver_sm", b"stat:DELIVRD"),
        ("unmarked-receipt", "deliver_sm", b"stat:DELIVRD"),
        ("receipt-word:Delivrd", "deliver_sm", b"stat:Delivrd"),
        ("receipt-error:0x45", "deliver_sm", b"err:0x45"),
        ("blanks", "deliver_sm", b"stat: DELIVRD"),
        ("odd-tlvs", "deliver_sm", b"stat:DELIVRD"),
        ("trailing-nuls:3", "deliver_sm", b"stat:DELIVRD"),
    ],
)
def test_a_receipt_in_another_dress_says_the_same(acme, raw, fault, command, text):
    (pdu,) = receipts(acme, raw, fault)
    assert pdu.command == command
    assert text in pdu.fields.get("short_message", b"")
    assert bool(text) == bool(pdu.fields.get("short_message"))
    receipt = read_receipt(pdu)
    assert receipt.state is State.DELIVERED
    assert receipt.ids == (acme.submits[0].message_id,)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("FAILED", State.UNDELIVERED),
        ("Rejected", State.UNDELIVERED),
        ("DELIVERED", State.DELIVERED),
        ("BUFFRED", State.INTERIM),
        ("ACKED", State.INTERIM),
    ],
)
def test_a_receipt_can_have_any_word(acme, raw, word, state):
    receipt = read_receipt(receipts(acme, raw, f"receipt-word:{word}")[0])
    assert (receipt.word, receipt.state) == (word, state)


def test_an_interim_receipt_can_come_first(acme, raw):
    found = receipts(acme, raw, "interim:ENROUTE", "tlv-receipt", count=2)
    assert [read_receipt(each).state for each in found] == [State.INTERIM, State.DELIVERED]


def test_a_receipt_can_have_the_networks_error_alone(acme, raw):
    (pdu,) = receipts(acme, raw, "receipt:UNDELIV", "network-error:030802")
    assert b"err:" not in pdu.fields["short_message"]
    assert read_receipt(pdu).error == "030802"


def test_a_receipt_can_have_a_form_that_nobody_knows(acme, raw):
    (pdu,) = receipts(acme, raw, "unknown-form")
    assert is_marked(pdu)
    assert read_receipt(pdu) is None
    assert acme.submits[0].message_id.encode() in pdu.fields["short_message"]


def test_octets_stand_behind_the_last_field(acme, raw):
    acme.faults = ["trailing-nuls:2", "payload-receipt"]
    client = raw()
    client.bind()
    answer, (receipt,) = submitted(client)
    assert answer.padding == receipt.padding == b"\0\0"


def test_odd_tlvs_come_with_the_receipt(acme, raw):
    (pdu,) = receipts(acme, raw, "odd-tlvs")
    assert [each.tag for each in pdu.tlvs].count(0x1400) == 2
    assert Tlv(0x020C, b"\0\0\0\1") in pdu.tlvs


@pytest.mark.parametrize(
    ("fault", "same"),
    [("padded-ids", lambda id: id.lstrip("0")), ("upper-ids", str.lower)],
)
def test_ids_are_written_in_another_way(acme, raw, fault, same):
    acme.faults = [fault]
    client = raw()
    client.bind()
    answer, (pdu,) = submitted(client)
    told = read_receipt(pdu).ids[0]
    assert same(told) == answer.text("message_id")
    assert told != answer.text("message_id") or fault == "upper-ids"


def test_an_answer_can_have_no_id(acme, raw):
    acme.faults = ["no-id"]
    client = raw()
    client.bind()
    answer, (pdu,) = submitted(client)
    assert (answer.status, answer.text("message_id")) == (0, "")
    assert read_receipt(pdu).state is State.DELIVERED
    assert acme.submits[0].accepted


def test_submits_can_be_nacked(acme, raw):
    acme.faults = ["nack:first=1"]
    client = raw()
    client.bind()
    client.submit()
    head, _ = client.read()
    assert (head.command, head.status) == ("generic_nack", consts.SMPP_ESME_RINVMSGLEN)
    assert submitted(client)[0].command == "submit_sm_resp"


def test_a_tlv_can_be_asked_for(acme, raw):
    acme.faults = ["needs-tlv:0x1400"]
    client = raw()
    client.bind()
    assert submitted(client, 0)[0].status == consts.SMPP_ESME_RMISSINGOPTPARAM
    assert submitted(client, 0, tlvs=[Tlv(0x1400, b"1\0")])[0].status == 0


def test_a_bind_can_be_answered_as_by_smpp_5(acme, raw):
    acme.faults = ["smpp-5"]
    client = raw()
    client.send(write("bind_transceiver", sequence=1, system_id="acme", password="secret"))
    _, answer = client.read()
    assert answer.tlvs[0] == Tlv(0x0210, b"\x50")
    assert len(answer.tlvs) == 2


def test_a_bind_can_be_answered_without_a_body(acme, raw):
    acme.faults = ["bare-bind-answer"]
    head = raw().bind()
    assert (head.status, head.length) == (0, 16)


@pytest.mark.parametrize("end", ["cut", "unbind"])
def test_a_seat_can_stay_taken(smsc, acme, raw, end):
    acme.faults = ["already-bound", f"{end}-keeps-seat:0.3"]
    client = raw()
    client.bind()
    if end == "cut":
        client.link.close()
        smsc.wait_for(lambda: acme.live_binds == 0)
    else:
        client.ask("unbind")
    assert raw().bind().status == consts.SMPP_ESME_RALYBND
    smsc.wait_for(lambda: raw().bind().status == 0)


def test_of_a_long_text_the_first_part_alone_can_be_reported(acme, raw):
    acme.faults = ["first-part-only"]
    client = raw()
    client.bind()
    submitted(client, 1, short_message=FIRST + b"a", esm_class=0x40)
    submitted(client, 0, short_message=SECOND + b"b", esm_class=0x40)
    assert client.ask("enquire_link").command == "enquire_link_resp"


def test_of_a_long_text_the_first_part_can_be_lost(acme, raw):
    acme.faults = ["bad-first-part"]
    client = raw()
    client.bind()
    found = [
        submitted(client, 1, short_message=part + b"a", esm_class=0x40)[1][0]
        for part in (FIRST, SECOND)
    ]
    said = [(read_receipt(each).state, read_receipt(each).error) for each in found]
    assert said == [(State.UNDELIVERED, "021"), (State.DELIVERED, "000")]


def test_a_stranger_can_forge_a_receipt(acme, raw):
    forged, true = receipts(acme, raw, "forged-receipt", count=2)
    assert not is_marked(forged)
    assert forged.text("source_addr") != true.text("source_addr")
    assert read_receipt(forged).ids == read_receipt(true).ids


def test_a_text_can_come_back_from_its_number(acme, raw):
    reply, receipt = receipts(acme, raw, "reply", count=2, short_message=b"ping")
    assert (reply.text("source_addr"), reply.fields["short_message"]) == ("33612345678", b"ping")
    assert reply.text("destination_addr") == "ACME"
    assert read_receipt(reply) is None
    assert read_receipt(receipt).state is State.DELIVERED
    assert acme.texts["sent"] == 1


def test_an_inbound_text_waits_for_a_bind_that_may_receive(smsc, acme, esme):
    smsc.deliver("acme", source_addr="33700000001", destination_addr="38600", short_message=b"STOP")
    assert len(acme.waiting) == 1
    client = esme()
    client.bind("receiver")
    text = client.receive()
    assert (text.source_addr, text.short_message) == (b"33700000001", b"STOP")
    smsc.wait_for(lambda: acme.texts["acknowledged"] == 1)


DELIVERED = (
    "tlv-receipt", "payload-receipt", "data-sm-receipt", "utf16-receipt", "wrong-coding",
    "unmarked-receipt", "blanks", "odd-tlvs", "trailing-nuls", "padded-ids", "upper-ids",
    "smpp-5", "bare-bind-answer", "forged-receipt", "reply", "receipt-word:DELIVERED",
    "interim:BUFFRED",
)  # fmt: skip


@pytest.mark.parametrize("fault", DELIVERED)
def test_a_test_send_is_delivered_all_the_same(smsc, system, fault):
    system.faults = [fault]
    report = Report()
    assert send(target(smsc.port), report, sent=message()).state == "delivered"
    assert SECRET not in str(report.pdus)
