"""Recover claims of workers that died. Beat starts this every few seconds; runs may overlap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from messaging import bulk, gateway
from messaging.gateway import Refusal, Refused, Submission, Trunk
from messaging.leases import Lease
from messaging.messages.attempt_tokens import Attempt, token_of
from messaging.messages.dispatch import claim, outcome
from messaging.messages.dispatch.claim import Claim
from messaging.messages.dispatch.overdue import CLAIMED, some_locked
from messaging.messages.dispatch.submit import submit
from messaging.messages.models import Message
from messaging.opt_outs.gate import Gate, Send
from messaging.smpp.protocol.segmentation import encode_as

# A gateway with a lane remembers a token for an hour after its last record of it.
REMEMBERED = timedelta(minutes=50)
_UNTAKEN = Refused(Refusal.NOT_SYNCED, "its gateway was drained before it took it", True)


def recover() -> None:
    """Submit claimed messages without an answer again, where the gateway takes each token once.

    Messages that a drained or lost gateway says it has not taken go back to the queue. All others
    (of a stock Jasmin, of another gateway or store, or claimed too long ago) wait for a report
    until they are overdue.
    """
    lease, now = Lease.begin(claim.LEASE), timezone.now()
    # A lease that ends far in the future was begun before the clock was set back.
    over = Q(leased_until__lt=now) | Q(leased_until__gt=now + 2 * claim.LEASE)
    lost = Message.objects.filter(CLAIMED, over, taken_at=None)
    with transaction.atomic():
        messages = list(some_locked(lost))
        if messages:
            mine = Message.objects.filter(pk__in=[each.pk for each in messages])
            mine.update(leased_until=lease.until)
    if messages:
        _hand_over_again(messages, lease)


def _hand_over_again(messages: Sequence[Message], lease: Lease) -> None:
    trunks = gateway.trunks({each.credential_id for each in messages})
    oldest = timezone.now() - REMEMBERED
    there = {pk: each for pk, each in trunks.items() if not isinstance(each, Refused)}
    asked = _ask_elsewhere(messages, there, lease)
    # Messages of a gateway that is down are found again when the new lease has expired.
    found = [each for each in messages if each.credential_id in there and each.pk not in asked]
    known = _let_through([each for each in found if _is_known(each, there, oldest)])
    _await_report([each.pk for each in found if each not in known], lease)
    claims = [_claim(each) for each in known]
    answers = submit(claims, there, lease=lease)
    by_claim: dict[datetime, list[tuple[Claim, Submission]]] = {}
    for message, claimed, answer in zip(known, claims, answers, strict=True):
        # A gateway that can't be reached now may have taken it earlier.
        if not isinstance(answer, Refused) or answer.kind is not Refusal.UNAVAILABLE:
            by_claim.setdefault(message.claimed_at, []).append((claimed, answer))
    for at, pairs in by_claim.items():
        mine, told = zip(*pairs, strict=True)
        outcome.record(mine, told, at=at, leased_until=lease.until)


def _ask_elsewhere(
    messages: Sequence[Message], trunks: Mapping[str, Trunk], lease: Lease
) -> set[str]:
    """Ask gateways whose lane differs from the credential's present one what they have not taken,
    and return that to the queue.

    Returns ids of the messages that need nothing more now.
    """
    tokens: dict[str, dict[str, Message]] = {}
    for each in messages:
        trunk = trunks.get(each.credential_id)
        if each.lane and (trunk is None or trunk.lane != each.lane):
            token = token_of(Attempt(each.pk, each.attempt))
            tokens.setdefault(each.lane, {})[token] = each
    if not tokens:
        return set()
    done: set[str] = set()
    for lane, untaken in gateway.untaken(tokens).items():
        mine = tokens[lane]
        if untaken is None:
            done |= {each.pk for each in mine.values()}  # asked again after the lease
            continue
        taken = [each.pk for token, each in mine.items() if token not in untaken]
        _await_report(taken, lease)
        for each in (each for token, each in mine.items() if token in untaken):
            mine_at = {"at": each.claimed_at, "leased_until": lease.until}
            outcome.record([_claim(each)], [_UNTAKEN], **mine_at)
        done |= {each.pk for each in mine.values()}
    return done


def _let_through(messages: Sequence[Message]) -> list[Message]:
    """Leave out messages whose recipient has opted out since: they are not submitted again."""
    by_owner: dict[str, list[Message]] = {}
    for each in messages:
        by_owner.setdefault(each.organization_id, []).append(each)
    free = []
    for organization_id, own in by_owner.items():
        gate = Gate(organization_id, {each.to for each in own})
        free += [
            each
            for each in own
            if not gate.refusal(Send(each.to, each.sender, each.sender_pool_id), message_id=each.pk)
        ]
    return free


def _is_known(message: Message, trunks: dict[str, Trunk], oldest: datetime) -> bool:
    """Whether the gateway still knows this attempt's token, so that submitting it again is safe."""
    same = message.lane and message.lane == trunks[message.credential_id].lane
    return bool(same) and message.claimed_at >= oldest


def _claim(message: Message) -> Claim:
    return Claim(
        id=message.pk,
        attempt=message.attempt,
        credential_id=message.credential_id,
        sender=message.sender,
        to=message.to,
        text=encode_as(message.body, message.encoding),
        tlvs=message.tlvs,
        campaign_id=message.campaign_id,
    )


def _await_report(ids: Sequence[str], lease: Lease) -> None:
    """Leave these to the gateway's report. Rows are locked by id, as the receiver locks them: any
    other order can deadlock."""
    same = {"taken_at": timezone.now(), "leased_until": None}
    mine = {"leased_until": lease.until, "taken_at": None}
    bulk.update(Message, dict.fromkeys(ids, {}), (), same=same, where=mine)
