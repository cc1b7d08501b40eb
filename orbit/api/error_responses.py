"""OpenAPI of failures: one component for each set of codes that share a status."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent

from orbit.api.error_codes import ERROR_CODES

EXAMPLE_ID = "req_0198f3a27b1c7d3e9a51c0ffee0ddba1"
EXAMPLE_META = {"request_id": EXAMPLE_ID, "timestamp": "2026-03-08T12:00:00Z"}
ANYWHERE = ("VALIDATION_ERROR", "RATE_LIMIT_EXCEEDED", "INTERNAL_ERROR", "SERVICE_UNAVAILABLE")
OF_CALLERS = (
    "UNAUTHORIZED",
    "INVALID_API_KEY",
    "EXPIRED_TOKEN",
    "INSUFFICIENT_PERMISSIONS",
    "IP_NOT_ALLOWED",
)
OF_IDEMPOTENCY_KEYS = ("IDEMPOTENCY_IN_PROGRESS", "IDEMPOTENCY_KEY_REUSED")
# 400 at every operation: Transfer-Encoding, and bodies that are too large or can't be read.
UNREADABLE = "VALIDATION_ERROR"
# What most operations can fail with: these sets have the status alone as their name.
_USUAL = {
    400: {UNREADABLE},
    401: {"UNAUTHORIZED", "INVALID_API_KEY", "EXPIRED_TOKEN"},
    403: {"INSUFFICIENT_PERMISSIONS", "IP_NOT_ALLOWED"},
    404: {"NOT_FOUND"},
    412: {"PRECONDITION_FAILED"},
    415: {"UNSUPPORTED_MEDIA_TYPE"},
    422: {"VALIDATION_ERROR"},
    429: {"RATE_LIMIT_EXCEEDED"},
    500: {"INTERNAL_ERROR"},
    503: {"SERVICE_UNAVAILABLE"},
}

_DETAILS = {
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


def error_example(
    code: str, site: str = "https://sms.example.com", status: int | None = None
) -> dict[str, Any]:
    """A body as the API at `site` answers it, for the documentation. `status`: the code's first
    one, unless another is named."""
    entry = ERROR_CODES[code]
    is_usual = status in (None, entry.status)
    return {
        "error": {
            "code": code,
            "message": f"{entry.title}.",
            "status": entry.status if is_usual else status,
            "details": _DETAILS.get(code) if is_usual else None,
        },
        "meta": {**EXAMPLE_META, "docs_url": f"{site}/docs/errors/{code}"},
    }


def references(codes: Iterable[str], registry: ComponentRegistry) -> dict[str, dict[str, str]]:
    """`responses` of an operation that can fail with `codes`, and those that every one has."""
    by_status = {400: [UNREADABLE]}
    for code in dict.fromkeys((*codes, *ANYWHERE)):
        by_status.setdefault(ERROR_CODES[code].status, []).append(code)
    return {
        str(status): _component(status, sorted(found, key=_rank), registry).ref
        for status, found in sorted(by_status.items())
    }


def _rank(code: str) -> tuple[bool, bool, str]:
    """Sort key: the most frequent codes first, since pages show the first example."""
    return code not in ANYWHERE, code in OF_IDEMPOTENCY_KEYS, code


def _component(status: int, codes: list[str], registry: ComponentRegistry) -> ResolvedComponent:
    titles = " · ".join(f"`{code}`: {ERROR_CODES[code].title}" for code in codes)
    content = {
        "schema": {"$ref": "#/components/schemas/ErrorAnswer"},
        "examples": {code: _example(code, status, registry).ref for code in codes},
    }
    body = {"description": titles, "content": {"application/json": content}}
    if status in (429, 503):
        body["headers"] = {"Retry-After": {"description": "seconds", "schema": _SECONDS}}
    usual = _USUAL.get(status, set())
    named = set(codes) - usual if usual <= set(codes) else codes
    name = ".".join([str(status), *sorted(named)])
    component = ResolvedComponent(name, ResolvedComponent.RESPONSE, body, object=name)
    registry.register_on_missing(component)
    return component


def _example(code: str, status: int, registry: ComponentRegistry) -> ResolvedComponent:
    name = code if status == ERROR_CODES[code].status else f"{code}.{status}"
    component = ResolvedComponent(
        name,
        ResolvedComponent.EXAMPLE,
        {"value": error_example(code, status=status)},
        object=name,
    )
    registry.register_on_missing(component)
    return component


_SECONDS = {"type": "integer", "minimum": 0}
