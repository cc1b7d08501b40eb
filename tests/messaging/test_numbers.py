"""What is a phone number, and what is a sender."""

from __future__ import annotations

import pytest

from messaging import numbers
from messaging.numbers import e164, national_readings, sender, sender_type


@pytest.mark.parametrize("number", ["+33612345678", "+14155552671", "+4915112345678", "+6902101"])
def test_numbers_in_e164_are_taken_as_they_are(number):
    assert e164(number) == number


@pytest.mark.parametrize(
    "text",
    [
        "33612345678", "0033612345678", "+33 6 12 34 56 78", "+336-12345678", "+33612345678\n",
        "+0612345678", "+", "", "+33\u00a0612345678", "+1415555267", "+141555526711",
        "+9991234567", "+1234567890123456", "tel:+33612345678", "+3361234567a",
    ],
)  # fmt: skip
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match=r"E\.164|calling code|length"):
        e164(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+4407911123456", "+447911123456"),
        ("+330639980001", "+33639980001"),
        ("+540111512345678", "+5491112345678"),
    ],
)
def test_a_national_prefix_behind_the_code_is_named(text, number):
    with pytest.raises(ValueError, match=f"national prefix: .{number[1:]} in E.164"):
        e164(text)


@pytest.mark.parametrize(
    "text",
    [
        "\u202a+33612345678\u202c", "\u200b+33612345678", "+33612345678\u200e",
        "\ufeff+33612345678",
        "+336\u2060123\u00ad45678", "\u2066+33612345678\u2069",
        "+３３６１２３４５６７８", "＋33612345678",
        "+٣٣٦١٢٣٤٥٦٧٨",
    ],
)  # fmt: skip
def test_a_number_is_read_as_its_reader_sees_it(text):
    assert e164(text) == "+33612345678"
    assert sender(text) == "+33612345678"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("+33\u00a0612345678", "character 4 is U+00A0, NO-BREAK SPACE"),
        ("\u2011+33612345678", "character 1 is U+2011, NON-BREAKING HYPHEN"),
        ("+33612345678\t", "character 13 is U+0009, a control character"),
    ],
)
def test_a_character_that_looks_like_another_is_named(text, named):
    with pytest.raises(ValueError, match=named.replace("U+", "U\\+")):
        e164(text)


@pytest.mark.parametrize(
    "number",
    [
        "+3197012345678", "+33700123456789", "+4759123456789", "+467191234567890",
        "+861064123456789", "+4537123456789", "+34590123456789", "+881234567890123",
    ],
)  # fmt: skip
def test_numbers_of_machines_may_be_longer_than_those_of_people(number):
    assert e164(number) == number


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("+141555526711", r"behind \+1 have a length of exactly 10 digits, this has 11"),
        ("+1415555267", r"behind \+1 have a greater length than 9 digits"),
    ],
)
def test_another_length_is_refused_with_the_length_that_is_right(text, said):
    with pytest.raises(ValueError, match=said):
        e164(text)


@pytest.mark.parametrize(
    ("sender", "kind"),
    [
        ("+33612345678", "long_code"),
        ("123", "short_code"),
        ("38600", "short_code"),
        ("12345678", "short_code"),
        ("A", "alphanumeric"),
        ("ACME", "alphanumeric"),
        ("Acme-Shop_1", "alphanumeric"),
        ("3 Mobile", "alphanumeric"),
    ],
)
def test_the_type_of_a_sender_is_told_by_its_form(sender, kind):
    assert sender_type(sender) == kind


@pytest.mark.parametrize(
    "sender",
    [
        "", "12", "123456789", "33612345678", "+123", "twelve chars", "---", "12 34", "ACMÉ",
        "ACME!", "ACME\n", "+ACME",
    ],
)  # fmt: skip
def test_what_no_carrier_takes_is_no_sender(sender):
    with pytest.raises(ValueError, match=r"sender|E\.164|length"):
        sender_type(sender)


@pytest.mark.parametrize(
    ("text", "countries", "numbers"),
    [
        ("0612345612", ["FR"], ["+33612345612"]),
        ("0612345612", ["FR", "NL", "US"], ["+33612345612", "+31612345612"]),
        ("07911123456", ["GB"], ["+447911123456"]),
        ("0612345612", ["US"], []),
        ("0612345612", ["AQ"], []),  # without numbers of its own
        ("0612345612", [], []),
    ],
)
def test_a_national_form_is_read_in_each_country(text, countries, numbers):
    assert national_readings(text, countries) == numbers


@pytest.mark.parametrize("read", [e164, sender])
def test_what_is_too_long_is_not_read(monkeypatch, read):
    """A body has room for a million invisible characters."""
    monkeypatch.setattr(numbers, "as_read", lambda text: pytest.fail("was read"))
    with pytest.raises(ValueError, match="at most 100 characters, this has 101"):
        read("\u200b" * 101)
