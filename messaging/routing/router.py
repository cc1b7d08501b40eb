"""The router: chooses carrier and sender of messages, and checks messages at POST."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from messaging.carriers.ranking import RouteCandidate
from messaging.carriers.references import NO_SUCH_CARRIER
from messaging.pools.references import NO_SUCH_POOL
from messaging.routing import selection, senders
from messaging.routing.loader import RoutingLoader
from messaging.routing.selection import Selected
from messaging.routing.values import NOT_YOURS, Retry, Route, RouteRequest, Unroutable, Waiting
from messaging.smpp.protocol.segmentation import Encoded


class Router:
    """Routes messages of one organisation. Make one per batch: it does not see later changes.

    Carriers are read once, in one query; pools once each, when a message needs them.
    """

    def __init__(self, reader: RoutingLoader) -> None:
        self._reader = reader
        self._orders: dict[tuple, list[RouteCandidate]] = {}

    @classmethod
    def read(cls, organization_id: str, *, countries: Collection[str] | None = None) -> Router:
        """`countries`: those of the messages ("" for numbers without one), to read only their
        carriers; None: read all."""
        return cls(RoutingLoader(organization_id, countries=countries))

    def expect(self, wanted: Sequence[RouteRequest]) -> None:
        """Read what `check` of these needs in bulk, instead of one by one."""
        self._reader.ready_for(wanted)
        self._reader.look_up({each.carrier_id for each in wanted if each.carrier_id})

    def order(
        self,
        *,
        country: str,
        carrier_id: str | None = None,
        pool_id: str | None = None,
        passed_over: Sequence[str] = (),
        retry: Retry | None = None,
        probe: bool = False,
    ) -> list[RouteCandidate]:
        """The carriers for such a message, first choice first, bound or not."""
        wanted = RouteRequest(
            "", country, "", "", pool_id, carrier_id, tuple(passed_over), retry, probe
        )
        if pool_id:
            self._reader.ready_for([wanted])
        return list(self._order(wanted))

    def of_pool(self, pool_id: str) -> list[RouteCandidate]:
        """The carriers that messages of the pool may take, for all countries."""
        return selection.of_pool(
            self._reader.ready_for([RouteRequest("", "", "", pool_id=pool_id)]), pool_id
        )

    def check(self, wanted: RouteRequest) -> Encoded:
        """The text encoded for the first carrier. Raises Unroutable if no carrier could take the
        message, bound or not, or if the sender that it names may not send there."""
        known = self._reader.ready_for([wanted])
        self._check_own(wanted)
        in_turn = self._order(wanted)
        if not in_turn and (error := selection.refusal(known, wanted, in_turn)):
            raise error
        if error := selection.sender_fault(known, wanted):
            raise error
        found = selection.select(known, wanted, in_turn)
        if found is None:
            raise selection.refusal(known, wanted, in_turn)
        return found.text

    def refusal(self, wanted: RouteRequest) -> Unroutable | None:
        """Why no carrier could take the message; None if one could, bound or not."""
        known = self._reader.ready_for([wanted])
        return selection.refusal(known, wanted, self._order(wanted))

    def choose(
        self, wanted: Sequence[RouteRequest], *, usable: Collection[str], room: dict[str, int]
    ) -> list[Route | Unroutable | Waiting]:
        """Carrier and sender of each message, in the order of `wanted`.

        `usable`: ids of the carriers that can take messages now. `room`: how many more messages
        each credential takes, by its id; counted down here. All turns are taken in one round trip,
        and stay taken if the caller's transaction rolls back.
        """
        self._reader.ready_for(wanted)
        answers = [self._select(each, usable, room) for each in wanted]
        from_pools = [
            (place, each)
            for place, each in enumerate(answers)
            if isinstance(each, Selected) and each.pool
        ]
        wishes = [(each.pool, wanted[place].to) for place, each in from_pools]
        taken = senders.take(wishes) if wishes else []
        names = {
            place: choice.member.sender
            for (place, _), choice in zip(from_pools, taken, strict=True)
            if choice.member
        }
        return [
            Route(each.carrier, names.get(place, each.sender), each.pool_id, each.text)
            if isinstance(each, Selected)
            else each
            for place, each in enumerate(answers)
        ]

    def _select(
        self, wanted: RouteRequest, usable: Collection[str], room: dict[str, int]
    ) -> Selected | Unroutable | Waiting:
        known, in_turn = self._reader.known, self._order(wanted)
        found = selection.select(known, wanted, in_turn, usable)
        if found is None:
            return selection.refusal(known, wanted, in_turn) or Waiting.UNBOUND
        credential_id = found.carrier.credential_id
        if room.get(credential_id, 0) <= 0:
            return Waiting.FULL
        room[credential_id] -= 1
        return found

    def _order(self, wanted: RouteRequest) -> list[RouteCandidate]:
        key = (
            wanted.country,
            wanted.carrier_id,
            wanted.pool_id,
            wanted.passed_over,
            wanted.retry and wanted.retry.carrier_id,
            wanted.probe,
        )
        if key not in self._orders:
            self._orders[key] = selection.order_for(self._reader.known, wanted)
        return self._orders[key]

    def _check_own(self, wanted: RouteRequest) -> None:
        if wanted.pool_id and wanted.pool_id not in self._reader.known.pools:
            raise Unroutable(NOT_YOURS, NO_SUCH_POOL, "sender_pool_id")
        if wanted.carrier_id and not self._reader.owns(wanted.carrier_id):
            raise Unroutable(NOT_YOURS, NO_SUCH_CARRIER, "carrier_id")
