"""Recovering claims of workers that died, and ending overdue messages.

Beat comes every few seconds; each function may run many times at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from messaging import bulk, gateway
from messaging.gateway import Refusal, Refused, Submission, Trunk
from messaging.leases import Lease
from messaging.messages.attempt_tokens import Attempt, token_of
from messaging.messages.dispatch import claim, outcome
from messaging.messages.dispatch.backlog import waiting_since
from messaging.messages.dispatch.claim import Claim
from messaging.messages.dispatch.submit import submit
from messaging.messages.models import UNSENT, Message, MessageStatus
from messaging.messages.transitions import Transitions
from messaging.opt_outs.gate import Gate, Send
from messaging.smpp.protocol.segmentation import encode_as

MOST = 500  # messages of a kind in one sweep
# A gateway with a lane knows for an hour after its last word on a token that it has taken it.
REMEMBERED = timedelta(minutes=50)
_UNTAKEN = Refused(Refusal.NOT_SYNCED, "its gateway was drained before it took it", True)
# In the gateway, or claimed for it: as the condition of the index `message_in_gateway` has it.
_CLAIMED = Q(status=MessageStatus.SENDING, claimed_at__isnull=False)


def recover() -> None:
    """Hand claimed messages without an answer over again, where the gateway takes each once.

    What a drained or lost gateway says it has not taken goes back to the queue.
    Otherwise (a stock Jasmin, another gateway or store by now, an old claim) they wait for a report
    until they are overdue.
    """
    lease, now = Lease.begin(claim.LEASE), timezone.now()
    # A lease that lies far ahead was begun before the clock was set back.
    over = Q(leased_until__lt=now) | Q(leased_until__gt=now + 2 * claim.LEASE)
    lost = Message.objects.filter(_CLAIMED, over, taken_at=None)
    with transaction.atomic():
        messages = list(_locked(lost))
        if messages:
            mine = Message.objects.filter(pk__in=[each.pk for each in messages])
            mine.update(leased_until=lease.until)
    if messages:
        _hand_over_again(messages, lease)


def end_overdue() -> None:
    """End messages that have waited too long: for a carrier, for an answer, for a receipt.

    Records that are not read yet still count, however long the reader was away.
    """
    now = timezone.now()
    validity = timedelta(hours=settings.MESSAGE_VALIDITY_HOURS)
    outcome_in = timedelta(seconds=settings.MESSAGE_OUTCOME_TIMEOUT)
    receipt_in = timedelta(hours=settings.MESSAGE_RECEIPT_TIMEOUT_HOURS)
    _end(
        Q(status__in=UNSENT, claimed_at=None) & waiting_since(now - validity),
        lambda transitions, message: transitions.end(
            message,
            MessageStatus.EXPIRED,
            code="NOT_SENT_IN_TIME",
            why=f"No carrier took it within {settings.MESSAGE_VALIDITY_HOURS} h.",
        ),
    )
    _end_reported(_CLAIMED, "claimed_at", now, outcome_in, Transitions.end_unknown)
    # A receipt may come by any bind of the account, and so be in any of the logs.
    known = min(now, gateway.reported_until())
    _end_reported(
        Q(status=MessageStatus.SENT),
        "sent_at",
        known,
        receipt_in,
        lambda transitions, message: transitions.end(
            message,
            MessageStatus.SUBMITTED_NO_RECEIPT,
            code="NO_RECEIPT",
            why="The carrier took it and has sent no receipt within "
            f"{settings.MESSAGE_RECEIPT_TIMEOUT_HOURS:g} h.",
        ),
    )


def _end_reported(
    which: Q,
    since: str,
    known: datetime,
    patience: timedelta,
    end: Callable[[Transitions, Message], None],
) -> None:
    """End those of which no record has come. `known`: all records from before it are taken, but for
    those of lanes that are behind."""
    behind = gateway.reports_behind()
    _end(which & Q(**{f"{since}__lt": known - patience}) & ~Q(lane__in=behind), end)
    for lane, at in behind.items():
        _end(which & Q(**{f"{since}__lt": min(at, known) - patience, "lane": lane}), end)


def _hand_over_again(messages: Sequence[Message], lease: Lease) -> None:
    trunks = gateway.trunks({each.credential_id for each in messages})
    oldest = timezone.now() - REMEMBERED
    there = {pk: each for pk, each in trunks.items() if not isinstance(each, Refused)}
    asked = _ask_elsewhere(messages, there, lease)
    # A message of a gateway that is away is found again when its new lease is over.
    found = [each for each in messages if each.credential_id in there and each.pk not in asked]
    known = _let_through([each for each in found if _is_known(each, there, oldest)])
    _await_report([each.pk for each in found if each not in known], lease)
    claims = [_claim(each) for each in known]
    answers = submit(claims, there, lease=lease)
    by_claim: dict[datetime, list[tuple[Claim, Submission]]] = {}
    for message, claimed, answer in zip(known, claims, answers, strict=True):
        # A gateway that can't be reached may have taken it before.
        if not isinstance(answer, Refused) or answer.kind is not Refusal.UNAVAILABLE:
            by_claim.setdefault(message.claimed_at, []).append((claimed, answer))
    for at, pairs in by_claim.items():
        mine, told = zip(*pairs, strict=True)
        outcome.record(mine, told, at=at, leased_until=lease.until)


def _ask_elsewhere(
    messages: Sequence[Message], trunks: Mapping[str, Trunk], lease: Lease
) -> set[str]:
    """Ask the gateways of other lanes than those of the trunks what they have not taken: that goes
    back to the queue. Returns ids of messages with which nothing else is to be done now."""
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
            done |= {each.pk for each in mine.values()}  # again when the new lease is over
            continue
        taken = [each.pk for token, each in mine.items() if token not in untaken]
        _await_report(taken, lease)
        for each in (each for token, each in mine.items() if token in untaken):
            mine_at = {"at": each.claimed_at, "leased_until": lease.until}
            outcome.record([_claim(each)], [_UNTAKEN], **mine_at)
        done |= {each.pk for each in mine.values()}
    return done


def _let_through(messages: Sequence[Message]) -> list[Message]:
    """Without those whose person has opted out since they were claimed: the gateway has them, or
    never gets them."""
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
    """Whether the gateway takes this attempt once, though it comes again."""
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
    """Locked by id, as the pages of a log lock them: any other order can deadlock."""
    same = {"taken_at": timezone.now(), "leased_until": None}
    mine = {"leased_until": lease.until, "taken_at": None}
    bulk.update(Message, dict.fromkeys(ids, {}), (), same=same, where=mine)


def _end(condition: Q, end: Callable[[Transitions, Message], None]) -> None:
    with transaction.atomic():
        transitions = Transitions()
        for message in _locked(Message.objects.filter(condition)):
            end(transitions, message)
        transitions.save()


def _locked(messages: QuerySet[Message]) -> QuerySet[Message]:
    """At most `MOST`, in no order: sorted by id, the table would be walked instead of an index. No
    deadlock can come of it: none of them waits for another transaction's lock."""
    return messages.order_by().select_for_update(of=("self",), skip_locked=True)[:MOST]
