"""`POST /lane/deliveries`: takes texts for platforms that are bound (`reconciler.gateway_api`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from messaging.smpp.protocol.framing import HEADER_LENGTH, MAX_LENGTH, header
from reconciler.gateway_api import LONGEST_TOKEN, MOST_DELIVERIES, Reason, Refused
from reconciler.launcher.lane.http_api.json_requests import RequestRefused
from reconciler.launcher.lane.http_api.operator_posts import OperatorPosts
from reconciler.launcher.texts.delivery_queue import DeliveryQueue


class DeliveriesResource(OperatorPosts):
    """`log()` is the id of the gateway's log."""

    def __init__(
        self,
        queue: DeliveryQueue,
        log: Callable[[], str],
        is_operator: Callable[[str, str], bool],
    ) -> None:
        super().__init__(is_operator)
        self._queue, self._log = queue, log

    def take(self, body: dict[str, Any]) -> dict[str, Any]:
        if body.get("log") != self._log():
            raise RequestRefused(Refused.OTHER_LOG, f"this is the log {self._log()}")
        users, items = body.get("users", []), body.get("deliveries", [])
        if not isinstance(users, list) or not isinstance(items, list):
            raise RequestRefused(Refused.MALFORMED, "users, deliveries: lists are wanted")
        if len(items) > MOST_DELIVERIES:
            raise RequestRefused(Refused.TOO_LARGE, f"deliveries: up to {MOST_DELIVERIES}")
        read = [_parse(each) for each in items]
        return {
            "life": self._queue.life,
            "began": self._queue.began,
            "bound": self._queue.bound(each for each in users if isinstance(each, str)),
            "results": [_result(token, self._queue.add(user, token, raw)) if raw
                        else _result(token, Reason.INVALID) for user, token, raw in read],
        }  # fmt: skip


def _parse(item: Any) -> tuple[str, str, bytes]:
    """User, token and PDU; the PDU is b"" if it is no deliver_sm."""
    try:
        user, token, pdu = item["user"], item["token"], item["pdu"]
        if not (isinstance(user, str) and isinstance(token, str) and isinstance(pdu, str)):
            raise TypeError
    except (KeyError, TypeError):
        raise RequestRefused(Refused.MALFORMED, "deliveries: user, token, pdu") from None
    if not 1 <= len(token) <= LONGEST_TOKEN:
        raise RequestRefused(Refused.MALFORMED, f"token: up to {LONGEST_TOKEN} characters")
    try:
        raw = bytes.fromhex(pdu)
    except ValueError:
        return user, token, b""
    is_whole = HEADER_LENGTH <= len(raw) <= MAX_LENGTH and int.from_bytes(raw[:4]) == len(raw)
    return user, token, raw if is_whole and header(raw).command == "deliver_sm" else b""


def _result(token: str, reason: Reason | None) -> dict[str, Any]:
    if reason is None:
        return {"token": token, "accepted": True}
    return {"token": token, "accepted": False, "reason": reason}
