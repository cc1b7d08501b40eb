"""PDUs to bytes and back."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.smpp import pdu

BIND = pdu.build(
    "bind_transceiver", sequence=7, system_id="acme", password="s3cr3tpw", system_type="SMPP"
)


def test_a_pdu_is_read_back_as_it_was_built():
    raw = pdu.build(
        "submit_sm",
        sequence=9,
        source_addr_ton=5,
        source_addr="ACME",
        destination_addr="33612345678",
        short_message=b"\x00\xff",
        data_coding=8,
    )
    head, parsed = pdu.header(raw), pdu.parse(raw)
    assert (head.length, head.command, head.status, head.sequence) == (len(raw), "submit_sm", 0, 9)
    assert pdu.fields(parsed)["short_message"] == "00ff"
    assert pdu.fields(parsed)["source_addr"] == "ACME"


def test_a_response_keeps_its_status():
    raw = pdu.build("bind_transceiver_resp", sequence=3, status=13)
    assert pdu.header(raw) == pdu.Header(len(raw), 0x80000009, 13, 3)
    assert pdu.header(raw).is_response


def test_the_password_is_blanked_in_fields_and_in_hex():
    line = pdu.trace(BIND, "out")
    assert line["fields"]["password"] == "********"
    assert line["fields"]["system_id"] == "acme"
    assert b"s3cr3tpw".hex() not in line["hex"]
    assert b"acme".hex() in line["hex"]
    assert b"SMPP".hex() in line["hex"]
    assert "s3cr3tpw" not in str(line)


@pytest.mark.parametrize("cut", range(1, len(BIND) - 16))
def test_a_broken_bind_does_not_show_its_password_either(cut):
    raw = struct.pack(">L", len(BIND) - cut) + BIND[4:-cut]
    assert b"s3cr".hex() not in pdu.trace(raw, "in")["hex"]


def test_bytes_in_pieces_come_out_as_whole_pdus():
    framer, found = pdu.Framer(), []
    for byte in BIND + BIND:
        framer.feed(bytes([byte]))
        while (raw := framer.next()) is not None:
            found.append(raw)
    assert found == [BIND, BIND]


@pytest.mark.parametrize("length", [0, 15, pdu.MAX_LENGTH + 1, 0xFFFFFFFF])
def test_a_length_that_cannot_be_is_refused(length):
    framer = pdu.Framer()
    framer.feed(struct.pack(">LLLL", length, 0x15, 0, 1))
    with pytest.raises(pdu.PduError, match=str(length)):
        framer.next()


def test_a_vendor_tlv_is_skipped():
    raw = pdu.build("submit_sm", sequence=1, destination_addr="33612345678", short_message=b"x")
    raw = struct.pack(">L", len(raw) + 6) + raw[4:] + struct.pack(">HHH", 0x1501, 2, 7)
    assert pdu.parse(raw).destination_addr == b"33612345678"


_COMMANDS = sorted(pdu._NAMES) + [0x123]


@given(
    command=st.sampled_from(_COMMANDS),
    status=st.integers(0, 0xFFFFFFFF),
    body=st.binary(max_size=200),
)
def test_any_body_is_read_or_refused_and_nothing_else(command, status, body):
    raw = struct.pack(">LLLL", 16 + len(body), command, status, 1) + body
    line = pdu.trace(raw, "in")
    assert line["fields"] or "error" in line or line["fields"] == {}
    try:
        pdu.fields(pdu.parse(raw))
    except pdu.PduError as error:
        assert str(error) == line["error"]
