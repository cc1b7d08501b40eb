"""Reports go out together, over connections that stay.

Jasmin's fault (routing/throwers.py:571): every report is a client, a connection and a request of
its own, as many at the same moment as there are reports: with the receiver's part in it, a third
of the CPU that a message takes.

The cure: connections are kept. A receiver whose answer to a report says `X-Reports-Together: N`
gets up to N in one request from then on: reports whose addresses differ in their last part alone,
as a JSON list of the same forms, each with that part as its `token`, posted to the part before it
(`http://HOST/dlr` of `http://HOST/dlr/TOKEN`). `ACK/Jasmin` is for all of them. The first that
comes goes at once, the next when `PAUSE` is over or N are waiting. After any other answer they are
tried again one by one, and invitations are not heard for `ALONE`.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any, NamedTuple

from jasmin.routing import throwers
from treq import text_content
from treq.client import HTTPClient
from twisted.internet import defer, reactor
from twisted.web.client import Agent, HTTPConnectionPool
from twisted.web.http import OK, SERVICE_UNAVAILABLE

HEADER = "X-Reports-Together"
ACK = "ACK/Jasmin"
PAUSE = 0.1  # seconds between two requests to a receiver
CONNECTIONS = 8  # kept for each host
KEPT = 1.0  # seconds: many servers close theirs after two
ALONE = 60.0  # seconds
RECEIVERS = 100  # that are remembered

_receivers: dict[str, Receiver] = {}
_alone_until: dict[str, float] = {}  # by address, as `reactor.seconds`


def correct() -> None:
    pool = HTTPConnectionPool(reactor)
    pool.maxPersistentPerHost, pool.cachedConnectionTimeout = CONNECTIONS, KEPT
    agent = Agent(reactor, pool=pool)

    class Client(HTTPClient):
        """Instead of the one that Jasmin makes for each report; they share their connections."""

        def __init__(self, _: Agent) -> None:
            super().__init__(agent)

        def request(self, method: str, url: str, **options: Any) -> defer.Deferred:
            folder, _, token = url.rpartition("/")
            form = options.get("data") or {}
            if folder in _receivers and "level" in form:  # else it is a message for a platform
                return _receivers[folder].report({**form, "token": token}, options["timeout"])
            answered = super().request(method, url, **options)
            return answered.addCallback(_look_for_invitation, agent, folder)

    throwers.HTTPClient = Client
    throwers.text_content = _text


class Answer(NamedTuple):
    """What Jasmin looks at, of a request that was not its own."""

    code: int
    text: str


class Receiver:
    """Who takes up to `most` reports in a request."""

    def __init__(self, agent: Agent, url: str, most: int) -> None:
        self._agent, self._url, self._most = agent, url, most
        self._waiting: list[tuple[dict[str, Any], defer.Deferred]] = []
        self._busy = False

    def report(self, form: dict[str, Any], timeout: float) -> defer.Deferred:
        answered = defer.Deferred()
        self._waiting.append((form, answered))
        if not self._busy:
            self._busy = True
            self._send(timeout)
        return answered

    @defer.inlineCallbacks
    def _send(self, timeout: float) -> Generator[Any, Any, None]:
        batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        answer = yield self._ask([form for form, _ in batch], timeout)
        if answer.code != OK:
            _receivers.pop(self._url, None)
            _alone_until[self._url] = reactor.seconds() + ALONE
        for _, answered in batch:
            answered.callback(answer)
        reactor.callLater(0 if len(self._waiting) >= self._most else PAUSE, self._go_on, timeout)

    def _go_on(self, timeout: float) -> None:
        self._busy = bool(self._waiting)
        if self._busy:
            self._send(timeout)

    @defer.inlineCallbacks
    def _ask(self, forms: list[dict[str, Any]], timeout: float) -> Generator[Any, Any, Answer]:
        try:
            response = yield HTTPClient(self._agent).post(
                self._url,
                data=json.dumps(forms, default=bytes.decode).encode(),
                headers={"Content-Type": "application/json", "Accept": "text/plain"},
                timeout=timeout,
            )
            text = yield text_content(response).addTimeout(timeout, reactor)
        except Exception as error:
            return Answer(SERVICE_UNAVAILABLE, repr(error))
        if response.code == OK and text.strip() == ACK:
            return Answer(OK, ACK)
        return Answer(SERVICE_UNAVAILABLE, f"HTTP {response.code}")  # Jasmin gives up on a 404


def _look_for_invitation(response: Any, agent: Agent, folder: str) -> Any:
    said = (response.headers.getRawHeaders(HEADER) or [""])[-1]
    is_heard = reactor.seconds() >= _alone_until.get(folder, 0) and len(_receivers) < RECEIVERS
    if is_heard and said.isdecimal() and int(said) > 1:
        _receivers.setdefault(folder, Receiver(agent, folder, int(said)))
    return response


def _text(response: Any) -> defer.Deferred:
    return defer.succeed(response.text) if isinstance(response, Answer) else text_content(response)
