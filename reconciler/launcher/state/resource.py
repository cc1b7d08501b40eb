"""`POST /lane/state`: takes questions (`reconciler.gateway_api`), and answers in short turns."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterator
from typing import Any

from twisted.internet import defer, reactor, task
from twisted.python.failure import Failure
from twisted.web.http import Request
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

from reconciler import secret_digests
from reconciler.gateway_api import MOST_STATE_OCTETS, Refused
from reconciler.launcher.components.connector_manager import ConnectorManager
from reconciler.launcher.components.router import Router
from reconciler.launcher.lane.http_api import json_requests
from reconciler.launcher.lane.http_api.json_requests import RequestRefused
from reconciler.launcher.state.answer import Answer, Question
from reconciler.launcher.state.printed_settings import ConnectorSettings

TURN = 0.01  # seconds of work, and then messages have theirs
AT_ONCE = 4  # questions
_log = logging.getLogger("lane")


class StateResource(Resource):
    """`is_operator(username, password)`: whether these are the console's user and password."""

    isLeaf = True  # noqa: N815 - as Twisted calls it

    def __init__(
        self, router: Router, manager: ConnectorManager, is_operator: Callable[[str, str], bool]
    ) -> None:
        super().__init__()
        self._router, self._manager, self._is_operator = router, manager, is_operator
        self._settings = ConnectorSettings()
        self._asked = 0

    def render_POST(self, request: Request) -> int:  # noqa: N802 - as Twisted calls it
        answered = defer.maybeDeferred(self._answer, request)
        answered.addCallback(lambda body: json_requests.answer(request, body))
        answered.addErrback(_refuse, request)
        return NOT_DONE_YET

    def _answer(self, request: Request) -> defer.Deferred[bytes]:
        username, password = json_requests.identity(request)
        if not self._is_operator(username, password):
            raise RequestRefused(Refused.UNAUTHORIZED, "this is not the console's user")
        question = _question(json_requests.json_object(request, MOST_STATE_OCTETS), password)
        if self._asked >= AT_ONCE:
            raise RequestRefused(Refused.BUSY, f"{AT_ONCE} questions at once")
        self._asked += 1
        answer = Answer(self._router, self._manager, self._settings, question)
        worked = _in_turns(answer.steps())
        return worked.addBoth(self._end).addCallback(lambda _: answer.body())

    def _end(self, result: Any) -> Any:
        self._asked -= 1
        return result


@defer.inlineCallbacks
def _in_turns(steps: Iterator[None]) -> Generator[Any, Any, None]:
    until = time.monotonic() + TURN
    for _ in steps:
        if time.monotonic() >= until:
            yield task.deferLater(reactor, 0, lambda: None)
            until = time.monotonic() + TURN


def _question(body: dict[str, Any], password: str) -> Question:
    prefix, only, salt = (body.get(name) for name in ("prefix", "only", "salt"))
    if not isinstance(prefix, str) or not prefix:
        raise RequestRefused(Refused.MALFORMED, "prefix: the start of keys is wanted")
    if only is not None and not (
        isinstance(only, list) and all(isinstance(each, str) for each in only)
    ):
        raise RequestRefused(Refused.MALFORMED, "only: a list of keys, or null, is wanted")
    try:
        octets = bytes.fromhex(salt)
    except (TypeError, ValueError):
        octets = b""
    if len(octets) < secret_digests.LEAST_SALT:
        why = f"salt: {secret_digests.LEAST_SALT} octets or more in hexadecimal are wanted"
        raise RequestRefused(Refused.MALFORMED, why)
    keys = None if only is None else frozenset(only)
    return Question(prefix, keys, secret_digests.key(password, octets))


def _refuse(failure: Failure, request: Request) -> None:
    if failure.check(RequestRefused):
        json_requests.refuse(request, failure.value)
        return
    _log.error("a question for the state failed: %s", failure)
    if request.channel is not None:
        request.loseConnection()  # the site sees at once that there is no answer
