"""deliver_sm and data_sm from the carrier: recorded first, then acknowledged.

While nothing can be recorded they are refused for now, and the carrier sends them again.
"""

from __future__ import annotations

from twisted.python.failure import Failure

from messaging.smpp.protocol.client_session import Delivery
from messaging.smpp.protocol.command_status import by_name
from reconciler.launcher.lane.journal import log_records
from reconciler.launcher.lane.smpp_client import SmppClient
from reconciler.launcher.lane.storage import Source, Storage

TRY_LATER = by_name("ESME_RX_T_APPN").value  # temporary: the carrier sends it again


class Deliveries:
    """PDUs of one connector; those of one reactor turn are recorded together."""

    def __init__(self, storage: Storage, source: Source) -> None:
        self._storage, self._source = storage, source
        self._pending: list[Delivery] = []

    def add(self, delivery: Delivery) -> None:
        self._pending.append(delivery)

    def handle(self, client: SmppClient) -> None:
        """Record and answer what came in this turn."""
        if not self._pending:
            return
        deliveries, self._pending = self._pending, []
        source, account = self._source, self._source.settings.account
        journal = self._storage.journal
        try:
            journal.commit()  # what was answered before is recorded before
            found = [
                log_records.deliver(
                    source.cid,
                    account,
                    client.session,
                    delivery.raw,
                    access=self._storage.is_access_receipt(source, delivery.pdu),
                )
                for delivery in deliveries
            ]
            journal.deliver(found)
        except OSError as error:
            self._storage.failed(error)
            self._answer(client, deliveries, TRY_LATER)
            return
        synced = self._storage.when_synced()
        synced.addCallbacks(
            lambda _: self._answer(client, deliveries, 0),
            lambda failure: self._refuse(client, deliveries, failure),
        )

    def _refuse(self, client: SmppClient, deliveries: list[Delivery], failure: Failure) -> None:
        failure.trap(OSError)
        self._storage.failed(failure.value)
        self._answer(client, deliveries, TRY_LATER)

    def _answer(self, client: SmppClient, deliveries: list[Delivery], status: int) -> None:
        for delivery in deliveries:
            client.answer(delivery, status)
        client.flush()
