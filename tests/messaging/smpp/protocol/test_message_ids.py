"""Ids of submit_sm_resp and receipt, as carriers write them."""

from __future__ import annotations

import pytest

from messaging.smpp.protocol.message_ids import id_key, id_keys, matching_format, same_id


@pytest.mark.parametrize(
    ("answered", "receipted", "message_id_format", "same"),
    [
        ("A1F", "A1F", "same", True),
        ("A1F", "a1f", "same", True),
        ("42", "0000000042", "same", True),
        ("0042", "42", "same", True),
        ("0x0A1F", "A1F", "same", True),
        ("A1F", "A1F ", "same", True),
        ("{74e0-4e2f}", "74E0-4E2F", "same", True),
        ("A1F", "A1E", "same", False),
        ("A1F", "2591", "same", False),
        ("0", "000", "same", True),
        ("", "", "same", False),
        ("a.b:c-d", "A.B:C-D", "same", True),
        ("A1F", "2591", "receipt_decimal", True),
        ("0a1f", "0002591", "receipt_decimal", True),
        ("2591", "A1F", "receipt_hex", True),
        ("2591", "0a1f", "receipt_hex", True),
        ("2591", "0x0a1f", "receipt_hex", True),
        ("2591", "2591", "receipt_hex", False),
        # No number of that base: written alike, as in receipted_message_id.
        ("A1F", "A1F", "receipt_decimal", True),
        ("x-1", "X-1", "receipt_hex", True),
    ],
)
def test_ids_are_compared_as_the_format_says(
    answered: str, receipted: str, message_id_format: str, same: bool
) -> None:
    assert same_id(answered, receipted, message_id_format) is same
    if answered:
        assert (id_key(answered) in id_keys(receipted, message_id_format)) is same


@pytest.mark.parametrize(
    ("receipted", "given", "found"),
    [
        (("2591",), "receipt_decimal", "receipt_decimal"),
        (("2591",), "same", "receipt_decimal"),
        (("A1F",), "receipt_hex", "same"),
        (("B00",), "same", None),
        (("B00", "a1f"), "same", "same"),
        ((), "same", None),
    ],
)
def test_a_wrong_format_is_found_out(
    receipted: tuple[str, ...], given: str, found: str | None
) -> None:
    assert matching_format("A1F", receipted, given) == found
