"""Answers of the API, read from the fields of a serializer.

DRF's own `to_representation` takes many times as long: it asks each field anew how it is read. Here
that is found out once a class.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from rest_framework import serializers

from orbit.api.envelope import timestamp
from orbit.api.serializers import StrictSerializer

Read = Callable[[Any], Any]


class TextOrNull(serializers.CharField):
    """Text that is answered as null while it is empty."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_null": True, "read_only": True} | options)

    def to_representation(self, value: Any) -> str | None:
        return value or None


class Answered:
    """A serializer that answers: each field that is not `write_only`, in the order declared.

    - A field reads the attribute of its name, or `source`; `represent_NAME(self, row)`, where there
      is one, returns the finished value instead.
    - A nested serializer reads an object in the same way, and leaves a dict (stored JSON) as it is.
    - Times are answered as the API writes them; a field with its own `to_representation` uses it.
    """

    # What a name that is taken and answered in two shapes, or is no Python name, is in the answer.
    answered_as: ClassVar[Mapping[str, str]] = {}
    # Of the answer: those that are not always there.
    optional_in_answers: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def represent(cls, row: Any) -> dict[str, Any]:
        """The answer about `row`."""
        return _reader(cls, False)(row)

    @classmethod
    def written(cls, row: Any) -> dict[str, Any]:
        """The part of it that people write, for the entity tag."""
        return _reader(cls, True)(row)


class AnswerSerializer(Answered, serializers.Serializer):
    """The shape of an answer, or of a part of one, that is never sent to us."""


class ResourceSerializer(Answered, StrictSerializer):
    """A noun: what is taken of it and what is answered, each field declared once.

    A `read_only` field is answered alone and a `write_only` one taken alone; the others are both,
    and make the entity tag. The order is that of faults, of the answer and of the documentation.
    """


@functools.cache
def written_names(serializer_class: type[ResourceSerializer]) -> tuple[str, ...]:
    """Names of the fields that people write and read."""
    fields = serializer_class().fields.values()
    return tuple(f.field_name for f in fields if not f.read_only and not f.write_only)


@functools.cache
def _reader(serializer_class: type[Answered], only_written: bool) -> Read:
    """How to answer a row: its fields' readers, found once."""
    serializer = serializer_class()
    readers = {
        serializer.answered_as.get(name, name): _field_reader(serializer, name, field)
        for name, field in serializer.fields.items()
        if not (field.write_only or (only_written and field.read_only))
    }
    entries = tuple(readers.items())
    return lambda row: {name: read(row) for name, read in entries}


def _field_reader(serializer: Answered, name: str, field: serializers.Field) -> Read:
    if represent := getattr(serializer, f"represent_{name}", None):
        return represent
    convert = _converter(field)
    if field.source == "*":
        return convert or (lambda row: row)
    get = operator.attrgetter(field.source)
    return (lambda row: convert(get(row))) if convert else get


def _converter(field: serializers.Field) -> Read | None:
    """How a value is answered; None for one that is answered as it is."""
    if isinstance(field, serializers.ListSerializer):
        one = _nested(field.child)
        return lambda rows: [one(row) for row in (rows.all() if hasattr(rows, "all") else rows)]
    if isinstance(field, Answered):
        return _nested(field) if field.source != "*" else _reader(type(field), False)
    if isinstance(field, serializers.DateTimeField):
        return timestamp
    own = type(field).to_representation.__module__.partition(".")[0] != "rest_framework"
    return field.to_representation if own else None


def _nested(serializer: Answered) -> Read:
    read = _reader(type(serializer), False)
    return lambda value: value if value is None or isinstance(value, dict) else read(value)
