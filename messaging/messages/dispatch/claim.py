"""Claim messages for an attempt: one transaction gives them carrier, sender and price.

The worker that claims them submits them under a lease. `recovery` finds claims whose lease has
expired.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from messaging import bulk, gateway
from messaging.carriers.demotions import is_probe
from messaging.carriers.ranking import RouteCandidate
from messaging.gateway import Refused, Trunk
from messaging.leases import Lease
from messaging.messages.dispatch import gated_choice, inflight, queue
from messaging.messages.dispatch.queue import Group, Row
from messaging.messages.dispatch_groups import group_key
from messaging.messages.event_history import ATTEMPT, event
from messaging.messages.models import Message, MessageStatus
from messaging.messages.transitions import Transitions
from messaging.routing.router import Router
from messaging.routing.values import Retry, Route, RouteRequest, Unroutable, Waiting
from messaging.smpp.protocol.segmentation import Encoded

BATCH = 500  # messages
LEASE = timedelta(seconds=30)  # longer than the gateway's answer may take
MOST_GROUPS = 100  # in one statement; further groups follow once these have no messages or no room
LOOKED_AT = 100  # messages without a bound carrier that are checked for being unroutable
# Shorter than it takes a bind to send what it has in the gateway, so that the bind does not run
# dry.
PUT_OFF = timedelta(seconds=1)
_CHOSEN = (
    "attempt",
    "lane",
    "segments",
    "encoding",
    "refusals",
    "carrier_id",
    "credential_id",
    "sender",
    "sender_pool_id",
    "price_amount",
    "price_currency",
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A claimed message, as `submit` and `outcome` need it. `text` is encoded and priced for its
    carrier."""

    id: str
    attempt: int
    credential_id: str
    sender: str
    to: str
    text: Encoded
    tlvs: list[dict[str, Any]]
    campaign_id: str | None = None


@dataclass
class Batch:
    """The result of `claim`: messages to submit while `lease` holds; `trunks` by credential.

    - `is_full`: more are due, and their carriers have no room; `waits`: no carrier of theirs is up.
    - `ended`: messages that can't be sent at all; `put_off`: messages delayed so that others go.
    """

    at: datetime
    lease: Lease
    claims: list[Claim] = field(default_factory=list)
    trunks: dict[str, Trunk] = field(default_factory=dict)
    is_full: bool = False
    waits: bool = False
    ended: int = 0
    put_off: int = 0


def claim(organization_id: str, *, without: set[str]) -> Batch:
    """Claim up to `BATCH` messages. `without`: credentials just found unbound."""
    at = timezone.now()
    batch = Batch(at=at, lease=Lease.begin(LEASE, at=at))
    groups = queue.due(organization_id)
    if not groups:
        return batch
    routes = Router.read(organization_id, countries={each.country for each in groups})
    orders = {each.key: _order(routes, each) for each in groups}
    usable = _usable([each for order in orders.values() for each in order], without, batch)
    with transaction.atomic():
        room = inflight.room({each.credential_id for each in usable.values()})
        asked, rows = _lock(groups, orders, usable, room, batch)
        wanted = [_wanted(row) for row in rows]
        if any(each.gated for each in groups):
            answers = gated_choice.choose(
                organization_id, rows, wanted, routes, usable=usable.keys(), room=room
            )
        else:
            answers = routes.choose(wanted, usable=usable.keys(), room=room)
        chosen = _sort(rows, answers, batch)
        _write(chosen, batch)
        answered = zip(rows, answers, strict=True)
        held = [row for row, answer in answered if isinstance(answer, Waiting)]
        if held:
            free = {key for key, order in orders.items() if _has_room(order, usable, room)}
            _put_off([row for row in held if _key(row) in free & _cut_off(asked, rows)], batch)
    return batch


def _order(routes: Router, group: Group) -> list[RouteCandidate]:
    return routes.order(
        country=group.country,
        carrier_id=group.wanted_carrier_id,
        pool_id=group.wanted_pool_id,
        passed_over=group.passed_over,
        retry=Retry(group.again, "", None) if group.again else None,
    )


def _usable(
    carriers: Iterable[RouteCandidate], without: set[str], batch: Batch
) -> dict[str, RouteCandidate]:
    """Carriers that are bound and whose gateway can be reached, by id. Stores their trunks in
    `batch`."""
    bound = {each.id: each for each in carriers if each.bound and each.credential_id not in without}
    found = gateway.trunks({each.credential_id for each in bound.values()})
    batch.trunks = {pk: trunk for pk, trunk in found.items() if not isinstance(trunk, Refused)}
    return {pk: each for pk, each in bound.items() if each.credential_id in batch.trunks}


def _lock(
    groups: Iterable[Group],
    orders: dict[str, list[RouteCandidate]],
    usable: dict[str, RouteCandidate],
    room: dict[str, int],
    batch: Batch,
) -> tuple[list[tuple[Group, int]], list[Row]]:
    """Lock as many messages of each group as its first usable carrier has room for.

    If there are none, lock some messages without a usable carrier: they may have to end. Returns
    what was asked for, by group, and the rows.
    """
    wanted, waiting = [], []
    for group in groups:
        first = _first(orders[group.key], usable)
        if not orders[group.key]:
            wanted.append((group, BATCH))  # no carrier takes them: they end
        elif first is None:
            waiting.append((group, LOOKED_AT))
        elif (most := room.get(first.credential_id, 0)) <= 0:
            batch.is_full = True
        else:
            wanted.append((group, min(most, BATCH)))
    batch.waits = bool(waiting)
    if rows := queue.lock(wanted[:MOST_GROUPS], most=BATCH):
        return wanted, rows
    return waiting, queue.lock(waiting[:MOST_GROUPS], most=BATCH)


def _first(order: Iterable[RouteCandidate], usable: Container[str]) -> RouteCandidate | None:
    return next((each for each in order if each.id in usable), None)


def _has_room(
    order: Iterable[RouteCandidate], usable: Container[str], room: Mapping[str, int]
) -> bool:
    """Whether the first usable carrier has room left."""
    first = _first(order, usable)
    return first is not None and room.get(first.credential_id, 0) > 0


def _cut_off(asked: Sequence[tuple[Group, int]], rows: Sequence[Row]) -> set[str]:
    """Keys of groups that may have more due messages than were locked."""
    if len(rows) >= BATCH or len(asked) > MOST_GROUPS:
        return {group.key for group, _ in asked}
    found = Counter(map(_key, rows))
    return {group.key for group, count in asked if found[group.key] >= count}


def _key(row: Row) -> str:
    """The key of the message's group."""
    return group_key(
        campaign_id=row.campaign_id,
        country=row.country,
        wanted_carrier_id=row.wanted_carrier_id,
        wanted_pool_id=row.wanted_pool_id,
        carrier_id=row.carrier_id,
        is_final=row.is_final,
        passed_over=",".join(row.passed_over),
    )


def _put_off(rows: Sequence[Row], batch: Batch) -> None:
    """Delay messages that hold up others of their group: its first carrier has room but no sender
    or no alphabet for them, and the next carrier is unbound or full."""
    until = timezone.now() + PUT_OFF
    bulk.update(Message, {row.id: {} for row in rows}, (), same={"next_attempt_at": until})
    batch.put_off = len(rows)


def _wanted(row: Row) -> RouteRequest:
    retry = None
    if row.is_final and row.carrier_id:
        retry = Retry(row.carrier_id, row.sender, row.sender_pool_id)
    return RouteRequest(
        to=row.to,
        country=row.country,
        body=row.body,
        sender=row.wanted_sender,
        pool_id=row.wanted_pool_id,
        carrier_id=row.wanted_carrier_id,
        passed_over=row.passed_over,
        retry=retry,
        probe=is_probe(row.id),
    )


def _sort(
    rows: list[Row], answers: list[Route | Unroutable | Waiting], batch: Batch
) -> list[tuple[Row, Route]]:
    """Return the messages with a carrier, and end those that no carrier can ever take; the rest
    wait."""
    chosen, impossible = [], {}
    for row, answer in zip(rows, answers, strict=True):
        if isinstance(answer, Route):
            chosen.append((row, answer))
        elif isinstance(answer, Unroutable):
            impossible[row.id] = answer
        elif answer is Waiting.FULL:
            batch.is_full = True
        else:
            batch.waits = True
    if impossible:
        _end(impossible)
        batch.ended = len(impossible)
    return chosen


def _end(impossible: dict[str, Unroutable]) -> None:
    transitions = Transitions()
    messages = Message.objects.filter(pk__in=impossible)  # locked by the caller
    messages.exclude(price_amount=None).update(price_amount=None, price_currency="")  # had a price
    for message in messages:
        why = impossible[message.pk]
        transitions.end(message, MessageStatus.FAILED, code=why.code, why=why.message)
    transitions.save()


def _write(chosen: list[tuple[Row, Route]], batch: Batch) -> None:
    values, events = {}, {}
    for row, found in chosen:
        carrier, text = found.carrier, found.text
        values[row.id] = {
            "attempt": row.attempt + 1,
            "lane": batch.trunks[carrier.credential_id].lane,
            "segments": text.segments,
            "encoding": text.encoding.name,
            "refusals": row.refusals if row.carrier_id == carrier.id else 0,
            "carrier_id": carrier.id,
            "credential_id": carrier.credential_id,
            "sender": found.sender,
            "sender_pool_id": found.pool_id,
            "price_amount": carrier.billing_rate * text.segments,
            "price_currency": carrier.currency,
        }
        detail = f"{ATTEMPT}{carrier.name}, from {found.sender}"
        events[row.id] = [event(MessageStatus.SENDING, detail, batch.at)]
        batch.claims.append(_claim_of(row, found))
    same = {
        "status": MessageStatus.SENDING,
        "claimed_at": batch.at,
        "leased_until": batch.lease.until,
        "taken_at": None,
        "updated_at": batch.at,
    }
    bulk.update(Message, values, _CHOSEN, same=same, append={"events": events})


def _claim_of(row: Row, found: Route) -> Claim:
    return Claim(
        id=row.id,
        attempt=row.attempt + 1,
        credential_id=found.carrier.credential_id,
        sender=found.sender,
        to=row.to,
        text=found.text,
        tlvs=row.tlvs,
        campaign_id=row.campaign_id,
    )
