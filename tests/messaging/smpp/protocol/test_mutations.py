"""Whatever a carrier sends: PDUs that are cut, mixed up or made of noise, to codec and session.

No exception leaves the session, and what is well framed and asks for an answer gets one, once,
under its own sequence. A run is repeated by its seed: `ORBIT_TEST_SEED=… pytest …`.
"""

from __future__ import annotations

import os
import random
import struct
from collections import Counter

import pytest

from messaging.smpp.protocol import pdu, tlv
from messaging.smpp.protocol.client_session import Broken, Delivery, Session
from messaging.smpp.protocol.command_ids import GENERIC_NACK, IDS, NAMES, RESPONSE, WITHOUT_ANSWER
from messaging.smpp.protocol.framing import HEADER
from messaging.smpp.protocol.layouts import LAYOUTS
from messaging.smpp.protocol.receipt import is_marked, read_receipt, receipt_text
from messaging.smpp.protocol.user_data import read_user_data

RECEIPT = b"id:A1B2C3 sub:001 dlvrd:001 submit date:2601010101 stat:DELIVRD err:000 text:hi"
WORTH_TRYING = (b"\0", b"\xff", b"\0\0\0\0", b"\x00\x1e", b"\x04\x24\xff\xff", b"id:", b"stat:")
SHORT, LONG = 5_000, 200_000


def whole(generator: random.Random) -> bytes:
    """A good PDU of any command, sometimes with TLVs."""
    command = generator.choice(sorted(LAYOUTS))
    fields: dict[str, int | bytes] = {}
    for name, kind, limit in LAYOUTS[command]:
        if kind.name == "INT":
            fields[name] = generator.choice((0, 1, 4, 8, 0x40, 255))
        elif kind.name == "TEXT":
            fields[name] = generator.randbytes(generator.randrange(limit)).replace(b"\0", b"1")
        elif kind.name == "OCTETS":
            fields[name] = generator.choice((RECEIPT, generator.randbytes(140), b""))
    tlvs = [
        tlv.Tlv(
            generator.choice([*tlv.TAGS.values(), 0x1400, 0xFFFF]),
            generator.choice((b"", b"\x02", b"A1B2C3\0", RECEIPT)),
        )
        for _ in range(generator.choice((0, 0, 1, 3)))
    ]
    return pdu.write(command, sequence=generator.randrange(1, 1 << 32), tlvs=tlvs, **fields)


def mutated(generator: random.Random) -> bytes:
    """A PDU with anything wrong but its length."""
    raw = bytearray(whole(generator))
    for _ in range(generator.randrange(4)):
        at = generator.randrange(4, len(raw) + 1)
        how = generator.randrange(6)
        if how == 0:
            del raw[max(at, 16) :]
        elif how == 1:
            raw[at:at] = generator.choice(WORTH_TRYING) if at >= 16 else b""
        elif how == 2 and at < len(raw):
            raw[at] = generator.randrange(256)
        elif how == 3:
            raw += generator.randbytes(generator.randrange(1, 9))
        elif how == 4 and at >= 16:
            del raw[at : at + generator.randrange(1, 5)]
        elif how == 5:
            raw[4:8] = struct.pack(">L", generator.choice((*NAMES, 0x123, 0x80000123, 0)))
    raw[:4] = struct.pack(">L", len(raw))
    return bytes(raw)


def try_codec(raw: bytes) -> None:
    line = pdu.trace(raw, "in")
    try:
        read = pdu.read(raw)
    except pdu.PduError as error:
        assert line["error"] == str(error)
        assert not pdu.header(raw).is_response
        return
    receipt = read_receipt(read)
    assert receipt is None or receipt.marked is is_marked(read)
    receipt_text(read)
    read_user_data(
        read.payload,
        esm_class=read.number("esm_class"),
        data_coding=read.number("data_coding"),
    )


def expected(raw: bytes) -> tuple[int, int] | None:
    """(command_id, sequence) of the answer to a request, None if it has none."""
    head = pdu.header(raw)
    if head.is_response or head.command in WITHOUT_ANSWER:
        return None
    answered = {"deliver_sm", "data_sm", "enquire_link", "unbind"}
    command_id = RESPONSE | head.command_id if head.command in answered else GENERIC_NACK
    return command_id, head.sequence


def answers(data: bytes) -> Counter[tuple[int, int]]:
    framer = pdu.Framer()
    framer.feed(data)
    found: Counter[tuple[int, int]] = Counter()
    while (raw := framer.next()) is not None:
        head = pdu.header(raw)
        found[head.command_id, head.sequence] += 1
    assert not framer.has_partial_pdu
    return found


def connection(generator: random.Random, length: int) -> int:
    """One session that hears `length` PDUs, in pieces; how many of them were read."""
    session = Session()
    for _ in range(generator.randrange(5)):
        session.ask("submit_sm", short_message=b"x")
    session.bytes_to_send()
    sent = []
    for _ in range(length):
        raw = mutated(generator)
        try_codec(raw)
        sent.append(raw)
        if pdu.header(raw).command == "unbind":
            break
    stream = b"".join(sent)
    events = []
    while stream:
        size = generator.randrange(1, 400)
        events += session.feed(stream[:size])
        stream = stream[size:]
    for event in events:
        assert not isinstance(event, Broken)
        if isinstance(event, Delivery):
            session.answer(event, generator.choice((0, 0x64)))
    assert answers(session.bytes_to_send()) == Counter(filter(None, map(expected, sent)))
    assert session.is_over is (pdu.header(sent[-1]).command == "unbind")
    return len(sent)


def run(count: int) -> None:
    seed = int(os.environ.get("ORBIT_TEST_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"ORBIT_TEST_SEED={seed}")
    generator = random.Random(seed)
    while count > 0:
        count -= connection(generator, 50)


def test_thousands_of_mutations_leave_no_request_without_its_answer() -> None:
    run(SHORT)


@pytest.mark.kills
def test_two_hundred_thousand_mutations_leave_no_request_without_its_answer() -> None:
    run(LONG)


def test_noise_ends_the_session_only_by_an_impossible_length() -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    generator = random.Random(seed)
    for _ in range(500):
        session = Session()
        first = generator.randbytes(generator.randrange(4, 60))
        events = session.feed(first)
        length = int.from_bytes(first[:4])
        possible = pdu.HEADER_LENGTH <= length <= pdu.MAX_LENGTH
        assert session.is_over is not possible
        assert [type(event) for event in events] == ([] if possible else [Broken])
        assert session.feed(b"\0" * 100) == []


def test_every_command_that_has_a_number_has_a_layout_or_is_not_for_us() -> None:
    assert {name for name in IDS if name not in LAYOUTS} == {
        f"{name}{answer}"
        for name in ("broadcast_sm", "query_broadcast_sm", "cancel_broadcast_sm")
        for answer in ("", "_resp")
    }
    assert HEADER.size == pdu.HEADER_LENGTH
