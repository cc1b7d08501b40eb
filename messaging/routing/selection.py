"""Select the carrier of a message, and the source of its sender. Pure.

The carrier is the first usable one in the order for the country. The sender is the one that the
request names, else one of the pool that it names, else one of the oldest pool that is attached to
the carrier and has a sender for the number. A pool that is attached to carriers sends only through
those.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from messaging.carriers.ranking import RouteCandidate, in_order, ranked_for
from messaging.countries import country_of
from messaging.numbers import sender_type
from messaging.pools.engine.choice import Pool
from messaging.pools.engine.eligibility import faults
from messaging.pools.engine.geo_match import place_of
from messaging.pools.engine.values import Member
from messaging.routing.values import NO_ROUTE, NO_SENDER, TOO_LONG, Retry, RouteRequest, Unroutable
from messaging.smpp.protocol.segmentation import Encoded, TextTooLong, encode


@dataclass(frozen=True)
class Selected:
    """The carrier, and its sender: `sender` itself, or the next one of `pool`."""

    carrier: RouteCandidate
    text: Encoded
    sender: str = ""
    pool: Pool | None = None
    pool_id: str | None = None


@dataclass
class RoutingData:
    """The carriers and pools (by id) of one organisation, as read for one batch.

    Caches: `texts`, encoded texts by body and the carrier's data coding; `sources`, results of
    `pool_with_sender` by carrier and country.
    """

    carriers: Sequence[RouteCandidate]
    pools: Mapping[str, Pool] = field(default_factory=dict)
    texts: dict[tuple[str, int], Encoded | TextTooLong] = field(default_factory=dict)
    sources: dict[tuple[str, str | None], Pool | None] = field(default_factory=dict)

    @cached_property
    def in_use(self) -> list[RouteCandidate]:
        """Its carriers in use, best first."""
        return in_order(self.carriers)

    def attached_to(self, carrier: RouteCandidate) -> Iterator[Pool]:
        """The pools of a carrier that were read, oldest first."""
        return iter(self._attached.get(carrier.id, ()))

    @cached_property
    def _attached(self) -> dict[str, list[Pool]]:
        found = defaultdict(list)
        for _, pool in sorted(self.pools.items()):
            for carrier_id in pool.carrier_ids:
                found[carrier_id].append(pool)
        return found

    def text(self, body: str, carrier: RouteCandidate) -> Encoded | TextTooLong:
        """The text in the carrier's alphabet, or why it does not fit."""
        key = (body, carrier.gsm_data_coding)
        if key not in self.texts:
            try:
                self.texts[key] = encode(*key)
            except TextTooLong as error:
                self.texts[key] = error
        return self.texts[key]


def order(
    known: RoutingData,
    *,
    country: str,
    carrier_id: str | None = None,
    pool_id: str | None = None,
    passed_over: Collection[str] = (),
    retry: Retry | None = None,
    probe: bool = False,
) -> list[RouteCandidate]:
    """The carriers that a message is tried at, first choice first, bound or not."""
    carriers = of_pool(known, pool_id)
    if carrier_id:
        carriers = [each for each in carriers if each.id == carrier_id]
    line = ranked_for(carriers, country, probe=probe)
    found = sorted(line, key=lambda each: each.id in passed_over)
    if retry is None:
        return found
    same = [each for each in known.in_use if each.id == retry.carrier_id]
    return same + [each for each in found if each.id != retry.carrier_id]


def of_pool(known: RoutingData, pool_id: str | None) -> list[RouteCandidate]:
    """The carriers in use that messages of the pool may take, for all countries: those that it is
    attached to, or all; best first."""
    pool = known.pools.get(pool_id) if pool_id else None
    if not pool or not pool.carrier_ids:
        return known.in_use
    return [each for each in known.in_use if each.id in pool.carrier_ids]


def order_for(known: RoutingData, wanted: RouteRequest) -> list[RouteCandidate]:
    """`order` for one message."""
    return order(
        known,
        country=wanted.country,
        carrier_id=wanted.carrier_id,
        pool_id=wanted.pool_id,
        passed_over=wanted.passed_over,
        retry=wanted.retry,
        probe=wanted.probe,
    )


def select(
    known: RoutingData,
    wanted: RouteRequest,
    in_turn: Sequence[RouteCandidate],
    usable: Collection[str] | None = None,
) -> Selected | None:
    """The first carrier of `in_turn` (`order_for` the message) that is usable, can encode the text
    and has a sender. `usable`: ids of carriers; None: all."""
    for carrier in in_turn:
        if usable is not None and carrier.id not in usable:
            continue
        text = known.text(wanted.body, carrier)
        if isinstance(text, Encoded) and (found := _with_sender(known, wanted, carrier, text)):
            return found
    return None


def refusal(
    known: RoutingData, wanted: RouteRequest, in_turn: Sequence[RouteCandidate]
) -> Unroutable | None:
    """Why none of `in_turn` can ever take it; None if one can, bound or not."""
    if not in_turn:
        return _no_route(known, wanted)
    if select(known, wanted, in_turn):
        return None
    texts = [known.text(wanted.body, each) for each in in_turn if _source(known, wanted, each)]
    if not texts:
        who = "The sender pool has no" if wanted.pool_id else "No sender pool of its carriers has a"
        return Unroutable(NO_SENDER, f"{who} sender for this number.", "from")
    return Unroutable(TOO_LONG, str(texts[0]), "body")


def sender_fault(known: RoutingData, wanted: RouteRequest) -> Unroutable | None:
    """Why the sender that the request names may not send to this number; the texts are the
    preview's.

    If it is a member of the pool that the request names, the rules of that member apply, else only
    the country's.
    """
    if not wanted.sender:
        return None
    pool = known.pools.get(wanted.pool_id) if wanted.pool_id else None
    why = _sender_fault(wanted, pool)
    said = f"{wanted.sender} may not send to this number: {why}."
    return Unroutable(NO_SENDER, said, "from") if why else None


def _sender_fault(wanted: RouteRequest, pool: Pool | None) -> str:
    named = [each for each in pool.members if each.sender == wanted.sender] if pool else []
    if not named:
        named = [Member(id="", sender=wanted.sender, type=sender_type(wanted.sender))]
    return "; ".join(faults(named[0], country_of(wanted.to)))


def _with_sender(
    known: RoutingData, wanted: RouteRequest, carrier: RouteCandidate, text: Encoded
) -> Selected | None:
    retry = wanted.retry
    if retry and retry.carrier_id == carrier.id:
        return Selected(carrier, text, sender=retry.sender, pool_id=retry.pool_id)
    source = _source(known, wanted, carrier)
    if isinstance(source, Pool):
        return Selected(carrier, text, pool=source, pool_id=source.id)
    return Selected(carrier, text, sender=source) if source else None


def _source(known: RoutingData, wanted: RouteRequest, carrier: RouteCandidate) -> Pool | str | None:
    """The sender that the request names, or the pool that has one for this carrier."""
    if wanted.sender:
        return wanted.sender
    if wanted.pool_id:
        pool = known.pools.get(wanted.pool_id)
        return pool if pool and _has_sender(pool, wanted.to) else None
    return pool_with_sender(known, carrier, wanted.to)


def pool_with_sender(known: RoutingData, carrier: RouteCandidate, to: str) -> Pool | None:
    """The oldest pool of the carrier that has a sender for the number.

    Eligibility depends on the number's country alone, so the result is cached: a thousand messages
    do not ask a hundred pools each.
    """
    key = (carrier.id, place_of(to).country)
    if key not in known.sources:
        attached = known.attached_to(carrier)
        known.sources[key] = next((each for each in attached if _has_sender(each, to)), None)
    return known.sources[key]


def _has_sender(pool: Pool, to: str) -> bool:
    return bool(pool.shortlist(to).group.members)


def _no_route(known: RoutingData, wanted: RouteRequest) -> Unroutable:
    pool, carrier_id = known.pools.get(wanted.pool_id or ""), wanted.carrier_id
    if pool and pool.carrier_ids and carrier_id and carrier_id not in pool.carrier_ids:
        said = (
            f"The sender pool is attached to carriers and sends through those alone, and "
            f"{carrier_id} is not one of them."
        )
        return Unroutable(NO_ROUTE, said, "carrier_id")
    whose = f"numbers of {wanted.country}" if wanted.country else "numbers of no country"
    if carrier_id:
        said = f"The carrier {carrier_id} does not take {whose}, or is not in use."
    elif pool and pool.carrier_ids:
        said = f"No carrier in use that the sender pool is attached to takes {whose}."
    else:
        said = f"No carrier in use takes {whose}."
    return Unroutable(NO_ROUTE, said, "to")
