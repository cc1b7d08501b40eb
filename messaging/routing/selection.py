"""Which carrier takes a message, and who it is from. Pure.

The first usable carrier in the order for the country; for it the sender that the request names,
else one of the pool that it names, else of the oldest pool that is attached to the carrier and has
one. A pool that is attached to carriers sends through those alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from messaging.carriers.ranking import Candidate, in_order, takers
from messaging.countries import country_of
from messaging.numbers import sender_type
from messaging.pools.engine.choice import Pool
from messaging.pools.engine.eligibility import faults
from messaging.pools.engine.geo_match import place_of
from messaging.pools.engine.values import Member
from messaging.routing.values import NO_ROUTE, NO_SENDER, TOO_LONG, Again, Impossible, Wanted
from messaging.smpp.protocol.text_encoding import Encoded, TextTooLong, encode


@dataclass(frozen=True)
class Selected:
    """The carrier, and where its sender comes from: `sender` itself, or the next of `pool`."""

    carrier: Candidate
    text: Encoded
    sender: str = ""
    pool: Pool | None = None
    pool_id: str | None = None


@dataclass
class Organisation:
    """What routing knows of one. Its carriers do not change; `pools` (by id) may still come.

    `texts`: what was encoded, by body and the carrier's coding; None: too long there. `sources`:
    what `pool_with_sender` has found, by carrier and country.
    """

    carriers: Sequence[Candidate]
    pools: Mapping[str, Pool] = field(default_factory=dict)
    texts: dict[tuple[str, int], Encoded | TextTooLong] = field(default_factory=dict)
    sources: dict[tuple[str, str | None], Pool | None] = field(default_factory=dict)

    @cached_property
    def in_use(self) -> list[Candidate]:
        """Its carriers in use, best first."""
        return in_order(self.carriers)

    def attached_to(self, carrier: Candidate) -> Iterator[Pool]:
        """The pools of a carrier that are known, oldest first."""
        return iter(self._attached.get(carrier.id, ()))

    @cached_property
    def _attached(self) -> dict[str, list[Pool]]:
        found = defaultdict(list)
        for _, pool in sorted(self.pools.items()):
            for carrier_id in pool.carrier_ids:
                found[carrier_id].append(pool)
        return found

    def text(self, body: str, carrier: Candidate) -> Encoded | TextTooLong:
        """The text in the carrier's alphabet, or why it does not fit."""
        key = (body, carrier.gsm_data_coding)
        if key not in self.texts:
            try:
                self.texts[key] = encode(*key)
            except TextTooLong as error:
                self.texts[key] = error
        return self.texts[key]


def order(
    known: Organisation,
    *,
    country: str,
    carrier_id: str | None = None,
    pool_id: str | None = None,
    passed_over: Collection[str] = (),
    again: Again | None = None,
) -> list[Candidate]:
    """The carriers that a message is tried at, first choice first, bound or not."""
    carriers = of_pool(known, pool_id)
    if carrier_id:
        carriers = [each for each in carriers if each.id == carrier_id]
    found = sorted(takers(carriers, country), key=lambda each: each.id in passed_over)
    if again is None:
        return found
    same = [each for each in known.in_use if each.id == again.carrier_id]
    return same + [each for each in found if each.id != again.carrier_id]


def of_pool(known: Organisation, pool_id: str | None) -> list[Candidate]:
    """The carriers in use that messages of the pool may take, whatever their countries: those that
    it is attached to, or all; best first."""
    pool = known.pools.get(pool_id) if pool_id else None
    if not pool or not pool.carrier_ids:
        return known.in_use
    return [each for each in known.in_use if each.id in pool.carrier_ids]


def order_for(known: Organisation, wanted: Wanted) -> list[Candidate]:
    """`order` of a message."""
    return order(
        known,
        country=wanted.country,
        carrier_id=wanted.carrier_id,
        pool_id=wanted.pool_id,
        passed_over=wanted.passed_over,
        again=wanted.again,
    )


def select(
    known: Organisation,
    wanted: Wanted,
    in_turn: Sequence[Candidate],
    usable: Collection[str] | None = None,
) -> Selected | None:
    """The first of `in_turn` (`order_for` it) that is usable, whose alphabet holds the text, and
    that has a sender. `usable`: ids of carriers; None: all."""
    for carrier in in_turn:
        if usable is not None and carrier.id not in usable:
            continue
        text = known.text(wanted.body, carrier)
        if isinstance(text, Encoded) and (found := _with_sender(known, wanted, carrier, text)):
            return found
    return None


def refusal(known: Organisation, wanted: Wanted, in_turn: Sequence[Candidate]) -> Impossible | None:
    """Why none of `in_turn` can ever take it; None if one can, bound or not."""
    if not in_turn:
        return _no_route(known, wanted)
    if select(known, wanted, in_turn):
        return None
    texts = [known.text(wanted.body, each) for each in in_turn if _source(known, wanted, each)]
    if not texts:
        who = "The sender pool has no" if wanted.pool_id else "No sender pool of its carriers has a"
        return Impossible(NO_SENDER, f"{who} sender for this number.", "from")
    return Impossible(TOO_LONG, str(texts[0]), "body")


def sender_fault(known: Organisation, wanted: Wanted) -> Impossible | None:
    """Why the sender that the request names may not send to this number, in the preview's words.

    If it is a member of the pool that is named along with it, the pool's own rules hold for it;
    else the country's alone.
    """
    if not wanted.sender:
        return None
    pool = known.pools.get(wanted.pool_id) if wanted.pool_id else None
    why = _sender_fault(wanted, pool)
    said = f"{wanted.sender} may not send to this number: {why}."
    return Impossible(NO_SENDER, said, "from") if why else None


def _sender_fault(wanted: Wanted, pool: Pool | None) -> str:
    named = [each for each in pool.members if each.sender == wanted.sender] if pool else []
    if not named:
        named = [Member(id="", sender=wanted.sender, type=sender_type(wanted.sender))]
    return "; ".join(faults(named[0], country_of(wanted.to)))


def _with_sender(
    known: Organisation, wanted: Wanted, carrier: Candidate, text: Encoded
) -> Selected | None:
    again = wanted.again
    if again and again.carrier_id == carrier.id:
        return Selected(carrier, text, sender=again.sender, pool_id=again.pool_id)
    source = _source(known, wanted, carrier)
    if isinstance(source, Pool):
        return Selected(carrier, text, pool=source, pool_id=source.id)
    return Selected(carrier, text, sender=source) if source else None


def _source(known: Organisation, wanted: Wanted, carrier: Candidate) -> Pool | str | None:
    """Where the sender comes from at this carrier: it is named, or a pool has one."""
    if wanted.sender:
        return wanted.sender
    if wanted.pool_id:
        pool = known.pools.get(wanted.pool_id)
        return pool if pool and _has_sender(pool, wanted.to) else None
    return pool_with_sender(known, carrier, wanted.to)


def pool_with_sender(known: Organisation, carrier: Candidate, to: str) -> Pool | None:
    """The oldest pool of the carrier that has a sender for the number: who may send depends on its
    country alone, so that a thousand messages do not ask a hundred pools each."""
    key = (carrier.id, place_of(to).country)
    if key not in known.sources:
        attached = known.attached_to(carrier)
        known.sources[key] = next((each for each in attached if _has_sender(each, to)), None)
    return known.sources[key]


def _has_sender(pool: Pool, to: str) -> bool:
    return bool(pool.at(to).group.members)


def _no_route(known: Organisation, wanted: Wanted) -> Impossible:
    pool, carrier_id = known.pools.get(wanted.pool_id or ""), wanted.carrier_id
    if pool and pool.carrier_ids and carrier_id and carrier_id not in pool.carrier_ids:
        said = (
            f"The sender pool is attached to carriers and sends through those alone, and "
            f"{carrier_id} is not one of them."
        )
        return Impossible(NO_ROUTE, said, "carrier_id")
    whose = f"numbers of {wanted.country}" if wanted.country else "numbers of no country"
    if carrier_id:
        said = f"The carrier {carrier_id} does not take {whose}, or is not in use."
    elif pool and pool.carrier_ids:
        said = f"No carrier in use that the sender pool is attached to takes {whose}."
    else:
        said = f"No carrier in use takes {whose}."
    return Impossible(NO_ROUTE, said, "to")
