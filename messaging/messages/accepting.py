"""Whether messages can be taken: a carrier takes them, and what they name is the caller's own.

What is read is read once for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from messaging.carriers.models import Carrier
from messaging.countries import country_of
from messaging.messages import choosing
from messaging.pools import attaching, explicit_senders, naming
from messaging.pools.models import SenderPool
from messaging.smpp.hosts import HostPolicy
from messaging.webhooks import endpoints
from orbit.accounts.models import Organization
from orbit.api.errors import ApiError
from orbit.api.field_errors import refused_value

_NO_POOL = "There is no such sender pool, or it is not yours."
_NO_CARRIER = "There is no such carrier, or it is not yours."

Fields = dict[str, Any]
"""A body as SmsSerializer has checked it."""


class Acceptance:
    """Good for one request. `bodies`: the messages that `check` will be asked about."""

    def __init__(self, organization: Organization, bodies: Iterable[Fields]) -> None:
        self._organization = organization
        pools, carriers = set(), set()
        for fields in bodies:
            pools.add(fields.get("sender_pool_id"))
            carriers.add(fields.get("carrier_id"))
        self._pools = self._own(SenderPool, pools)
        self._carriers = self._own(Carrier, carriers)

    def check_names(self, fields: Fields) -> None:
        """Raises VALIDATION_ERROR on the pool or the carrier, INVALID_WEBHOOK_URL."""
        pool_id, carrier_id = fields.get("sender_pool_id"), fields.get("carrier_id")
        if pool_id and pool_id not in self._pools:
            raise refused_value("sender_pool_id", pool_id, _NO_POOL, expected=naming.EXPECTED)
        if carrier_id and carrier_id not in self._carriers:
            raise refused_value("carrier_id", carrier_id, _NO_CARRIER, expected=attaching.EXPECTED)
        if webhook_url := fields.get("webhook_url"):
            # Where a name leads is asked by each attempt: a request does not wait for it.
            endpoints.check(
                webhook_url, field="webhook_url", look_up=False, policy=lambda: self._policy
            )

    def check(self, fields: Fields) -> None:
        """Raises as `check_names`, and NO_ROUTE, NO_ELIGIBLE_SENDER."""
        self.check_names(fields)
        to, sender, pool_id = fields["to"], fields.get("sender", ""), fields.get("sender_pool_id")
        order = self._routes.in_order(
            country_of(to) or "", carrier_id=fields.get("carrier_id"), pool_id=pool_id
        )
        try:
            self._routes.check(order, to, sender, pool_id)
        except choosing.Impossible as error:
            field = "to" if error.code == choosing.NO_ROUTE else "from"
            raise ApiError(error.code, error.message, field=field) from None
        pool = self._pools[pool_id] if pool_id else None
        if sender and (why := explicit_senders.fault(sender, to, pool)):
            raise ApiError(
                choosing.NO_SENDER, f"{sender} may not send to this number: {why}.", field="from"
            )

    @cached_property
    def _routes(self) -> choosing.Routes:
        return choosing.Routes(self._organization.pk)

    @cached_property
    def _policy(self) -> HostPolicy:
        return endpoints.host_policy()

    def _own(self, model: type[SenderPool] | type[Carrier], ids: set[str | None]) -> dict[str, Any]:
        wanted = [each for each in ids if each]
        if not wanted:
            return {}
        return model.objects.filter(organization=self._organization).in_bulk(wanted)
