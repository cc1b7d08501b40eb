"""`GET /lane/metrics`, in the text format of Prometheus (`reconciler.launcher.lane.metrics`).

It answers METRICS_TOKEN, or the console's user by HTTP Basic. One metric is written at a time, and
between two of them messages have their turn.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import Metric
from twisted.internet import defer, reactor, task
from twisted.python.failure import Failure
from twisted.web.http import Request
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

from reconciler.gateway_api import Refused
from reconciler.launcher.lane import metrics
from reconciler.launcher.lane.http_api import json_requests
from reconciler.launcher.lane.http_api.json_requests import RequestRefused
from reconciler.launcher.lane.lane import Lane

TOKEN_VARIABLE, MOST_VARIABLE = "METRICS_TOKEN", "METRICS_CONNECTORS"
MOST = 1_000  # connectors
AT_ONCE = 2  # answers
_BEARER = "Bearer "
_log = logging.getLogger("lane")


@dataclass(frozen=True)
class _One:
    """A registry of one metric."""

    metric: Metric

    def collect(self) -> Iterable[Metric]:
        return (self.metric,)


class MetricsResource(Resource):
    """`is_operator(username, password)`: whether these are the console's user and password.
    `token`: "" for none; `most`: connectors of which one answer tells."""

    isLeaf = True  # noqa: N815 - as Twisted calls it

    def __init__(
        self, lane: Lane, is_operator: Callable[[str, str], bool], token: str = "", most: int = MOST
    ) -> None:
        super().__init__()
        self._lane, self._is_operator = lane, is_operator
        self._token, self._most = token, most
        self._asked = 0

    def render_GET(self, request: Request) -> int:  # noqa: N802 - as Twisted calls it
        try:
            self._check(request)
        except RequestRefused as refusal:
            json_requests.refuse(request, refusal)
            return NOT_DONE_YET
        self._asked += 1
        written = self._written()
        written.addBoth(self._end)
        written.addCallback(lambda body: _answer(request, body))
        written.addErrback(_failed, request)
        return NOT_DONE_YET

    def _check(self, request: Request) -> None:
        if not self._bears_token(request) and not self._is_operator(
            *json_requests.identity(request)
        ):
            raise RequestRefused(Refused.UNAUTHORIZED, "this is not the console's user")
        if self._asked >= AT_ONCE:
            raise RequestRefused(Refused.BUSY, f"{AT_ONCE} answers at once")

    def _bears_token(self, request: Request) -> bool:
        given = request.getHeader("authorization") or ""
        wanted = f"{_BEARER}{self._token}"
        return bool(self._token) and hmac.compare_digest(given.encode(), wanted.encode())

    @defer.inlineCallbacks
    def _written(self) -> Generator[Any, Any, bytes]:
        texts = []
        for metric in metrics.families(self._lane, self._most):
            texts.append(generate_latest(_One(metric)))
            yield task.deferLater(reactor, 0, lambda: None)
        return b"".join(texts)

    def _end(self, result: Any) -> Any:
        self._asked -= 1
        return result


def _answer(request: Request, body: bytes) -> None:
    if request.channel is None:
        return
    request.setHeader(b"content-type", CONTENT_TYPE_LATEST.encode())
    request.setHeader(b"content-length", b"%d" % len(body))
    request.write(body)
    request.finish()


def _failed(failure: Failure, request: Request) -> None:
    _log.error("metrics could not be told: %s", failure)
    if request.channel is not None:
        request.loseConnection()
