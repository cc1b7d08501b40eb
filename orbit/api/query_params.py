"""Query strings, read as strictly as bodies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework import serializers

from orbit.api.errors import ApiError
from orbit.api.serializers import StrictSerializer

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
CURSOR = "^cur_[A-Za-z0-9_-]+$"


class QuerySerializer(StrictSerializer):
    """The query parameters that a method of a view takes; any other one is 422."""

    native_types: ClassVar[bool] = False

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        for field in self._writable_fields:
            if isinstance(field, serializers.BooleanField):
                field.TRUE_VALUES, field.FALSE_VALUES = {"true"}, {"false"}
                field.NULL_VALUES = set()
        return super().to_internal_value(data)


class NoQuery(QuerySerializer):
    """No query parameters at all."""


class Cursor(serializers.CharField):
    openapi: ClassVar[Mapping[str, Any]] = {"format": "cursor", "pattern": CURSOR}


class ListQuery(QuerySerializer):
    """What every list takes; subclasses add their filters (all `required=False`)."""

    limit = serializers.IntegerField(
        min_value=1,
        max_value=MAX_LIMIT,
        default=DEFAULT_LIMIT,
        help_text=f"a whole number from 1 to {MAX_LIMIT}",
    )
    # Any text: what is no cursor of ours is answered with INVALID_CURSOR, not as a bad field.
    cursor = Cursor(
        required=False, allow_blank=True, help_text="meta.pagination.cursor of the page before"
    )


def read_query(request: Any, serializer_class: type[QuerySerializer]) -> dict[str, Any]:
    """Return the values of the query string; raises 422 for unknown, bad or repeated ones."""
    params = request.query_params
    if not params and serializer_class is NoQuery:
        return {}
    for name in params:
        if len(params.getlist(name)) > 1:
            raise ApiError(
                "VALIDATION_ERROR", f"{name[:64]}: is given more than once.", field=name[:64]
            )
    return serializer_class.shared().checked(params.dict())
