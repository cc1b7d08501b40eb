"""A report of the carrier's answer says which id the carrier gave to the message.

Jasmin's fault (managers/dlr.py:190, routing/throwers.py:530): the id of submit_sm_resp is kept for
the receipt alone, so that between the answer and the receipt, or for good where none comes, the
sender can't ask the carrier about the message.

The cure: reports of level 1 have `id_smsc`, as those of level 2 have: in the AMQP message, where
Jasmin has a place for it, and from there in what is posted.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import lanes
from jasmin.managers import dlr
from jasmin.routing import throwers
from twisted.internet import defer
from txamqp.message import Message

ANSWER = 1  # Jasmin's level

_looked_up: dict[str, str] = {}  # Jasmin's id: the carrier's, while the answer is looked up
_thrown: list[str] = []  # the carrier's id of the report that is being posted


def correct() -> None:
    answered, report = dlr.DLRLookup.submit_sm_resp_dlr_callback, dlr.DLRContentForHttpapi
    throw, client = throwers.DLRThrower.http_dlr_callback, throwers.HTTPClient

    @defer.inlineCallbacks
    def look_up(self: dlr.DLRLookup, message: Message) -> Generator[Any, Any, None]:
        properties = message.content.properties
        message_id = properties["message-id"]
        scoped = properties.get("headers", {}).get("smpp_msgid", "")
        _looked_up[message_id] = scoped.rpartition(lanes.BETWEEN)[2]
        try:
            yield answered(self, message)
        finally:
            _looked_up.pop(message_id, None)

    def report_with_id(status: str, message_id: str, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("dlr_level") == ANSWER:
            kwargs["id_smsc"] = _looked_up.get(message_id, "")
        return report(status, message_id, *args, **kwargs)

    def throw_with_id(self: throwers.DLRThrower, message: Message) -> defer.Deferred:
        """The request is made before this returns."""
        headers = message.content.properties["headers"]
        _thrown.append(headers["id_smsc"] if headers["level"] == ANSWER else "")
        try:
            return throw(self, message)
        finally:
            _thrown.pop()

    class Client(client):
        def request(self, method: str, url: str, **options: Any) -> defer.Deferred:
            if _thrown and _thrown[-1]:
                form = "data" if options.get("data") else "params"
                options[form] = {**options[form], "id_smsc": _thrown[-1]}
            return super().request(method, url, **options)

    dlr.DLRLookup.submit_sm_resp_dlr_callback = look_up
    dlr.DLRContentForHttpapi = report_with_id
    throwers.DLRThrower.http_dlr_callback = throw_with_id
    throwers.HTTPClient = Client
