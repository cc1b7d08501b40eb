"""Bodies that are read strictly: what is not declared is refused, and types are JSON's own."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, ClassVar, Self

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.settings import api_settings

from orbit.api.field_errors import MAX_ERRORS, field_error
from orbit.api.json_types import character_fault, numeral_fault, type_fault


def on_form(label: str, help_text: str = "", **options: Any) -> dict[str, Any]:
    """`style` of a field that the console's forms have; `options`: `choices` in other words."""
    return {"form": {"label": label, "help_text": help_text, **options}}


_GUESSES = 5  # names that are not known for which the one that was meant is looked for


class StrictSerializer(serializers.Serializer):
    """A DRF serializer that turns its faults into one `ApiError` naming every bad field.

    - Fields are declared in the order of the API's documentation: the first bad one gives the code.
    - `secret_fields` are never echoed.
    - `help_text` says what a field takes (`details.expected`); else its type and limits do.
    - A fault's code may be one of the catalogue: `ValidationError(…, code="INVALID_PHONE_NUMBER")`.
    - Text is taken as it is, spaces included; empty or blank text needs `allow_blank`.
    - With `partial=True` only the fields that were sent are checked and returned.
    - A field with `reads_itself` gets its value as it was sent: its own code looks at each entry,
      here only its own type is.
    """

    secret_fields: ClassVar[tuple[str, ...]] = ()
    native_types: ClassVar[bool] = True  # JSON's types; a query string has only text

    @classmethod
    def shared(cls, *, partial: bool = False) -> Self:
        """The instance that all requests are checked with: building one copies every field, which
        takes longer than the check. `checked` leaves nothing behind in it."""
        return _shared(cls, partial)

    def checked(self, data: Any) -> dict[str, Any]:
        """Return the values of `data`; raises `ApiError` (422)."""
        try:
            return self.run_validation(data)
        except ValidationError as error:
            errors = error.detail
        if not isinstance(errors, Mapping):  # of `null`: no field has it
            errors = {api_settings.NON_FIELD_ERRORS_KEY: errors}
        raise field_error(self, errors, data)

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        for field in fields.values():
            _take_text_as_it_is(field)
        return fields

    @functools.cached_property
    def writable(self) -> dict[str, serializers.Field]:
        """The fields of a request: what is only answered is unknown there."""
        return {field.field_name: field for field in self._writable_fields}

    @functools.cached_property
    def _writable_fields(self) -> list[serializers.Field]:
        return [field for field in self.fields.values() if not field.read_only]

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, Mapping):
            raise ValidationError({api_settings.NON_FIELD_ERRORS_KEY: ["Must be a JSON object."]})
        refused = self._refused(data)
        kept = {name: value for name, value in data.items() if name not in refused}
        errors: dict[str, Any] = {}
        values: dict[str, Any] = {}
        try:
            values = super().to_internal_value(kept)
        except ValidationError as error:
            errors = {name: found for name, found in error.detail.items() if name not in refused}
        errors |= refused
        if errors:
            raise ValidationError(errors)
        return values

    def _refused(self, data: Mapping[str, Any]) -> dict[str, list[ErrorDetail]]:
        """Names that are not known, and values of the wrong JSON type or with forbidden text."""
        writable = self.writable
        refused = {}
        for name, value in data.items():
            if name not in writable:
                if len(refused) < MAX_ERRORS:  # a body has room for millions of names
                    known = writable if len(refused) < _GUESSES else {}
                    refused[name] = [ErrorDetail(_unknown(name, known), code="unknown")]
                continue
            if getattr(writable[name], "reads_itself", False):
                fault = type_fault(writable[name], value)
            else:
                fault = character_fault(value)
                if fault is None and self.native_types:
                    fault = _deep_type_fault(writable[name], value)
                fault = fault or numeral_fault(writable[name], value)
            if fault:
                refused[name] = [ErrorDetail(fault, code="type")]
        return refused


@functools.cache
def _shared(serializer_class: type[StrictSerializer], partial: bool) -> StrictSerializer:
    return serializer_class(partial=partial)


def _unknown(name: str, known: Mapping[str, Any]) -> str:
    close = get_close_matches(name[:64], known, n=1) if known else ()
    return f"Unknown field; did you mean {close[0]}?" if close else "Unknown field."


def _deep_type_fault(field: serializers.Field, value: Any) -> str | None:
    fault = type_fault(field, value)
    if fault or not isinstance(field, serializers.ListField) or not isinstance(value, list):
        return fault
    faults = (_deep_type_fault(field.child, item) for item in value)
    return next((f"Each entry: {fault[0].lower()}{fault[1:]}" for fault in faults if fault), None)


def _take_text_as_it_is(field: serializers.Field) -> None:
    if isinstance(field, serializers.CharField):
        field.trim_whitespace = False
    if isinstance(field, serializers.ListField):
        _take_text_as_it_is(field.child)
