"""A connector that is removed and added again gets its messages at once.

Jasmin's fault (managers/clients.py:371 and :389): the listener of a connector waits on a queue
object that txamqp keeps by consumer tag, `SMPPClientFactory-CID`. After remove + add under one
cid the new listener waits on the same object, behind the old one, which nobody has told. The old
one takes a message, finds its own bind gone, and holds it for 30 s, and with it, as only one
message may be unanswered, all others; then again, once for each former life of the cid.

The cure: with the connector goes the queue object on which its listener waits.
"""

from __future__ import annotations

from jasmin.managers.clients import SMPPClientManagerPB


def correct() -> None:
    """Make `delConnector` forget the queue object of the connector's consumer tag."""
    delete = SMPPClientManagerPB.delConnector

    def delete_with_its_queue(self: SMPPClientManagerPB, cid: str) -> bool:
        deleted = delete(self, cid)
        if deleted and self.amqpBroker is not None and self.amqpBroker.client is not None:
            self.amqpBroker.client.queues.pop(f"SMPPClientFactory-{cid}", None)
        return deleted

    SMPPClientManagerPB.delConnector = delete_with_its_queue
