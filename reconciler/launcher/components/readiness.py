"""`GET /readyz` says whether this Jasmin would take a message, without sending one.

Jasmin's fault (protocols/http/endpoints/ping.py): `/ping` is answered with PONG whatever is the
matter; that messages are refused shows when one is.

The cure: `GET /readyz` on the port of the HTTP API. 200 `Jasmin/READY`, or 503 with the reason in
Jasmin's manner, `Error "the store can't be written: No space left on device"`: what is accepted
could not be written down, or a listener is not open yet.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.web.http import SERVICE_UNAVAILABLE, Request
from twisted.web.resource import Resource

PATH = b"readyz"
READY = b"Jasmin/READY"


class Readiness(Resource):
    """Each of `questions` gives what is wrong, "" for nothing."""

    isLeaf = True  # noqa: N815 - as Twisted calls it

    def __init__(self, *questions: Callable[[], str]) -> None:
        super().__init__()
        self._questions = questions

    def render_GET(self, request: Request) -> Any:  # noqa: N802 - as Twisted calls it
        reason = next(filter(None, (ask() for ask in self._questions)), "")
        if not reason:
            return READY
        request.setResponseCode(SERVICE_UNAVAILABLE)
        return b'Error "%s"' % reason.replace('"', "'").encode()
