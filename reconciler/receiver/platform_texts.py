"""Hands texts of phones over to a gateway, for the platforms that are bound there.

What waits is in the database (`messaging.inbound.access_queue`); the gateway has some of it at a
time, in memory. What it was given is known here by `due_at`, and may be forgotten: the gateway
takes an offer once. A gateway that was started again has nothing any more. What its log says of the
time before is waited for, and then it is given what the log says nothing of.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime

from messaging.inbound import access_queue
from messaging.inbound.access_queue import Offer
from messaging.inbound.models import AccessState, InboundPdu
from messaging.smpp.protocol.framing import PduError
from orbit.accounts.models import Organization
from reconciler import gateway_api, placements
from reconciler.gateway_client.operator_client import Deliveries, OperatorClient
from reconciler.models import Gateway, GatewayLog

MOST_OCTETS = gateway_api.MOST_OCTETS // 4  # of the PDUs in a request, which are hexadecimal there

logger = logging.getLogger(__name__)


class PlatformTexts:
    """Of one gateway."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._life = ""
        self._offered: dict[str, dict[int, datetime]] = {}  # by organisation and row

    def turn(self, client: OperatorClient) -> None:
        """Hand over what may go now. Raises GatewayAway, DatabaseError."""
        here = Organization.objects.filter(placements.served_by(self._gateway))
        waiting = access_queue.waiting_among(here)
        if not waiting:
            self._offered.clear()
            return
        log = GatewayLog.objects.filter(pk=self._gateway.pk).exclude(log="").first()
        if log is None:
            return
        said = client.deliver(log.log, list(waiting), [])
        if said.life != self._life:
            if log.offset < said.began:
                return  # what became of texts before is not read yet
            self._life = said.life
            self._offered.clear()
        for user in said.bound:
            if user in waiting:
                self._hand_over(client, log.log, user, waiting[user])

    def _hand_over(self, client: OperatorClient, log: str, user: str, organization_id: str) -> None:
        before = self._offered.get(organization_id, {})
        rows = access_queue.due(organization_id)
        self._offered[organization_id] = kept = {
            row.pk: row.access_due_at for row in rows if before.get(row.pk) == row.access_due_at
        }
        new = _offers(row for row in rows if row.pk not in kept)
        for offers in _in_requests(new):
            items = [
                {"token": each.token, "user": user, "pdu": each.octets.hex()} for each in offers
            ]
            said = client.deliver(log, [], items)
            if said.life != self._life:
                return  # it has just been started again
            kept |= {each.id: each.due_at for each in offers if each.token in said.accepted}
            _give_up([each.id for each in offers if each.token in said.refused])
            if not _took_all(said, offers):
                return  # no others, so that they stay in order


def _took_all(said: Deliveries, offers: list[Offer]) -> bool:
    return all(each.token in said.accepted or each.token in said.refused for each in offers)


def _offers(rows: Iterable[InboundPdu]) -> Iterator[Offer]:
    for row in rows:
        try:
            yield access_queue.offer(row)
        except (PduError, ValueError):
            logger.exception("the PDU %s can't be a deliver_sm", row.pk)
            _give_up([row.pk])


def _give_up(ids: list[int]) -> None:
    access_queue.settle(ids, AccessState.EXPIRED)


def _in_requests(offers: Iterable[Offer]) -> Iterator[list[Offer]]:
    """As many as a request takes."""
    found: list[Offer] = []
    octets = 0
    for each in offers:
        if found and (
            len(found) == gateway_api.MOST_DELIVERIES or octets + len(each.octets) > MOST_OCTETS
        ):
            yield found
            found, octets = [], 0
        found.append(each)
        octets += len(each.octets)
    if found:
        yield found
