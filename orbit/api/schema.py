"""OpenAPI of one handler: `documented`, and the frame of every answer."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiResponse,
    PolymorphicProxySerializer,
    extend_schema,
    inline_serializer,
)
from rest_framework import serializers

from orbit.api.error_codes import ERROR_CODES
from orbit.api.error_responses import EXAMPLE_META
from orbit.api.query_params import CURSOR
from orbit.api.totals import EXACT


@dataclass(frozen=True)
class OneOf:
    """An answer of one of several shapes, under a name of its own."""

    name: str
    shapes: tuple[type[serializers.Serializer], ...]


class Meta(serializers.Serializer):
    request_id = serializers.CharField(help_text="req_ and 32 hex digits; also in X-Request-Id")
    timestamp = serializers.DateTimeField()


class Pagination(serializers.Serializer):
    cursor = serializers.RegexField(CURSOR, allow_null=True, help_text="null when nothing follows")
    has_more = serializers.BooleanField()
    total = serializers.IntegerField(
        help_text=f"of all pages: exact up to {EXACT:,}, an estimate beyond"
    )
    total_is_estimate = serializers.BooleanField()


class ListMeta(Meta):
    pagination = Pagination()


class ErrorMeta(Meta):
    docs_url = serializers.URLField()


class ErrorDetail(serializers.Serializer):
    code = serializers.ChoiceField(choices=sorted(ERROR_CODES))
    message = serializers.CharField()
    status = serializers.IntegerField()
    details = serializers.DictField(allow_null=True)


class ErrorAnswer(serializers.Serializer):
    error = ErrorDetail()
    meta = ErrorMeta()


def documented(
    *,
    summary: str,
    description: str = "",
    request: type[serializers.Serializer] | None = None,
    answer: type[serializers.Serializer] | OneOf | None = None,
    status: int = 200,
    listed: bool = False,
    errors: Sequence[str] = (),
    example: Any = None,
    request_example: Mapping[str, Any] | None = None,
    tag: str = "",
    operation_id: str = "",
) -> Callable:
    """Describe a handler: `answer` is what `data` holds (one, or with `listed` each of many).

    `errors` are codes beyond those that every operation has; `example` is an example of `data`;
    `tag` and `operation_id` are others than the path says.
    """
    examples = []
    if request_example is not None:
        examples.append(OpenApiExample("Request", value=request_example, request_only=True))
    described = extend_schema(
        operation_id=operation_id or None,
        summary=summary,
        description=description or None,
        request=request,
        responses={status: _success(answer, listed, example)},
        examples=examples,
        tags=[tag] if tag else None,
    )

    def decorate(handler: Callable) -> Callable:
        handler.errors = tuple(errors)
        return described(handler)

    return decorate


def _success(
    answer: type[serializers.Serializer] | OneOf | None, listed: bool, example: Any
) -> OpenApiResponse:
    if answer is None:
        return OpenApiResponse(description="Done; there is no body.")
    body = _envelope(answer, listed)
    if example is None:
        return OpenApiResponse(body, description="Done.")
    value = _example_envelope(example, listed)
    return OpenApiResponse(
        body, description="Done.", examples=[OpenApiExample("Answer", value=value)]
    )


def _example_envelope(example: Any, listed: bool) -> dict[str, Any]:
    if not listed:
        return {"data": example, "meta": EXAMPLE_META}
    pagination = {"cursor": None, "has_more": False, "total": 1, "total_is_estimate": False}
    return {"data": [example], "meta": {**EXAMPLE_META, "pagination": pagination}}


@functools.cache
def _envelope(answer: type[serializers.Serializer] | OneOf, listed: bool) -> serializers.Serializer:
    shape = answer.name if isinstance(answer, OneOf) else answer.__name__
    name = shape.removesuffix("Serializer") + ("List" if listed else "") + "Envelope"
    meta = ListMeta() if listed else Meta()
    return inline_serializer(name, {"data": _data(answer, listed), "meta": meta})


def _data(answer: type[serializers.Serializer] | OneOf, listed: bool) -> serializers.Field:
    if not isinstance(answer, OneOf):
        return answer(many=listed)
    shapes = PolymorphicProxySerializer(
        component_name=answer.name, serializers=answer.shapes, resource_type_field_name=None
    )
    return serializers.ListField(child=shapes) if listed else shapes
