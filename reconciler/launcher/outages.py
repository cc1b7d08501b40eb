"""What can't be kept is not accepted.

Jasmin's faults:
- managers/clients.py:590: without Redis a message is taken, with success, and the address of its
  reports forgotten; platforms lose their receipts in the same way.
- protocols/http/endpoints/send.py:360: a failure to hand it to RabbitMQ counts as an id; the answer
  is `Success "[Failure instance: …`. SMPP platforms get it as a message id.
- redis/client.py:34: each of ten lost connections to Redis makes the next attempt later for all.

The cure: without RabbitMQ, or without Redis if reports are wanted, a /send is answered with 503 and
an SMPP platform with ESME_RSYSERR, before anything is charged. A server that has closed its
connection counts as gone as soon as the kernel knows. Redis is looked for each second.

What remains: what a server took just before it died is gone with it.
"""

from __future__ import annotations

import socket
from typing import Any

from jasmin.managers.clients import SMPPClientManagerPB
from jasmin.protocols.http.endpoints.send import Send
from jasmin.protocols.smpp.factory import SMPPServerFactory
from jasmin.redis.client import RedisForJasminFactory
from smpp.pdu.operations import SubmitSM
from smpp.pdu.pdu_types import CommandStatus, RegisteredDeliveryReceipt
from twisted.internet import defer
from twisted.internet.interfaces import ITransport
from twisted.python.failure import Failure
from twisted.web.http import SERVICE_UNAVAILABLE, Request

AGAIN = 1.0  # seconds


def correct() -> None:
    route, submit = Send.route_routable, SMPPClientManagerPB.perspective_submit_sm
    take = SMPPServerFactory.submit_sm_event_interceptor

    def route_if_kept(self: Send, updated_request: Request) -> defer.Deferred:
        away = missing(self.SMPPClientManagerPB, b"dlr-url" in updated_request.args)
        if not away:
            return route(self, updated_request)
        updated_request.setResponseCode(SERVICE_UNAVAILABLE)
        updated_request.write(f'Error "{away} is away"'.encode())
        return defer.succeed(updated_request.finish())

    def take_if_kept(self: SMPPServerFactory, system_id: bytes, *args: Any) -> Any:
        if missing(self.SMPPClientManagerPB, _wants_receipt(args[1])):
            return CommandStatus.ESME_RSYSERR
        return take(self, system_id, *args)

    def submit_or_fail(self: SMPPClientManagerPB, *args: Any, **kwargs: Any) -> defer.Deferred:
        def fail(failure: Failure) -> bool:
            self.log.error("A message was not published: %r", failure.value)
            return False

        return submit(self, *args, **kwargs).addErrback(fail)

    Send.route_routable = route_if_kept
    SMPPServerFactory.submit_sm_event_interceptor = take_if_kept
    SMPPClientManagerPB.perspective_submit_sm = submit_or_fail
    RedisForJasminFactory.maxDelay = AGAIN


def missing(manager: SMPPClientManagerPB, reports: bool) -> str:
    """The server without which a message, or its reports, could not be kept; "" if none."""
    broker, redis = manager.amqpBroker, manager.redisClient
    if not broker.connected or broker.chan.closed or _is_gone(broker.client.transport):
        return "RabbitMQ"
    pool = redis._factory.pool
    if reports and (not pool or any(_is_gone(each.transport) for each in pool)):
        return "Redis"
    return ""


def _is_gone(transport: ITransport) -> bool:
    """Closed by the other side, though we may not have been told yet."""
    try:
        return transport.socket.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def _wants_receipt(pdu: SubmitSM) -> bool:
    wanted = pdu.params["registered_delivery"].receipt
    return wanted != RegisteredDeliveryReceipt.NO_SMSC_DELIVERY_RECEIPT_REQUESTED
