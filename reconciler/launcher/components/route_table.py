"""Jasmin's table of MT routes, with a look-up by order and one by user.

Jasmin's faults (routing/RoutingTables.py:62, :86): each route that is added sorts all of them, and
each message walks all of them. A route whose filters name a user is for that user's messages alone:
of the others only those without a user are looked at, in the same order.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from typing import Any

from jasmin.routing.Filters import UserFilter
from jasmin.routing.jasminApi import MtMessagingCredential, SmppsCredential
from jasmin.routing.Routables import Routable
from jasmin.routing.RoutingTables import InvalidRoutingTableParameterError, MTRoutingTable

ANYBODY = ""  # in the place of a uid: routes that name no user
# A filter has a user of its own, of which only the uid is looked at. With one pair of rights for
# all, a table takes a third of the memory and of the time to be persisted.
_UNUSED = MtMessagingCredential(), SmppsCredential()


class RouteTable(MTRoutingTable):
    """Orders ascend in each list here; messages try the highest first."""

    def __init__(self, rows: Iterable[dict[int, Any]] = ()) -> None:
        self.flush()
        for row in rows:
            for order, route in row.items():
                self._put(order, route)

    def __reduce__(self) -> tuple[Any, ...]:
        """A store that a stock Jasmin loads."""
        return MTRoutingTable, (), {"table": self.table}

    @property
    def table(self) -> list[dict[int, Any]]:
        """As Jasmin has it: the highest first."""
        return [{order: self._routes[order]} for order in reversed(self.orders)]

    def add(self, route: Any, order: int) -> None:
        MTRoutingTable().add(route, order)  # Jasmin's checks of the two
        self.remove(order)
        self._put(order, route)

    def remove(self, order: int) -> bool:
        route = self._routes.pop(order, None)
        if route is None:
            return False
        uid = user_of(route)
        for orders in (self.orders, self._of_user[uid]):
            del orders[bisect_left(orders, order)]
        if not self._of_user[uid]:
            del self._of_user[uid]
        return True

    def flush(self) -> None:
        self._routes: dict[int, Any] = {}
        self.orders: list[int] = []
        self._of_user: dict[str, list[int]] = {}

    def getAll(self) -> list[dict[int, Any]]:  # noqa: N802 - as Jasmin calls it
        return self.table

    def getRouteFor(self, routable: Any) -> Any:  # noqa: N802 - as Jasmin calls it
        if not isinstance(routable, Routable):
            raise InvalidRoutingTableParameterError("routable is not an instance of Routable")
        own, others = self.routes_of(str(routable.user.uid)), self.routes_of(ANYBODY)
        for _, route in heapq.merge(own, others, key=lambda each: each[0], reverse=True):
            if route.matchFilters(routable):
                return route
        return None

    def get(self, order: int) -> Any:
        return self._routes.get(order)

    def users(self) -> Iterable[str]:
        """uids that have routes, and ANYBODY."""
        return self._of_user.keys()

    def routes_of(self, uid: str) -> Iterator[tuple[int, Any]]:
        """Order and route of those that name this user first, the highest first."""
        return ((order, self._routes[order]) for order in reversed(self._of_user.get(uid, ())))

    def _put(self, order: int, route: Any) -> None:
        for each in getattr(route, "filters", ()):
            if isinstance(each, UserFilter):
                each.user.mt_credential, each.user.smpps_credential = _UNUSED
        self._routes[order] = route
        insort(self.orders, order)
        insort(self._of_user.setdefault(user_of(route), []), order)


def user_of(route: Any) -> str:
    """The uid of its first filter of users; ANYBODY if it has none."""
    named = (each for each in getattr(route, "filters", ()) if isinstance(each, UserFilter))
    return next((str(each.user.uid) for each in named), ANYBODY)
