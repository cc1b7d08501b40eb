"""Apply answers and receipts of parts to their messages and test sends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Self

from django.utils import timezone

from messaging.carrier_tests import gateway_results as carrier_tests
from messaging.carrier_tests.models import CarrierTest
from messaging.messages.attempt_tokens import PREFIX, Attempt, attempt_of_token
from messaging.messages.dispatch import outcome, retry
from messaging.messages.models import Message, MessageStatus
from messaging.messages.transitions import Transitions
from messaging.receipts import locked_messages, matching, multipart, parts
from messaging.receipts.matching import IncomingReceipt, Sent
from messaging.receipts.message_status import apply_receipt
from messaging.receipts.multipart import (
    PATIENCE,
    AllTaken,
    AnswerLost,
    NoneTaken,
    SomeTaken,
    part_prefix,
)
from messaging.receipts.parts import PartRow
from messaging.smpp.protocol.command_status import OK, Status
from messaging.smpp.protocol.receipt import State

TEST = "ctst_"
_FINAL = frozenset(str(state) for state in State if state.is_final)
_UNWRITABLE = "unwritable"  # prefix of the gateway's reason for messages that can never be sent


def attempt_of(token: str) -> Attempt | None:
    """The attempt of a message or test send that a token names; None if it names none."""
    return Attempt(token, 1) if token.startswith(TEST) else attempt_of_token(token)


class PageEffects:
    """The messages and tests that a page of records changes, locked, with their parts.

    Use it as a context manager: all changes are written at its end. `new`: parts that were
    answered; `known`: parts that receipts may be about; `others`: ids of further messages and
    tests.
    """

    def __init__(
        self,
        new: Sequence[PartRow],
        known: Mapping[tuple[str, str], Sequence[PartRow]],
        others: Iterable[str] = (),
    ) -> None:
        named = [part for found in known.values() for part in found]
        ids = {part.owner for part in (*new, *named)}.union(others)
        self._messages = locked_messages.locked([each for each in ids if each.startswith(PREFIX)])
        tests = [each for each in ids if each.startswith(TEST)]
        self._tests = CarrierTest.objects.in_bulk(tests) if tests else {}
        self._sent: Mapping[str, Sent] = {**self._messages, **self._tests}
        self._gather(new, named)
        self._transitions = Transitions()
        self._reported: set[PartRow] = set()

    def _gather(self, new: Sequence[PartRow], named: Sequence[PartRow]) -> None:
        """Collect the parts of each attempt in order, and by key the parts that receipts may be
        about.

        Stored parts are read only for messages with several parts. If a part was answered twice,
        the stored answer counts.
        """
        several = {part.owner for part in named if part.of > 1}
        stored = parts.of_owners({part.owner for part in new} | several)
        rows = {part.place: part for part in named} | {part.place: part for part in stored}
        self._new: list[PartRow] = []
        for part in new:
            if part.place not in rows:
                rows[part.place] = part
                self._new.append(part)
        self._by_key: dict[tuple[str, str], list[PartRow]] = defaultdict(list)
        for part in (*reversed(self._new), *(rows[each.place] for each in named)):
            self._by_key[part.account, part.id_key].append(part)
        self._parts: dict[tuple[str, int], list[PartRow]] = defaultdict(list)
        for part in rows.values():
            found = self._parts[part.owner, part.attempt]
            found.append(part)
            if len(found) > 1:
                found.sort(key=lambda each: each.number)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self._transitions.save()
            parts.write(self._new, self._reported)

    def find(self, incoming: IncomingReceipt) -> PartRow | None:
        """The part that the receipt is about."""
        return matching.find(incoming, self._by_key, self._sent)

    def apply_answers(self, owner: str, attempt: int) -> None:
        """Move the message or test once all parts of this attempt are answered."""
        found = self._parts[owner, attempt]
        whole = multipart.combine_answers(found)
        if whole is None:
            return
        first = next((part.carrier_id for part in found if part.carrier_id), "")
        if owner in self._tests:
            carrier_tests.answered(owner, *_answer(whole), first)
        message = self._running(owner, attempt)
        if message is not None and message.status != MessageStatus.SENT:
            message.carrier_message_id = first[:64]
            self._apply_whole(message, whole, found)

    def apply_not_sent(self, owner: str, attempt: int, why: str) -> None:
        """Apply the gateway's report that it has written no part of this attempt and never will."""
        if owner in self._tests:
            carrier_tests.not_sent(owner, why)
        message = self._running(owner, attempt)
        if message is None or message.status == MessageStatus.SENT:
            return
        if why.startswith(_UNWRITABLE):
            said = f"The gateway can't send it: {why}"
            self._transitions.end(message, MessageStatus.FAILED, code=outcome.REJECTED, why=said)
        else:
            retry.not_sent(self._transitions, message, why)

    def apply_receipt(self, part: PartRow, incoming: IncomingReceipt) -> None:
        """Apply a receipt of this part; a late or repeated one changes nothing."""
        receipt, at = incoming.receipt, min(incoming.delivery.at, timezone.now())
        if part.state in _FINAL or (part.state and receipt.state is State.INTERIM):
            return
        part.state, part.word, part.error = receipt.state, receipt.word, receipt.error
        part.reported_at = at
        self._reported.add(part)
        whole = receipt.state
        if whole.is_final:
            whole = multipart.combine_receipts(self._parts[part.owner, part.attempt])
        if part.owner in self._tests:
            carrier_tests.reported(part.owner, whole, receipt, part_prefix(part))
        message = self._running(part.owner, part.attempt)
        if message is None:
            return
        if whole is None:
            message.settle_at = timezone.now() + PATIENCE
            self._transitions.note(message, "", at)
            return
        at = _moment(at, message)
        said = {"word": receipt.word, "error": receipt.error, "part": part_prefix(part), "at": at}
        apply_receipt(self._transitions, message, whole, **said)

    def _running(self, owner: str, attempt: int) -> Message | None:
        """The message, if it is under way in this very attempt."""
        message = self._messages.get(owner)
        if message is None or message.finished_at is not None or message.claimed_at is None:
            return None
        return message if message.attempt == attempt else None

    def _apply_whole(
        self, message: Message, whole: multipart.WholeAnswer, of: Collection[PartRow]
    ) -> None:
        at = _moment(max(part.answered_at for part in of), message)
        match whole:
            case AllTaken():
                self._transitions.sent(message, at=at)
            case NoneTaken(status, part):
                retry.refused(self._transitions, message, status, part=part_prefix(part), at=at)
            case AnswerLost():
                self._transitions.end_unknown(message)
            case SomeTaken(status, part, taken):
                why = (
                    f"{part_prefix(part)}The carrier answered {status.name}: {status.meaning}. "
                    f"It has {taken} of {part.of} parts, so the text can't be read as a whole; "
                    "it is not sent again."
                )
                end = MessageStatus.UNDELIVERED
                self._transitions.sent(message, f"{taken} of {part.of} parts", at)
                self._transitions.end(message, end, code=status.name[:40], why=why, at=at)


def _moment(told: datetime, message: Message) -> datetime:
    """The gateway's time, bounded by the claim and now: a gateway's clock may be years behind, and
    a message "sent" then would be overdue at once."""
    return max(min(told, timezone.now()), message.claimed_at)


def _answer(whole: multipart.WholeAnswer) -> tuple[Status | None, str]:
    """The carrier's answer, None if it is not known, and the prefix of its part."""
    match whole:
        case AllTaken():
            return OK, ""
        case NoneTaken(status, part) | SomeTaken(status, part, _):
            return status, part_prefix(part)
    return None, ""
