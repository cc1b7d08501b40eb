"""OpenAPI: what every operation has in common, so that a view says only what is its own."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    inline_serializer,
)
from rest_framework import serializers

from orbit.api.error_codes import CATALOGUE
from orbit.api.query_params import ListQuery
from orbit.api.totals import EXACT

_EXAMPLE_ID = "req_0198f3a27b1c7d3e9a51c0ffee0ddba1"
_EXAMPLE_META = {"request_id": _EXAMPLE_ID, "timestamp": "2026-03-08T12:00:00Z"}
_EVERYWHERE = ("VALIDATION_ERROR", "RATE_LIMIT_EXCEEDED", "INTERNAL_ERROR")


class Meta(serializers.Serializer):
    request_id = serializers.CharField(help_text="req_ and 32 hex digits; also in X-Request-Id")
    timestamp = serializers.DateTimeField()


class Pagination(serializers.Serializer):
    cursor = serializers.CharField(allow_null=True, help_text="null when nothing follows")
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
    code = serializers.ChoiceField(choices=sorted(CATALOGUE))
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
    answer: type[serializers.Serializer] | None = None,
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
    return extend_schema(
        operation_id=operation_id or None,
        summary=summary,
        description=description or None,
        request=request,
        responses={
            status: _success(answer, listed, example),
            **_failures(errors, has_body=request is not None),
        },
        examples=examples,
        tags=[tag] if tag else None,
    )


def error_example(
    code: str, site: str = "https://sms.example.com", status: int | None = None
) -> dict[str, Any]:
    """A body as the API at `site` answers it, for the documentation. `status`: the code's first
    one, unless another is named."""
    entry = CATALOGUE[code]
    is_usual = status in (None, entry.status)
    return {
        "error": {
            "code": code,
            "message": f"{entry.title}.",
            "status": entry.status if is_usual else status,
            "details": _EXAMPLE_DETAILS.get(code) if is_usual else None,
        },
        "meta": {**_EXAMPLE_META, "docs_url": f"{site}/docs/errors/{code}"},
    }


_EXAMPLE_DETAILS = {
    "VALIDATION_ERROR": {
        "field": "port",
        "expected": "a whole number from 1 to 65535",
        "errors": [{"field": "port", "message": "Must be a whole number, not in quotes."}],
        "value": "2775",
    },
    "MISSING_REQUIRED_FIELD": {
        "field": "host",
        "expected": "a DNS name or an IP address",
        "errors": [{"field": "host", "message": "This field is required."}],
    },
    "INVALID_PHONE_NUMBER": {
        "field": "to",
        "expected": "E.164 format e.g. +14155552671",
        "errors": [{"field": "to", "message": "Is not a phone number."}],
        "value": "+1234",
    },
    "INVALID_WEBHOOK_URL": {
        "field": "url",
        "expected": "an https:// URL of a public host",
        "errors": [{"field": "url", "message": "Only https:// is posted to."}],
    },
    "INSUFFICIENT_PERMISSIONS": {"required": "credentials:reveal"},
    "RATE_LIMIT_EXCEEDED": {"retry_after": 12, "limit": 1200, "window": "60s"},
}


class OrbitSchema(AutoSchema):
    """Takes from the view what it declares: query parameters, scopes, idempotency."""

    def get_override_parameters(self) -> list[Any]:
        query = getattr(self.view, "query", {}).get(self.method)
        parameters: list[Any] = [query] if query else []
        if self.method in ("POST", "PUT", "PATCH", "DELETE") and self.view.idempotent:
            parameters.append(_IDEMPOTENCY_KEY)
        return parameters

    def get_operation_id(self) -> str:
        query = getattr(self.view, "query", {}).get(self.method)
        listed = query is not None and issubclass(query, ListQuery)
        verb = "list" if listed else self.method_mapping[self.method.lower()]
        return "_".join([*self._tokenize_path(), verb])

    def get_tags(self) -> list[str]:
        """The noun: `/v1/messaging/smpp/credentials/{credential_id}/rotate` → `credentials`."""
        if self.view.operators_only:
            return ["operators"]
        return [next(word for word in self._tokenize_path() if word not in _FOLDERS)]

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation = super().get_operation(*args, **kwargs)
        scope = getattr(self.view, "scopes", {}).get(self.method)
        if operation is not None and scope:
            text = operation.get("description", "")
            operation["description"] = f"{text}\n\nScope: `{scope}`".strip()
        return operation

    def get_auth(self) -> list[dict[str, list[str]]]:
        if not self.view.authentication_classes:
            return [{}]
        return [{"ApiKey": []}, {"Bearer": []}]


_FOLDERS = {"messaging", "settings", "smpp"}
_IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="1–255 printable ASCII characters; the same request again gets the first answer.",
)


def _success(
    answer: type[serializers.Serializer] | None, listed: bool, example: Any
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
        return {"data": example, "meta": _EXAMPLE_META}
    pagination = {"cursor": None, "has_more": False, "total": 1, "total_is_estimate": False}
    return {"data": [example], "meta": {**_EXAMPLE_META, "pagination": pagination}}


@functools.cache
def _envelope(answer: type[serializers.Serializer], listed: bool) -> serializers.Serializer:
    name = answer.__name__.removesuffix("Serializer") + ("List" if listed else "") + "Envelope"
    meta = ListMeta() if listed else Meta()
    return inline_serializer(name, {"data": answer(many=listed), "meta": meta})


def _failures(codes: Sequence[str], *, has_body: bool) -> dict[int, OpenApiResponse]:
    by_status: dict[int, list[str]] = {}
    for code in dict.fromkeys((*_WITH_CALLER, *codes, *_EVERYWHERE)):
        by_status.setdefault(CATALOGUE[code].status, []).append(code)
    if has_body:
        for status, code in _UNREADABLE.items():
            by_status.setdefault(status, []).append(code)
    return {status: _failure(found, status) for status, found in sorted(by_status.items())}


# Of a body that can't be read, or is too large.
_UNREADABLE = {400: "VALIDATION_ERROR", 415: "UNSUPPORTED_MEDIA_TYPE"}
_WITH_CALLER = ("UNAUTHORIZED", "INVALID_API_KEY", "EXPIRED_TOKEN", "INSUFFICIENT_PERMISSIONS")


def _failure(codes: Sequence[str], status: int) -> OpenApiResponse:
    examples = [OpenApiExample(code, value=error_example(code, status=status)) for code in codes]
    titles = " · ".join(f"`{code}`: {CATALOGUE[code].title}" for code in codes)
    return OpenApiResponse(ErrorAnswer, description=titles, examples=examples)
