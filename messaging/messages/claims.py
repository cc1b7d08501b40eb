"""Claiming messages for an attempt: in one transaction they get carrier, sender and price.

Whoever claims has to hand them over. A claim that nobody hands over any more is found by its lease
(`sweeping.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Min, QuerySet
from django.utils import timezone

from messaging import gateway
from messaging.carriers.order import Candidate
from messaging.gateway import Refused, Trunk
from messaging.messages import budgets, moves
from messaging.messages.holding import not_held
from messaging.messages.models import UNSENT, Message, MessageStatus
from messaging.routing.routes import Routes
from messaging.routing.values import Again, Chosen, Impossible, Waiting, Wanted

BATCH = 500  # messages
LEASE = timedelta(seconds=30)  # longer than the gateway's answer may take
_GROUP = (
    "campaign_id",
    "country",
    "wanted_carrier_id",
    "wanted_pool_id",
    "carrier_id",
    "is_final",
    "passed_over",
)
_CLAIMED = (
    "status",
    "events",
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
    "claimed_at",
    "leased_until",
    "taken_at",
    "updated_at",
)


@dataclass
class Batch:
    """`claimed` have to be handed over, each through the trunk of its credential. `is_full`: more
    would have been claimed if their carriers had had room; `waits`: if one were bound."""

    at: datetime
    claimed: list[Message] = field(default_factory=list)
    trunks: dict[str, Trunk] = field(default_factory=dict)
    is_full: bool = False
    waits: bool = False


def due(organization_id: str) -> QuerySet[Message]:
    """Messages that may be claimed now."""
    return _unclaimed(organization_id).filter(next_attempt_at__lte=timezone.now())


def due_in(organization_id: str) -> float | None:
    """Seconds until the next message may be claimed; None if no message waits for that."""
    first = _unclaimed(organization_id).aggregate(first=Min("next_attempt_at"))["first"]
    return None if first is None else max(0.0, (first - timezone.now()).total_seconds())


def _unclaimed(organization_id: str) -> QuerySet[Message]:
    return Message.objects.filter(
        not_held(), organization=organization_id, status__in=UNSENT, claimed_at=None
    )


def claim(organization_id: str, *, without: set[str]) -> Batch:
    """Claim up to `BATCH` messages. `without`: credentials that were found unbound just now."""
    batch = Batch(at=timezone.now())
    groups = _groups(organization_id)
    if not groups:
        return batch
    routes = Routes.read(organization_id)
    usable = _usable([each for group in groups for each in _order(routes, group)], without, batch)
    with transaction.atomic():
        room = budgets.room({each.credential_id for each in usable.values()})
        for group in groups:
            first = next((each for each in _order(routes, group) if each.id in usable), None)
            if first is None:
                batch.waits = True
                _end_impossible(routes, _rows(organization_id, group)[:BATCH])
                continue
            most = max(0, min(room.get(first.credential_id, 0), BATCH - len(batch.claimed)))
            messages = list(_rows(organization_id, group)[:most])
            _claim(messages, routes, usable, room, batch)
            batch.is_full |= len(messages) == most
        moves.write(batch.claimed, _CLAIMED)
    return batch


def _groups(organization_id: str) -> list[dict[str, Any]]:
    """Messages that take the same carriers: single ones before those of campaigns, and of each
    kind those that wait longest first."""
    groups = due(organization_id).order_by().values(*_GROUP).annotate(first=Min("id"))
    in_order = sorted(groups, key=lambda each: (each["campaign_id"] is not None, each["first"]))
    return [{name: group[name] for name in _GROUP} for group in in_order]


def _order(routes: Routes, group: dict[str, Any]) -> list[Candidate]:
    # Refused for now: once more at the same carrier, unless its bind is down.
    again = Again(group["carrier_id"], "", None) if group["carrier_id"] else None
    return routes.order(
        country=group["country"],
        carrier_id=group["wanted_carrier_id"],
        pool_id=group["wanted_pool_id"],
        passed_over=_ids(group["passed_over"]),
        again=again,
    )


def wanted(message: Message) -> Wanted:
    """What the message asks for now."""
    again = None
    if message.is_final and message.carrier_id:
        again = Again(message.carrier_id, message.sender, message.sender_pool_id)
    return Wanted(
        to=message.to,
        country=message.country,
        body=message.body,
        sender=message.wanted_sender,
        pool_id=message.wanted_pool_id,
        carrier_id=message.wanted_carrier_id,
        passed_over=_ids(message.passed_over),
        again=again,
    )


def _ids(text: str) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()


def _usable(carriers: list[Candidate], without: set[str], batch: Batch) -> dict[str, Candidate]:
    """Those that are bound and whose gateway is there, by id; notes their trunks in `batch`."""
    bound = {each.id: each for each in carriers if each.bound and each.credential_id not in without}
    found = gateway.trunks({each.credential_id for each in bound.values()})
    batch.trunks = {pk: trunk for pk, trunk in found.items() if not isinstance(trunk, Refused)}
    return {pk: each for pk, each in bound.items() if each.credential_id in batch.trunks}


def _rows(organization_id: str, group: dict[str, Any]) -> QuerySet[Message]:
    rows = due(organization_id).filter(**group).order_by("id")
    return rows.select_for_update(of=("self",), skip_locked=True)


def _claim(
    messages: Sequence[Message],
    routes: Routes,
    usable: Collection[str],
    room: dict[str, int],
    batch: Batch,
) -> None:
    answers = routes.choose([wanted(each) for each in messages], usable=usable, room=room)
    for message, answer in zip(messages, answers, strict=True):
        match answer:
            case Chosen():
                _take(message, answer, batch)
                batch.claimed.append(message)
            case Impossible():
                moves.end(message, MessageStatus.FAILED, code=answer.code, why=answer.message)
            case Waiting.UNBOUND:
                batch.waits = True
            case Waiting.FULL:  # the second carrier, since the first has no sender
                batch.is_full = True


def _take(message: Message, chosen: Chosen, batch: Batch) -> None:
    carrier = chosen.carrier
    if message.carrier_id != carrier.id:
        message.refusals = 0
    message.status = MessageStatus.SENDING
    message.attempt += 1
    message.lane = batch.trunks[carrier.credential_id].lane
    message.segments, message.encoding = chosen.text.segments, chosen.text.encoding.name
    message.carrier_id, message.credential_id = carrier.id, carrier.credential_id
    message.sender, message.sender_pool_id = chosen.sender, chosen.pool_id
    message.price_amount = carrier.billing_rate * message.segments
    message.price_currency = carrier.currency
    message.claimed_at = message.updated_at = batch.at
    message.leased_until, message.taken_at = batch.at + LEASE, None
    detail = f"{moves.ATTEMPT}{carrier.name}, from {chosen.sender}"
    moves.add_event(message, MessageStatus.SENDING, detail, batch.at)


def _end_impossible(routes: Routes, messages: QuerySet[Message]) -> None:
    """No carrier is bound; those that none will ever take need not wait for one."""
    _claim(list(messages), routes, (), {}, Batch(at=timezone.now()))


def update(message_ids: Collection[str], *, at: datetime, **values: Any) -> None:
    """Write the same into those of these messages that are still claimed at `at`.

    Locked by id first, as reports lock them (`receipts.take`): any other order can deadlock.
    """
    mine = Message.objects.filter(pk__in=message_ids, claimed_at=at).order_by("id")
    with transaction.atomic():
        locked = list(mine.select_for_update(of=("self",)).values_list("pk", flat=True))
        Message.objects.filter(pk__in=locked).update(**values)


def release(refused: Sequence[tuple[Message, Refused]], *, at: datetime, after: timedelta) -> None:
    """Give claims of `at` back: the gateway has certainly not taken them. Due in `after`.

    They choose anew, but for those that a gateway has had before: these keep what they have. One
    whose lease is another by now has been handed over once more, and may be taken: it stays.
    """
    due_at = timezone.now() + after
    reasons = {message.pk: answer.reason for message, answer in refused}
    leases = {message.leased_until for message, _ in refused}
    with transaction.atomic():
        mine = Message.objects.filter(pk__in=reasons, claimed_at=at, leased_until__in=leases)
        messages = list(mine.order_by("id").select_for_update(of=("self",)))
        for message in messages:
            moves.give_up(message, due_at, reasons[message.pk])
        moves.write(messages, moves.GIVEN_UP)
