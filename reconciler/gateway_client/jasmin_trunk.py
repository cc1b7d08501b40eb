"""Submits messages to a stock Jasmin (`/send`), as a credential's own user.

Jasmin's HTTP API tells refusals apart by their text only. A `Success` counts only with an id: a
Jasmin that lost its broker was seen to answer `Success "[Failure instance: …"`.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import urllib3
from django.conf import settings
from urllib3.exceptions import HTTPError, NewConnectionError

from messaging.gateway import Accepted, Refusal, Refused, Submission, Submit, Unknown

TIMEOUT = 10.0  # seconds
HANDS = 4  # submits at once
_SUCCESS = re.compile(r'Success "([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"')
_ERROR = re.compile(r'Error "(.{1,200})"')  # `Redis is away`: reasons of our launcher, in words
_http = urllib3.PoolManager(
    maxsize=16, block=False, retries=False, timeout=urllib3.Timeout(total=TIMEOUT)
)
_NOT_TRIED = Refused(Refusal.UNAVAILABLE, "its HTTP API did not answer the one before", True)
_NO_TLVS = Refused(
    Refusal.REJECTED, "its gateway puts no TLVs on submits, and this message has some", False
)

# Status, part of the text, kind, words.
_REFUSALS = (
    (412, "no bound connectors", Refusal.NOT_BOUND, "its bind is down"),
    (412, "No route", Refusal.NOT_SYNCED, "the gateway has no route for it yet"),
    (403, "Authentication", Refusal.NOT_SYNCED, "the gateway does not know its user yet"),
    (403, "throughput", Refusal.TOO_FAST, "the gateway's own limit is reached"),
)
_PASSING = frozenset({Refusal.NOT_BOUND, Refusal.NOT_SYNCED, Refusal.TOO_FAST})


@dataclass(frozen=True)
class JasminTrunk:
    """The way in for one credential's messages: its own user of a stock Jasmin.

    `plus`: whether numbers keep their `+`.
    """

    url: str
    username: str
    password: str = field(repr=False)
    plus: bool
    lane: str = ""

    def submit_many(self, submits: Sequence[Submit]) -> list[Submission]:
        """`messaging.gateway.Trunk.submit_many`: a request for each message."""
        lost = threading.Event()

        def hand_over(submit: Submit) -> Submission:
            if lost.is_set():
                return _NOT_TRIED
            answer = self._submit(submit)
            if isinstance(answer, Unknown):
                lost.set()
            return answer

        with ThreadPoolExecutor(HANDS) as hands:
            return list(hands.map(hand_over, submits))

    def _submit(self, submit: Submit) -> Submission:
        """Submit one message: by POST, so that no access log has password or text."""
        if submit.tlvs:
            return _NO_TLVS
        try:
            answer = _http.request_encode_body(
                "POST",
                f"{self.url}/send",
                fields=self._form(submit),
                encode_multipart=False,
                redirect=False,
            )
        except NewConnectionError:
            return Refused(Refusal.UNAVAILABLE, "its HTTP API refuses connections", True)
        except HTTPError:
            return Unknown("its HTTP API did not answer")
        text = answer.data.decode("utf-8", "replace").strip()
        if answer.status != 200:
            return _refused(answer.status, text)
        success = _SUCCESS.match(text)
        return (
            Accepted(success[1]) if success else Unknown("its HTTP API said success without an id")
        )

    def _form(self, submit: Submit) -> dict[str, str]:
        text = submit.text
        to, sender = submit.to, submit.sender
        return {
            "username": self.username,
            "password": self.password,
            "to": to if self.plus else to.removeprefix("+"),
            "from": sender if self.plus else sender.removeprefix("+"),
            "dlr": "yes",
            "dlr-url": f"{settings.DLR_BASE_URL.rstrip('/')}/dlr/{submit.dlr_token}",
            "dlr-level": "3",
            "dlr-method": "POST",
            "coding": str(text.data_coding),
            "hex-content": b"".join(text.parts).hex(),
        }


def _refused(status: int, text: str) -> Refused:
    for code, part, kind, reason in _REFUSALS:
        if status == code and part in text:
            return Refused(kind, reason, kind in _PASSING)
    if status >= 500:
        match = _ERROR.match(text)
        why = f"Jasmin says: {match[1]}" if match else f"the gateway failed (HTTP {status})"
        return Refused(Refusal.UNAVAILABLE, why, True)
    return Refused(Refusal.REJECTED, f"the gateway refused it (HTTP {status}): {text[:200]}", False)
