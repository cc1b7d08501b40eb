"""Whoever loses the answer to a /send may ask again, and the message is taken once.

Jasmin's fault (protocols/http/endpoints/send.py:395): the answer is the only trace of a message
that was taken. A sender that is killed or times out before it comes can't know, and posting again
sends twice.

The cure: every answer of the HTTP API says in `X-Launcher-Life` which process gave it. A /send that
has this header wants to be taken once. Another process refuses it, with 412 `Error "Another life"`;
this one gives the first answer again if it took the same `dlr-url` within the last hour: that is
what names a message. What was not answered with 200 was not taken, and may be tried again. Without
the header, or without a `dlr-url`, each is a message of its own, as ever: many senders have one
address for all their reports.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Generator
from typing import Any

from jasmin.protocols.http.endpoints.send import Send
from jasmin.protocols.http.server import HTTPApi
from twisted.internet import defer
from twisted.web.http import INTERNAL_SERVER_ERROR, OK, PRECONDITION_FAILED, Request

HEADER = b"X-Launcher-Life"
LIFE = secrets.token_hex(16).encode()
REMEMBERED = 3600.0  # seconds

# About 350 bytes each: 100 messages/s kept up for an hour cost 126 MB.
_taken: OrderedDict[bytes, tuple[float, bytes]] = OrderedDict()  # until when, the answer
_asking: dict[bytes, list[Request]] = {}  # who waits for the answer to the first of them


def correct() -> None:
    find, render, route = HTTPApi.getChildWithDefault, Send.render_POST, Send.route_routable

    def find_and_say(self: HTTPApi, path: bytes, request: Request) -> Any:
        request.setHeader(HEADER, LIFE)
        return find(self, path, request)

    def render_for_this_life(self: Send, request: Request) -> Any:
        if request.getHeader(HEADER) in (None, LIFE):
            return render(self, request)
        request.setResponseCode(PRECONDITION_FAILED)
        return b'Error "Another life"'

    @defer.inlineCallbacks
    def route_once(self: Send, updated_request: Request) -> Generator[Any, Any, None]:
        url = updated_request.args.get(b"dlr-url")
        if url is None or updated_request.getHeader(HEADER) is None:
            yield route(self, updated_request)
            return
        key = hashlib.blake2b(url[0], digest_size=16).digest()
        if (answer := _first_answer(key)) is not None:
            _answer(updated_request, OK, answer)
        elif key in _asking:
            _asking[key].append(updated_request)
        else:
            _asking[key] = [updated_request]
            first = _Overheard(updated_request)
            try:
                yield route(self, first)
            finally:
                if first.code == OK:
                    _taken[key] = (time.monotonic() + REMEMBERED, first.body)
                for request in _asking.pop(key):
                    _answer(request, first.code, first.body)

    HTTPApi.getChildWithDefault = find_and_say
    Send.render_POST = render_for_this_life
    Send.route_routable = route_once


class _Overheard:
    """Stands in for a request, and keeps the answer."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self.code, self.body = INTERNAL_SERVER_ERROR, b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._request, name)

    def setResponseCode(self, code: int) -> None:  # noqa: N802 - as Twisted calls it
        self.code = code

    def write(self, data: bytes) -> None:
        self.body += data

    def finish(self) -> None:
        """It is answered once the answer is remembered."""


def _first_answer(key: bytes) -> bytes | None:
    now = time.monotonic()
    while _taken and next(iter(_taken.values()))[0] < now:
        _taken.popitem(last=False)
    return _taken[key][1] if key in _taken else None


def _answer(request: Request, code: int, body: bytes) -> None:
    if request.channel is None:
        return  # nobody waits any more
    request.setResponseCode(code)
    request.write(body)
    request.finish()
