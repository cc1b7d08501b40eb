"""Phone numbers and senders as people type them. Pure: text in, meaning out, or ValueError."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

import phonenumbers

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")  # ITU-T E.164 §6: at most 15 digits
_SHORT_CODE = re.compile(r"[0-9]{3,8}")
# What every carrier that takes names takes: GSM 03.38 has more, and networks differ on it.
_ALPHANUMERIC = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 _-]{1,11}")


class SenderType(StrEnum):
    LONG_CODE = "long_code"
    SHORT_CODE = "short_code"
    ALPHANUMERIC = "alphanumeric"


def e164(text: str) -> str:
    """`text` if it is a number in E.164 with `+` that its country could have.

    Length and calling code are checked, not whether the number is in use: lists of number ranges
    are older than the youngest range. Raises ValueError.
    """
    if not _E164.fullmatch(text):
        raise ValueError("Write the number in E.164: + and the country's code, digits only.")
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        raise ValueError("No country has this calling code.") from None
    if not phonenumbers.is_possible_number(number):
        raise ValueError("Numbers of this country have another length.")
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if written != text:
        # The 0 of +44 07911…: no number in E.164, and no country by its digits.
        raise ValueError(f"Leave out the national prefix: {written} in E.164.")
    return text


def national_readings(text: str, countries: Iterable[str]) -> list[str]:
    """The numbers in E.164 that `text` (digits, a national prefix before them) is in these
    countries: those in a known number range, or where there is none, those of a possible length.
    """
    possible, known = {}, {}
    for country in countries:
        try:
            number = phonenumbers.parse(text, country)
        except phonenumbers.NumberParseException:
            continue
        written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        if phonenumbers.is_valid_number_for_region(number, country):
            known[written] = None
        # A 0 that is left there is no national prefix of this country.
        elif phonenumbers.is_possible_number(number) and not number.italian_leading_zero:
            possible[written] = None
    return list(known or possible)


def sender_type(sender: str) -> SenderType:
    """What `sender` is: a number in E.164, a short code, or a name. Raises ValueError."""
    if sender.startswith("+"):
        e164(sender)
        return SenderType.LONG_CODE
    if _SHORT_CODE.fullmatch(sender):
        return SenderType.SHORT_CODE
    if _ALPHANUMERIC.fullmatch(sender):
        return SenderType.ALPHANUMERIC
    raise ValueError(
        "A sender is a number in E.164 with +, a short code of 3–8 digits, or a name of 1–11 "
        "characters of A–Z a–z 0–9 space - _ with at least one letter."
    )
