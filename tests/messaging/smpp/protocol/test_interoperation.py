"""PDUs exchanged with smpplib, which shares no code with ours."""

from __future__ import annotations

from typing import Any

import pytest
from smpplib import command_codes, smpp

from messaging.smpp.protocol import pdu
from messaging.smpp.protocol.command_ids import NAMES
from messaging.smpp.protocol.tlv import TAGS, Tlv

MESSAGE: dict[str, Any] = {
    "service_type": "CMT",
    "source_addr_ton": 5,
    "source_addr": "ACME",
    "dest_addr_ton": 1,
    "dest_addr_npi": 1,
    "destination_addr": "33612345678",
    "esm_class": 0x40,
    "validity_period": "000001000000000R",
    "registered_delivery": 1,
    "data_coding": 8,
    "short_message": b"\x05\x00\x03\x5a\x02\x01\x00\xff",
}
BIND: dict[str, Any] = {
    "system_id": "acme",
    "password": "s3cr3tpw",
    "system_type": "SMPP",
    "interface_version": 0x34,
    "addr_ton": 1,
    "address_range": "336",
}
CASES: list[tuple[str, dict[str, Any]]] = [
    ("bind_transceiver", BIND),
    ("bind_receiver", BIND),
    ("bind_transmitter", BIND),
    ("bind_transceiver_resp", {"system_id": "smsc"}),
    ("submit_sm", MESSAGE),
    ("deliver_sm", MESSAGE),
    ("submit_sm_resp", {"message_id": "A1B2C3"}),
    ("query_sm", {"message_id": "A1B2C3", "source_addr": "ACME"}),
    ("enquire_link", {}),
    ("unbind", {}),
    ("generic_nack", {}),
]


@pytest.mark.parametrize(("command", "fields"), CASES)
def test_what_we_write_is_read_by_another(command: str, fields: dict[str, Any]) -> None:
    raw = pdu.write(command, sequence=9, **fields)

    other = smpp.parse_pdu(raw, allow_unknown_opt_params=True, sequence=0)

    assert (other.command, other.sequence) == (command, 9)
    for name, value in fields.items():
        read = getattr(other, name)
        assert (read.decode() if isinstance(value, str) else read) == value


@pytest.mark.parametrize(("command", "fields"), CASES)
def test_what_another_writes_is_read_by_us(command: str, fields: dict[str, Any]) -> None:
    written = smpp.make_pdu(command, sequence=9, **fields)
    written.sequence = 9

    read = pdu.read(written.generate())

    assert (read.command, read.sequence, read.padding) == (command, 9, b"")
    for name, value in fields.items():
        expected = value.encode() if isinstance(value, str) else value
        assert read.fields[name] == expected


def test_tlvs_are_read_by_another() -> None:
    tlvs = [Tlv(TAGS["receipted_message_id"], b"A1B2C3\0"), Tlv(TAGS["message_state"], b"\x02")]

    other = smpp.parse_pdu(
        pdu.write("deliver_sm", sequence=1, tlvs=tlvs), allow_unknown_opt_params=True, sequence=0
    )

    assert other.receipted_message_id == b"A1B2C3"
    assert other.message_state == 2


def test_every_command_of_smpp_3_4_is_called_by_its_name() -> None:
    names = {int(number): name for name, number in command_codes.commands.items()}

    assert {number: NAMES.get(number) for number in names} == names
