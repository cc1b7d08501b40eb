"""As many messages as the window has room for come out of the queue at once.

Jasmin's fault (managers/clients.py:244): `basic_qos(prefetch_count=1)` when a connector is added,
for the consumers that begin after it on the one channel that all connectors share; RabbitMQ hands
out no second message of a queue before the first is answered.

The cure: just before a connector's consumer begins, the prefetch is set to its window. Adds and
starts take turns, since between the two commands nobody else's may come.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from jasmin.managers.clients import SMPPClientManagerPB
from twisted.internet import defer

_turn = defer.DeferredLock()


def correct() -> None:
    add, start = (
        SMPPClientManagerPB.perspective_connector_add,
        SMPPClientManagerPB.perspective_connector_start,
    )

    def add_in_turn(self: SMPPClientManagerPB, config: bytes) -> defer.Deferred:
        return _turn.run(add, self, config)

    @defer.inlineCallbacks
    def start_with_window(self: SMPPClientManagerPB, cid: str) -> Generator[Any, Any, bool]:
        connector, broker = self.getConnector(cid), self.amqpBroker
        if connector is not None and broker is not None and broker.connected:
            yield broker.chan.basic_qos(prefetch_count=connector["config"].window)
        started = yield start(self, cid)
        return started

    def start_in_turn(self: SMPPClientManagerPB, cid: str) -> defer.Deferred:
        begin: Callable[..., defer.Deferred] = start_with_window
        return _turn.run(begin, self, cid)

    SMPPClientManagerPB.perspective_connector_add = add_in_turn
    SMPPClientManagerPB.perspective_connector_start = start_in_turn
