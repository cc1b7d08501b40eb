"""The number that a carrier's writing of it means."""

from __future__ import annotations

import pytest

from messaging.inbound.addresses import NATIONAL, Address, read


@pytest.mark.parametrize(
    ("here", "number"), [("FR", "+33612345678"), ("BE", "+32612345678"), (None, None), ("US", None)]
)
def test_of_several_countries_that_of_the_bind_decides(here, number):
    found = read("0612345678", NATIONAL, 1, ("FR", "CH", "BE"), here)
    assert found == Address(number or "0612345678", number is not None)
