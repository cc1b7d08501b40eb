"""`POST /lane/submits`: takes submits of the site (`reconciler.gateway_api`)."""

from __future__ import annotations

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
from reconciler.launcher.lane.http_api.json_requests import RequestRefused
from reconciler.launcher.lane.http_api.submit_parser import InvalidSubmit, parse
from reconciler.launcher.lane.lane import Lane
from reconciler.launcher.lane.submit import Refusal, Submit

PROCESS_ID = secrets.token_hex(16)
SLICE_SIZE = 25  # submits, handled in about a millisecond


class SubmitsResource(Resource):
    """`authenticate(username, password)` gives the user or None; `cids_of(user)` the connectors for
    the user's submits, in order."""

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
        answered = self._take(request)
        answered.addCallbacks(
            lambda body: json_requests.answer(request, body),
            lambda failure: json_requests.refuse(request, self._refusal_of(failure)),
        )
        return NOT_DONE_YET

    @defer.inlineCallbacks
    def _take(self, request: Request) -> Generator[Any, Any, bytes]:
        """The answer's body. All submits are read before the first is accepted.

        They are handled in slices, so that carriers are not kept waiting: each of their answers
        makes room for a submit.

        Where the store fails half-way, accepted submits go out nevertheless. They are not named as
        refused, nor, while they are not on the disk, as accepted: they are left out.
        """
        username, cids = self._identify(request)
        items, submits, results = self._items(request), [], []
        for batch in _slices(items):
            submits += [_parse(item, username) for item in batch]
            yield _others_turn()
        for batch in _slices(submits):
            try:
                results += self._submit(cids, batch)
            except OSError:
                if not any(map(_is_accepted, results)):
                    raise
                results += self._refused_rest(submits[len(results) :])
                break
            yield _others_turn()
        try:
            yield self._lane.storage.when_synced()  # "accepted" is a promise
        except OSError as error:
            if not any(map(_is_accepted, results)):
                raise
            self._lane.storage.failed(error)
            results = [each for each in results if not _is_accepted(each)]
        return json_requests.encode({"life": PROCESS_ID, "results": results})

    def _identify(self, request: Request) -> tuple[str, Sequence[str]]:
        username, password = json_requests.identity(request)
        user = self._authenticate(username, password)
        if user is None:
            raise RequestRefused(Refused.UNAUTHORIZED, "the gateway does not know this user")
        cids = self._cids_of(user)
        if not cids:
            raise RequestRefused(Refused.NO_ROUTE, "the gateway has no connector for this user yet")
        return username, cids

    def _items(self, request: Request) -> list[Any]:
        body = json_requests.json_object(request, MOST_OCTETS)
        items, log = body.get("submits"), body.get("log")
        if not isinstance(items, list):
            raise RequestRefused(Refused.MALFORMED, "submits: a list is wanted")
        if len(items) > MOST_SUBMITS:
            raise RequestRefused(Refused.TOO_LARGE, f"submits: up to {MOST_SUBMITS} in a request")
        known = self._lane.storage.journal.log
        if log not in (None, known):
            # Tokens that the other store took are unknown here and would go out twice.
            raise RequestRefused(Refused.OTHER_LOG, f"this is the log {known}")
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

    def _refused_rest(self, submits: Sequence[Submit | dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Results of submits that the store has no room for."""
        full = Refusal(Reason.FULL, "nothing can be written down now")
        for each in submits:
            if not isinstance(each, Submit):
                yield each
            elif not self._lane.storage.journal.knows(each.token):
                yield _result(each.token, full)

    def _refusal_of(self, failure: Failure) -> RequestRefused:
        if failure.check(OSError):
            self._lane.storage.failed(failure.value)
            return RequestRefused(Refused.STORE, f"nothing can be written down: {failure.value}")
        failure.trap(RequestRefused)
        return failure.value


def _slices(items: list[Any]) -> Iterator[list[Any]]:
    return (items[start : start + SLICE_SIZE] for start in range(0, len(items), SLICE_SIZE))


def _others_turn() -> defer.Deferred[None]:
    return task.deferLater(reactor, 0, lambda: None)


def _parse(item: Any, username: str) -> Submit | dict[str, Any]:
    """The submit, or the result that says what is wrong with it.

    Raises RequestRefused for a submit without a valid token.
    """
    try:
        submit = parse(item)
        submit.user = username
        return submit
    except InvalidSubmit as invalid:
        if not invalid.token:
            raise RequestRefused(Refused.MALFORMED, f"submits: {invalid}") from None
        return _result(invalid.token, Refusal(Reason.INVALID, str(invalid)))


def _is_accepted(result: dict[str, Any]) -> bool:
    return result["accepted"]


def _result(token: str, refusal: Refusal | None) -> dict[str, Any]:
    if refusal is None:
        return {"token": token, "accepted": True}
    reason, detail = refusal
    return {"token": token, "accepted": False, "reason": reason, "detail": detail}
