"""Messages through a gateway's door (`gateway_api.SUBMITS`): many in one request.

What the gateway accepts is in its journal, and it tells of each in its log. It takes a token once,
so what got no answer is simply sent again.
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
EXPIRES_IN = 60.0  # seconds that it may wait in the gateway for its turn, or for the bind
_http = urllib3.PoolManager(
    maxsize=16, block=False, retries=False, timeout=urllib3.Timeout(total=TIMEOUT)
)
_TAKEN = Accepted("")
_TOO_LARGE = gateway_api.HTTP_STATUS[gateway_api.Refused.TOO_LARGE]

# Why one of them is not accepted → what it means here.
_REASONS = {
    Reason.NOT_BOUND: (Refusal.NOT_BOUND, "its bind is down", True),
    Reason.FULL: (Refusal.TOO_FAST, "as many wait in the gateway as may", True),
    Reason.EXPIRED: (Refusal.UNAVAILABLE, "it came too late", True),
    Reason.INVALID: (Refusal.REJECTED, "the gateway can't send it", False),
}
# Why none is, by the code of the error.
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
    """One credential's user of one gateway."""

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
            said = _http.request(
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
            told = _json(said.data)
            if said.status == 200:
                return _results(told, batch)
            if said.status == _TOO_LARGE and len(batch) > 1:  # by its octets: none was taken
                return self._in_pieces(batch, len(batch) // 2)
            answer = _refused(said.status, told)
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
    """Of a long text's parts: the same whenever the token comes, another one for another text."""
    return zlib.crc32(token.encode()) & 0xFF


def _results(told: Any, batch: Sequence[Submit]) -> list[Submission]:
    """An answer for each; Unknown for those that the gateway says nothing of."""
    try:
        by_token = {each["token"]: each for each in told["results"]}
    except (KeyError, TypeError):
        by_token = {}
    return [_result(by_token.get(each.token)) for each in batch]


def _result(told: dict[str, Any] | None) -> Submission:
    if told is None:
        return Unknown("its HTTP API did not say whether it took it")
    if told.get("accepted") is True:
        return _TAKEN
    try:
        kind, reason, retryable = _REASONS[Reason(told.get("reason"))]
    except ValueError:
        return Refused(Refusal.UNAVAILABLE, f"the gateway says {told.get('reason')}"[:200], True)
    detail = str(told.get("detail") or "")[:200]
    return Refused(kind, f"{reason}: {detail}" if detail else reason, retryable)


def _refused(status: int, told: Any) -> Refused:
    code = told.get("error") if isinstance(told, dict) else None
    if code in _REFUSED:
        kind, reason = _REFUSED[code]
        return Refused(kind, reason, True)
    detail = str(told.get("detail") or code) if isinstance(told, dict) else ""
    why = f"the gateway refused the request (HTTP {status}) {detail[:200]}".strip()
    return Refused(Refusal.UNAVAILABLE, why, True)


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None
