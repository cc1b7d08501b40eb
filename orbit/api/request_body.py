"""The whole body of a request."""

from __future__ import annotations

from io import BytesIO

from django.http import HttpRequest


def whole_body(request: HttpRequest) -> bytes:
    """Return `request.body` of any size; it can be read again.

    Django's limit (DATA_UPLOAD_MAX_MEMORY_SIZE) is one for the whole site; each view has checked
    its own.
    """
    if not hasattr(request, "_body"):
        request._body = request.read()
        request._stream = BytesIO(request._body)
    return request.body
