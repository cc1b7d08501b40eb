"""JSON requests with HTTP Basic, and their answers."""

from __future__ import annotations

import json
from typing import Any

from twisted.web.http import Request

from reconciler.gateway_api import HTTP_STATUS, Refused

_JSON = b"application/json"
_encode = json.JSONEncoder(separators=(",", ":")).encode


class RequestRefused(Exception):
    """Why a whole request is refused."""

    def __init__(self, code: Refused, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


def identity(request: Request) -> tuple[str, str]:
    """User and password of HTTP Basic. Raises RequestRefused without them."""
    username, password = request.getUser(), request.getPassword()
    if not username:
        raise RequestRefused(Refused.UNAUTHORIZED, "HTTP Basic is wanted")
    return username.decode("utf-8", "replace"), password.decode("utf-8", "replace")


def json_object(request: Request, most: int) -> dict[str, Any]:
    """The body, of at most so many octets; {} for JSON that is no object. Raises RequestRefused."""
    raw = request.content.read(most + 1)
    if len(raw) > most:
        raise RequestRefused(Refused.TOO_LARGE, f"a request has up to {most} octets")
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise RequestRefused(Refused.MALFORMED, "the body is no JSON") from None
    return body if isinstance(body, dict) else {}


def answer(request: Request, body: bytes, status: int = 200) -> None:
    """Answer with JSON; does nothing if the client is gone."""
    if request.channel is None:
        return
    request.setResponseCode(status)
    request.setHeader(b"content-type", _JSON)
    request.setHeader(b"content-length", b"%d" % len(body))
    request.write(body)
    request.finish()


def refuse(request: Request, problem: RequestRefused) -> None:
    if problem.code is Refused.UNAUTHORIZED:
        request.setHeader(b"www-authenticate", b'Basic realm="gateway"')
    body = _encode({"error": problem.code, "detail": problem.detail})
    answer(request, body.encode(), HTTP_STATUS[problem.code])


def encode(value: Any) -> bytes:
    return _encode(value).encode()
