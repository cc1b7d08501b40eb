"""Faults of a gateway as a whole."""

from __future__ import annotations

import pytest

from reconciler.state import Session
from reconciler.status import gateway_faults
from tests.reconciler.states import bound, connector, state


@pytest.mark.parametrize(
    ("carries", "said"),
    [
        (None, ""),  # a stock Jasmin does not say
        (3, ""),
        (2, "it has 3 connections to carriers, and its limit of open files carries 2"),
    ],
)
def test_more_connections_than_files_are_a_fault(carries, said):
    found = state(
        bound("ob1", sessions=(Session(), Session())),
        connector("ob2"),
        connector("ob3", running=False),
    )

    faults = gateway_faults.of_files(found, carries)

    assert faults.get("", "").startswith(said)
    assert bool(faults) == bool(said)
