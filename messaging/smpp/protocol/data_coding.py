"""data_coding: which alphabet octets are in, and their text (SMPP 3.4 §5.2.19, 3GPP TS 23.038 §4).

Values below 16 are SMPP's own. Above, they are the data coding schemes of GSM, as SMSCs pass them
on: a class (flash, 0x10…0x1F and 0xF0…0xFF) or a waiting indication (0xC0…0xEF) beside an alphabet.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from messaging.smpp.protocol import gsm7


class Charset(StrEnum):
    """An alphabet; `BINARY` is none, and is shown in hexadecimal digits."""

    GSM7 = "gsm7"
    LATIN1 = "latin1"
    UCS2 = "ucs2"
    ASCII = "ascii"
    BINARY = "binary"
    JIS = "jis"
    CYRILLIC = "iso-8859-5"
    HEBREW = "iso-8859-8"
    ISO_2022_JP = "iso-2022-jp"
    EXTENDED_KANJI = "euc-jp"
    KOREAN = "ks_c_5601"


_OF_SMPP = {
    1: Charset.ASCII,
    2: Charset.BINARY,
    3: Charset.LATIN1,
    4: Charset.BINARY,
    5: Charset.JIS,
    6: Charset.CYRILLIC,
    7: Charset.HEBREW,
    8: Charset.UCS2,
    9: Charset.JIS,  # pictograms, between characters of it
    10: Charset.ISO_2022_JP,
    13: Charset.EXTENDED_KANJI,
    14: Charset.KOREAN,
}
_OF_GSM = (Charset.GSM7, Charset.BINARY, Charset.UCS2, Charset.GSM7)  # bits 3 and 2; 3 is reserved
_CODECS = {
    Charset.LATIN1: "latin-1",
    Charset.ASCII: "ascii",
    Charset.JIS: "shift_jis",
    Charset.CYRILLIC: "iso8859_5",
    Charset.HEBREW: "iso8859_8",
    Charset.ISO_2022_JP: "iso2022_jp",
    Charset.EXTENDED_KANJI: "euc_jp",
    Charset.KOREAN: "euc_kr",
}
_BIG_ENDIAN, _LITTLE_ENDIAN = b"\xfe\xff", b"\xff\xfe"
_UNKNOWN = "\ufffd"


def charset_of(data_coding: int, default: Charset = Charset.GSM7) -> Charset:
    """The alphabet. `default`: the SMSC's own, which data_coding 0 means; reserved values too."""
    group = data_coding >> 4
    if data_coding in _OF_SMPP:
        return _OF_SMPP[data_coding]
    if group == 0xF:
        return Charset.BINARY if data_coding & 0x04 else Charset.GSM7
    if group == 0xE:
        return Charset.UCS2
    if group in (0xC, 0xD):
        return Charset.GSM7
    if 1 <= group <= 7:
        if data_coding & 0x20:
            return Charset.BINARY  # compressed
        return _OF_GSM[data_coding >> 2 & 0b11]
    return default


def decoded(parts: Sequence[bytes], charset: Charset) -> str:
    """The text of octets that follow each other. A character may begin in one part and end in the
    next: they are decoded as a whole. Undecodable octets become U+FFFD."""
    octets = b"".join(parts)
    if charset is Charset.BINARY:
        return octets.hex()
    if charset is Charset.GSM7:
        return gsm7.decode(octets)
    if charset is Charset.UCS2:
        return _utf16(parts, octets)
    return octets.decode(_CODECS[charset], "replace")


def _utf16(parts: Sequence[bytes], octets: bytes) -> str:
    """UTF-16, big-endian unless it begins with the mark of the other order.

    An octet that a part has too many would put all behind it out of step. Where the whole is odd, a
    part that is odd gets its half character made up.
    """
    codec = "utf-16-le" if octets.startswith(_LITTLE_ENDIAN) else "utf-16-be"
    if octets.startswith((_BIG_ENDIAN, _LITTLE_ENDIAN)):
        parts = [octets[2 : len(parts[0])], *parts[1:]] if len(parts[0]) >= 2 else [octets[2:]]
    if len(octets) % 2:
        replacement = _UNKNOWN.encode(codec)
        parts = [each[:-1] + replacement if len(each) % 2 else each for each in parts]
    return b"".join(parts).decode(codec, "replace")
