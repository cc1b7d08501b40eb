"""Load what routing needs of one organisation: its carriers, and the pools that messages use.

Pools are cached in the process (`pools.loader`): of those the query reads only the version.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db.models import Q

from messaging.carriers.models import Carrier
from messaging.carriers.ranking import RouteCandidate
from messaging.carriers.selectors import candidates, candidates_serving, serving
from messaging.pools.engine.choice import Pool
from messaging.pools.loader import load_pools
from messaging.pools.models import SenderPool
from messaging.routing.selection import RoutingData
from messaging.routing.values import RouteRequest


def carriers(organization_id: str) -> list[RouteCandidate]:
    """All carriers of the organisation, in use or not, in one query."""
    return candidates(Carrier.objects.filter(organization=organization_id))


class RoutingLoader:
    """Carriers and pools of one organisation, each read once. Make one per batch.

    `countries`: read only carriers that may serve one of these ("": numbers without a country);
    None: all.
    """

    def __init__(self, organization_id: str, *, countries: Collection[str] | None = None) -> None:
        self._organization_id = organization_id
        self._is_whole = countries is None
        self._asked: set[str] = set()  # ids of pools that were looked up
        self._attached_are_read = False
        self._carriers = _carriers(organization_id, countries)
        self._own = {each.id: True for each in self._carriers}  # carriers, by id
        self.known = RoutingData(self._carriers)

    def ready_for(self, wanted: Iterable[RouteRequest]) -> RoutingData:
        """The data for these messages: at most one query, and more for pools that were written
        since this process read them."""
        wanted = list(wanted)
        named = {each.pool_id for each in wanted if each.pool_id} - self._asked
        attached = not self._attached_are_read and any(
            not each.sender and not each.pool_id for each in wanted
        )
        if named or attached:
            pools = self._read(named, attached=attached)
            self.known = RoutingData(
                self._carriers, {**self.known.pools, **pools}, self.known.texts
            )
        return self.known

    def _read(self, named: Collection[str], *, attached: bool) -> dict[str, Pool]:
        which = Q(pk__in=named)
        if attached:
            # A subquery of ids: a join would give a pool once for each of its carriers.
            own = SenderPool.objects.filter(
                organization=self._organization_id,
                attachments__carrier__in=[each.id for each in self._carriers],
            )
            which |= Q(pk__in=own.order_by().values("pk"))
        found = load_pools(SenderPool.objects.filter(which, organization=self._organization_id))
        self._asked |= {*named, *found}
        self._attached_are_read |= attached
        return found

    def owns(self, carrier_id: str) -> bool:
        """Whether the organisation has this carrier, for any countries."""
        self.look_up({carrier_id})
        return self._own[carrier_id]

    def look_up(self, carrier_ids: Collection[str]) -> None:
        """Prepare `owns` for these: at most one query."""
        unknown = set(carrier_ids) - self._own.keys()
        if unknown and not self._is_whole:
            rows = Carrier.objects.filter(organization=self._organization_id, pk__in=unknown)
            self._own |= dict.fromkeys(rows.values_list("pk", flat=True), True)
        self._own |= {each: each in self._own for each in unknown}


def _carriers(organization_id: str, countries: Collection[str] | None) -> list[RouteCandidate]:
    if countries is not None and len(countries) == 1:
        return candidates_serving(organization_id, *countries)
    rows = Carrier.objects.filter(organization=organization_id)
    return candidates(rows if countries is None else serving(rows, countries))
