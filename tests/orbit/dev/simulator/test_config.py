"""Accounts as texts and files."""

from __future__ import annotations

import pytest

from orbit.dev.simulator.config import ConfigError, parse_file, parse_system


def test_a_password_is_in_no_repr():
    assert "s3cret" not in repr(parse_system("acme:s3cret"))


def test_a_password_is_not_in_the_repr_of_its_account(smsc):
    said = repr(smsc.add_system("acme", "s3cret", faults=["slow:1"]))
    assert "s3cret" not in said
    assert "acme" in said and "slow:1" in said


@pytest.mark.parametrize("text", ["acme:geheimniß", "acmé:secret", "ac\tme:secret"])
def test_what_smpp_has_no_letters_for_is_refused_and_not_told(text):
    with pytest.raises(ConfigError, match="must be printable ASCII") as refused:
        parse_system(text)
    assert text.partition(":")[2] not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"systems": 1}',
        '{"systems": [1]}',
        '{"systems": [{"system_id": "acme"}]}',
        '{"systems": [{"system_id": "acme", "password": 1}]}',
        '{"systems": [{"system_id": "acme", "password": "x", "faults": "slow:1"}]}',
        '{"systems": [{"system_id": "acme", "password": "x", "faults": [1]}]}',
    ],
)
def test_a_file_that_is_not_right_is_refused(text):
    with pytest.raises(ConfigError):
        parse_file(text)
