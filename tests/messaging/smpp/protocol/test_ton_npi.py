"""Kinds of senders, and what a connector says of them."""

from __future__ import annotations

import pytest

from messaging.smpp.protocol.ton_npi import kind, read_senders, write_senders


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
    assert kind(sender) == found


def test_types_and_plans_are_read_and_written() -> None:
    text = "long_code=1/1,short_code=3/0,alphanumeric=5/0"

    senders = read_senders(text)

    assert senders == {"long_code": (1, 1), "short_code": (3, 0), "alphanumeric": (5, 0)}
    assert write_senders(dict(reversed(senders.items()))) == text


@pytest.mark.parametrize(
    "text", ["", "long_code", "long_code=1", "long_code=1/1,", "name=1/1", "long_code=256/1"]
)
def test_what_is_no_such_list_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="long_code=1/1|at most 255"):
        read_senders(text)
