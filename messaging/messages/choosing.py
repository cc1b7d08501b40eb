"""Which carrier takes a message, and who it is from: chosen together, just before it leaves.

The first bound carrier in the order for the country; for it the sender that the request names,
else the next of the pool that it names, else of a pool that is attached to the carrier.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from messaging.carriers.order import Candidate, for_country, in_order
from messaging.carriers.selectors import candidates_of
from messaging.countries import country_of
from messaging.messages.models import Message
from messaging.pools import explicit_senders, selectors
from messaging.pools.choosing import take_sender
from messaging.pools.models import PoolCarrier, SenderPool
from messaging.pools.rosters import roster
from messaging.smpp.protocol.text import Encoded, TextTooLong, encode
from orbit.api.errors import ApiError

NO_ROUTE, NO_SENDER, TOO_LONG = "NO_ROUTE", "NO_ELIGIBLE_SENDER", "TEXT_TOO_LONG"


@dataclass(frozen=True)
class Chosen:
    """`text`: as this carrier wants it."""

    carrier: Candidate
    sender: str
    pool_id: str | None
    text: Encoded


class Impossible(Exception):
    """No carrier can take the message as it is: `code` is NO_ROUTE, NO_ELIGIBLE_SENDER, or
    TEXT_TOO_LONG."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class Routes:
    """The carriers and pools of one organisation, read once: good for one batch."""

    def __init__(self, organization_id: str) -> None:
        self._organization_id = organization_id
        self._carriers = candidates_of(organization_id)
        self._pools: dict[str, SenderPool | None] = {}

    def in_order(
        self, country: str, *, carrier_id: str | None, pool_id: str | None
    ) -> list[Candidate]:
        """The carriers that take messages for the country, first choice first, bound or not.

        `carrier_id`: only this one; `pool_id`: those that the pool is attached to, if any.
        """
        carriers = self._carriers
        if carrier_id:
            carriers = [each for each in carriers if each.id == carrier_id]
        elif (pool := self._pool(pool_id)) and (attached := selectors.carrier_ids(pool)):
            carriers = [each for each in carriers if each.id in attached]
        return for_country(carriers, country or None)

    def pinned(self, carrier_id: str) -> list[Candidate]:
        """The carrier that a message is to be tried at again, while it is in use."""
        return in_order(each for each in self._carriers if each.id == carrier_id)

    def choose(self, message: Message, usable: Collection[str]) -> Chosen | None:
        """Take a sender for the first carrier whose id is in `usable`; None: wait for another.

        Raises Impossible. A turn stays taken though the caller's transaction rolls back.
        """
        if message.is_final:  # the same carrier and sender once more
            for carrier in self.pinned(message.carrier_id):
                if carrier.id in usable and (text := _encoded(message, carrier)):
                    return Chosen(carrier, message.sender, message.sender_pool_id, text)
        order = self.in_order(
            message.country, carrier_id=message.wanted_carrier_id, pool_id=message.wanted_pool_id
        )
        for carrier in preferred(order, message.passed_over):
            text = _encoded(message, carrier) if carrier.id in usable else None
            if text and (found := self._sender(message, carrier)):
                return Chosen(carrier, *found, text)
        if order and not any(_encoded(message, carrier) for carrier in order):
            raise Impossible(TOO_LONG, "In no carrier's alphabet has it at most 10 segments.")
        self.check(order, message.to, message.wanted_sender, message.wanted_pool_id)
        return None

    def check(self, order: list[Candidate], to: str, sender: str, pool_id: str | None) -> None:
        """Raises Impossible if no carrier in `order` has anybody to send from, bound or not."""
        if not order:
            country = country_of(to)
            whose = f"numbers of {country}" if country else "numbers of no country"
            raise Impossible(NO_ROUTE, f"No carrier in use takes {whose}.")
        if sender:
            return
        pools = [self._pool(pool_id)] if pool_id else self._attached(each.id for each in order)
        if not any(pool and _has_sender(pool, to) for pool in pools):
            whose = "The sender pool has" if pool_id else "No sender pool of its carriers has"
            raise Impossible(NO_SENDER, f"{whose} no sender for this number.")

    def _sender(self, message: Message, carrier: Candidate) -> tuple[str, str | None] | None:
        if message.wanted_sender:
            return message.wanted_sender, None
        wanted = message.wanted_pool_id
        pools = [self._pool(wanted)] if wanted else self._attached([carrier.id])
        for pool in pools:
            if pool and _has_sender(pool, message.to):
                member = take_sender(pool, message.to).member
                if member:
                    return member.sender, pool.pk
        return None

    def _pool(self, pool_id: str | None) -> SenderPool | None:
        if pool_id is None:
            return None
        if pool_id not in self._pools:
            pools = SenderPool.objects.filter(organization=self._organization_id, pk=pool_id)
            self._pools[pool_id] = pools.first()
        return self._pools[pool_id]

    def _attached(self, carrier_ids: Iterable[str]) -> Iterator[SenderPool | None]:
        """The pools of these carriers, oldest first for each."""
        for carrier_id in carrier_ids:
            yield from map(self._pool, self._attachments.get(carrier_id, ()))

    @cached_property
    def _attachments(self) -> dict[str, list[str]]:
        rows = PoolCarrier.objects.filter(pool__organization=self._organization_id)
        found: dict[str, list[str]] = {}
        for carrier_id, pool_id in rows.order_by("pool").values_list("carrier", "pool"):
            found.setdefault(carrier_id, []).append(pool_id)
        return found


def preferred(order: list[Candidate], passed_over: str) -> list[Candidate]:
    """Those that have refused the message for now (`Message.passed_over`) after all others."""
    passed = passed_over.split(",")
    return sorted(order, key=lambda carrier: carrier.id in passed)


def check(
    *,
    organization_id: str,
    to: str,
    sender: str = "",
    pool: SenderPool | None = None,
    carrier_id: str | None = None,
) -> None:
    """Raises NO_ROUTE or NO_ELIGIBLE_SENDER if no carrier could take the message, bound or not, or
    if `sender` may not send there."""
    routes = Routes(organization_id)
    pool_id = pool.pk if pool else None
    order = routes.in_order(country_of(to) or "", carrier_id=carrier_id, pool_id=pool_id)
    try:
        routes.check(order, to, sender, pool_id)
    except Impossible as error:
        field = "to" if error.code == NO_ROUTE else "from"
        raise ApiError(error.code, error.message, field=field) from None
    if sender and (why := explicit_senders.fault(sender, to, pool)):
        raise ApiError(NO_SENDER, f"{sender} may not send to this number: {why}.", field="from")


def _encoded(message: Message, carrier: Candidate) -> Encoded | None:
    """The text in the carrier's alphabet; None: it would be too long there."""
    try:
        return encode(message.body, carrier.gsm_data_coding)
    except TextTooLong:
        return None


def _has_sender(pool: SenderPool, to: str) -> bool:
    return bool(roster(pool).at(to).group.members)
