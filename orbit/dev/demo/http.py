"""JSON over HTTP on loopback: an answer is an answer, whatever its status."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

TIMEOUT = 30.0  # seconds; a rotation asks the carrier, which may take ten

# No proxy of the environment stands between us and loopback.
_open = build_opener(ProxyHandler({})).open


class Unreachable(Exception):
    """Nobody answers there."""


@dataclass(frozen=True)
class Answer:
    """`body` is {} when it is not JSON; `seconds` is the whole exchange."""

    status: int
    seconds: float
    headers: Message
    body: Any = field(repr=False)

    @property
    def data(self) -> Any:
        """What the envelope holds."""
        return self.body.get("data", {})

    @property
    def error(self) -> dict[str, Any]:
        """`{"code", "message", "status", "details"}`, {} when it is none."""
        return self.body.get("error", {})


def send(
    method: str, url: str, body: object = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """Raises Unreachable."""
    data = None if body is None else json.dumps(body).encode()
    kind = {} if data is None else {"Content-Type": "application/json"}
    request = Request(url, data=data, method=method, headers={**kind, **(headers or {})})
    begun = time.perf_counter()
    try:
        answer = _open(request, timeout=TIMEOUT)
    except HTTPError as refused:
        answer = refused
    except (URLError, OSError) as error:
        raise Unreachable(f"{method} {url}: {getattr(error, 'reason', error)}") from error
    with answer:
        raw = answer.read()
    seconds = time.perf_counter() - begun
    return Answer(answer.status, seconds, answer.headers, _parsed(raw))


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return {}
