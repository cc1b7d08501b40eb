"""`ApiError`, and DRF's exception handler: the one shape of every failure under /v1."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import (
    DisallowedHost,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.http import Http404
from rest_framework import exceptions as drf
from rest_framework.response import Response

from orbit.api import envelope
from orbit.api.error_codes import ERROR_CODES
from orbit.operations import outages

logger = logging.getLogger(__name__)


class ApiError(Exception):
    """A refusal or a failure, as it is answered.

    `code` is one of `ERROR_CODES` and gives the status (`status` picks another that the code has).
    `field` names the one bad field and fills `details` (`field`, `expected` if given there,
    `errors`). With `commits`, what the handler wrote before it raised stays (the audit row of a
    refusal); without, it is rolled back. Never put a secret into `message` or `details`.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        details: Mapping[str, Any] | None = None,
        field: str | None = None,
        headers: Mapping[str, str] | None = None,
        status: int | None = None,
        commits: bool = False,
    ) -> None:
        super().__init__(f"{code}: {message}")
        entry = ERROR_CODES[code]
        if status is not None and status not in entry.statuses:
            raise ValueError(f"{code} is never answered with {status}")
        self.code = code
        self.message = message
        self.status = status or entry.status
        self.headers = dict(headers or {})
        self.commits = commits
        self.details: dict[str, Any] | None = dict(details) if details is not None else None
        if field is not None:
            self.details = {
                "field": field,
                "errors": [{"field": field, "message": message}],
                **(self.details or {}),
            }


def not_found() -> ApiError:
    """The only 404: the same for an unknown path, an unknown id and another organisation's id."""
    return ApiError("NOT_FOUND", "There is nothing here, or it is not yours.")


def service_unavailable() -> ApiError:
    """503 while the database is away."""
    message = "The database can't be reached. Try again in a moment."
    return ApiError("SERVICE_UNAVAILABLE", message, headers={"Retry-After": outages.RETRY_AFTER})


def error_body(request: Any, error: ApiError) -> dict[str, Any]:
    """`{error: {code, message, status, details}, meta: {request_id, timestamp, docs_url}}`."""
    return {
        "error": {
            "code": error.code,
            "message": error.message,
            "status": error.status,
            "details": error.details,
        },
        "meta": {**envelope.meta(request), "docs_url": _docs_url(request, error.code)},
    }


def exception_handler(exc: Exception, context: Mapping[str, Any]) -> Response:
    """DRF's EXCEPTION_HANDLER: answers any exception of a view with an `error_body`."""
    request = context["request"]
    error = as_api_error(exc)
    if error.code == "SERVICE_UNAVAILABLE":
        logger.warning("the database is away: %s", outages.why(exc))
    elif error.status >= 500 and not isinstance(exc, ApiError):
        logger.error("unexpected failure, %s", getattr(request, "request_id", ""), exc_info=exc)
    return Response(error_body(request, error), status=error.status, headers=error.headers)


def as_api_error(exc: Exception) -> ApiError:
    """Translate Django's and DRF's exceptions; any other becomes INTERNAL_ERROR."""
    match exc:
        case ApiError():
            return exc
        case Http404() | drf.NotFound():
            return not_found()
        case drf.MethodNotAllowed():
            return ApiError("METHOD_NOT_ALLOWED", str(exc.detail))
        case drf.UnsupportedMediaType():
            return ApiError(
                "UNSUPPORTED_MEDIA_TYPE",
                "The body has to be application/json in UTF-8, or of another type that the "
                "documentation of the route names.",
            )
        case drf.NotAuthenticated() | drf.AuthenticationFailed():
            return ApiError("UNAUTHORIZED", "Send an API key or an access token.")
        case drf.PermissionDenied() | PermissionDenied():
            return ApiError("INSUFFICIENT_PERMISSIONS", "You may not do this.")
        case drf.ParseError():
            return ApiError("VALIDATION_ERROR", str(exc.detail), status=400)
        case drf.ValidationError():
            return ApiError("VALIDATION_ERROR", "The request is not acceptable.")
        case drf.APIException() if exc.status_code < 500:
            return ApiError("VALIDATION_ERROR", "The request could not be read.", status=400)
        case RequestDataTooBig():
            return ApiError("VALIDATION_ERROR", "The body is too large.", status=400)
        case DisallowedHost():
            return ApiError("VALIDATION_ERROR", "This host is not served here.", status=400)
        case SuspiciousOperation():
            return ApiError("VALIDATION_ERROR", "The request could not be read.", status=400)
    if outages.is_database_away(exc):
        return service_unavailable()
    return ApiError("INTERNAL_ERROR", "Something went wrong on our side. Nothing was changed.")


def _docs_url(request: Any, code: str) -> str:
    path = f"/docs/errors/{code}"
    try:
        return request.build_absolute_uri(path)
    except DisallowedHost:
        return path
