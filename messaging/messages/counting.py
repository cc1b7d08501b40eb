"""Counts messages as they move: for usage, and for the quality of carriers.

A message counts once, in the minute in which the carrier took it: as `sent` until it ends, then by
its last status. What no carrier took counts in the minute of its end, and costs nothing.
"""

from __future__ import annotations

import functools
from datetime import datetime

from messaging.messages.models import Message, MessageStatus
from messaging.numbers import SenderType
from messaging.quality.outcomes import NO_BUCKET, Outcome, bucket_of, code_of
from messaging.usage.tally import NOTHING, Tally, Where

# Plain strings: reading an enum member's value takes as long as everything else here.
_SENT, _WAITING = MessageStatus.SENT.value, Outcome.WAITING.value
_UNKNOWN = MessageStatus.SUBMITTED_NO_RECEIPT.value
_DELIVERED, _NO_RECEIPT = Outcome.DELIVERED.value, Outcome.NO_RECEIPT.value
_OUTCOMES = {
    MessageStatus.DELIVERED.value: _DELIVERED,
    MessageStatus.UNDELIVERED.value: Outcome.UNDELIVERED.value,
    MessageStatus.EXPIRED.value: Outcome.UNDELIVERED.value,
    _UNKNOWN: _NO_RECEIPT,
}


class MessageCounts:
    """Collects what happens to messages in one transaction; `save` writes it."""

    def __init__(self) -> None:
        self._tally = Tally()

    def sent(self, message: Message) -> None:
        """Count a message that its carrier has accepted at `sent_at`."""
        self._sent(message, _where(message, message.sent_at), 1)

    def ended(self, message: Message, carrier_code: str = "") -> None:
        """Count a message that has ended. `carrier_code`: the receipt's, as the carrier wrote
        it."""
        status = str(message.status)
        if message.sent_at is None:
            self._ended_unsent(message, status)
            return
        where = _where(message, message.sent_at)
        self._sent(message, where, -1)
        outcome, code, bucket = _OUTCOMES[status], "", NO_BUCKET
        # Equal times mean that no receipt ended it (or that the answer was lost): there is no delay
        # to count.
        if outcome != _NO_RECEIPT and message.finished_at > message.sent_at:
            bucket = bucket_of((message.finished_at - message.sent_at).total_seconds())
        if outcome != _DELIVERED:
            code = code_of(message.error_code, carrier_code)
        what = (status, outcome, code, bucket, message.price_currency)
        self._tally.add(where, what, 1, message.segments, message.price_amount or NOTHING)

    def refused(self, message: Message, status_name: str, at: datetime) -> None:
        """Count a submit that the carrier refused with this SMPP status."""
        self._count_outcome(message, at, Outcome.REFUSED, code_of(status_name))

    def converted(self, message: Message, outcome: Outcome, at: datetime, times: int = 1) -> None:
        """Count feedback of the organisation; `outcome`: CONVERTED or NOT_CONVERTED."""
        self._count_outcome(message, at, outcome, times=times)

    def save(self) -> None:
        self._tally.save()

    def _sent(self, message: Message, where: Where, times: int) -> None:
        what = (_SENT, _WAITING, "", NO_BUCKET, message.price_currency)
        amount = (message.price_amount or NOTHING) * times
        self._tally.add(where, what, times, message.segments * times, amount)

    def _ended_unsent(self, message: Message, status: str) -> None:
        """A message without a carrier's answer costs nothing, unless a carrier may have it (outcome
        unknown)."""
        amount, currency = NOTHING, ""
        if status == _UNKNOWN:
            amount, currency = message.price_amount or NOTHING, message.price_currency
        where = _where(message, message.finished_at)
        what = (status, "", "", NO_BUCKET, currency)
        self._tally.add(where, what, 1, message.segments, amount)

    def _count_outcome(
        self, message: Message, at: datetime, outcome: Outcome, code: str = "", times: int = 1
    ) -> None:
        what = ("", outcome.value, code, NO_BUCKET, "")
        self._tally.add(_where(message, at), what, times)


def _where(message: Message, at: datetime) -> Where:
    return (
        at.replace(second=0, microsecond=0),
        message.organization_id,
        message.credential_id or "",
        message.carrier_id or "",
        message.country,
        type_of_sender(message.sender or message.wanted_sender),
    )


@functools.lru_cache(maxsize=4096)
def type_of_sender(sender: str) -> str:
    """The type of a validated sender; "" for none."""
    if not sender:
        return ""
    if sender.startswith("+"):
        return SenderType.LONG_CODE.value
    return SenderType.SHORT_CODE.value if sender.isdecimal() else SenderType.ALPHANUMERIC.value
