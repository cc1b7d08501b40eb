"""Names for command_status values."""

from __future__ import annotations

import pytest
from smpplib import consts

from messaging.smpp.protocol.command_status import STATUSES, by_name, describe

# smpplib carries the table of §5.1.3 too (its name for 0x07 is longer than the specification's).
_FROM_SMPPLIB = {
    name.removeprefix("SMPP_"): getattr(consts, name)
    for name in dir(consts)
    if name.startswith("SMPP_ESME_R")
}


@pytest.mark.parametrize(("name", "value"), sorted(_FROM_SMPPLIB.items()))
def test_every_status_of_smpp_3_4_has_its_name(name, value):
    assert describe(value).name == name
    assert by_name(name).value == value


def test_every_status_says_what_it_means_and_what_to_do():
    for status in STATUSES.values():
        assert status.meaning
        assert len(status.hint) > 10
        assert status == describe(status.value)


def test_the_hint_to_a_refused_bind_names_password_and_allowed_address():
    hint = describe(0x0D).hint
    assert "password" in hint
    assert "address" in hint


@pytest.mark.parametrize(
    ("value", "name"), [(1234, "ESME_0x000004D2"), (0xDEADBEEF, "ESME_0xDEADBEEF")]
)
def test_an_unknown_status_is_called_by_its_number(value, name):
    status = describe(value)
    assert (status.value, status.name) == (value, name)
    assert "endor specific" in status.meaning
    assert by_name(name) == status
    assert not status.is_temporary


def test_a_temporary_status_says_why() -> None:
    temporary = {status.value for status in STATUSES.values() if status.is_temporary}

    assert temporary == {0x08, 0x14, 0x58, 0x64, 0x102}
    assert all(STATUSES[value].why.endswith(".") for value in temporary)
    assert {status.value for status in STATUSES.values() if status.is_throttling} == {0x14, 0x58}


def test_those_of_smpp_5_have_names_too() -> None:
    assert by_name("ESME_RINVDCS").value == 0x104
    assert [describe(value).name for value in range(0x100, 0x113) if value not in STATUSES] == []


@pytest.mark.parametrize("name", ["ESME_NOPE", "ESME_0x12", "0x00000401", ""])
def test_a_name_that_smpp_does_not_have_is_no_status(name):
    with pytest.raises(KeyError):
        by_name(name)
