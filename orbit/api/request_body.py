"""The body of a request: how long it is, and all of it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.http import HttpRequest

LONG = 512 * 1024  # bytes


def content_length(request: Any) -> int:
    """Content-Length in bytes; 0 for a header that is no number, as Django reads it."""
    text = request.META.get("CONTENT_LENGTH") or ""
    return int(text) if text.isascii() and text.isdigit() else 0


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
