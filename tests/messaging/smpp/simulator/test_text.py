"""User data as people read it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.smpp.simulator.text import read_user_data


@pytest.mark.parametrize(
    ("data", "coding", "text"),
    [
        (b"hello", 0, "hello"),
        (b"\x00\x02\x1b\x65\x11", 0, "@$€_"),
        (b"\x60\x27", 0, "¿'"),
        (b"\x1b\x3chi\x1b\x3e", 0, "[hi]"),
        (b"\x1b", 0, "\ufffd"),
        (b"\x80", 0, "\ufffd"),
        (b"plain", 1, "plain"),
        ("déjà".encode("latin-1"), 3, "déjà"),
        ("Привет 😀".encode("utf-16-be"), 8, "Привет 😀"),
        (b"\xd8\x3d", 8, "\ufffd"),
        (b"\x01\xff", 4, "01ff"),
    ],
)
def test_text_is_decoded_by_its_data_coding(data, coding, text):
    assert read_user_data(data, esm_class=0, data_coding=coding).text == text


@pytest.mark.parametrize(
    ("udh", "part"),
    [
        (b"\x05\x00\x03\x2a\x02\x01", (0x2A, 2, 1)),
        (b"\x06\x08\x04\x01\x2c\x03\x02", (300, 3, 2)),
        (b"\x06\x05\x04\x0b\x84\x23\xf0", None),
        (b"\x0b\x05\x04\x0b\x84\x23\xf0\x00\x03\x01\x02\x02", (1, 2, 2)),
    ],
)
def test_a_header_is_split_off_and_read(udh, part):
    data = read_user_data(udh + b"rest", esm_class=0x40, data_coding=0)
    assert (data.udh, data.text, data.part) == (udh, "rest", part)


def test_without_the_indicator_there_is_no_header():
    data = read_user_data(b"\x05\x00\x03\x2a\x02\x01A", esm_class=0, data_coding=4)
    assert (data.udh, data.text) == (b"", "0500032a020141")


@given(st.binary(max_size=200), st.integers(0, 255), st.integers(0, 255))
def test_any_user_data_can_be_shown(data, esm_class, coding):
    shown = read_user_data(data, esm_class=esm_class, data_coding=coding)
    assert isinstance(shown.text, str)
    assert data.startswith(shown.udh)
