"""`GET /readyz` says whether this gateway would accept a message.

Jasmin's fault (protocols/http/endpoints/ping.py): `/ping` answers PONG in any state; only a refused
message shows that messages are refused.

The cure: `GET /readyz` on the port of the HTTP API. 200 `Jasmin/READY`, or 503 with the reason in
Jasmin's manner, `Error "the store can't be written: No space left on device"`: the lane can't write
its files, or a listener is not open yet.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.web.http import SERVICE_UNAVAILABLE, Request
from twisted.web.resource import Resource

PATH = b"readyz"
READY = b"Jasmin/READY"


class Readiness(Resource):
    """Each of `checks` gives a reason why the gateway is not ready, "" for none."""

    isLeaf = True  # noqa: N815 - as Twisted calls it

    def __init__(self, *checks: Callable[[], str]) -> None:
        super().__init__()
        self._checks = checks

    def render_GET(self, request: Request) -> Any:  # noqa: N802 - as Twisted calls it
        reason = next(filter(None, (check() for check in self._checks)), "")
        if not reason:
            return READY
        request.setResponseCode(SERVICE_UNAVAILABLE)
        return b'Error "%s"' % reason.replace('"', "'").encode()
