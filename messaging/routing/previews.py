"""Preview the next messages of a pool; and the sender of a test send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from messaging.carriers.models import Carrier
from messaging.carriers.ranking import RouteCandidate
from messaging.countries import country_of
from messaging.pools.engine.choice import Choice
from messaging.pools.engine.values import Member
from messaging.pools.models import SenderPool
from messaging.routing import selection, senders
from messaging.routing.loader import RoutingLoader
from messaging.routing.router import Router
from messaging.routing.values import RouteRequest, Unroutable
from orbit.api.errors import not_found


@dataclass(frozen=True)
class Preview:
    """What `Router.choose` would give. `next`: the members of the next messages to this
    destination.

    `geo_match`: the pool's setting. `carrier`: the first bound one in the order; while none is
    bound, the first; `probed`: another one that a few messages try before it. `refusal`: why the
    API would refuse a message.
    """

    destination: str
    country: str | None
    geo_match: bool
    carrier: RouteCandidate | None
    refusal: Unroutable | None
    choice: Choice
    next: tuple[Member, ...]
    probed: RouteCandidate | None = None


def preview(
    pool: SenderPool, destination: str, *, carrier_id: str | None = None, count: int = 1
) -> Preview:
    """Preview a message to `destination` (E.164 with `+`) that names this pool, and the senders of
    `count` such messages. Changes nothing.

    `carrier_id`: a carrier of the organisation's that the message names, too. Raises NOT_FOUND if
    the pool is gone.
    """
    country = country_of(destination)
    reader = RoutingLoader(pool.organization_id, countries=[country or ""])
    routes = Router(reader)
    wanted = RouteRequest(destination, country or "", "", pool_id=pool.pk, carrier_id=carrier_id)
    refusal = routes.refusal(wanted)
    in_turn = routes.order(country=wanted.country, carrier_id=carrier_id, pool_id=pool.pk)
    probing = routes.order(
        country=wanted.country, carrier_id=carrier_id, pool_id=pool.pk, probe=True
    )
    roster = reader.known.pools.get(pool.pk)
    if roster is None:  # it was deleted since the caller read it
        raise not_found()
    choices = senders.look(roster, destination, count=count)
    carrier, probed = _first(in_turn), _first(probing)
    return Preview(
        destination=destination,
        country=country,
        geo_match=roster.geo_match,
        carrier=carrier,
        refusal=refusal,
        choice=choices[0],
        next=tuple(choice.member for choice in choices if choice.member),
        probed=probed if probed != carrier else None,
    )


def _first(in_turn: Sequence[RouteCandidate]) -> RouteCandidate | None:
    """The first bound one; while none is, the first."""
    return next((each for each in in_turn if each.bound), next(iter(in_turn), None))


def sender_of_a_test(carrier: Carrier, to: str) -> str | None:
    """The sender that the carrier's pools would give to a message now; None if they have none.

    Takes no turn and stores no sticky mapping: tests leave the turns of messages even, previews
    stay true, and a second test has the same sender.
    """
    country = country_of(to) or ""
    known = RoutingLoader(carrier.organization_id, countries=[country]).ready_for(
        [RouteRequest(to, country, "", carrier_id=carrier.pk)]
    )
    own = [each for each in known.carriers if each.id == carrier.pk]
    pool = next((selection.pool_with_sender(known, each, to) for each in own), None)
    if pool is None:
        return None
    (choice,) = senders.look(pool, to)
    return choice.member.sender if choice.member else None
