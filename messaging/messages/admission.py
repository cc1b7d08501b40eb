"""Admission of messages: a carrier takes them, and the caller owns the pool and carrier they name.

Rows are read once for all messages of a request.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from messaging.carriers import references as attaching
from messaging.countries import country_of
from messaging.net.host_policy import HostPolicy
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
    """Checks the messages of one request. `bodies`: those that `check` will be called with."""

    def __init__(self, organization: Organization, bodies: Iterable[Fields]) -> None:
        self._organization = organization
        self._expected = [_wanted(each) for each in bodies]

    def check(self, fields: Fields) -> Encoded:
        """The text as the first carrier in the order would take it. Raises NO_ROUTE,
        NO_ELIGIBLE_SENDER, VALIDATION_ERROR on pool, carrier or body, INVALID_WEBHOOK_URL."""
        wanted = _wanted(fields)
        try:
            text = self._routes.check(wanted)
        except Unroutable as error:
            raise refused(error, wanted) from None
        self.check_url(fields)  # the last of the fields that can be wrong here
        return text

    def check_url(self, fields: Fields) -> None:
        """Raises INVALID_WEBHOOK_URL."""
        if webhook_url := fields.get("webhook_url"):
            # Each attempt looks the name up: a request does not wait for that.
            endpoints.check(
                webhook_url, field="webhook_url", look_up=False, policy=lambda: self._policy
            )

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


def _wanted(fields: Fields) -> RouteRequest:
    return RouteRequest(
        to=fields["to"],
        country=country_of(fields["to"]) or "",
        body=fields["body"],
        sender=fields.get("sender", ""),
        pool_id=fields.get("sender_pool_id"),
        carrier_id=fields.get("carrier_id"),
    )
