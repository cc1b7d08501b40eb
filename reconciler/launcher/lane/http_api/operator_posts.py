"""POSTs that only the console's user may send: identity, body, answer, refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.web.http import Request
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

from reconciler.gateway_api import MOST_OCTETS, Refused
from reconciler.launcher.lane.http_api import json_requests
from reconciler.launcher.lane.http_api.json_requests import RequestRefused


class OperatorPosts(Resource):
    """`is_operator(username, password)`: whether these are the console's user and password."""

    isLeaf = True  # noqa: N815 - as Twisted calls it

    def __init__(self, is_operator: Callable[[str, str], bool]) -> None:
        super().__init__()
        self._is_operator = is_operator

    def render_POST(self, request: Request) -> int:  # noqa: N802 - as Twisted calls it
        try:
            if not self._is_operator(*json_requests.identity(request)):
                raise RequestRefused(Refused.UNAUTHORIZED, "this is not the console's user")
            body = json_requests.json_object(request, MOST_OCTETS)
            json_requests.answer(request, json_requests.encode(self.take(body)))
        except RequestRefused as refusal:
            json_requests.refuse(request, refusal)
        return NOT_DONE_YET

    def take(self, body: dict[str, Any]) -> dict[str, Any]:
        """Do what the body asks, and return the answer. Raises RequestRefused."""
        raise NotImplementedError
