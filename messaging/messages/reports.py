"""What becomes of a message: the carrier's answers to its submits, and its receipts.

Reports may come twice, in any order, late, or be made up by a stranger: what a message has reached
stays reached. Those of a stock Jasmin come one by one and settle the attempt that their address was
made for (`take`); what the logs of our gateways say is read by `messaging.receipts`, and ends in
the same functions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from messaging.gateway import NO_ANSWER, NOT_SENT, Report
from messaging.messages import event_history
from messaging.messages.attempt_tokens import Attempt, attempt_of
from messaging.messages.models import UNFINISHED, Message, MessageStatus
from messaging.messages.transitions import Transitions
from messaging.smpp.protocol.command_status import OK, Status, by_name
from messaging.smpp.protocol.receipt import State, state_of

OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"
UNKNOWN_WHY = (
    "It was handed to the carrier, or may have been, and nobody can know what became of it."
)
TRIES = 3  # of one carrier that refuses for now; then it is another one's turn
LONGEST_PAUSE = 30  # seconds; the first one is 1
# A stock Jasmin tries these again by itself, and says no more of it.
_TRIED_BY_STOCK = frozenset({"ESME_RTHROTTLED", "ESME_RMSGQFUL"})

_ENDS = {
    State.DELIVERED: MessageStatus.DELIVERED,
    State.UNDELIVERED: MessageStatus.UNDELIVERED,
    State.EXPIRED: MessageStatus.EXPIRED,
}
# `error.code` by how the carrier's word begins.
_CODES = (("REJ", "REJECTD"), ("DELET", "DELETED"), ("FAIL", "FAILED"), ("SKIP", "SKIPPED"))


def take(reports: Iterable[Report]) -> int:
    """Take reports of stock Jasmins in their order, all or none; how many have an address that we
    gave out. Of what another gateway has, its log alone tells."""
    ours = [(attempt, each) for each in reports if (attempt := attempt_of(each.token))]
    with transaction.atomic():
        under_way = _under_way({attempt.message_id for attempt, _ in ours})
        transitions = Transitions()
        for attempt, report in ours:
            message = under_way.get(attempt.message_id)
            if message is not None and _is_running(message, attempt):
                _apply(transitions, message, report)
        transitions.save()
    return len(ours)


def refused(
    transitions: Transitions,
    message: Message,
    status: Status,
    *,
    part: str = "",
    at: datetime | None = None,
) -> None:
    """The carrier has answered each of its submits, and has taken none.

    For now: it is tried again the same way, and when the carrier has refused it `TRIES` times, with
    the next one. `part`: which part was refused ("part 2 of 3: "), "" if it has one.
    """
    why = f"{part}The carrier answered {status.name}: {status.meaning}"
    if not status.is_temporary:
        transitions.end(message, MessageStatus.FAILED, code=status.name[:40], why=why, at=at)
        return
    pause, until = _pause(message)
    message.refusals += 1
    if message.refusals < TRIES:
        transitions.wait(message, until, why, f"again in {pause} s")
        return
    passed = [
        each for each in message.passed_over.split(",") if each not in ("", message.carrier_id)
    ]
    message.passed_over = ",".join([*passed, message.carrier_id or ""])
    message.refusals = 0
    transitions.choose_again(message, until, why, f"the next carrier in {pause} s")


def not_sent(transitions: Transitions, message: Message, why: str = "") -> None:
    """No carrier has got anything of it, and the gateway does not try any more."""
    said = "The gateway could not give it to the carrier"
    _, until = _pause(message)
    transitions.choose_again(message, until, f"{said}: {why}" if why else said)


def reported(
    transitions: Transitions,
    message: Message,
    state: State,
    *,
    word: str,
    error: str,
    part: str = "",
    at: datetime | None = None,
) -> None:
    """A receipt that decides for the whole message. `word` and `error` as the carrier wrote them;
    `part`: of which one it is ("part 2 of 3: "), "" if the message has one."""
    detail = f"{part}{word or state.upper()} (err {error or 'none'})"
    status = _ENDS.get(state)
    if status is None:  # interim, or the carrier does not know: another receipt may follow
        if message.status != MessageStatus.SENT:
            transitions.sent(message, detail, at)
        elif state is State.UNKNOWN and _is_news(message, detail):
            transitions.note(message, detail, at)
    elif status == MessageStatus.DELIVERED:
        transitions.end(message, status, detail=detail, at=at)
    else:
        why = f"The carrier's receipt says {detail}."
        transitions.end(message, status, code=_code(word, state), why=why, detail=detail, at=at)


def unknown(
    transitions: Transitions, message: Message, why: str = UNKNOWN_WHY, detail: str = ""
) -> None:
    """End a message whose outcome is unknown."""
    status = MessageStatus.SUBMITTED_NO_RECEIPT
    transitions.end(message, status, code=OUTCOME_UNKNOWN, why=why, detail=detail)


def _is_news(message: Message, detail: str) -> bool:
    """A carrier may say that it does not know as often as it likes."""
    said = {each["detail"] for each in message.events}
    return detail not in said and len(message.events) < event_history.MOST


def _pause(message: Message) -> tuple[int, datetime]:
    """Seconds until the next attempt, twice as many after each, and when that is."""
    pause = min(LONGEST_PAUSE, 2 ** min(max(0, message.attempt - 1), 5))
    return pause, timezone.now() + timedelta(seconds=pause)


def _under_way(message_ids: Collection[str]) -> dict[str, Message]:
    """Messages of which an attempt runs, locked: by their ids in order, as everybody locks them."""
    rows = Message.objects.filter(
        pk__in=message_ids, status__in=UNFINISHED, claimed_at__isnull=False, lane=""
    )
    return {row.pk: row for row in rows.order_by("id").select_for_update(of=("self",))}


def _is_running(message: Message, attempt: Attempt) -> bool:
    """An earlier report may have ended it, or the attempt."""
    return (
        message.attempt == attempt.number
        and message.claimed_at is not None
        and message.finished_at is None
    )


def _apply(transitions: Transitions, message: Message, report: Report) -> None:
    message.carrier_message_id = report.message_id[:64] or message.carrier_message_id
    if report.level == 1:
        _answered(transitions, message, report.status)
    else:
        word = report.status
        reported(transitions, message, state_of(word), word=word, error=report.error)


def _answered(transitions: Transitions, message: Message, name: str) -> None:
    if message.status == MessageStatus.SENT:
        return
    if name == OK.name:
        transitions.sent(message)
    elif name == NOT_SENT:
        not_sent(transitions, message)
    elif name == NO_ANSWER:
        unknown(transitions, message)
    elif name not in _TRIED_BY_STOCK:
        refused(transitions, message, _final(name))


def _final(name: str) -> Status:
    """What a stock Jasmin reports is not tried again by us: it may do so by itself."""
    try:
        known = by_name(name)
    except KeyError:
        return Status(0, name, "not a status that SMPP names", "")
    return Status(known.value, known.name, known.meaning, known.hint)


def _code(word: str, state: State) -> str:
    if state is State.EXPIRED:
        return "EXPIRED"
    capitals = word.upper()
    return next((code for begin, code in _CODES if capitals.startswith(begin)), "UNDELIV")
