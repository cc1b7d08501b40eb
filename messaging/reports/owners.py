"""What parts belong to: messages, locked in the order of their ids, and test sends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from types import TracebackType
from typing import Self

from django.utils import timezone

from messaging.carrier_tests import receipts as carrier_tests
from messaging.carriers.models import CarrierTest
from messaging.messages import reports
from messaging.messages.dispatch import outcome
from messaging.messages.models import Message, MessageStatus
from messaging.messages.tokens import PREFIX, named
from messaging.messages.transitions import Transitions
from messaging.reports import verdicts
from messaging.reports.matching import Candidates, Incoming, Sent
from messaging.reports.models import Part
from messaging.reports.verdicts import PATIENCE, Lost, Refused, Taken, Torn, name_of
from messaging.smpp.protocol.receipt import State
from messaging.smpp.protocol.status import OK, Status

TEST = "ctst_"
_FINAL = frozenset(str(state) for state in State if state.is_final)
_REPORTED = ("state", "word", "error", "reported_at")
_UNWRITABLE = "unwritable"  # how the gateway begins the reason of what can never be sent


def is_ours(token: str) -> bool:
    return named(token) is not None or token.startswith(TEST)


def owner_of(token: str) -> str:
    attempt = named(token)
    return attempt.message_id if attempt else token


def attempt_of(token: str) -> int:
    attempt = named(token)
    return attempt.number if attempt else 1


class Owners:
    """Messages and tests with these ids; what is decided of them is written at the end."""

    def __init__(self, ids: Collection[str], parts: Candidates) -> None:
        rows = Message.objects.filter(pk__in=[each for each in ids if each.startswith(PREFIX)])
        locked = rows.order_by("id").select_for_update(of=("self",))
        self._messages = {row.pk: row for row in locked}
        tests = CarrierTest.objects.filter(pk__in=[each for each in ids if each.startswith(TEST)])
        self._tests = {row.pk: row for row in tests}
        self.sent: Mapping[str, Sent] = {**self._messages, **self._tests}
        self._parts = _parts(ids, parts)
        self._transitions = Transitions()
        self._reported: dict[int, Part] = {}

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
            Part.objects.bulk_create(  # an update in one statement
                self._reported.values(),
                update_conflicts=True,
                unique_fields=["id"],
                update_fields=_REPORTED,
            )

    def answered(self, token: str) -> None:
        """Its parts have new answers."""
        owner, attempt = owner_of(token), attempt_of(token)
        parts = self._parts[owner, attempt]
        verdict = verdicts.of_answers(parts)
        if verdict is None:
            return
        first = next((part.carrier_id for part in parts if part.carrier_id), "")
        if owner in self._tests:
            carrier_tests.answered(owner, *_answer(verdict), first)
        message = self._running(owner, attempt)
        if message is not None and message.status != MessageStatus.SENT:
            message.carrier_message_id = first[:64]
            self._decide(message, verdict, parts)

    def not_sent(self, token: str, why: str) -> None:
        owner = owner_of(token)
        if owner in self._tests:
            carrier_tests.not_sent(owner, why)
        message = self._running(owner, attempt_of(token))
        if message is None or message.status == MessageStatus.SENT:
            return
        if why.startswith(_UNWRITABLE):
            said = f"The gateway can't send it: {why}"
            self._transitions.end(message, MessageStatus.FAILED, code=outcome.REJECTED, why=said)
        else:
            reports.not_sent(self._transitions, message, why)

    def reported(self, part: Part, incoming: Incoming) -> None:
        """A receipt about this part; a late or doubled one changes nothing."""
        receipt, at = incoming.receipt, min(incoming.delivery.at, timezone.now())
        parts = self._parts[part.owner, part.attempt]
        part = next((each for each in parts if each.pk == part.pk), part)
        if part.state in _FINAL or (part.state and receipt.state is State.INTERIM):
            return
        part.state, part.word, part.error = receipt.state, receipt.word, receipt.error
        part.reported_at = at
        self._reported[part.pk] = part
        whole = verdicts.of_receipts(parts) if receipt.state.is_final else receipt.state
        if part.owner in self._tests:
            carrier_tests.reported(part.owner, whole, receipt, name_of(part))
        message = self._running(part.owner, part.attempt)
        if message is None:
            return
        if whole is None:
            message.settle_at = timezone.now() + PATIENCE
            self._transitions.note(message, "", at)
            return
        said = {"word": receipt.word, "error": receipt.error, "part": name_of(part), "at": at}
        reports.reported(self._transitions, message, whole, **said)

    def _running(self, owner: str, attempt: int) -> Message | None:
        """The message, if it has not ended and this is its attempt."""
        message = self._messages.get(owner)
        if message is None or message.finished_at is not None or message.claimed_at is None:
            return None
        return message if message.attempt == attempt else None

    def _decide(self, message: Message, verdict: verdicts.Verdict, parts: Collection[Part]) -> None:
        at = min(max(part.answered_at for part in parts), timezone.now())
        match verdict:
            case Taken():
                self._transitions.sent(message, at=at)
            case Refused(status, part):
                reports.refused(self._transitions, message, status, part=name_of(part), at=at)
            case Lost():
                reports.unknown(self._transitions, message)
            case Torn(status, part, taken):
                why = (
                    f"{name_of(part)}The carrier answered {status.name}: {status.meaning}. "
                    f"It has {taken} of {part.of} parts, which nobody can read as a whole; it is "
                    "not sent again."
                )
                end = MessageStatus.UNDELIVERED
                self._transitions.sent(message, f"{taken} of {part.of} parts", at)
                self._transitions.end(message, end, code=status.name[:40], why=why, at=at)


def _parts(ids: Collection[str], known: Candidates) -> Mapping[tuple[str, int], list[Part]]:
    """All parts of these owners by attempt, in order: `known` ones as the objects that they are."""
    same = {part.pk: part for parts in known.values() for part in parts}
    found: dict[tuple[str, int], list[Part]] = defaultdict(list)
    for part in Part.objects.filter(owner__in=ids).order_by("number"):
        part = same.get(part.pk, part)
        found[part.owner, part.attempt].append(part)
    return found


def _answer(verdict: verdicts.Verdict) -> tuple[Status | None, str]:
    """What the carrier answered, None if that is not known, and of which part."""
    match verdict:
        case Taken():
            return OK, ""
        case Refused(status, part) | Torn(status, part, _):
            return status, name_of(part)
    return None, ""
