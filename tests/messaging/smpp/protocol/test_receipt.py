"""Whose receipt it is, and what several say together. How they are read: test_receipt_corpus."""

from __future__ import annotations

import itertools

import pytest

from messaging.smpp.protocol.message_ids import id_key, id_keys, matching_format, same_id
from messaging.smpp.protocol.receipt import Receipt, State, fits, is_about, state_of, worst_state


def receipt(source: str = "33612345678", destination: str = "ACME", **fields: bool) -> Receipt:
    return Receipt(("A1F",), State.DELIVERED, "DELIVRD", "000", source, destination, **fields)


@pytest.mark.parametrize(
    ("answered", "receipted", "message_id_format", "same"),
    [
        ("A1F", "A1F", "same", True),
        ("A1F", "a1f", "same", True),
        ("42", "0000000042", "same", True),
        ("0042", "42", "same", True),
        ("0x0A1F", "A1F", "same", True),
        ("A1F", "A1F ", "same", True),
        ("{74e0-4e2f}", "74E0-4E2F", "same", True),
        ("A1F", "A1E", "same", False),
        ("A1F", "2591", "same", False),
        ("0", "000", "same", True),
        ("", "", "same", False),
        ("a.b:c-d", "A.B:C-D", "same", True),
        ("A1F", "2591", "receipt_decimal", True),
        ("0a1f", "0002591", "receipt_decimal", True),
        ("2591", "A1F", "receipt_hex", True),
        ("2591", "0a1f", "receipt_hex", True),
        ("2591", "0x0a1f", "receipt_hex", True),
        ("2591", "2591", "receipt_hex", False),
        # No number of that base: written alike, as in receipted_message_id.
        ("A1F", "A1F", "receipt_decimal", True),
        ("x-1", "X-1", "receipt_hex", True),
    ],
)
def test_ids_are_compared_as_the_format_says(
    answered: str, receipted: str, message_id_format: str, same: bool
) -> None:
    assert same_id(answered, receipted, message_id_format) is same
    if answered:
        assert (id_key(answered) in id_keys(receipted, message_id_format)) is same


@pytest.mark.parametrize(
    ("receipted", "given", "found"),
    [
        (("2591",), "receipt_decimal", "receipt_decimal"),
        (("2591",), "same", "receipt_decimal"),
        (("A1F",), "receipt_hex", "same"),
        (("B00",), "same", None),
        (("B00", "a1f"), "same", "same"),
        ((), "same", None),
    ],
)
def test_a_wrong_format_is_found_out(
    receipted: tuple[str, ...], given: str, found: str | None
) -> None:
    assert matching_format("A1F", receipted, given) == found


@pytest.mark.parametrize(
    ("numbers", "about"),
    [
        (("33612345678", "ACME"), True),
        (("ACME", "+33612345678"), True),
        (("0612345678", ""), True),
        (("", ""), True),
        (("33612345679", "ACME"), False),
    ],
)
def test_the_number_has_to_fit_as_well(numbers: tuple[str, str], about: bool) -> None:
    assert is_about("+33612345678", receipt(*numbers)) is about
    assert fits(receipt(*numbers), number="+33612345678", sender="ACME") is about


@pytest.mark.parametrize(
    ("source", "destination", "fit"),
    [
        ("33612345678", "ACME", True),
        ("0612345678", "acme", True),
        ("33699999999", "ACME", False),  # a stranger who knows an id
        ("33612345678", "OTHER", False),
        ("ACME", "33612345678", False),
        ("", "", False),
    ],
)
def test_what_any_phone_can_write_counts_only_from_the_very_number_to_the_very_sender(
    source: str, destination: str, fit: bool
) -> None:
    guess = receipt(source, destination, marked=False)

    assert fits(guess, number="+33612345678", sender="ACME") is fit


def test_a_sender_that_is_a_number_is_known_by_its_last_digits() -> None:
    guess = receipt("33612345678", "0700000001", marked=False)

    assert fits(guess, number="33612345678", sender="+33700000001")
    assert not fits(guess, number="33612345678", sender="+33700000002")


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("DELIVRD", State.DELIVERED),
        ("delivered to handset", State.DELIVERED),
        ("Undelivered", State.UNDELIVERED),
        ("EXPIRED", State.EXPIRED),
        ("buffred", State.INTERIM),
        ("DELIVERY_FAILED", State.UNKNOWN),
        ("", State.UNKNOWN),
    ],
)
def test_a_word_is_read_by_its_beginning(word: str, state: State) -> None:
    assert state_of(word) is state


@pytest.mark.parametrize(
    ("states", "together"),
    [
        ([], State.UNKNOWN),
        ([State.DELIVERED, State.DELIVERED], State.DELIVERED),
        ([State.UNDELIVERED, State.DELIVERED, State.DELIVERED], State.UNDELIVERED),
        ([State.DELIVERED, State.EXPIRED], State.EXPIRED),
        ([State.UNDELIVERED, State.EXPIRED], State.UNDELIVERED),
        ([State.DELIVERED, State.INTERIM], State.INTERIM),
        ([State.UNKNOWN, State.INTERIM, State.DELIVERED], State.UNKNOWN),
        ([State.INTERIM, State.UNDELIVERED], State.UNDELIVERED),
    ],
)
def test_the_worst_part_speaks_for_all_in_any_order(states: list[State], together: State) -> None:
    assert {worst_state(order) for order in itertools.permutations(states)} == {together}


def test_only_an_end_is_final() -> None:
    assert {state for state in State if state.is_final} == {
        State.DELIVERED,
        State.UNDELIVERED,
        State.EXPIRED,
    }
