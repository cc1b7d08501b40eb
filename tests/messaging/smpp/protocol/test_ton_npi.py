"""Kinds of senders, and the list of TON and NPI that a connector has for them."""

from __future__ import annotations

import pytest

from messaging.smpp.protocol.ton_npi import parse_senders, sender_kind


@pytest.mark.parametrize(
    ("sender", "found"),
    [
        ("+33612345678", "long_code"),
        ("33612345678", "long_code"),
        ("+4712", "long_code"),
        ("123456789", "long_code"),
        ("12345678", "short_code"),
        ("38600", "short_code"),
        ("ACME", "alphanumeric"),
        ("3M", "alphanumeric"),
        ("", "alphanumeric"),
        ("٣٣٦", "alphanumeric"),  # digits, but not ours
    ],
)
def test_a_sender_has_a_kind(sender: str, found: str) -> None:
    assert sender_kind(sender) == found


def test_ton_and_npi_are_read_by_kind_of_sender() -> None:
    senders = parse_senders("long_code=1/1,short_code=3/0,alphanumeric=5/0")

    assert senders == {"long_code": (1, 1), "short_code": (3, 0), "alphanumeric": (5, 0)}


@pytest.mark.parametrize(
    "text", ["", "long_code", "long_code=1", "long_code=1/1,", "name=1/1", "long_code=256/1"]
)
def test_a_malformed_list_is_refused_and_the_piece_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="long_code=1/1|at most 255"):
        parse_senders(text)
