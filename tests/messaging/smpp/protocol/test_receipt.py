"""Which message a receipt may belong to, and states. Reading: test_receipt_corpus."""

from __future__ import annotations

import itertools

import pytest

from messaging.smpp.protocol.receipt import Receipt, State, fits, is_about, state_of, worst_state


def receipt(source: str = "33612345678", destination: str = "ACME", **fields: bool) -> Receipt:
    return Receipt(("A1F",), State.DELIVERED, "DELIVRD", "000", source, destination, **fields)


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
def test_an_unmarked_receipt_counts_only_from_this_number_to_this_sender(
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
def test_the_worst_state_of_the_parts_counts_in_any_order(
    states: list[State], together: State
) -> None:
    assert {worst_state(order) for order in itertools.permutations(states)} == {together}


def test_final_states() -> None:
    assert {state for state in State if state.is_final} == {
        State.DELIVERED,
        State.UNDELIVERED,
        State.EXPIRED,
    }
