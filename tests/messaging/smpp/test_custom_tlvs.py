"""TLVs as customers write them."""

from __future__ import annotations

import pytest

from messaging.smpp.custom_tlvs import MAX_OCTETS, RESERVED, BadTlv, checked, on_wire, repeated
from messaging.smpp.protocol.tlv import Tlv


def tlv(tag: str = "0x1400", type: str = "cstring", value: object = "1101") -> dict:
    return {"tag": tag, "type": type, "value": value}


@pytest.mark.parametrize(
    ("written", "octets"),
    [
        (tlv(value="1101234560000012345"), b"1101234560000012345\0"),
        (tlv(value=""), b"\0"),
        (tlv(type="octets", value="0A1b00"), b"\x0a\x1b\0"),
        (tlv(type="octets", value=""), b""),
        (tlv(type="int8", value=255), b"\xff"),
        (tlv(type="int16", value=256), b"\x01\0"),
        (tlv(type="int32", value=0xFFFFFFFF), b"\xff" * 4),
    ],
)
def test_each_type_has_its_octets(written, octets):
    assert on_wire([checked(written)]) == [Tlv(0x1400, octets)]


@pytest.mark.parametrize("tag", ["0x19", "0X0019", "0x0019"])
def test_equal_tags_have_one_spelling(tag):
    assert checked(tlv(tag, "int8", 1))["tag"] == "0x0019"


def test_octets_have_one_spelling():
    assert checked(tlv(type="octets", value="ABCD"))["value"] == "abcd"


@pytest.mark.parametrize(
    ("written", "key", "said"),
    [
        (tlv("1400"), "tag", "0x and"),
        (tlv("0x14000"), "tag", "0x and"),
        (tlv("0x0000"), "tag", "from 0x0001"),
        (tlv(5120), "tag", "in quotes"),  # type: ignore[arg-type]
        (tlv(type="int64"), "type", "one of: octets, cstring, int8, int16, int32"),
        (tlv(type=["int8"]), "type", "one of"),  # type: ignore[arg-type]
        (tlv(type="int8", value=256), "value", "0 to 255"),
        (tlv(type="int8", value=-1), "value", "0 to 255"),
        (tlv(type="int16", value=65536), "value", "0 to 65535"),
        (tlv(type="int8", value="1"), "value", "whole number"),
        (tlv(type="int8", value=True), "value", "whole number"),
        (tlv(type="int8", value=1.0), "value", "whole number"),
        (tlv(type="octets", value="abc"), "value", "pairs"),
        (tlv(type="octets", value="0xab"), "value", "pairs"),
        (tlv(type="octets", value="ab cd"), "value", "pairs"),
        (tlv(type="octets", value=1), "value", "in quotes"),
        (tlv(value="é"), "value", "ASCII"),
        (tlv(value="a\n"), "value", "ASCII"),
        (tlv(value=1), "value", "in quotes"),
        (tlv(value=None), "value", "in quotes"),
        (tlv(value="x" * MAX_OCTETS), "value", f"at most {MAX_OCTETS}"),
        ({"tag": "0x1400", "type": "int8"}, "value", "required"),
        ({"tag": "0x1400", "value": 1}, "type", "required"),
        ({"type": "int8", "value": 1}, "tag", "required"),
        (tlv() | {"name": "x"}, "name", "Unknown"),
        ("0x1400", "", "object"),
    ],
)
def test_what_is_wrong_is_named(written, key, said):
    with pytest.raises(BadTlv, match=said) as raised:
        checked(written)
    assert raised.value.key == key


@pytest.mark.parametrize("tag", RESERVED)
def test_tags_that_are_not_people_s_are_refused_with_the_reason(tag):
    with pytest.raises(BadTlv, match=f"0x{tag:04X} ") as raised:
        checked(tlv(f"0x{tag:04x}", "int8", 1))
    assert raised.value.key == "tag"
    assert len(str(raised.value)) > 30


@pytest.mark.parametrize("tag", ["0x020D", "0x0019", "0x0204", "0x1400", "0x3FFF"])
def test_others_are_people_s(tag):
    assert checked(tlv(tag, "int8", 1))["tag"] == tag


def test_the_second_of_two_with_one_tag_is_named():
    written = [tlv("0x1400"), tlv("0x1401"), tlv("0x1400", "int8", 1)]
    assert list(repeated(written)) == [(2, "0x1400")]
