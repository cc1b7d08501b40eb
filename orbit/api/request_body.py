"""The body of a request: how long it is, and all of it."""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO
from typing import Any

from django.http import HttpRequest

from orbit.api.client_ip import is_forwarded

LONG = 512 * 1024  # bytes
_SENT = 32 * 1024  # bytes that a proxy has sent in any case
_PIECE = 256 * 1024


def content_length(request: Any) -> int:
    """Content-Length in bytes; 0 for a header that is no number, as Django reads it."""
    try:
        return max(0, int(request.META.get("CONTENT_LENGTH") or 0))
    except ValueError:
        return 0


def has_long_body(request: Any) -> bool:
    return content_length(request) > LONG


def whole_body(request: HttpRequest) -> bytes:
    """Return `request.body` of any size; it can be read again.

    Django's limit (DATA_UPLOAD_MAX_MEMORY_SIZE) is one for the whole site; each view has checked
    its own.
    """
    if not hasattr(request, "_body"):
        request._body = request.read()
        request._stream = BytesIO(request._body)
    return request.body


def leave_none(request: HttpRequest) -> None:
    """Read what a proxy has not handed over yet of the body of a refused request.

    Where we close before it has, it never sees our answer and makes a 502 of its own. It has the
    whole body, so this is quick. A client itself is not waited for.
    """
    if content_length(request) <= _SENT or not is_forwarded(request):
        return
    with suppress(OSError):
        while request._stream.read(_PIECE):
            pass
