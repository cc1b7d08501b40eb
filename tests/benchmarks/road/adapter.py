"""All functions of the product that `test_stages` and `test_drain` call: if one changes its name or
signature, only this file has to follow."""

from __future__ import annotations

from typing import Any

from messaging.campaigns import sending
from messaging.gateway import Accepted, Submit
from messaging.messages import services
from messaging.messages.dispatch import claim as claims
from messaging.messages.dispatch import outcome
from messaging.messages.dispatch import submit as submits
from messaging.messages.models import Message
from orbit.accounts.models import Organization
from reconciler.gateway_client.log_client import Page
from reconciler.models import Gateway, GatewayLog
from reconciler.receiver import log_offsets

ROUTE_TASK, QUEUE = "messaging.messages.tasks.route", "messages"


def queued(organization: Organization, to: str, body: str, **columns: Any) -> Message:
    """A waiting message, as a POST leaves it."""
    message = services.build(organization_id=organization.pk, to=to, body=body)
    for name, value in columns.items():
        setattr(message, name, value)
    message.save(force_insert=True)
    return message


def feed(campaign_id: str) -> int:
    """Make a batch of a campaign's messages; returns how many."""
    return sending.feed(campaign_id)


def claim(organization_id: str) -> Any:
    """Claim a batch; returns what `submit` and `settle` take."""
    return claims.claim(organization_id, without=set())


def claimed(batch: Any) -> list[Any]:
    """One for each message that was claimed."""
    return batch.claims


def submit(batch: Any) -> list[Any]:
    """Hand it to the gateway; returns the answers."""
    return submits.submit(batch.claims, batch.trunks, lease=batch.lease)


def settle(batch: Any, answers: list[Any]) -> None:
    outcome.record(batch.claims, answers, at=batch.at, leased_until=batch.lease.until)


def log_of(gateway: Gateway) -> GatewayLog:
    """How far its log is read; what `apply` takes."""
    return log_offsets.row_for(gateway)


def keep(row: GatewayLog, log: str, records: list[dict[str, Any]]) -> None:
    """The effects of a page of the gateway's log, as the receiver has them."""
    log_offsets.apply(row, Page(log, records[-1]["n"], records))


class Gateways:
    """Stands in for `messaging.gateway.Gateway`: accepts everything and sends nothing. `taken`:
    tokens in order, with the credential."""

    lane = "a" * 32

    def __init__(self) -> None:
        self.taken: list[tuple[str, Submit]] = []

    def trunks(self, credential_ids: Any) -> dict[str, Any]:
        return {each: _Trunk(self, each) for each in credential_ids}

    def push(self, organization_id: str) -> None:
        return

    def smpp_address(self, organization_id: str) -> None:
        return None


class _Trunk:
    def __init__(self, gateways: Gateways, credential_id: str) -> None:
        self._gateways, self._credential_id = gateways, credential_id
        self.lane = gateways.lane

    def submit_many(self, submits: list[Submit]) -> list[Accepted]:
        self._gateways.taken += [(self._credential_id, each) for each in submits]
        return [Accepted("")] * len(submits)
