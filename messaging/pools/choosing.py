"""Choosing a sender for a message, and saying beforehand which it will be.

Both ask `engine.choice.choose` of the same state: `pick` takes a turn for it and `preview` looks at
the turn that would be taken. So while nobody else chooses or writes, what is picked is what was
previewed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from messaging.carriers.order import Candidate
from messaging.countries import country_of
from messaging.pools import sticky
from messaging.pools.carrying import carrier_of
from messaging.pools.engine.choice import Choice, Pool, after, choose, is_kept
from messaging.pools.engine.groups import Group
from messaging.pools.engine.values import Member, State, Step
from messaging.pools.models import SenderPool
from messaging.pools.rosters import roster
from messaging.pools.turns import turns


@dataclass(frozen=True)
class Picked:
    """`carrier` None: none takes the country (NO_ROUTE), and no turn was taken. `choice.member`
    None: nobody may send there (NO_ELIGIBLE_SENDER)."""

    carrier: Candidate | None
    choice: Choice


@dataclass(frozen=True)
class Preview:
    """What `pick` would give; `next` are the members of the next messages to this destination.

    `geo_match`: whether the pool wants near senders.
    """

    destination: str
    country: str | None
    geo_match: bool
    carrier: Candidate | None
    choice: Choice
    next: tuple[Member, ...]


def pick(
    pool: SenderPool,
    destination: str,
    *,
    carrier_id: str | None = None,
    without: Collection[str] = (),
) -> Picked:
    """Choose carrier and sender for one message to `destination` (E.164 with `+`), together.

    `pool` as `selectors` read it. `carrier_id`: the message goes through this one only; `without`:
    ids of carriers that have refused it. A turn stays taken though the caller's transaction rolls
    back; the sticky mapping does not stay.
    """
    carrier = carrier_of(pool, country_of(destination), carrier_id=carrier_id, without=without)
    if carrier is None:
        return Picked(None, Choice(roster(pool).at(destination)))
    return Picked(carrier, take_sender(pool, destination))


def take_sender(pool: SenderPool, destination: str) -> Choice:
    """The sender alone, whatever carrier takes the message: its turn is taken, and a sticky pool
    remembers it for the destination."""
    senders, kept = roster(pool), sticky.kept(pool, destination)
    state = _state(senders, destination, kept, turns().take)
    choice = choose(senders, destination, state)
    if choice.member is None:
        return choice
    if choice.step is Step.STICKY and choice.standing.group.goes_by_use:
        turns().touch(pool.pk, choice.member.id)
    if not pool.sticky:
        return choice
    holder = sticky.keep(pool, destination, choice.member.id, instead_of=kept)
    if is_kept(senders, choice.standing, holder) and holder != choice.member.id:
        # Somebody else's message to this destination was quicker.
        return choose(senders, destination, State(kept=holder))
    return choice


def preview(
    pool: SenderPool, destination: str, *, carrier_id: str | None = None, count: int = 1
) -> Preview:
    """What `pick` would give now, and the members of `count` messages. Changes nothing."""
    country = country_of(destination)
    senders, kept = roster(pool), sticky.kept(pool, destination)
    state = _state(senders, destination, kept, turns().look)
    choices = [choose(senders, destination, state)]
    while len(choices) < count:
        state = after(senders, choices[-1], state)
        choices.append(choose(senders, destination, state))
    return Preview(
        destination=destination,
        country=country,
        geo_match=pool.geo_match,
        carrier=carrier_of(pool, country, carrier_id=carrier_id),
        choice=choices[0],
        next=tuple(choice.member for choice in choices if choice.member),
    )


def _state(
    pool: Pool, destination: str, kept: str | None, count: Callable[[str, str, Group], State]
) -> State:
    """The mapping if it decides, else the turn that `count` looks at, or takes."""
    standing = pool.at(destination)
    if is_kept(pool, standing, kept) or not standing.group.members:
        return State(kept=kept)
    return count(pool.id, standing.lane, standing.group)
