"""Accounts as texts and files."""

from __future__ import annotations

import pytest

from orbit.dev.simulator.config import ConfigError, parse_file, parse_system


def test_a_password_is_in_no_repr():
    assert "s3cret" not in repr(parse_system("acme:s3cret"))


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
