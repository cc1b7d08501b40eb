"""Bodies are read strictly, and every bad field is named."""

from __future__ import annotations

import json

import pytest
from rest_framework import serializers as fields

from orbit.api import serializers
from orbit.api.errors import ApiError
from orbit.api.field_errors import MAX_ERRORS
from tests.orbit.api.probe import ProbeBody

NAME = {"name": "x"}


def refused(body) -> ApiError:
    with pytest.raises(ApiError) as caught:
        ProbeBody.shared().checked(body)
    return caught.value


def messages(error: ApiError) -> dict[str, str]:
    return {row["field"]: row["message"] for row in error.details["errors"]}


def accepted(body) -> dict:
    return ProbeBody.shared().checked(body)


def test_defaults_are_filled_in():
    assert accepted(NAME) == {"name": "x", "port": 2775, "tls": False}


def test_partial_takes_only_what_was_sent():
    assert ProbeBody.shared(partial=True).checked({"port": 1}) == {"port": 1}


def test_one_check_leaves_nothing_for_the_next():
    refused({"name": "x", "port": "2775", "inner": {"ton": 9}})
    assert accepted({"name": "y", "inner": {"ton": 1}})["inner"] == {"ton": 1}
    assert accepted(NAME) == {"name": "x", "port": 2775, "tls": False}


def test_unknown_fields_are_named_with_a_guess():
    error = refused({**NAME, "prot": 1, "zzz": 2})
    assert error.code == "VALIDATION_ERROR"
    assert messages(error) == {
        "prot": "Unknown field; did you mean port?",
        "zzz": "Unknown field.",
    }


def test_the_value_of_an_unknown_field_is_not_echoed():
    error = refused({**NAME, "passwort": "s3cr3t"})
    assert "value" not in error.details
    assert "s3cr3t" not in json.dumps(error.details)


def test_the_first_bad_field_in_document_order_gives_the_code():
    both = refused({"port": "1"})
    assert both.code == "MISSING_REQUIRED_FIELD"
    assert both.details["field"] == "name"
    assert list(messages(both)) == ["name", "port"]

    other = refused({"zzz": 1, "to": "1", "port": 0, "name": "x"})
    assert list(messages(other)) == ["port", "to", "zzz"]
    assert other.code == "VALIDATION_ERROR"


def test_a_code_of_the_catalogue_is_taken_from_the_field():
    error = refused({**NAME, "to": "1234"})
    assert error.code == "INVALID_PHONE_NUMBER"
    assert error.details == {
        "field": "to",
        "expected": "E.164 format e.g. +14155552671",
        "errors": [{"field": "to", "message": "No plus sign."}],
        "value": "1234",
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("port", "2775"),
        ("port", True),
        ("port", 1.0),
        ("port", [1]),
        ("tls", 1),
        ("tls", "true"),
        ("tls", None),
        ("name", 1),
        ("name", True),
        ("name", ["x"]),
        ("name", {}),
        ("rate", 1),
        ("rate", 1.5),
        ("kind", 1),
        ("kind", ["a"]),
        ("tags", "a"),
        ("tags", {}),
        ("tags", [1]),
        ("numbers", ["1"]),
        ("numbers", [True]),
        ("inner", []),
        ("inner", {"ton": "1"}),
        ("inner", {"ton": True}),
        ("metadata", []),
    ],
)
def test_types_are_those_of_json(field, value):
    error = refused({**NAME, field: value})
    assert error.details["field"].split(".")[0].split("[")[0] == field


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("port", 2775),
        ("tls", True),
        ("rate", "1.5"),
        ("tags", ["a"]),
        ("numbers", [1]),
        ("inner", {"ton": 1}),
        ("metadata", {"a": {"b": [1, None]}}),
    ],
)
def test_right_types_are_taken(field, value):
    assert field in accepted({**NAME, field: value})


@pytest.mark.parametrize("body", [[], "text", 1, None, True])
def test_a_body_that_is_no_object_is_refused(body):
    error = refused(body)
    assert error.code == "VALIDATION_ERROR"
    assert error.details["expected"] == "a JSON object"


def test_text_is_taken_as_it_is():
    assert accepted({"name": "  x  "})["name"] == "  x  "


@pytest.mark.parametrize("blank", ["", "   ", "\t"])
def test_blank_text_is_refused(blank):
    assert messages(refused({"name": blank})) == {"name": "May not be empty."}


@pytest.mark.parametrize(
    "value",
    [
        {"name": "a\0b"},
        {"name": "x", "tags": ["a\0"]},
        {"name": "x", "metadata": {"a": {"b\0": 1}}},
    ],
)
def test_nul_is_refused_anywhere(value):
    assert "NUL" in str(refused(value).details["errors"])


@pytest.mark.parametrize("value", [{"name": "\ud800"}, {"name": "x", "metadata": {"a": "\udfff"}}])
def test_half_a_surrogate_pair_is_refused_anywhere(value):
    assert "surrogate" in str(refused(value).details["errors"])


def test_nested_fields_are_named_by_their_path():
    error = refused({**NAME, "tags": ["fine", "far too long"], "inner": {"ton": 9, "x": 1}})
    assert set(messages(error)) == {"tags[1]", "inner.ton", "inner.x"}


def test_a_name_is_shown_shortened():
    assert len(refused({**NAME, "x" * 5000: 1}).details["field"]) == 100


def test_a_value_is_echoed_shortened():
    error = refused({"name": "x" * 5000})
    assert len(error.details["value"]) == 100
    assert error.details["expected"] == "text of 1–64 characters"


def test_a_long_list_is_echoed_shortened():
    error = refused({**NAME, "numbers": "9" * 5000})
    assert len(error.details["value"]) == 100


@pytest.mark.parametrize("value", ["far-too-long-a-password", 12345678, ["s3cr3t"]])
def test_a_secret_is_never_echoed(value):
    error = refused({**NAME, "password": value})
    assert error.details["field"] == "password"
    assert "value" not in error.details
    assert str(value) not in json.dumps(error.details) + error.message


def test_a_message_does_not_quote_a_secret():
    error = refused({**NAME, "code": "s3cr3t"})
    assert "s3cr3t" not in json.dumps(error.details) + error.message


def test_expected_says_what_a_field_takes():
    assert refused({**NAME, "port": 0}).details["expected"] == "a whole number from 1 to 65535"
    assert refused({**NAME, "tls": 1}).details["expected"] == "true or false"
    assert refused({**NAME, "kind": "c"}).details["expected"] == "one of: a, b"
    assert refused({**NAME, "inner": {"ton": 7}}).details["expected"] == (
        "a whole number from 0 to 6"
    )


@pytest.mark.parametrize(
    ("name", "value"), [("rate", "\uff11.5"), ("when", "\uff12\uff10\uff12\uff17-01-01T00:00:00Z")]
)
def test_numbers_and_times_have_the_digits_0_to_9(name, value):
    """Python reads those of every script."""

    class Times(ProbeBody):
        when = fields.DateTimeField(required=False)

    with pytest.raises(ApiError) as refusal:
        Times.shared().checked({**NAME, name: value})
    assert refusal.value.details["errors"] == [
        {"field": name, "message": "Must be written with the digits 0 to 9."}
    ]


def test_of_very_many_unknown_fields_only_some_are_looked_at(monkeypatch):
    guessed = []
    monkeypatch.setattr(serializers, "get_close_matches", lambda name, *_, n: guessed.append(name))
    error = refused({**NAME, **{f"x{number}": 1 for number in range(10_000)}, "port": "1"})
    assert len(guessed) == serializers._GUESSES
    assert len(messages(error)) == MAX_ERRORS
    assert error.details["field"] == "port"
