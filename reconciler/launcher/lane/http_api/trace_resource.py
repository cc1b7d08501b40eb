"""`POST /lane/trace`: the PDUs of one connector for some time (`reconciler.gateway_api`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reconciler.gateway_api import LONGEST_TOKEN, MOST_TRACED, Refused, TraceState
from reconciler.launcher.lane.http_api.json_requests import RequestRefused
from reconciler.launcher.lane.http_api.operator_posts import OperatorPosts
from reconciler.launcher.lane.trace import Rights
from reconciler.launcher.lane.traces import Traces


class TraceResource(OperatorPosts):
    def __init__(self, traces: Traces, is_operator: Callable[[str, str], bool]) -> None:
        super().__init__(is_operator)
        self._traces = traces

    def take(self, body: dict[str, Any]) -> dict[str, Any]:
        id, after = _text(body, "id"), 0
        match body.get("do"):
            case "start":
                if why := self._start(id, body):
                    return {"state": TraceState.REFUSED, "why": why}
            case "stop":
                self._traces.stop(id)
            case "read":
                after = int(_number(body, "after"))
            case _:
                raise RequestRefused(Refused.MALFORMED, "do: start, read or stop is wanted")
        return self._traces.read(id, after)

    def _start(self, id: str, body: dict[str, Any]) -> str:
        seconds = min(MOST_TRACED, _number(body, "seconds"))
        rights = Rights(texts=_flag(body, "texts"), numbers=_flag(body, "numbers"))
        return self._traces.start(id, _text(body, "cid"), seconds, rights)


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_TOKEN:
        raise RequestRefused(Refused.MALFORMED, f"{name}: 1 to {LONGEST_TOKEN} characters")
    return value


def _number(body: dict[str, Any], name: str) -> float:
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**53:
        raise RequestRefused(Refused.MALFORMED, f"{name}: a number is wanted")
    return value


def _flag(body: dict[str, Any], name: str) -> bool:
    value = body.get(name)
    if not isinstance(value, bool):
        raise RequestRefused(Refused.MALFORMED, f"{name}: true or false is wanted")
    return value
