"""What the next messages of a pool would get, said beforehand; and who a test is from."""

from __future__ import annotations

from dataclasses import dataclass

from messaging.carriers.models import Carrier
from messaging.carriers.ranking import Candidate
from messaging.countries import country_of
from messaging.pools.engine.choice import Choice
from messaging.pools.engine.values import Member
from messaging.pools.models import SenderPool
from messaging.routing import selection, senders
from messaging.routing.loader import Reader
from messaging.routing.router import Routes
from messaging.routing.values import Impossible, Wanted
from orbit.api.errors import not_found


@dataclass(frozen=True)
class Preview:
    """What `Routes.choose` would give; `next` are the members of the next messages to this
    destination.

    `geo_match`: whether the pool wants near senders. `carrier`: the first bound one in the order;
    while none is bound, the first. `refusal`: why a message would not be taken.
    """

    destination: str
    country: str | None
    geo_match: bool
    carrier: Candidate | None
    refusal: Impossible | None
    choice: Choice
    next: tuple[Member, ...]


def preview(
    pool: SenderPool, destination: str, *, carrier_id: str | None = None, count: int = 1
) -> Preview:
    """What a message to `destination` (E.164 with `+`) that names this pool would get now, and the
    senders of `count` of them. Changes nothing.

    `carrier_id`: the message names this carrier of the organisation's, too. Raises NOT_FOUND if the
    pool is gone.
    """
    country = country_of(destination)
    reader = Reader(pool.organization_id, countries=[country or ""])
    routes = Routes(reader)
    wanted = Wanted(destination, country or "", "", pool_id=pool.pk, carrier_id=carrier_id)
    refusal = routes.refusal(wanted)
    in_turn = routes.order(country=wanted.country, carrier_id=carrier_id, pool_id=pool.pk)
    roster = reader.known.pools.get(pool.pk)
    if roster is None:  # it was deleted since the caller has found it
        raise not_found()
    choices = senders.look(roster, destination, count=count)
    return Preview(
        destination=destination,
        country=country,
        geo_match=roster.geo_match,
        carrier=next((each for each in in_turn if each.bound), next(iter(in_turn), None)),
        refusal=refusal,
        choice=choices[0],
        next=tuple(choice.member for choice in choices if choice.member),
    )


def sender_of_a_test(carrier: Carrier, to: str) -> str | None:
    """The sender that the carrier's pools would give to a message now: of the oldest that has one.

    It takes no turn and leaves no sticky mapping: a test is no message of a customer's. Turns stay
    as even among messages as they were, a preview stays true, and testing twice tests the same.
    """
    country = country_of(to) or ""
    known = Reader(carrier.organization_id, countries=[country]).ready_for(
        [Wanted(to, country, "", carrier_id=carrier.pk)]
    )
    own = [each for each in known.carriers if each.id == carrier.pk]
    pool = next((selection.pool_with_sender(known, each, to) for each in own), None)
    if pool is None:
        return None
    (choice,) = senders.look(pool, to)
    return choice.member.sender if choice.member else None
