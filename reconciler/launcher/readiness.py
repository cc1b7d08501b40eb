"""`GET /readyz` says whether this Jasmin would take a message, without sending one.

Jasmin's fault (protocols/http/endpoints/ping.py): `/ping` is answered with PONG whatever is the
matter; that messages are refused shows when one is.

The cure: `GET /readyz` on the port of the HTTP API. 200 `Jasmin/READY`, or 503 with the reason in
Jasmin's manner, `Error "Redis is away"`: a server that it needs is away, Redis does not answer or
refuses, a listener is not open yet.
"""

from __future__ import annotations

from typing import Any

import listeners
import outages
from jasmin.managers.clients import SMPPClientManagerPB
from jasmin.protocols.http.server import HTTPApi
from twisted.internet import defer, reactor
from twisted.python.failure import Failure
from twisted.web.http import SERVICE_UNAVAILABLE, Request
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

PATH = b"readyz"
READY = b"Jasmin/READY"
SILENT = "Redis does not answer"
PATIENCE = 1.0  # seconds for Redis
LONGEST = 200  # characters of what Redis says


def correct() -> None:
    make = HTTPApi.__init__

    def make_with_readiness(self: HTTPApi, router: Any, manager: Any, *args: Any) -> None:
        make(self, router, manager, *args)
        self.putChild(PATH, Readiness(manager))

    HTTPApi.__init__ = make_with_readiness


class Readiness(Resource):
    isLeaf = True  # noqa: N815 - as Twisted calls it

    def __init__(self, manager: SMPPClientManagerPB) -> None:
        super().__init__()
        self._manager = manager
        self._question: defer.Deferred[str] | None = None  # that Redis has not answered yet
        self._asked_at = 0.0

    def render_GET(self, request: Request) -> Any:  # noqa: N802 - as Twisted calls it
        reason = self._reason()
        if reason:
            return _answer(request, reason)
        waiting: defer.Deferred[str] = defer.Deferred()
        timer = reactor.callLater(PATIENCE, _settle, waiting, SILENT)
        gone: list[Failure] = []
        request.notifyFinish().addErrback(gone.append)

        def answer(reason: str) -> None:
            if timer.active():
                timer.cancel()
            if not gone:
                request.write(_answer(request, reason))
                request.finish()

        waiting.addCallback(answer)
        self._ask_redis(waiting)
        return NOT_DONE_YET

    def _reason(self) -> str:
        """Of what is known without asking."""
        if server := outages.missing(self._manager, reports=True):
            return f"{server} is away"
        if listener := listeners.missing():
            return f"the {listener} is not open"
        if self._question is not None and reactor.seconds() - self._asked_at > PATIENCE:
            return SILENT
        return ""

    def _ask_redis(self, waiting: defer.Deferred[str]) -> None:
        """Tell `waiting` why Redis takes nothing, "" if it does.

        One question at a time, never cancelled: on one connection its answer would be taken for
        that to the next command.
        """
        if self._question is None:
            question = self._question = self._manager.redisClient.ping()
            self._asked_at = reactor.seconds()
            question.addCallbacks(lambda _: "", _refusal)
            question.addCallback(_tell, waiting)
            question.addBoth(self._answered)
        else:
            self._question.addCallback(_tell, waiting)

    def _answered(self, reason: str) -> str:
        self._question = None
        return reason


def _refusal(failure: Failure) -> str:
    return f"Redis refuses: {failure.getErrorMessage()[:LONGEST]}"


def _tell(reason: str, waiting: defer.Deferred[str]) -> str:
    _settle(waiting, reason)
    return reason


def _settle(waiting: defer.Deferred[str], reason: str) -> None:
    if not waiting.called:
        waiting.callback(reason)


def _answer(request: Request, reason: str) -> bytes:
    if not reason:
        return READY
    request.setResponseCode(SERVICE_UNAVAILABLE)
    return b'Error "%s"' % reason.replace('"', "'").encode()
