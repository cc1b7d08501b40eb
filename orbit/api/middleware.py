"""The outermost middleware: request id, access log, trailing slash, JSON failures under /v1."""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import Callable
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from orbit.api import cpu_limits, known_callers, message_limits, request_body, throttling
from orbit.api.client_ip import client_address
from orbit.api.early_refusal import EarlyRefusal
from orbit.api.errors import ApiError, error_body, not_found, service_unavailable
from orbit.operations import metrics

logger = logging.getLogger(__name__)

_PROBES = ("/healthz", "/readyz", "/metrics")  # asked every few seconds, all day

GetResponse = Callable[[HttpRequest], HttpResponseBase]
SECRET_PREFIXES = ("/dlr/", "/password/", "/v1/people/")
_SLASH_IS_OPTIONAL = ("/v1/", "/docs/", "/healthz/", "/readyz/", "/metrics/", "/openapi.json/")


class RequestIdMiddleware:
    """Gives each request an id: `req_` and 32 hex digits, in X-Request-Id and `meta.request_id`.

    Under /v1 it also sets X-RateLimit-*, refuses callers who are known to be over a limit, and
    answers failures outside of views in JSON (a host that is not served, a fault in another
    middleware).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self._early_refusal = EarlyRefusal()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        start, cpu = time.monotonic(), time.thread_time()
        request.request_id = f"req_{secrets.token_hex(16)}"
        if request.path_info.startswith(_SLASH_IS_OPTIONAL):
            _drop_slash(request)
        _drop_nul(request)
        response = self._answer(request)
        response.headers.setdefault("X-Request-Id", request.request_id)
        cpu_limits.note(request, response.status_code, time.thread_time() - cpu)
        seconds = time.monotonic() - start
        metrics.observe(request.method, response.status_code, seconds)
        is_probe = request.path_info in _PROBES and response.status_code < 400
        logger.log(
            logging.DEBUG if is_probe else logging.INFO,
            "%s %s %s %dms %s %s",
            request.method,
            _path_to_log(request),
            response.status_code,
            seconds * 1000,
            request.request_id,
            client_address(request),
        )
        return response

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        if not is_api(request):
            return self.get_response(request)
        response = self._early_refusal(request)
        if response is None:
            response = self.get_response(request)
            known_callers.note(request, response.status_code)
        if response.status_code >= 400:
            request_body.leave_none(request)
        return _framed(request, response)


def _path_to_log(request: HttpRequest) -> str:
    """The path as logged: without the secret in a report's address or a password link, and without
    the number in an erasure."""
    secret = next((each for each in SECRET_PREFIXES if request.path_info.startswith(each)), None)
    return f"{secret}*" if secret else quote(request.path)


def is_api(request: HttpRequest) -> bool:
    return request.path_info == "/v1" or request.path_info.startswith("/v1/")


def _drop_slash(request: HttpRequest) -> None:
    """Take the trailing slash off; a redirect would lose the body of a POST."""
    if request.path_info.endswith("/"):
        request.path_info = request.path_info[:-1]
        request.path = request.path[:-1]


def _drop_nul(request: HttpRequest) -> None:
    """Remove NULs from path and cookies: ours have none, and PostgreSQL rejects them in a query."""
    if "\0" in request.path_info:
        request.path_info = request.path = request.path_info.replace("\0", "\ufffd")
    # A cookie in quotes may write it as `\000`.
    for name in [name for name, value in request.COOKIES.items() if "\0" in value]:
        del request.COOKIES[name]


def _framed(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    if response.status_code >= 400 and response.get("Content-Type") != "application/json":
        response = _failure(request, response.status_code)
    standing = throttling.headers(request) | message_limits.headers(request)
    for name, value in standing.items():
        response[name] = value
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _failure(request: HttpRequest, status: int) -> HttpResponse:
    if status == 404:
        error = not_found()
    elif status == 405:
        error = ApiError("METHOD_NOT_ALLOWED", "The path does not take this method.")
    elif status == 403:
        error = ApiError("INSUFFICIENT_PERMISSIONS", "You may not do this.")
    elif status == 503:
        error = service_unavailable()
    elif status < 500:
        error = ApiError("VALIDATION_ERROR", "The request could not be read.", status=400)
    else:
        error = ApiError("INTERNAL_ERROR", "Something went wrong on our side.")
    body = json.dumps(error_body(request, error), ensure_ascii=False)
    return HttpResponse(
        body, status=error.status, content_type="application/json", headers=error.headers
    )
