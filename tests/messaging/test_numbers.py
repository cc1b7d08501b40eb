"""What is a phone number, and what is a sender."""

from __future__ import annotations

import pytest

from messaging.numbers import e164, national_readings, sender_type


@pytest.mark.parametrize("number", ["+33612345678", "+14155552671", "+4915112345678", "+6902101"])
def test_numbers_in_e164_are_taken_as_they_are(number):
    assert e164(number) == number


@pytest.mark.parametrize(
    "text",
    [
        "33612345678", "0033612345678", "+33 6 12 34 56 78", "+336-12345678", "+33612345678\n",
        "+0612345678", "+", "", "+３３６１２３４５６７８", "+1415555267", "+141555526711",
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
