"""The bytes of a request."""

from __future__ import annotations

from io import BytesIO

from django.http import HttpRequest


def whole_body(request: HttpRequest) -> bytes:
    """`request.body` of any size: the view has checked it against its own limit, and Django's
    (DATA_UPLOAD_MAX_MEMORY_SIZE) is one for the whole site. It can be read again."""
    if not hasattr(request, "_body"):
        request._body = request.read()
        request._stream = BytesIO(request._body)
    return request.body
