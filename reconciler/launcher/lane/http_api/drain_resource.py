"""`POST /lane/drain`: the gateway takes nothing new, or does again (`reconciler.gateway_api`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.web.http import Request
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

from reconciler.gateway_api import MOST_OCTETS, MOST_TOKENS, Refused
from reconciler.launcher.lane.http_api import json_requests
from reconciler.launcher.lane.http_api.json_requests import RequestRefused
from reconciler.launcher.lane.lane import Lane

WHY = "the gateway is being drained"


class DrainResource(Resource):
    """`is_operator(username, password)`: whether these are the console's user and password."""

    isLeaf = True  # noqa: N815 - as Twisted calls it

    def __init__(self, lane: Lane, is_operator: Callable[[str, str], bool]) -> None:
        super().__init__()
        self._lane, self._is_operator = lane, is_operator

    def render_POST(self, request: Request) -> int:  # noqa: N802 - as Twisted calls it
        try:
            if not self._is_operator(*json_requests.identity(request)):
                raise RequestRefused(Refused.UNAUTHORIZED, "this is not the console's user")
            body = json_requests.json_object(request, MOST_OCTETS)
            json_requests.answer(request, json_requests.encode(self._take(body)))
        except OSError as error:
            self._lane.storage.failed(error)
            why = f"nothing can be written down: {error.strerror}"
            json_requests.refuse(request, RequestRefused(Refused.STORE, why))
        except RequestRefused as refusal:
            json_requests.refuse(request, refusal)
        return NOT_DONE_YET

    def _take(self, body: dict[str, Any]) -> dict[str, Any]:
        """Close and look in one turn of the reactor: no submit comes between."""
        journal = self._lane.storage.journal
        if body.get("log") != journal.log:
            raise RequestRefused(Refused.OTHER_LOG, f"this is the log {journal.log}")
        tokens = body.get("tokens", [])
        if not isinstance(tokens, list) or not all(isinstance(each, str) for each in tokens):
            raise RequestRefused(Refused.MALFORMED, "tokens: a list of texts is wanted")
        if len(tokens) > MOST_TOKENS:
            raise RequestRefused(Refused.TOO_LARGE, f"tokens: up to {MOST_TOKENS} in a request")
        closed = body.get("closed")
        if not isinstance(closed, bool):
            raise RequestRefused(Refused.MALFORMED, "closed: true or false is wanted")
        self._lane.is_draining = closed
        if closed and body.get("withdraw") is True:
            self._lane.withdraw(lambda _: True, WHY)
        return {
            "closed": closed,
            "open": len(journal.open),
            "unknown": [each for each in tokens if not journal.knows(each)],
        }
