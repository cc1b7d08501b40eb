"""The JSON types that a serializer field takes: their check, and their description."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

_SURROGATE = re.compile("[\ud800-\udfff]")
_WHOLE_NUMBER = re.compile(r"-?[0-9]+")
_NUMBERS = (serializers.FloatField,)
_NUMERALS = (
    serializers.FloatField,
    serializers.DecimalField,
    serializers.DateTimeField,
    serializers.DateField,
)
_TEXTS = (
    serializers.CharField,
    serializers.ChoiceField,
    serializers.DecimalField,
    serializers.DateTimeField,
    serializers.DateField,
    serializers.UUIDField,
    serializers.IPAddressField,
)


def type_fault(field: serializers.Field, value: Any) -> str | None:
    """Return what is wrong with the JSON type of the value, or None; `true` is no 1."""
    if value is None:
        return None  # allow_null decides
    match field:
        case serializers.BooleanField():
            return None if isinstance(value, bool) else "Must be true or false."
        case serializers.IntegerField():
            return None if _is_integer(value) else "Must be a whole number, not in quotes."
        case _ if isinstance(field, _NUMBERS):
            fits = _is_integer(value) or isinstance(value, float)
            return None if fits else "Must be a number."
        case serializers.MultipleChoiceField() | serializers.ListField():
            return None if isinstance(value, list) else "Must be a list."
        case _ if isinstance(field, _TEXTS):
            return _text_fault(field, value)
        case serializers.DictField() | serializers.Serializer():
            return None if isinstance(value, dict) else "Must be an object."
    return None


def numeral_fault(field: serializers.Field, value: Any) -> str | None:
    """Return what is wrong with a number or time written as text, or None.

    Python also reads digits of other scripts, `1_0` and ` 5 `, which would compare unequal to ours.
    """
    if not isinstance(value, str):
        return None
    if isinstance(field, serializers.IntegerField) and not _WHOLE_NUMBER.fullmatch(value):
        return "Must be a whole number, in the digits 0 to 9."
    if isinstance(field, _NUMERALS) and not value.isascii():
        return "Must be written with the digits 0 to 9."
    return None


def character_fault(value: Any) -> str | None:
    """Return what is wrong with a text anywhere in the value: NUL, or half a surrogate pair."""
    if isinstance(value, str):
        if "\0" in value:
            return "Must not contain NUL characters."
        if _SURROGATE.search(value):
            return "Must not contain half a surrogate pair."
        return None
    if isinstance(value, Mapping):
        parts: list[Any] = [*value.keys(), *value.values()]
    elif isinstance(value, list):
        parts = value
    else:
        return None
    return next((fault for fault in map(character_fault, parts) if fault), None)


def expected(field: serializers.Field) -> str:
    """Describe what the field takes: its `help_text`, else its type and limits."""
    if field.help_text:
        return str(field.help_text)
    text = _expected(field)
    return f"{text}, or null" if field.allow_null else text


def _expected(field: serializers.Field) -> str:
    match field:
        case serializers.BooleanField():
            return "true or false"
        case serializers.ChoiceField():
            return "one of: " + ", ".join(map(str, field.choices))
        case serializers.IntegerField():
            return _ranged("a whole number", field.min_value, field.max_value)
        case serializers.DecimalField():
            return "a decimal number as text"
        case serializers.DateTimeField():
            return "a time in ISO 8601 with an offset, e.g. 2026-03-08T12:00:00Z"
        case serializers.ListField():
            return "a list"
        case serializers.DictField() | serializers.Serializer():
            return "an object"
        case serializers.CharField():
            shortest = field.min_length if field.min_length else None if field.allow_blank else 1
            return _ranged("text", shortest, field.max_length, " characters")
    return "a valid value"


def _ranged(noun: str, low: int | None, high: int | None, unit: str = "") -> str:
    if low is not None and high is not None:
        return f"{noun} from {low} to {high}{unit}" if not unit else f"{noun} of {low}–{high}{unit}"
    if high is not None:
        return f"{noun} of at most {high}{unit}"
    return noun if low is None else f"{noun} of at least {low}{unit}"


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _text_fault(field: serializers.Field, value: Any) -> str | None:
    if not isinstance(value, str):
        return "Must be text in quotes."
    if isinstance(field, serializers.CharField) and not field.allow_blank and not value.strip():
        return "May not be empty."
    return None
