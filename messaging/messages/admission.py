"""Admission of messages at POST: opt-outs, routing, and ownership of the named pool and carrier.

Rows are read once for all messages of a request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from messaging.carriers import references as attaching
from messaging.countries import country_of
from messaging.net.host_policy import HostPolicy
from messaging.opt_outs import gate
from messaging.opt_outs.gate import Refusal, Send
from messaging.pools import references as naming
from messaging.routing.refusals import refused
from messaging.routing.router import Router
from messaging.routing.values import RouteRequest, Unroutable
from messaging.smpp.protocol.segmentation import Encoded
from messaging.webhooks import endpoints
from orbit.accounts.models import Organization

Fields = dict[str, Any]
"""A body as SmsSerializer has checked it."""


class Admission:
    """Checks the messages of one request. `bodies`: those that `check` will be called with.

    `gated`: False for confirmations of STOP, START and HELP, which go to opted-out numbers too (and
    which `gate.let_through` has to know).
    """

    def __init__(
        self, organization: Organization, bodies: Iterable[Fields], *, gated: bool = True
    ) -> None:
        self._organization = organization
        self._expected = [_wanted(each) for each in bodies]
        self._gated = gated

    def check(self, fields: Fields) -> Encoded:
        """The text as the first carrier in the order would take it. Raises OPTED_OUT, NO_ROUTE,
        NO_ELIGIBLE_SENDER, VALIDATION_ERROR on pool, carrier or body, INVALID_WEBHOOK_URL."""
        wanted = _wanted(fields)
        if refusal := self._stopped.get(_send(wanted)):
            raise refusal.as_error()
        try:
            text = self._routes.check(wanted)
        except Unroutable as error:
            raise refused(error, wanted) from None
        self.check_url(fields)  # last, as the field's place in the body
        return text

    def check_url(self, fields: Fields) -> None:
        """Raises INVALID_WEBHOOK_URL."""
        if webhook_url := fields.get("webhook_url"):
            # The name is looked up at each delivery, so that this request need not wait for the
            # DNS.
            endpoints.check(
                webhook_url, field="webhook_url", look_up=False, policy=lambda: self._policy
            )

    @cached_property
    def _stopped(self) -> Mapping[Send, Refusal]:
        if not (self._gated and self._organization.opt_outs):
            return {}
        return gate.refused(self._organization.pk, map(_send, self._expected))

    @cached_property
    def _routes(self) -> Router:
        countries = {each.country for each in self._expected}
        routes = Router.read(self._organization.pk, countries=countries)
        routes.expect(self._expected)
        return routes

    @cached_property
    def _policy(self) -> HostPolicy:
        return endpoints.host_policy()


def check_references(organization: Organization, fields: Fields) -> None:
    """Raises VALIDATION_ERROR on a pool or a carrier that is not the organisation's."""
    if pool_id := fields.get("sender_pool_id"):
        naming.check_own(organization=organization, pool_id=pool_id)
    if carrier_id := fields.get("carrier_id"):
        attaching.check_own(organization=organization, carrier_id=carrier_id)


def _send(wanted: RouteRequest) -> Send:
    return Send(wanted.to, wanted.sender, wanted.pool_id)


def _wanted(fields: Fields) -> RouteRequest:
    return RouteRequest(
        to=fields["to"],
        country=country_of(fields["to"]) or "",
        body=fields["body"],
        sender=fields.get("sender", ""),
        pool_id=fields.get("sender_pool_id"),
        carrier_id=fields.get("carrier_id"),
    )
