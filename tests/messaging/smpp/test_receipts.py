"""Reading receipts as carriers write them."""

from __future__ import annotations

from typing import Any

import pytest

from messaging.smpp import pdu
from messaging.smpp.receipts import (
    Receipt,
    is_about,
    matching_format,
    read_receipt,
    same_id,
)

TEXT = (
    b"id:A1F sub:001 dlvrd:001 submit date:2603081200 done date:2603081201 stat:%s err:%s text:hi"
)


def received(text: bytes = b"", **fields: Any) -> dict[str, Any]:
    """The fields of a deliver_sm, over the wire and back."""
    raw = pdu.build("deliver_sm", sequence=1, short_message=text, **fields)
    return pdu.fields(pdu.parse(raw))


def test_a_receipt_in_text():
    fields = received(
        TEXT % (b"DELIVRD", b"000"),
        esm_class=4,
        source_addr="33612345678",
        destination_addr="ACME",
    )
    assert read_receipt(fields) == Receipt(("A1F",), "DELIVRD", "000", ("33612345678", "ACME"))


def test_a_receipt_in_parameters_only():
    fields = received(esm_class=4, receipted_message_id="77", message_state=5)
    assert read_receipt(fields) == Receipt(("77",), "UNDELIV", "", ())


def test_both_ids_are_kept_where_they_differ():
    fields = received(TEXT % (b"DELIVRD", b"0"), esm_class=4, receipted_message_id="2591")
    assert read_receipt(fields).ids == ("2591", "A1F")


def test_a_receipt_without_its_mark_is_known_by_its_text():
    assert read_receipt(received(TEXT % (b"UNDELIV", b"x9"))).state == "UNDELIV"


def test_a_receipt_in_the_payload():
    fields = received(message_payload=TEXT % (b"delivrd", b"0"), esm_class=4)
    assert read_receipt(fields).state == "DELIVRD"


@pytest.mark.parametrize("text", [b"", b"hello", b"my id: 7", b"stat:DELIVRD", b"\xff\x00"])
def test_a_text_from_somebody_is_no_receipt(text):
    assert read_receipt(received(text, source_addr="33612345678")) is None


@pytest.mark.parametrize("fields", [{}, {"esm_class": 4}, {"short_message": "00ff"}])
def test_what_says_nothing_is_no_receipt(fields):
    assert read_receipt(fields) is None


@pytest.mark.parametrize(
    ("state", "interim"),
    [("ENROUTE", True), ("ACCEPTD", True), ("DELIVRD", False), ("UNKNOWN", False), ("X", False)],
)
def test_some_states_are_not_the_last(state, interim):
    fields = received(TEXT % (state.encode(), b"0"), esm_class=4)
    assert read_receipt(fields).is_interim is interim


@pytest.mark.parametrize(
    ("answered", "receipted", "message_id_format", "same"),
    [
        ("A1F", "A1F", "same", True),
        ("A1F", "a1f", "same", False),
        ("7", "07", "same", False),
        ("A1F", "2591", "receipt_decimal", True),
        ("0a1f", "0002591", "receipt_decimal", True),
        ("A1F", "A1F", "receipt_decimal", False),
        ("2591", "A1F", "receipt_hex", True),
        ("2591", "0a1f", "receipt_hex", True),
        ("2591", "2591", "receipt_hex", False),
        ("x-1", "x-1", "receipt_hex", False),
    ],
)
def test_ids_are_compared_as_the_format_says(answered, receipted, message_id_format, same):
    assert same_id(answered, receipted, message_id_format) is same


@pytest.mark.parametrize(
    ("receipted", "given", "found"),
    [
        ("2591", "receipt_decimal", "receipt_decimal"),
        ("2591", "same", "receipt_decimal"),
        ("A1F", "receipt_decimal", "same"),
        ("B00", "same", None),
    ],
)
def test_a_wrong_format_is_found_out(receipted, given, found):
    receipt = Receipt((receipted,), "DELIVRD", "", ())
    assert matching_format("A1F", receipt, given) == found


@pytest.mark.parametrize(
    ("numbers", "about"),
    [
        (("33612345678", "ACME"), True),
        (("ACME", "+33612345678"), True),
        (("0612345678",), True),
        ((), True),
        (("33612345679", "ACME"), False),
    ],
)
def test_the_number_has_to_fit_as_well(numbers, about):
    assert is_about("+33612345678", Receipt(("1",), "DELIVRD", "", numbers)) is about
