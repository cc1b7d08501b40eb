"""PDUs to bytes and back."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.smpp.protocol import pdu
from messaging.smpp.protocol.command_ids import NAMES
from messaging.smpp.protocol.layouts import LAYOUTS, Kind
from messaging.smpp.protocol.tlv import MESSAGE_PAYLOAD, Tlv

BIND = pdu.write(
    "bind_transceiver", sequence=7, system_id="acme", password="s3cr3tpw", system_type="SMPP"
)
DELIVERY = pdu.write("deliver_sm", sequence=5, source_addr="33612345678", short_message=b"hi")


def longer(raw: bytes, more: bytes) -> bytes:
    """`raw` with octets behind it that command_length counts."""
    return struct.pack(">L", len(raw) + len(more)) + raw[4:] + more


def shorter(raw: bytes, octets: int) -> bytes:
    return struct.pack(">L", len(raw) - octets) + raw[4:-octets]


def test_a_pdu_is_read_back_as_it_was_written() -> None:
    raw = pdu.write(
        "submit_sm",
        sequence=9,
        source_addr_ton=5,
        source_addr="ACME",
        destination_addr=b"33612345678",
        short_message=b"\x00\xff",
        data_coding=8,
        tlvs=[Tlv(0x1400, b"123\0")],
    )

    head, read = pdu.header(raw), pdu.read(raw)

    assert (head.length, head.command, head.status, head.sequence) == (len(raw), "submit_sm", 0, 9)
    assert (read.command, read.status, read.sequence) == ("submit_sm", 0, 9)
    assert read.fields["short_message"] == b"\x00\xff"
    assert read.text("source_addr") == "ACME"
    assert read.number("data_coding") == 8
    assert read.tlv(0x1400) == b"123\0"
    assert (read.padding, read.tlv(0x1401)) == (b"", None)


def test_the_octets_are_those_of_the_specification() -> None:
    """Taken by hand from SMPP 3.4 §4.4.1."""
    raw = pdu.write(
        "submit_sm",
        sequence=2,
        service_type="CMT",
        source_addr_ton=1,
        source_addr_npi=1,
        source_addr="336",
        dest_addr_ton=1,
        dest_addr_npi=1,
        destination_addr="49",
        registered_delivery=1,
        short_message=b"AB",
    )

    assert raw.hex(" ") == (
        "00 00 00 2b 00 00 00 04 00 00 00 00 00 00 00 02 "
        "43 4d 54 00 01 01 33 33 36 00 01 01 34 39 00 00 00 00 00 00 01 00 00 00 02 41 42"
    )


def test_a_response_keeps_its_status() -> None:
    raw = pdu.write("bind_transceiver_resp", sequence=3, status=13)

    assert pdu.header(raw) == pdu.Header(len(raw), 0x80000009, 13, 3)
    assert pdu.header(raw).is_response


@pytest.mark.parametrize("status", [0, 0x45])
def test_an_answer_may_leave_out_its_body(status: int) -> None:
    raw = struct.pack(">LLLL", 16, 0x80000004, status, 3)

    assert pdu.read(raw).text("message_id") == ""


@pytest.mark.parametrize("body", [b"A1B2C3\0", b"A1B2C3"])
def test_an_id_may_lack_its_nul(body: bytes) -> None:
    raw = struct.pack(">LLLL", 16 + len(body), 0x80000004, 0, 3) + body

    assert pdu.read(raw).text("message_id") == "A1B2C3"


@pytest.mark.parametrize("padding", [b"\0", b"\0\0", b"\0\0\0\0\0", b"\x7f", b"\xff" * 9])
def test_octets_behind_the_last_field_are_padding(padding: bytes) -> None:
    read = pdu.read(longer(DELIVERY, padding))

    assert read.payload == b"hi"
    assert (read.tlvs, read.padding) == ([], padding)


@pytest.mark.parametrize("nuls", [b"", b"\0", b"\0\0"])
def test_tlvs_are_found_behind_a_nul_that_ends_the_text(nuls: bytes) -> None:
    tlvs = bytes.fromhex("001e 0007 41314232433300 0427 0001 02".replace(" ", ""))

    read = pdu.read(longer(DELIVERY, nuls + tlvs))

    assert [(each.tag, each.value) for each in read.tlvs] == [
        (0x001E, b"A1B2C3\0"),
        (0x0427, b"\x02"),
    ]
    assert read.padding == nuls


def test_a_tlv_that_is_cut_is_padding_and_those_before_it_stand() -> None:
    read = pdu.read(longer(DELIVERY, bytes.fromhex("042700010204230003aa")))

    assert read.tlv(0x0427) == b"\x02"
    assert read.padding.hex() == "04230003aa"


def test_the_payload_stands_where_the_short_message_is_empty() -> None:
    tlvs = [Tlv(MESSAGE_PAYLOAD, b"long")]

    assert pdu.read(pdu.write("deliver_sm", sequence=1, tlvs=tlvs)).payload == b"long"
    both = pdu.write("deliver_sm", sequence=1, tlvs=tlvs, short_message=b"short")
    assert pdu.read(both).payload == b"short"
    assert pdu.read(pdu.write("data_sm", sequence=1, tlvs=tlvs)).payload == b"long"
    assert pdu.read(pdu.write("enquire_link", sequence=1)).payload == b""


@pytest.mark.parametrize("cut", range(1, len(DELIVERY) - 16))
def test_a_request_that_ends_inside_its_fields_is_unreadable(cut: int) -> None:
    with pytest.raises(pdu.PduError, match="deliver_sm ends before its"):
        pdu.read(shorter(DELIVERY, cut))


def test_a_command_without_a_name_is_called_by_its_number_and_all_of_it_is_padding() -> None:
    raw = struct.pack(">LLLL", 18, 0x123, 0, 1) + b"ab"

    assert pdu.header(raw).command == "0x00000123"
    assert pdu.read(raw) == pdu.Pdu("0x00000123", 0, 1, {}, [], b"ab")


def test_the_addresses_of_a_submit_multi_are_kept_as_they_are() -> None:
    addresses = bytes([2, 1, 1, 1]) + b"336\0" + bytes([2]) + b"friends\0"
    raw = pdu.write(
        "submit_multi", sequence=1, dest_addresses=addresses, short_message=b"hi", data_coding=3
    )

    read = pdu.read(raw)

    assert read.fields["dest_addresses"] == addresses
    assert (read.payload, read.number("data_coding")) == (b"hi", 3)
    with pytest.raises(pdu.PduError, match="dest_addresses"):
        pdu.read(shorter(raw, 20))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"source_addr": "1" * 21}, "source_addr is longer than 20"),
        ({"short_message": b"x" * 255}, "short_message is longer than 254"),
        ({"service_type": "a\0b"}, "service_type has a NUL inside"),
        ({"source_addr": "№"}, "source_addr has characters outside ISO-8859-1"),
        ({"esm_class": 256}, "esm_class is no number from 0 to 255"),
        ({"esm_class": -1}, "esm_class is no number"),
        ({"esm_class": "4"}, "esm_class is no number"),
        ({"source_addr": 5}, "source_addr is neither text nor octets"),
        ({"sorce_addr": "ACME"}, "submit_sm has no field sorce_addr"),
        ({"source_addr": None}, "submit_sm has no field source_addr of this value"),
        ({"sequence": 1 << 32}, "32 bits"),
        ({"status": -1}, "32 bits"),
        ({"tlvs": [Tlv(0x10000, b"")]}, "fits no PDU"),
        ({"tlvs": [Tlv(0x0424, b"x" * 65535)] * 2}, "longer than 131072"),
    ],
)
def test_an_invalid_field_is_an_error(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        pdu.write("submit_sm", **{"sequence": 1, **fields})


@pytest.mark.parametrize("command", ["0x00000123", "broadcast_sm", ""])
def test_a_command_without_a_layout_is_not_written(command: str) -> None:
    with pytest.raises(ValueError, match="no command that can be written"):
        pdu.write(command, sequence=1)


def test_no_error_shows_a_password_that_is_too_long() -> None:
    with pytest.raises(ValueError, match="password is longer than 16") as error:
        pdu.write("bind_transceiver", sequence=1, password="p" * 17)
    assert "ppp" not in str(error.value)


def test_the_password_is_blanked_in_fields_and_in_hex() -> None:
    line = pdu.trace(BIND, "out")

    assert line["fields"]["password"] == "********"
    assert line["fields"]["system_id"] == "acme"
    assert b"s3cr3tpw".hex() not in line["hex"]
    assert b"acme".hex() in line["hex"]
    assert b"SMPP".hex() in line["hex"]
    assert "s3cr3tpw" not in f"{line} {pdu.read(BIND)!r}"


@pytest.mark.parametrize("cut", range(1, len(BIND) - 16))
def test_a_broken_bind_does_not_show_its_password_either(cut: int) -> None:
    assert b"s3cr".hex() not in pdu.trace(shorter(BIND, cut), "in")["hex"]


def test_a_trace_shows_tlvs_by_their_names_and_others_by_their_tags() -> None:
    tlvs = [
        Tlv(0x001E, b"A1B2C3\0"),
        Tlv(0x0427, b"\x02"),
        Tlv(0x0423, b"\x03\x08\x02"),
        Tlv(0x1400, b"123\0"),
        Tlv(0x0204, b"\x01"),  # a number of two octets by its type
        Tlv(0x001E, b"second\0"),
    ]

    fields = pdu.trace(pdu.write("deliver_sm", sequence=1, tlvs=tlvs), "in")["fields"]

    assert fields["receipted_message_id"] == "A1B2C3"
    assert fields["message_state"] == 2
    assert fields["network_error_code"] == "030802"
    assert fields["0x1400"] == "31323300"
    assert fields["user_message_reference"] == "01"


@given(
    command=st.sampled_from([*sorted(NAMES), 0x123]),
    status=st.integers(0, 0xFFFFFFFF),
    body=st.binary(max_size=200),
)
def test_any_body_is_read_or_refused_and_nothing_else(
    command: int, status: int, body: bytes
) -> None:
    raw = struct.pack(">LLLL", 16 + len(body), command, status, 1) + body

    line = pdu.trace(raw, "in")

    try:
        pdu.read(raw)
    except pdu.PduError as error:
        assert str(error) == line["error"]
    else:
        assert "error" not in line


def texts(limit: int) -> st.SearchStrategy[bytes]:
    return st.binary(max_size=limit).map(lambda value: value.replace(b"\0", b"1"))


_OF_KIND = {
    Kind.INT: lambda limit: st.integers(0, 255),
    Kind.TEXT: texts,
    Kind.OCTETS: lambda limit: st.binary(max_size=limit),
}


@given(data=st.data())
def test_whatever_is_written_is_read_back(data: st.DataObject) -> None:
    command = data.draw(st.sampled_from(sorted(LAYOUTS)))
    fields = {
        name: data.draw(_OF_KIND[kind](limit))
        for name, kind, limit in LAYOUTS[command]
        if kind in _OF_KIND
    }
    tlvs = data.draw(
        st.lists(st.builds(Tlv, tag=st.integers(1, 0xFFFF), value=st.binary(max_size=40)))
    )

    read = pdu.read(pdu.write(command, sequence=1, tlvs=tlvs, **fields))

    assert {name: read.fields[name] for name in fields} == fields
    assert (read.tlvs, read.padding) == (tlvs, b"")
