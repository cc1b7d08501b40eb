"""TLVs as people write them, and on the wire."""

from __future__ import annotations

from typing import Any

import pytest

from messaging.smpp.protocol import tlv
from messaging.smpp.protocol.tlv import Tlv


@pytest.mark.parametrize(
    ("tag", "type", "value", "made"),
    [
        ("0x1400", "cstring", "1101", Tlv(0x1400, b"1101\0")),
        (0x1401, "cstring", "é", Tlv(0x1401, b"\xe9\0")),
        ("0X1e", "octets", "00 ff", Tlv(0x1E, b"\x00\xff")),
        ("0x1", "octets", "", Tlv(1, b"")),
        ("0x0427", "int8", 2, Tlv(0x0427, b"\x02")),
        ("0xFFFF", "int16", 0x0102, Tlv(0xFFFF, b"\x01\x02")),
        ("0x17", "int32", 1, Tlv(0x17, b"\0\0\0\x01")),
    ],
)
def test_a_tlv_is_made_from_what_people_write(
    tag: int | str, type: str, value: int | str, made: Tlv
) -> None:
    assert tlv.make(tag, type, value) == made


@pytest.mark.parametrize(
    ("tag", "type", "value", "said"),
    [
        ("1400", "octets", "00", "0x1400"),
        ("0x", "octets", "00", "A tag"),
        ("0x10000", "octets", "00", "A tag"),
        (0, "octets", "00", "0x0001 to 0xFFFF"),
        ("0x0000", "octets", "00", "0x0001 to 0xFFFF"),
        (True, "octets", "00", "A tag"),
        ("0x1400", "text", "00", "octets, cstring, int8"),
        ("0x1400", "octets", "0", "pairs"),
        ("0x1400", "octets", "zz", "pairs"),
        ("0x1400", "octets", 5, "pairs"),
        ("0x1400", "octets", "00" * 65536, "at most 65535"),
        ("0x1400", "cstring", "a\0b", "no NUL"),
        ("0x1400", "cstring", "№", "ISO-8859-1"),
        ("0x1400", "cstring", 5, "ISO-8859-1"),
        ("0x1400", "int8", 256, "0 to 255"),
        ("0x1400", "int16", -1, "0 to 65535"),
        ("0x1400", "int32", 1 << 32, "0 to 4294967295"),
        ("0x1400", "int8", "5", "whole number"),
        ("0x1400", "int8", True, "whole number"),
    ],
)
def test_what_is_wrong_with_one_is_named(tag: Any, type: str, value: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        tlv.make(tag, type, value)


def test_they_are_shown_by_tag_and_by_name() -> None:
    assert tlv.as_dict(Tlv(0x1400, b"\x01")) == {"tag": "0x1400", "value": "01"}
    assert tlv.as_dict(Tlv(0x0427, b"\x02")) == {
        "tag": "0x0427",
        "value": "02",
        "name": "message_state",
    }


def test_every_tag_of_smpp_3_4_is_known_by_its_name() -> None:
    """§5.3.2, by smpplib's list."""
    consts = pytest.importorskip("smpplib.consts")

    names = {name: int(tag) for name, tag in consts.OPTIONAL_PARAMS.items()}

    assert {name: tlv.TAGS.get(name) for name in names} == names


@pytest.mark.parametrize(
    ("octets", "tags", "padding"),
    [
        ("", [], ""),
        ("00", [], "00"),
        ("00000000", [], "00000000"),
        ("042700010214000000", [0x0427, 0x1400], ""),
        ("0427000102 00", [0x0427], "00"),
        ("0427000102 0427", [0x0427], "0427"),
        ("00 0427000102", [0x0427], "00"),
        ("00 1400000531323334 00", [0x1400], "00"),
        ("00 0427000102 ff", [], "000427000102ff"),
        ("0427ffff02", [], "0427ffff02"),
    ],
)
def test_octets_that_are_no_tlv_are_padding(octets: str, tags: list[int], padding: str) -> None:
    found, rest = tlv.read(bytes.fromhex(octets))

    assert ([each.tag for each in found], rest.hex()) == (tags, padding)


def test_what_is_written_is_read_again() -> None:
    tlvs = [Tlv(1, b""), Tlv(0xFFFF, b"\0" * 300), Tlv(1, b"again")]

    assert tlv.read(tlv.write(tlvs)) == (tlvs, b"")
