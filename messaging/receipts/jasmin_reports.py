"""Take the reports of stock Jasmins: the carrier's answers and receipts, one by one.

Each report settles the attempt that its address names. Reports may come twice, late, out of order,
or from a stranger: a status once reached is never taken back. Gateways with a lane report in their
logs instead (`ingest`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db import transaction

from messaging.gateway import NO_ANSWER, NOT_SENT, JasminReport
from messaging.messages.attempt_tokens import Attempt, attempt_of_dlr_token
from messaging.messages.dispatch import retry
from messaging.messages.models import UNFINISHED, Message, MessageStatus
from messaging.messages.transitions import Transitions
from messaging.receipts.message_status import apply_receipt
from messaging.smpp.protocol.command_status import OK, Status, by_name
from messaging.smpp.protocol.receipt import state_of

# After these a stock Jasmin retries by itself and does not report again.
_RETRIED_BY_JASMIN = frozenset({"ESME_RTHROTTLED", "ESME_RMSGQFUL"})


def take(reports: Iterable[JasminReport]) -> int:
    """Take reports in their order, all or none; return how many have a valid address.

    Reports of messages in a gateway with a lane are ignored: only its log tells of those.
    """
    ours = [(attempt, each) for each in reports if (attempt := attempt_of_dlr_token(each.token))]
    with transaction.atomic():
        under_way = _under_way({attempt.message_id for attempt, _ in ours})
        transitions = Transitions()
        for attempt, report in ours:
            message = under_way.get(attempt.message_id)
            if message is not None and _is_running(message, attempt):
                _apply(transitions, message, report)
        transitions.save()
    return len(ours)


def _under_way(message_ids: Collection[str]) -> dict[str, Message]:
    """Messages with a running attempt, locked by id: any other order can deadlock."""
    rows = Message.objects.filter(
        pk__in=message_ids, status__in=UNFINISHED, claimed_at__isnull=False, lane=""
    )
    return {row.pk: row for row in rows.order_by("id").select_for_update(of=("self",))}


def _is_running(message: Message, attempt: Attempt) -> bool:
    """Whether no earlier report has ended the message, or the attempt."""
    return (
        message.attempt == attempt.number
        and message.claimed_at is not None
        and message.finished_at is None
    )


def _apply(transitions: Transitions, message: Message, report: JasminReport) -> None:
    message.carrier_message_id = report.message_id[:64] or message.carrier_message_id
    if report.level == 1:
        _apply_answer(transitions, message, report.status)
    else:
        word = report.status
        apply_receipt(transitions, message, state_of(word), word=word, error=report.error)


def _apply_answer(transitions: Transitions, message: Message, name: str) -> None:
    if message.status == MessageStatus.SENT:
        return
    if name == OK.name:
        transitions.sent(message)
    elif name == NOT_SENT:
        retry.not_sent(transitions, message)
    elif name == NO_ANSWER:
        transitions.end_unknown(message)
    elif name not in _RETRIED_BY_JASMIN:
        retry.refused(transitions, message, _final(name))


def _final(name: str) -> Status:
    """The status as one that we do not try again: a stock Jasmin may do so by itself."""
    try:
        known = by_name(name)
    except KeyError:
        return Status(0, name, "not a status that SMPP names", "")
    return Status(known.value, known.name, known.meaning, known.hint)
