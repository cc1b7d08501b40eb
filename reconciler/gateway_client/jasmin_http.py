"""Short requests to Jasmin's HTTP API: no proxy, no redirect, a connection each."""

from __future__ import annotations

from collections.abc import Mapping
from http.client import HTTPException

import urllib3
from urllib3.exceptions import HTTPError

TIMEOUT = 3.0  # seconds to connect, and between two pieces of an answer
_LONGEST = 300  # octets of an answer that are read

_http = urllib3.PoolManager(retries=False)


def get(url: str) -> tuple[int, str]:
    """Return the status and the start of the text of the answer; raises urllib3's HTTPError."""
    return _request("GET", url)


def post(url: str, fields: Mapping[str, str]) -> tuple[int, str]:
    """POST a form; return and errors as those of `get`."""
    return _request("POST", url, fields=fields, encode_multipart=False)


def _request(method: str, url: str, **options) -> tuple[int, str]:
    # A kept connection could end between two requests, which would look like a gateway that fails.
    answer = _http.request(
        method,
        url,
        headers={"Connection": "close"},
        redirect=False,
        timeout=urllib3.Timeout(connect=TIMEOUT, read=TIMEOUT),
        preload_content=False,
        **options,
    )
    try:
        return answer.status, answer.read(_LONGEST).decode("utf-8", "replace")
    finally:
        answer.close()


def describe(error: HTTPError) -> str:
    """Say in words what kept the API from answering."""
    cause = cause_of(error)
    if isinstance(cause, TimeoutError):
        return "no answer"
    if isinstance(cause, OSError):
        return (cause.strerror or "it closed the connection").lower()
    return "this is not Jasmin's HTTP API"


def cause_of(error: HTTPError) -> OSError | HTTPException | HTTPError:
    """Return the error of the socket or of HTTP behind one of urllib3's."""
    cause: BaseException | None = error
    while isinstance(cause, HTTPError):
        error, cause = cause, cause.__cause__ or cause.__context__
    return cause or error
