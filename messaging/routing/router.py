"""The routes of one organisation: what the router chooses and what a POST is checked against."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from messaging.carriers.ranking import Candidate
from messaging.carriers.references import NO_SUCH_CARRIER
from messaging.pools.references import NO_SUCH_POOL
from messaging.routing import selection, senders
from messaging.routing.loader import Reader
from messaging.routing.selection import Selected
from messaging.routing.values import NOT_YOURS, Again, Chosen, Impossible, Waiting, Wanted
from messaging.smpp.protocol.text_encoding import Encoded


class Routes:
    """The routes of one organisation as they were read: good for one batch.

    Carriers are read once, in one query; pools once each, when a message asks for them.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._orders: dict[tuple, list[Candidate]] = {}

    @classmethod
    def read(cls, organization_id: str, *, countries: Collection[str] | None = None) -> Routes:
        """`countries`: those of the messages that will be asked for ("" of a number without one),
        where they are known; no other carriers are read then."""
        return cls(Reader(organization_id, countries=countries))

    def expect(self, wanted: Sequence[Wanted]) -> None:
        """Read at once what `check` of these needs: else each reads its own."""
        self._reader.ready_for(wanted)
        self._reader.look_up({each.carrier_id for each in wanted if each.carrier_id})

    def order(
        self,
        *,
        country: str,
        carrier_id: str | None = None,
        pool_id: str | None = None,
        passed_over: Sequence[str] = (),
        again: Again | None = None,
    ) -> list[Candidate]:
        """The carriers that such a message is tried at, first choice first, bound or not."""
        wanted = Wanted("", country, "", "", pool_id, carrier_id, tuple(passed_over), again)
        if pool_id:
            self._reader.ready_for([wanted])
        return list(self._order(wanted))

    def of_pool(self, pool_id: str) -> list[Candidate]:
        """The carriers that messages of the pool may take, whatever their countries."""
        return selection.of_pool(
            self._reader.ready_for([Wanted("", "", "", pool_id=pool_id)]), pool_id
        )

    def check(self, wanted: Wanted) -> Encoded:
        """Raises Impossible if no carrier could take the message, bound or not, or if the sender
        that it names may not send there; else the text as its first carrier would take it."""
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

    def refusal(self, wanted: Wanted) -> Impossible | None:
        """Why no carrier could take the message, whoever it is from by its pools; None if one
        could, bound or not."""
        known = self._reader.ready_for([wanted])
        return selection.refusal(known, wanted, self._order(wanted))

    def choose(
        self, wanted: Sequence[Wanted], *, usable: Collection[str], room: dict[str, int]
    ) -> list[Chosen | Impossible | Waiting]:
        """Carrier and sender of each message, in the order of `wanted`.

        `usable`: ids of the carriers that can be handed a message now. `room`: how many more each
        credential takes, by its id; it is counted down. The turns of all are taken together, in one
        round trip: each stays taken though the caller's transaction rolls back.
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
            Chosen(each.carrier, names.get(place, each.sender), each.pool_id, each.text)
            if isinstance(each, Selected)
            else each
            for place, each in enumerate(answers)
        ]

    def _select(
        self, wanted: Wanted, usable: Collection[str], room: dict[str, int]
    ) -> Selected | Impossible | Waiting:
        known, in_turn = self._reader.known, self._order(wanted)
        found = selection.select(known, wanted, in_turn, usable)
        if found is None:
            return selection.refusal(known, wanted, in_turn) or Waiting.UNBOUND
        credential_id = found.carrier.credential_id
        if room.get(credential_id, 0) <= 0:
            return Waiting.FULL
        room[credential_id] -= 1
        return found

    def _order(self, wanted: Wanted) -> list[Candidate]:
        key = (
            wanted.country,
            wanted.carrier_id,
            wanted.pool_id,
            wanted.passed_over,
            wanted.again and wanted.again.carrier_id,
        )
        if key not in self._orders:
            self._orders[key] = selection.order_for(self._reader.known, wanted)
        return self._orders[key]

    def _check_own(self, wanted: Wanted) -> None:
        if wanted.pool_id and wanted.pool_id not in self._reader.known.pools:
            raise Impossible(NOT_YOURS, NO_SUCH_POOL, "sender_pool_id")
        if wanted.carrier_id and not self._reader.owns(wanted.carrier_id):
            raise Impossible(NOT_YOURS, NO_SUCH_CARRIER, "carrier_id")
