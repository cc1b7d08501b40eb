"""PDUs out of what a connection brings, in whatever pieces it comes."""

from __future__ import annotations

import struct

import pytest

from messaging.smpp.protocol import framing, pdu

BIND = pdu.write("bind_transceiver", sequence=7, system_id="acme", password="s3cr3tpw")


def test_bytes_in_pieces_come_out_as_whole_pdus() -> None:
    framer, found = framing.Framer(), []
    for byte in BIND + BIND:
        framer.feed(bytes([byte]))
        while (raw := framer.next()) is not None:
            found.append(raw)

    assert found == [BIND, BIND]
    assert not framer.has_partial_pdu


def test_many_pdus_at_once_come_out_one_by_one() -> None:
    framer = framing.Framer()
    framer.feed(BIND * 1000 + BIND[:9])

    assert [framer.next() for _ in range(1001)] == [BIND] * 1000 + [None]
    assert framer.has_partial_pdu
    framer.feed(BIND[9:])
    assert framer.next() == BIND
    assert not framer.has_partial_pdu


@pytest.mark.parametrize("length", [0, 15, framing.MAX_LENGTH + 1, 0xFFFFFFFF])
def test_an_impossible_length_is_refused(length: int) -> None:
    framer = framing.Framer()
    framer.feed(struct.pack(">LLLL", length, 0x15, 0, 1))

    with pytest.raises(framing.PduError, match=str(length)):
        framer.next()
