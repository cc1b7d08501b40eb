"""A Jasmin that lost RabbitMQ ends, so that its supervisor starts one that works.

Jasmin's fault (queues/factory.py:176): after a reconnect `channelReady` is called a second time,
which raises, and none of the consumers is subscribed again; the console says BOUND, HTTP says
Success, and no message moves until somebody restarts it. A channel that RabbitMQ closes is not
noticed at all; nor is, without heartbeats (queues/configs.py:36), a RabbitMQ that is silent.

The cure: the loss of a connection or channel that has worked ends the process with status 75
(EX_TEMPFAIL), a line that says why, and what was written to carriers written down (journal.py).
Silence is a loss after three heartbeats.
"""

from __future__ import annotations

import os
from typing import Any

from ending import end
from jasmin.queues.factory import AmqpFactory
from twisted.internet import reactor
from txamqp.client import TwistedDelegate

HEARTBEAT = "20"  # seconds

_orders: list[str] = []  # to end, by somebody else


def correct() -> None:
    os.environ.setdefault("AMQP_BROKER_HEARTBEAT", HEARTBEAT)
    lost = AmqpFactory.clientConnectionLost
    close, hang_up = TwistedDelegate.channel_close, TwistedDelegate.connection_close

    def lose(self: AmqpFactory, connector: Any, reason: Any) -> None:
        worked = self.connected
        lost(self, connector, reason)
        if worked and not _orders:
            end("the connection to RabbitMQ was lost")

    def close_channel(self: TwistedDelegate, channel: Any, message: Any) -> None:
        close(self, channel, message)
        end(f"RabbitMQ closed the channel: {message.reply_code} {message.reply_text}")

    def close_connection(self: TwistedDelegate, channel: Any, message: Any) -> None:
        hang_up(self, channel, message)
        end(f"RabbitMQ closed the connection: {message.reply_code} {message.reply_text}")

    AmqpFactory.clientConnectionLost = lose
    reactor.addSystemEventTrigger("before", "shutdown", lambda: _orders.append("end"))
    TwistedDelegate.channel_close = close_channel
    TwistedDelegate.connection_close = close_connection
