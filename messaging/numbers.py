"""Phone numbers and senders as people type them, validated. Pure; raises ValueError."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum

import phonenumbers

MAX_TYPED = 100  # characters of a number or a sender, invisible ones included
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")  # ITU-T E.164 §6: at most 15 digits
_SHORT_CODE = re.compile(r"[0-9]{3,8}")
# The characters that all carriers accept in names: GSM 03.38 has more, and networks differ.
_ALPHANUMERIC = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 _-]{1,11}")
# Characters of category Cf and these three are invisible: U+202A…U+202C around a number copied from
# an address book, U+200B between digits from a web page.
_UNSEEN = frozenset("\u034f\ufe0e\ufe0f")
_FULL_WIDTH_PLUS = "\uff0b"
_FIXED_LENGTH = {1: 10}  # calling code: digits behind it, in every country that has it (NANP)


class SenderType(StrEnum):
    LONG_CODE = "long_code"
    SHORT_CODE = "short_code"
    ALPHANUMERIC = "alphanumeric"


def as_read(text: str) -> str:
    """`text` as its reader sees it, in ASCII: without characters that show nothing, and with the
    digits and the plus of any script as ours. Spaces and all other characters stay."""
    if text.isascii():
        return text
    return "".join(_seen(each) for each in text)


def _seen(character: str) -> str:
    if character.isascii():
        return character
    if character in _UNSEEN or unicodedata.category(character) == "Cf":
        return ""
    if character == _FULL_WIDTH_PLUS:
        return "+"
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)


def e164(text: str) -> str:
    """The number in E.164 with `+` that `text` is, read as `as_read` does.

    Calling code and shortest length are checked, not whether the number is in use: lists of number
    ranges are older than the youngest range, and machine-to-machine numbers are longer than their
    country's others, up to the 15 digits of ITU-T E.164 §6. Raises ValueError.
    """
    if len(text) > MAX_TYPED:
        raise ValueError(f"A number has at most {MAX_TYPED} characters, this has {len(text)}.")
    number = as_read(text)
    if not _E164.fullmatch(number):
        raise ValueError(
            f"Write the number in E.164: + and the country's code, digits only{_stranger(number)}."
        )
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        raise ValueError("No country has this calling code.") from None
    _check_length(parsed, number)
    written = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    if written != number:
        # The 0 of +44 07911…: no number in E.164, and no country by its digits.
        raise ValueError(f"Leave out the national prefix: {written} in E.164.")
    return number


def _stranger(text: str) -> str:
    """Name the first character that is not ASCII or not printable."""
    for place, character in enumerate(text, start=1):
        if not character.isascii() or not character.isprintable():
            name = unicodedata.name(character, "a control character")
            return f" (character {place} is U+{ord(character):04X}, {name})"
    return ""


def _check_length(parsed: phonenumbers.PhoneNumber, number: str) -> None:
    code = parsed.country_code
    behind = len(number) - len(f"+{code}")
    fixed = _FIXED_LENGTH.get(code)
    if fixed and behind > fixed:
        raise ValueError(
            f"Numbers behind +{code} have a length of exactly {fixed} digits, this has "
            f"{behind}: leave out the surplus."
        )
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    if reason == phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
        raise ValueError(f"Numbers behind +{code} need their area code: its digits are missing.")
    if reason == phonenumbers.ValidationResult.TOO_SHORT:
        raise ValueError(
            f"Too short: numbers behind +{code} have a greater length than {behind} digits."
        )


def calling_code(number: str) -> str:
    """The digits of the calling code of a number in E.164; "" if it has none."""
    digits = number.removeprefix("+")
    for length in (1, 2, 3):
        code = digits[:length]
        if code.isdecimal() and int(code) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            return code
    return ""


def national_readings(
    text: str, countries: Iterable[str], *, only_known: bool = False
) -> list[str]:
    """The numbers in E.164 that `text` (digits, a national prefix before them) is in these
    countries: those in a known number range, or where there is none, and without `only_known`,
    those of a possible length.
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
    return list(known if known or only_known else possible)


def sender(text: str) -> str:
    """The sender that `text` is: its digits read as `as_read` does. Raises ValueError."""
    if len(text) > MAX_TYPED:
        raise ValueError(f"A sender has at most {MAX_TYPED} characters, this has {len(text)}.")
    seen = as_read(text)
    sender_type(seen)
    return seen


def sender_type(sender: str) -> SenderType:
    """The type of a sender: a number in E.164, a short code, or a name. Raises ValueError."""
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
