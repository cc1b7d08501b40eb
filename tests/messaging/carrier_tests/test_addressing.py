"""A test goes out with the TON, NPI, `+` and data coding that the credential says."""

from __future__ import annotations

import pytest

from messaging.credentials.models import default_addressing

ODD = {
    "long_code": [2, 8],
    "short_code": [6, 9],
    "alphanumeric": [5, 1],
    "destination": [4, 3],
    "plus": True,
}
LONG, SHORT, NAME = "+33700000001", "38600", "ACME"


@pytest.fixture
def sent(tested, system, credential):
    """`sent(sender, **fields of the credential)`: the submit as the carrier got it."""

    def send(sender: str, *, body: str = "hello €", **fields):
        for name, value in fields.items():
            setattr(credential, name, value)
        credential.save()
        assert tested(sender=sender, body=body)["status"] == "delivered"
        return system.submits[-1]

    return send


def source(submit) -> tuple[int, int, str]:
    return submit.source_addr_ton, submit.source_addr_npi, submit.source_addr


def destination(submit) -> tuple[int, int, str]:
    return submit.dest_addr_ton, submit.dest_addr_npi, submit.destination_addr


@pytest.mark.parametrize(
    ("sender", "by_default", "oddly"),
    [
        (LONG, (1, 1, "33700000001"), (2, 8, "+33700000001")),
        (SHORT, (3, 0, "38600"), (6, 9, "38600")),
        (NAME, (5, 0, "ACME"), (5, 1, "ACME")),
    ],
    ids=["long_code", "short_code", "alphanumeric"],
)
def test_a_sender_goes_out_by_its_type(sent, sender, by_default, oddly):
    assert source(sent(sender)) == by_default
    assert source(sent(sender, addressing=ODD)) == oddly


@pytest.mark.parametrize("sender", [LONG, SHORT, NAME])
def test_a_destination_goes_out_as_destinations_do(sent, sender):
    assert destination(sent(sender)) == (1, 1, "33612345678")
    assert destination(sent(sender, addressing=ODD)) == (4, 3, "+33612345678")


@pytest.mark.parametrize(("plus", "written"), [(True, "+"), (False, "")])
def test_plus_is_that_of_numbers_and_of_nothing_else(sent, plus, written):
    addressing = default_addressing() | {"plus": plus}

    number, code = sent(LONG, addressing=addressing), sent(SHORT, addressing=addressing)

    assert (number.source_addr, code.source_addr) == (f"{written}33700000001", "38600")
    assert {each.destination_addr for each in (number, code)} == {f"{written}33612345678"}


@pytest.mark.parametrize(
    ("coding", "data_coding", "octets"),
    [
        (0, 0, b"h\x04ll\x08 \x00"),
        (1, 8, "hèllò @".encode("utf-16-be")),  # ASCII has no accents
        (3, 3, "hèllò @".encode("latin-1")),
    ],
)
def test_texts_have_the_octets_of_the_coding_that_the_carrier_wants(
    sent, coding, data_coding, octets
):
    submit = sent(NAME, gsm_data_coding=coding, body="hèllò @")

    assert submit.data_coding == data_coding
    assert submit.short_message == octets


@pytest.mark.parametrize("coding", [0, 1, 3])
def test_other_texts_are_ucs2_whatever_gsm_texts_have(sent, coding):
    submit = sent(NAME, gsm_data_coding=coding, body="привет 👋")

    assert submit.data_coding == 8
    assert submit.short_message == "привет 👋".encode("utf-16-be")
