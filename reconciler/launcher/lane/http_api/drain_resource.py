"""`POST /lane/drain`: the gateway takes nothing new, or does again (`reconciler.gateway_api`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reconciler.gateway_api import MOST_TOKENS, Refused
from reconciler.launcher.lane.http_api.json_requests import RequestRefused
from reconciler.launcher.lane.http_api.operator_posts import OperatorPosts
from reconciler.launcher.lane.lane import Lane

WHY = "the gateway is being drained"


class DrainResource(OperatorPosts):
    def __init__(self, lane: Lane, is_operator: Callable[[str, str], bool]) -> None:
        super().__init__(is_operator)
        self._lane = lane

    def take(self, body: dict[str, Any]) -> dict[str, Any]:
        """Close and look in one turn of the reactor: no submit comes between."""
        try:
            return self._drain(body)
        except OSError as error:
            self._lane.storage.failed(error)
            why = f"nothing can be written down: {error.strerror}"
            raise RequestRefused(Refused.STORE, why) from error

    def _drain(self, body: dict[str, Any]) -> dict[str, Any]:
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
