"""Submits messages to our launcher (`gateway_api.SUBMITS`): many in one request.

The gateway writes what it accepts to its journal, and the end of each message to its log. It takes
a token once, so a request without an answer is simply repeated.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import urllib3
from urllib3.exceptions import HTTPError, NewConnectionError

from messaging.gateway import Accepted, Refusal, Refused, Submission, Submit, Unknown
from reconciler import gateway_api
from reconciler.gateway_api import Reason

TIMEOUT = 10.0  # seconds
EXPIRES_IN = 60.0  # seconds that a message may wait in the gateway for its turn, or for the bind
_http = urllib3.PoolManager(
    maxsize=16, block=False, retries=False, timeout=urllib3.Timeout(total=TIMEOUT)
)
_TAKEN = Accepted("")
_TOO_LARGE = gateway_api.HTTP_STATUS[gateway_api.Refused.TOO_LARGE]

# Why the gateway does not accept a message → kind, words, whether it may accept it later.
_REASONS = {
    Reason.NOT_BOUND: (Refusal.NOT_BOUND, "its bind is down", True),
    Reason.FULL: (Refusal.TOO_FAST, "as many wait in the gateway as may", True),
    Reason.EXPIRED: (Refusal.UNAVAILABLE, "it came too late", True),
    Reason.INVALID: (Refusal.REJECTED, "the gateway can't send it", False),
    # As with a bind that is down, another carrier may take it, or another gateway in a moment.
    Reason.DRAINING: (Refusal.NOT_BOUND, "its gateway is being drained", True),
}
# Why it accepts none of a request, by the code of the error.
_REFUSED = {
    gateway_api.Refused.UNAUTHORIZED: (
        Refusal.NOT_SYNCED,
        "the gateway does not know its user yet",
    ),
    gateway_api.Refused.NO_ROUTE: (Refusal.NOT_SYNCED, "the gateway has no route for it yet"),
    gateway_api.Refused.OTHER_LOG: (
        Refusal.UNAVAILABLE,
        "the gateway has a new store, which no receiver has read yet",
    ),
    gateway_api.Refused.STORE: (Refusal.UNAVAILABLE, "the gateway can write nothing down"),
}


@dataclass(frozen=True)
class LaneTrunk:
    """The way in for one credential's messages: its own user of a gateway."""

    url: str
    username: str
    password: str = field(repr=False)
    lane: str

    def submit_many(self, submits: Sequence[Submit]) -> list[Submission]:
        """`messaging.gateway.Trunk.submit_many`, in requests that the gateway takes."""
        return self._in_pieces(submits, gateway_api.MOST_SUBMITS)

    def _in_pieces(self, submits: Sequence[Submit], most: int) -> list[Submission]:
        answers: list[Submission] = []
        for start in range(0, len(submits), most):
            batch = submits[start : start + most]
            if any(isinstance(each, Unknown) for each in answers[-1:]):
                not_tried = Refused(Refusal.UNAVAILABLE, "the one before got no answer", True)
                answers += [not_tried] * len(batch)
            else:
                answers += self._submit(batch)
        return answers

    def _submit(self, batch: Sequence[Submit]) -> list[Submission]:
        items = [self._item(each) for each in batch]
        body = json.dumps({"log": self.lane, "submits": items})
        headers = urllib3.make_headers(basic_auth=f"{self.username}:{self.password}")
        headers["Content-Type"] = "application/json"
        answer: Submission
        try:
            response = _http.request(
                "POST",
                f"{self.url}{gateway_api.SUBMITS}",
                body=body,
                headers=headers,
                redirect=False,
            )
        except NewConnectionError:
            answer = Refused(Refusal.UNAVAILABLE, "its HTTP API refuses connections", True)
        except HTTPError:
            answer = Unknown("its HTTP API did not answer")
        else:
            reply = _json(response.data)
            if response.status == 200:
                return _results(reply, batch)
            if response.status == _TOO_LARGE and len(batch) > 1:  # too many octets: none was taken
                return self._in_pieces(batch, len(batch) // 2)
            answer = _refused(response.status, reply)
        return [answer] * len(batch)

    def _item(self, submit: Submit) -> dict[str, Any]:
        text = submit.text
        return {
            "token": submit.token,
            "from": submit.sender,
            "to": submit.to,
            "data_coding": text.data_coding,
            "parts": [part.hex() for part in text.user_data(_reference(submit.token))],
            "udhi": text.is_long,
            "tlvs": [[tag, value.hex()] for tag, value in submit.tlvs],
            "expires_in": EXPIRES_IN,
        }


def _reference(token: str) -> int:
    """Return the reference of a long text's parts: always the same for a token."""
    return zlib.crc32(token.encode()) & 0xFF


def _results(reply: Any, batch: Sequence[Submit]) -> list[Submission]:
    """Return an answer for each; Unknown for those that the gateway does not name."""
    try:
        by_token = {each["token"]: each for each in reply["results"]}
    except (KeyError, TypeError):
        by_token = {}
    return [_result(by_token.get(each.token)) for each in batch]


def _result(reply: dict[str, Any] | None) -> Submission:
    if reply is None:
        return Unknown("its HTTP API did not say whether it took it")
    if reply.get("accepted") is True:
        return _TAKEN
    try:
        kind, reason, retryable = _REASONS[Reason(reply.get("reason"))]
    except ValueError:
        return Refused(Refusal.UNAVAILABLE, f"the gateway says {reply.get('reason')}"[:200], True)
    detail = str(reply.get("detail") or "")[:200]
    return Refused(kind, f"{reason}: {detail}" if detail else reason, retryable)


def _refused(status: int, reply: Any) -> Refused:
    code = reply.get("error") if isinstance(reply, dict) else None
    if isinstance(code, str) and code in _REFUSED:
        kind, reason = _REFUSED[code]
        return Refused(kind, reason, True)
    detail = str(reply.get("detail") or code) if isinstance(reply, dict) else ""
    why = f"the gateway refused the request (HTTP {status}) {detail[:200]}".strip()
    return Refused(Refusal.UNAVAILABLE, why, True)


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None
