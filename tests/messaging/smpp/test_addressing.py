"""TON, NPI and `+` as a credential's `addressing` says."""

from __future__ import annotations

import pytest

from messaging.credentials.models import default_addressing
from messaging.smpp.addressing import SmppAddress, destination, source

ODD = {
    "long_code": [2, 8],
    "short_code": [6, 9],
    "alphanumeric": [5, 1],
    "destination": [0, 3],
    "plus": True,
}


@pytest.mark.parametrize(
    ("sender", "by_default", "oddly"),
    [
        ("+33612345678", SmppAddress(1, 1, "33612345678"), SmppAddress(2, 8, "+33612345678")),
        ("38600", SmppAddress(3, 0, "38600"), SmppAddress(6, 9, "38600")),
        ("ACME", SmppAddress(5, 0, "ACME"), SmppAddress(5, 1, "ACME")),
    ],
)
def test_a_sender_goes_out_by_its_type(sender, by_default, oddly):
    assert source(sender, default_addressing()) == by_default
    assert source(sender, ODD) == oddly


def test_a_destination_has_a_type_of_its_own():
    assert destination("+33612345678", default_addressing()) == SmppAddress(1, 1, "33612345678")
    assert destination("+33612345678", ODD) == SmppAddress(0, 3, "+33612345678")


def test_what_is_no_sender_gets_no_address():
    with pytest.raises(ValueError, match="sender"):
        source("!", ODD)
