"""Texts as short messages, compared with what the simulator reads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.smpp.protocol import segmentation as protocol
from messaging.smpp.protocol.gsm7 import OCTETS
from messaging.smpp.protocol.segmentation import (
    ASCII,
    GSM7,
    LATIN1,
    MAX_SEGMENTS,
    UCS2,
    Encoded,
    TextTooLong,
    encode,
    encode_as,
)
from messaging.smpp.protocol.user_data import UDHI, read_user_data

# 3GPP TS 23.038 §6.2.1, position by position, the escape (0x1B) shown as a space.
ALPHABET = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = {
    "\f": 0x0A, "^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F,
    "[": 0x3C, "~": 0x3D, "]": 0x3E, "|": 0x40, "€": 0x65,
}  # fmt: skip
BASIC = ALPHABET.replace("\x1b", "")

gsm_texts = st.text(st.sampled_from(BASIC + "".join(EXTENSION)), max_size=700)
any_texts = st.text(max_size=300)
ucs2_texts = st.text(st.sampled_from("aé€ж漢😀🇫🇷"), max_size=335).map("ж".__add__)


def read(encoded: Encoded, reference: int = 7) -> list[str]:
    """What the carrier's side reads in each segment."""
    return [
        read_user_data(
            data,
            esm_class=UDHI if encoded.is_long else 0,
            data_coding=0 if encoded.encoding is GSM7 else 8,
        ).text
        for data in encoded.user_data(reference)
    ]


def test_the_alphabet_is_the_standard_s():
    for code, character in enumerate(ALPHABET):
        if code != 0x1B:
            assert encode(character).parts == (bytes([code]),), character
    for character, code in EXTENSION.items():
        assert encode(character).parts == (bytes([0x1B, code]),), character


@pytest.mark.parametrize("character", "`çÁ“’–\u00a0\t\x1bж漢😀")
def test_one_character_outside_the_alphabet_makes_it_ucs2(character):
    encoded = encode("Hello @ " + character)
    assert encoded.encoding is UCS2
    assert encoded.parts[0].decode("utf-16-be") == "Hello @ " + character


def test_an_empty_text_is_one_empty_segment():
    assert encode("") == Encoded(GSM7, 0, (b"",))


@pytest.mark.parametrize(
    ("text", "units", "lengths"),
    [
        ("a" * 160, 160, [160]),
        ("a" * 161, 161, [153, 8]),
        ("a" * 158 + "€", 160, [160]),
        ("a" * 159 + "€", 161, [153, 8]),
        ("a" * 306, 306, [153, 153]),
        ("a" * 307, 307, [153, 153, 1]),
        # The escape would be the 153rd septet: it goes to the next part with its character.
        ("a" * 152 + "€" + "a" * 20, 174, [152, 22]),
        ("a" * 151 + "€" + "a" * 20, 173, [153, 20]),
        ("€" * 80, 160, [160]),
        ("€" * 81, 162, [152, 10]),
        ("a" * 1530, 1530, [153] * 10),
        ("ж" * 70, 70, [70]),
        ("ж" * 71, 71, [67, 4]),
        ("ж" * 68 + "😀", 70, [70]),
        ("ж" * 69 + "😀", 71, [67, 4]),
        ("ж" * 66 + "😀" + "ж" * 10, 78, [66, 12]),
        ("ж" * 65 + "😀" + "ж" * 10, 77, [67, 10]),
        ("ж" * 134, 134, [67, 67]),
        ("ж" * 135, 135, [67, 67, 1]),
        ("😀" * 35, 70, [70]),
        ("😀" * 36, 72, [66, 6]),
        ("ж" * 670, 670, [67] * 10),
    ],
)
def test_every_border(text, units, lengths):
    encoded = encode(text)
    assert encoded.units == units
    assert [len(part) // encoded.encoding.octets for part in encoded.parts] == lengths
    assert "".join(read(encoded)) == text


@pytest.mark.parametrize("part", range(1, 10))
def test_a_wide_character_at_the_edge_of_any_part_stays_whole(part):
    for filler, wide, room in (("a", "€", 153), ("ж", "😀", 67)):
        texts = read(encode(filler * (room * part - 1) + wide + filler * 10))
        assert len(texts[part - 1]) == room - 1
        assert texts[part] == wide + filler * 10


@pytest.mark.parametrize(
    ("text", "units", "segments"),
    [
        ("a" * 1531, 1531, 11),
        ("ж" * 671, 671, 11),
        # 1,530 septets, but the escapes don't fit the parts' edges.
        (("a" * 152 + "€") * 9 + "a" * 144, 1530, 11),
        ("a" * 100_000, 100_000, 654),
    ],
)
def test_more_than_ten_segments_are_refused_with_the_count(text, units, segments):
    with pytest.raises(TextTooLong, match=f"{units} .* {segments} segments") as error:
        encode(text)
    assert (error.value.units, error.value.segments) == (units, segments)
    assert "1530 septets" in str(error.value)
    assert "670 UTF-16 units" in str(error.value)


@pytest.mark.parametrize(
    ("text", "coding", "units", "segments"),
    [
        ("a" * 4_000_000, 0, 4_000_000, 26_144),
        ("[" * 4_000_000, 0, 8_000_000, 52_288),
        ("a" * 4_000_000 + "ж", 0, 4_000_001, 59_702),
        ("😀" * 1_000_000, 0, 2_000_000, 29_851),
        ("é" * 2_000_000, 3, 2_000_000, 14_926),
        ("[" * 2_000_000, 1, 4_000_000, 26_144),
        ("é" * 2_000_000, 1, 2_000_000, 29_851),
    ],
)
def test_a_text_of_millions_is_counted_and_not_cut(monkeypatch, text, coding, units, segments):
    monkeypatch.setattr(protocol, "_octets", lambda *_: pytest.fail("was taken apart"))
    monkeypatch.setattr(protocol, "_cut", lambda *_: pytest.fail("was cut"))
    with pytest.raises(TextTooLong) as error:
        encode(text, coding)
    assert (error.value.units, error.value.segments) == (units, segments)


def test_half_a_surrogate_pair_is_refused():
    for text in ("\ud83d", "a" * 2000 + "\ud83d"):
        with pytest.raises(ValueError, match="surrogates"):
            encode(text)


def test_the_header_numbers_the_parts():
    first, second, third = encode("a" * 400).user_data(0xAB)
    assert first[:6].hex() == "050003ab0301"
    assert second[:6].hex() == "050003ab0302"
    assert third[:6].hex() == "050003ab0303"
    assert len(first) == 159


@given(text=gsm_texts | any_texts | ucs2_texts, reference=st.integers(0, 255))
def test_what_is_read_is_what_was_written(text, reference):
    try:
        encoded = encode(text)
    except TextTooLong as error:
        assert error.segments > MAX_SEGMENTS
        return
    assert "".join(read(encoded, reference)) == text
    kind = encoded.encoding
    sizes = [len(part) // kind.octets for part in encoded.parts]
    assert sum(sizes) == encoded.units
    if encoded.is_long:
        assert encoded.units > kind.alone
        assert max(sizes) <= kind.part
        assert min(sizes[:-1]) >= kind.part - 1  # nothing is wasted but for a wide character
        assert max(map(len, encoded.user_data(reference))) <= 140 if kind is UCS2 else 159
    else:
        assert encoded.units <= kind.alone


@pytest.mark.parametrize(
    ("text", "coding", "encoding", "data_coding", "octets"),
    [
        ("a@b à", 0, GSM7, 0, "6100 62207f"),
        ("a@b à", 3, LATIN1, 3, "6140 6220e0"),
        ("a@b.fr 5€ à", 3, UCS2, 8, "a@b.fr 5€ à".encode("utf-16-be").hex()),
        ("a@{`", 1, ASCII, 1, "61407b60"),
        ("à", 1, UCS2, 8, "00e0"),
        ("ж", 3, UCS2, 8, "0436"),
        ("a", 0xF1, GSM7, 0xF1, "61"),
        ("", 3, LATIN1, 3, ""),
    ],
)
def test_the_octets_are_what_the_data_coding_says(text, coding, encoding, data_coding, octets):
    encoded = encode(text, coding)

    assert (encoded.encoding, encoded.data_coding) == (encoding, data_coding)
    assert encoded.parts == (bytes.fromhex(octets),)


@pytest.mark.parametrize(
    ("text", "coding", "lengths"),
    [
        ("a" * 140, 3, [140]),
        ("a" * 141, 3, [134, 7]),
        ("a" * 150, 3, [134, 16]),
        ("é" * 1340, 3, [134] * 10),
        ("a" * 160, 1, [160]),
        ("a" * 161, 1, [153, 8]),
        ("[" * 80, 1, [80]),  # two septets each on the air
        ("[" * 81, 1, [76, 5]),
    ],
)
def test_the_borders_of_other_codings(text, coding, lengths):
    encoded = encode(text, coding)

    assert [len(part) for part in encoded.parts] == lengths
    assert b"".join(encoded.parts) == text.encode("latin-1")


def test_too_long_a_text_in_octets_says_how_many_there_may_be():
    with pytest.raises(TextTooLong, match="1341 octets .* 11 segments.*1340 octets of ISO-8859-1"):
        encode("a" * 1341, 3)


@given(text=st.text(max_size=400), coding=st.sampled_from([0, 1, 3]))
def test_every_coding_is_read_as_it_was_written(text, coding):
    try:
        encoded = encode(text, coding)
    except TextTooLong:
        return
    parts = [
        read_user_data(
            data, esm_class=UDHI if encoded.is_long else 0, data_coding=encoded.data_coding
        ).text
        for data in encoded.user_data(1)
    ]
    assert "".join(parts) == text


@given(text=st.text(max_size=400), coding=st.sampled_from([0, 1, 3]))
def test_a_text_is_encoded_again_as_it_was_chosen(text, coding):
    """By the name of the encoding alone, whatever its carrier wants by then."""
    try:
        first = encode(text, coding)
    except ValueError:
        return
    assert encode_as(text, first.encoding.name) == first


@given(text=st.text(alphabet="aà@€[]`Ж\x1b\u00e7\uffff", max_size=170))
def test_a_text_of_one_message_is_that_of_its_characters(text):
    octets = [OCTETS.get(character, b"") for character in text]
    found = encode(text)
    if all(octets) and sum(map(len, octets)) <= 160:
        assert found == Encoded(GSM7, sum(map(len, octets)), (b"".join(octets),), 0)
    elif not all(octets):
        assert found.encoding is UCS2


def test_what_an_encoding_does_not_have_is_not_written_in_it():
    with pytest.raises(ValueError, match="latin1 has not"):
        encode_as("5€", "latin1")
