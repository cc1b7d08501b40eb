"""What is personal is covered, and the PDU stays one that anybody reads."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messaging.smpp.protocol import pdu, tlv
from messaging.smpp.protocol.client_session import Session
from messaging.smpp.protocol.command_ids import NAMES
from messaging.smpp.protocol.masking import masked
from messaging.smpp.protocol.pdu import Pdu
from messaging.smpp.protocol.tlv import TAGS, Tlv

NUMBER, TEXT = b"491512345667", b"your code is kiwi"
RECEIPT = (
    b"id:4915123456677 sub:001 dlvrd:001 submit date:2601010101 done date:2601010102 "
    b"stat:DELIVRD err:000 text:"
)


def shown(command: str, *, texts: bool = False, numbers: bool = False, **fields: Any) -> Pdu:
    """A PDU with these fields, masked and read again."""
    raw = pdu.write(command, sequence=7, **fields)
    found = masked(raw, texts=texts, numbers=numbers)
    assert len(found) == len(raw) and pdu.header(found) == pdu.header(raw)
    return pdu.read(found)


def test_a_text_and_a_number_are_covered_and_the_rest_stays() -> None:
    found = shown(
        "submit_sm", source_addr="ACME", destination_addr=NUMBER, data_coding=3,
        short_message=TEXT, registered_delivery=1, tlvs=[Tlv(0x1400, b"1101\0")],
    )  # fmt: skip

    assert found.fields["short_message"] == b"*" * len(TEXT)
    assert found.fields["destination_addr"] == b"4915******67"
    assert found.text("source_addr") == "ACME"
    assert (found.number("data_coding"), found.number("registered_delivery")) == (3, 1)
    assert found.tlv(0x1400) == b"1101\0"


@pytest.mark.parametrize(("texts", "numbers"), [(True, False), (False, True), (True, True)])
def test_each_right_shows_its_own(texts, numbers) -> None:
    rights = {"texts": texts, "numbers": numbers}

    found = shown("deliver_sm", **rights, source_addr=NUMBER, short_message=TEXT)

    assert (found.payload == TEXT) is texts
    assert (found.fields["source_addr"] == NUMBER) is numbers


@pytest.mark.parametrize("address", [b"ACME", b"38080", b"123456", b""])
def test_names_and_short_codes_are_no_person_s(address) -> None:
    assert shown("deliver_sm", destination_addr=address).fields["destination_addr"] == address


def test_of_a_receipt_what_the_carrier_says_stays() -> None:
    found = shown("deliver_sm", esm_class=4, source_addr=NUMBER, short_message=RECEIPT + TEXT)

    assert found.payload == RECEIPT + b"*" * len(TEXT)
    assert found.fields["source_addr"] == b"4915******67"


def test_what_a_phone_writes_like_a_receipt_is_a_text() -> None:
    assert set(shown("deliver_sm", short_message=RECEIPT).payload) == {ord("*")}


def test_a_text_in_a_tlv_is_covered_too_and_its_header_stays() -> None:
    header = b"\5\0\3\7\2\1"
    payload = Tlv(TAGS["message_payload"], header + TEXT)

    found = shown("submit_sm", esm_class=0x40, destination_addr=NUMBER, tlvs=[payload])

    assert found.payload == header + b"*" * len(TEXT)


def test_a_receipt_of_data_sm_is_known_by_its_tlv() -> None:
    tlvs = [
        Tlv(TAGS["message_payload"], RECEIPT + TEXT),
        Tlv(TAGS["receipted_message_id"], b"A1\0"),
        Tlv(TAGS["callback_num"], NUMBER),
        Tlv(0x1500, TEXT),
    ]

    found = shown("data_sm", tlvs=tlvs)

    assert found.payload.startswith(RECEIPT + b"**")
    assert found.tlv(TAGS["receipted_message_id"]) == b"A1\0"
    assert set(found.tlv(TAGS["callback_num"]) + found.tlv(0x1500)) == {ord("*")}


def test_a_number_in_the_words_of_a_refusal_is_covered() -> None:
    words = Tlv(TAGS["additional_status_info_text"], b"no route to 491512345667\0")

    found = shown("data_sm_resp", status=11, message_id="A1", tlvs=[words])

    assert found.tlv(words.tag) == b"no route to 4915******67\0"


def test_a_nul_behind_the_text_does_not_hide_what_follows() -> None:
    raw = pdu.write("deliver_sm", sequence=1, short_message=TEXT)
    tail = b"\0" + tlv.write([Tlv(TAGS["message_payload"], TEXT), Tlv(0x0427, b"\2")])
    raw = (len(raw) + len(tail)).to_bytes(4) + raw[4:] + tail

    found = pdu.read(masked(raw, texts=False, numbers=False))

    assert found.tlv(0x0427) == b"\2"
    assert set(found.tlv(TAGS["message_payload"])) == {ord("*")}


def test_no_right_shows_a_password() -> None:
    raw = pdu.write("bind_transceiver", sequence=1, system_id="acme", password="s3cr3t")

    found = masked(raw, texts=True, numbers=True)

    assert b"s3cr3t" not in found and b"acme" in found


@settings(max_examples=200)
@given(command=st.sampled_from([*NAMES, 0x7777]), body=st.binary(max_size=90))
def test_whatever_comes_keeps_its_length_and_its_header(command, body) -> None:
    raw = pdu.HEADER.pack(16 + len(body), command, 0, 1) + body

    found = masked(raw, texts=False, numbers=False)

    assert (len(found), found[:16]) == (len(raw), raw[:16])


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_of_a_pdu_that_is_cut_or_unknown_nothing_is_shown(cut) -> None:
    whole = pdu.write("submit_sm", sequence=1, destination_addr=NUMBER, short_message=TEXT)
    for command in (4, 0x111, 0x7777):
        body = whole[16:-cut]
        raw = pdu.HEADER.pack(16 + len(body), command, 0, 1) + body

        found = masked(raw, texts=False, numbers=False)

        assert NUMBER[:7] not in found and TEXT[:4] not in found


def test_a_trace_of_a_session_may_begin_and_end_at_any_time() -> None:
    session, seen = Session(), []
    session.ask("enquire_link")
    session.on_pdu = lambda raw, way: seen.append((way, pdu.header(raw).command))
    session.ask("enquire_link")
    session.on_pdu = None
    session.ask("enquire_link")

    assert seen == [("out", "enquire_link")]
