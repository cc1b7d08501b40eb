"""An SMPP client at the gateway: every well framed PDU is answered, and the session stays."""

from __future__ import annotations

import random
import struct

import pytest

from messaging.smpp.protocol.pdu import write
from messaging.smpp.protocol.tlv import Tlv
from tests.reconciler.launcher.jasmin_client import JasminClient
from tests.reconciler.launcher.smpp_platform import SmppPlatform

pytestmark = pytest.mark.stack

OK, INVALID_LENGTH, INVALID_COMMAND, NOT_BOUND, INVALID_PASSWORD = 0x00, 0x02, 0x03, 0x04, 0x0E


def test_a_message_goes_out_as_it_came_and_its_receipt_comes_back(
    launched: JasminClient, carrier
) -> None:
    smsc = carrier()
    cid = launched.open(smsc)

    with launched.platform(cid) as platform:
        answer = platform.submit(
            b"hello",
            source_addr="ACME",
            source_addr_ton=5,
            dest_addr_ton=1,
            dest_addr_npi=1,
            tlvs=[Tlv(0x1400, b"1234"), Tlv(0x1401, b"\0\xff")],
        )
        receipt = platform.receipt()

    assert answer.status == OK
    token = answer.text("message_id")
    assert receipt.fields["short_message"].startswith(b"id:%s " % token.encode())
    assert b" stat:DELIVRD " in receipt.fields["short_message"]
    assert receipt.tlv(0x001E) == token.encode() + b"\0"
    assert receipt.tlv(0x0427) == b"\x02"
    assert (receipt.text("source_addr"), receipt.text("destination_addr")) == (
        "33612345678",
        "ACME",
    )
    assert (receipt.number("source_addr_ton"), receipt.number("dest_addr_ton")) == (1, 5)
    sent = smsc.system("acme").submits[0]
    assert (sent.pdu.tlv(0x1400), sent.pdu.tlv(0x1401)) == (b"1234", b"\0\xff")
    assert (sent.fields["source_addr"], sent.fields["source_addr_ton"]) == ("ACME", 5)


def test_a_payload_goes_out_whatever_came_before(launched: JasminClient, carrier) -> None:
    smsc = carrier()
    cid = launched.open(smsc)

    with launched.platform(cid) as platform:
        platform.submit()
        platform.receipt()
        answer = platform.submit(b"", tlvs=[Tlv(0x0424, b"a" * 300)])
        assert answer.status == OK
        launched.wait(lambda: len(smsc.system("acme").submits) == 2)
    assert smsc.system("acme").submits[1].pdu.tlv(0x0424) == b"a" * 300


@pytest.mark.parametrize(
    ("command", "fields", "answer", "status"),
    [
        ("query_sm", {"message_id": "1"}, "query_sm_resp", 0x67),
        ("cancel_sm", {"message_id": "1"}, "cancel_sm_resp", 0x11),
        ("replace_sm", {"message_id": "1"}, "replace_sm_resp", 0x13),
        ("data_sm", {"destination_addr": "1"}, "data_sm_resp", INVALID_COMMAND),
        ("deliver_sm", {}, "deliver_sm_resp", INVALID_COMMAND),
    ],
)
def test_what_is_not_served_is_refused_under_its_own_sequence(
    launched: JasminClient, carrier, command: str, fields: dict, answer: str, status: int
) -> None:
    cid = launched.open(carrier())

    with launched.platform(cid) as platform:
        refused = platform.ask(command, **fields)
        assert (refused.command, refused.status) == (answer, status)
        assert platform.submit().status == OK


@pytest.mark.parametrize(
    ("command_id", "body", "answer", "status"),
    [
        (0x00001234, b"", "generic_nack", INVALID_COMMAND),
        (0x00000004, b"\0\1\1cut short", "submit_sm_resp", INVALID_LENGTH),
        (0x00000004, b"", "submit_sm_resp", INVALID_LENGTH),
        (0x00000009, b"acme\0", "bind_transceiver_resp", INVALID_LENGTH),
    ],
)
def test_what_can_not_be_read_is_refused_under_its_own_sequence(
    launched: JasminClient, carrier, command_id: int, body: bytes, answer: str, status: int
) -> None:
    cid = launched.open(carrier())

    with launched.platform(cid) as platform:
        raw = struct.pack(">LLLL", 16 + len(body), command_id, 0, 0xFFFFFFF0) + body
        refused = platform.ask_raw(raw)
        assert (refused.command, refused.status) == (answer, status)
        assert platform.submit().status == OK
        assert platform.ask("enquire_link").status == OK
        assert platform.ask("unbind").status == OK


def test_a_receiver_can_not_submit_and_stays(launched: JasminClient, carrier) -> None:
    cid = launched.open(carrier())

    with launched.platform(cid, "bind_receiver") as platform:
        assert platform.submit().status == NOT_BOUND
        assert platform.ask("enquire_link").status == OK


def test_a_login_outside_ascii_is_refused(launched: JasminClient) -> None:
    with SmppPlatform(launched.jasmin, b"\xe9", "pw") as platform:
        assert platform.bound.status == INVALID_PASSWORD


def test_a_receipt_waits_for_the_platform_and_outlives_a_kill(
    launched: JasminClient, carrier
) -> None:
    smsc = carrier()
    cid = launched.open(smsc)
    with launched.platform(cid, "bind_transmitter") as platform:
        token = platform.submit().text("message_id")
        launched.wait(lambda: smsc.system("acme").receipts["acknowledged"])

    launched.jasmin.kill()
    launched.jasmin.start()
    launched.wait_until_bound(cid)
    with launched.platform(cid, "bind_receiver") as platform:
        refused = platform.receipt(status=0x64)
        again = platform.receipt()

    assert token.encode() in refused.fields["short_message"]
    assert again.fields == refused.fields


def test_a_platform_gets_a_receipt_for_a_refusal(launched: JasminClient, carrier) -> None:
    cid = launched.open(carrier("refuse:0x0B"))

    with launched.platform(cid) as platform:
        assert platform.submit().status == OK
        receipt = platform.receipt()

    assert b" stat:UNDELIV err:011 " in receipt.fields["short_message"]


def mutated(chance: random.Random, sequence: int) -> bytes:
    """A well framed request with random octets inside."""
    tlvs = [Tlv(chance.randrange(1, 0xFFFF), chance.randbytes(chance.randrange(6)))]
    base = write(
        "submit_sm",
        sequence=sequence,
        source_addr="ACME",
        destination_addr="33612345678",
        short_message=chance.randbytes(chance.randrange(140)),
        registered_delivery=chance.randrange(2),
        tlvs=tlvs,
    )
    body = bytearray(base[16:])
    for _ in range(chance.randrange(8)):
        body[chance.randrange(len(body))] = chance.randrange(256)
    body = body[: chance.randrange(len(body) + 1)] + chance.randbytes(chance.randrange(4))
    known = [0x02, 0x03, 0x04, 0x04, 0x04, 0x05, 0x07, 0x08, 0x09, 0x15, 0x21, 0x103]
    command = chance.choice([*known, chance.randrange(0x200, 0x80000000)])
    return struct.pack(">LLLL", 16 + len(body), command, chance.randrange(3), sequence) + body


def test_whatever_is_well_framed_is_answered_under_its_own_sequence(launched, carrier) -> None:
    cid = launched.open(carrier())
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)

    with launched.platform(cid) as platform:
        for number in range(1_000):
            answer = platform.ask_raw(mutated(chance, 1_000 + number))
            assert answer.command == "generic_nack" or answer.command.endswith("_resp")
        assert platform.submit().status == OK
