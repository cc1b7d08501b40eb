"""What carriers send: written down, then acknowledged; refused while it can't be written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.python.failure import Failure

from messaging.smpp.protocol.client_session import Delivery
from messaging.smpp.protocol.command_status import by_name
from reconciler.launcher.lane.journal import log_records

if TYPE_CHECKING:
    from reconciler.launcher.lane.connector import Connector
    from reconciler.launcher.lane.lane import Lane
    from reconciler.launcher.lane.smpp_client import Wire

NOT_NOW = by_name("ESME_RX_T_APPN").value  # the carrier keeps it and comes again


class Deliveries:
    """Of one connector: those of one turn are written together."""

    def __init__(self, lane: Lane, connector: Connector) -> None:
        self._lane, self._connector = lane, connector
        self._new: list[Delivery] = []

    def add(self, delivery: Delivery) -> None:
        self._new.append(delivery)

    def take(self, wire: Wire) -> None:
        """Those that came in this turn."""
        if not self._new:
            return
        new, self._new = self._new, []
        connector, account = self._connector, self._connector.settings.account
        journal = self._lane.journal
        try:
            journal.commit()  # before anybody is told of them
            found = [
                log_records.deliver(
                    connector.cid,
                    account,
                    wire.session,
                    delivery.raw,
                    access=self._lane.is_access(connector, delivery.pdu),
                )
                for delivery in new
            ]
            journal.deliver(found)
        except OSError as error:
            self._lane.failed(error)
            self._answer(wire, new, NOT_NOW)
            return
        kept = self._lane.when_kept()
        kept.addCallbacks(
            lambda _: self._answer(wire, new, 0),
            lambda failure: self._refuse(wire, new, failure),
        )

    def _refuse(self, wire: Wire, deliveries: list[Delivery], failure: Failure) -> None:
        failure.trap(OSError)
        self._lane.failed(failure.value)
        self._answer(wire, deliveries, NOT_NOW)

    def _answer(self, wire: Wire, deliveries: list[Delivery], status: int) -> None:
        for delivery in deliveries:
            wire.answer(delivery, status)
        wire.flush()
