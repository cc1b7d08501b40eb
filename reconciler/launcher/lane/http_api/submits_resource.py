"""`POST /lane/submits`: the site's submits (`reconciler.gateway_api`)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any

from twisted.internet import defer, reactor, task
from twisted.python.failure import Failure
from twisted.web.http import Request
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

from reconciler.gateway_api import MOST_OCTETS, MOST_SUBMITS, Reason, Refused
from reconciler.launcher.lane.http_api import json_requests
from reconciler.launcher.lane.http_api.json_requests import Problem
from reconciler.launcher.lane.http_api.submit_parser import Wrong, read
from reconciler.launcher.lane.lane import Lane
from reconciler.launcher.lane.submit import Refusal, Submit

LIFE = secrets.token_hex(16)
SLICE = 25  # submits: about a millisecond


class Door(Resource):
    """`authenticate(username, password)` gives whoever it is, None for nobody; `cids_of(user)` the
    connectors that this user's submits may take, in order."""

    isLeaf = True  # noqa: N815 - as Twisted calls it

    def __init__(
        self,
        lane: Lane,
        authenticate: Callable[[str, str], Any | None],
        cids_of: Callable[[Any], Sequence[str]],
    ) -> None:
        super().__init__()
        self._lane, self._authenticate, self._cids_of = lane, authenticate, cids_of

    def render_POST(self, request: Request) -> int:  # noqa: N802 - as Twisted calls it
        taken = self._take(request)
        taken.addCallbacks(
            lambda body: json_requests.answer(request, body),
            lambda failure: json_requests.refuse(request, self._problem(failure)),
        )
        return NOT_DONE_YET

    @defer.inlineCallbacks
    def _take(self, request: Request) -> Generator[Any, Any, bytes]:
        """The answer. All are read before the first is accepted. In slices: what carriers send
        meanwhile is not kept waiting, since each answer of theirs makes room for a submit.

        What was accepted goes out, though the store fails on the way: it is not told as refused.
        Nor as accepted, if it is not on the disk: then it is not named.
        """
        username, cids = self._who(request)
        items, submits, results = self._items(request), [], []
        for some in _slices(items):
            submits += [_read(item, username) for item in some]
            yield _others_turn()
        for some in _slices(submits):
            try:
                results += self._submit(cids, some)
            except OSError:
                if not any(map(_is_taken, results)):
                    raise
                results += self._left(submits[len(results) :])
                break
            yield _others_turn()
        try:
            yield self._lane.when_kept()  # who is told "accepted" may rely upon it
        except OSError as error:
            if not any(map(_is_taken, results)):
                raise
            self._lane.failed(error)
            results = [each for each in results if not _is_taken(each)]
        return json_requests.encode({"life": LIFE, "results": results})

    def _who(self, request: Request) -> tuple[str, Sequence[str]]:
        username, password = json_requests.identity(request)
        user = self._authenticate(username, password)
        if user is None:
            raise Problem(Refused.UNAUTHORIZED, "the gateway does not know this user")
        cids = self._cids_of(user)
        if not cids:
            raise Problem(Refused.NO_ROUTE, "the gateway has no connector for this user yet")
        return username, cids

    def _items(self, request: Request) -> list[Any]:
        body = _body(request)
        items, log = body.get("submits"), body.get("log")
        if not isinstance(items, list):
            raise Problem(Refused.MALFORMED, "submits: a list is wanted")
        if len(items) > MOST_SUBMITS:
            raise Problem(Refused.TOO_LARGE, f"submits: up to {MOST_SUBMITS} in a request")
        if log not in (None, self._lane.journal.log):
            # A token that the other store has taken is unknown here, and would be taken again.
            raise Problem(Refused.OTHER_LOG, f"this is the log {self._lane.journal.log}")
        return items

    def _submit(
        self, cids: Sequence[str], submits: Sequence[Submit | dict[str, Any]]
    ) -> list[dict[str, Any]]:
        right = [each for each in submits if isinstance(each, Submit)]
        refusals = iter(self._lane.submit(cids, right))
        return [
            _result(each.token, next(refusals)) if isinstance(each, Submit) else each
            for each in submits
        ]

    def _left(self, submits: Sequence[Submit | dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Results of those that the store has no room for."""
        full = Refusal(Reason.FULL, "nothing can be written down now")
        for each in submits:
            if not isinstance(each, Submit):
                yield each
            elif not self._lane.journal.knows(each.token):
                yield _result(each.token, full)

    def _problem(self, failure: Failure) -> Problem:
        if failure.check(OSError):
            self._lane.failed(failure.value)
            return Problem(Refused.STORE, f"nothing can be written down: {failure.value}")
        failure.trap(Problem)
        return failure.value


def _slices(items: list[Any]) -> Iterator[list[Any]]:
    return (items[start : start + SLICE] for start in range(0, len(items), SLICE))


def _others_turn() -> defer.Deferred[None]:
    return task.deferLater(reactor, 0, lambda: None)


def _body(request: Request) -> dict[str, Any]:
    raw = request.content.read(MOST_OCTETS + 1)
    if len(raw) > MOST_OCTETS:
        raise Problem(Refused.TOO_LARGE, f"a request has up to {MOST_OCTETS} octets")
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise Problem(Refused.MALFORMED, "the body is no JSON") from None
    return body if isinstance(body, dict) else {}


def _read(item: Any, username: str) -> Submit | dict[str, Any]:
    """The submit, or the result that says what is wrong with it. Raises Problem without a token."""
    try:
        submit = read(item)
        submit.user = username
        return submit
    except Wrong as wrong:
        if not wrong.token:
            raise Problem(Refused.MALFORMED, f"submits: {wrong}") from None
        return _result(wrong.token, Refusal(Reason.INVALID, str(wrong)))


def _is_taken(result: dict[str, Any]) -> bool:
    return result["accepted"]


def _result(token: str, refusal: Refusal | None) -> dict[str, Any]:
    if refusal is None:
        return {"token": token, "accepted": True}
    reason, detail = refusal
    return {"token": token, "accepted": False, "reason": reason, "detail": detail}
