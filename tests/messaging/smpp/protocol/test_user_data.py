"""User data: header and text."""

from __future__ import annotations

import pytest

from messaging.smpp.protocol.user_data import UDHI, decode, part, read_user_data, split_header


@pytest.mark.parametrize(
    ("octets", "data_coding", "text"),
    [
        ("0500401b65", 0, "é@¡€"),
        ("61ff", 0, "a\ufffd"),
        ("611b", 0, "a\ufffd"),
        ("41e9", 3, "Aé"),
        ("41e9", 1, "A\ufffd"),
        ("d83dde00", 8, "😀"),
        ("0041d83d", 8, "A\ufffd"),
        ("004100", 8, "A\ufffd"),
        ("00ff", 4, "00ff"),
        ("00ff", 2, "00ff"),
        ("41", 0xF1, "A"),
        ("", 8, ""),
    ],
)
def test_octets_are_text_as_data_coding_says(octets: str, data_coding: int, text: str) -> None:
    assert decode(bytes.fromhex(octets), data_coding) == text


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("0500035a0302", (0x5A, 3, 2)),
        ("0608041a2b0201", (0x1A2B, 2, 1)),
        ("0b0504158200000003aa0201", (0xAA, 2, 1)),  # ports before it
        ("0401020304", None),
        ("0500035a03", None),
        ("", None),
    ],
)
def test_a_part_is_known_by_its_header(header: str, found: tuple[int, int, int] | None) -> None:
    assert part(bytes.fromhex(header)) == found


def test_an_impossible_header_is_text() -> None:
    assert split_header(b"\x09ab", UDHI) == (b"", b"\x09ab")
    assert split_header(b"\x01ab", 0) == (b"", b"\x01ab")
    assert split_header(b"", UDHI) == (b"", b"")
    assert split_header(b"\x01ab", UDHI) == (b"\x01a", b"b")


def test_text_header_and_part_come_together() -> None:
    read = read_user_data(bytes.fromhex("0500035a0302") + b"hi", esm_class=UDHI, data_coding=0)

    assert (read.text, read.udh.hex(), read.part) == ("hi", "0500035a0302", (0x5A, 3, 2))
