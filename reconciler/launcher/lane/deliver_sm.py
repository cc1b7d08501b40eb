"""deliver_sm and data_sm from the carrier: recorded first, then acknowledged.

While nothing can be recorded they are refused for now, and the carrier sends them again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.python.failure import Failure

from messaging.smpp.protocol.client_session import Delivery
from messaging.smpp.protocol.command_status import by_name
from reconciler.launcher.lane.journal import log_records

if TYPE_CHECKING:
    from reconciler.launcher.lane.connector import Connector
    from reconciler.launcher.lane.lane import Lane
    from reconciler.launcher.lane.smpp_client import SmppClient

TRY_LATER = by_name("ESME_RX_T_APPN").value  # temporary: the carrier sends it again


class Deliveries:
    """PDUs of one connector; those of one reactor turn are recorded together."""

    def __init__(self, lane: Lane, connector: Connector) -> None:
        self._lane, self._connector = lane, connector
        self._pending: list[Delivery] = []

    def add(self, delivery: Delivery) -> None:
        self._pending.append(delivery)

    def handle(self, client: SmppClient) -> None:
        """Record and answer what came in this turn."""
        if not self._pending:
            return
        deliveries, self._pending = self._pending, []
        connector, account = self._connector, self._connector.settings.account
        journal = self._lane.journal
        try:
            journal.commit()  # what was answered before is recorded before
            found = [
                log_records.deliver(
                    connector.cid,
                    account,
                    client.session,
                    delivery.raw,
                    access=self._lane.is_access_receipt(connector, delivery.pdu),
                )
                for delivery in deliveries
            ]
            journal.deliver(found)
        except OSError as error:
            self._lane.store_failed(error)
            self._answer(client, deliveries, TRY_LATER)
            return
        synced = self._lane.when_synced()
        synced.addCallbacks(
            lambda _: self._answer(client, deliveries, 0),
            lambda failure: self._refuse(client, deliveries, failure),
        )

    def _refuse(self, client: SmppClient, deliveries: list[Delivery], failure: Failure) -> None:
        failure.trap(OSError)
        self._lane.store_failed(failure.value)
        self._answer(client, deliveries, TRY_LATER)

    def _answer(self, client: SmppClient, deliveries: list[Delivery], status: int) -> None:
        for delivery in deliveries:
            client.answer(delivery, status)
        client.flush()
