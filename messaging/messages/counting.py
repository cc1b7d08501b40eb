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
from messaging.usage.tally import NOTHING, Key, Tally

_OUTCOMES = {
    MessageStatus.DELIVERED: Outcome.DELIVERED,
    MessageStatus.UNDELIVERED: Outcome.UNDELIVERED,
    MessageStatus.EXPIRED: Outcome.UNDELIVERED,
    MessageStatus.SUBMITTED_NO_RECEIPT: Outcome.NO_RECEIPT,
}
_REPORTED = (Outcome.DELIVERED, Outcome.UNDELIVERED)


class MessageCounts:
    """Collects what one transaction makes of messages; `save` writes it."""

    def __init__(self) -> None:
        self._tally = Tally()

    def sent(self, message: Message, times: int = 1) -> None:
        """The carrier has taken it, at its `sent_at`."""
        self._add(message, message.sent_at, MessageStatus.SENT, Outcome.WAITING, times=times)

    def ended(self, message: Message, carrier_code: str = "") -> None:
        """It has its last status. `carrier_code`: of the receipt, as the carrier wrote it."""
        if message.sent_at is None:
            self._add(message, message.finished_at, MessageStatus(message.status))
            return
        self.sent(message, times=-1)
        status = MessageStatus(message.status)
        outcome, code, bucket = _OUTCOMES[status], "", NO_BUCKET
        # At the moment of the answer: no receipt ended it, or no answer came.
        if outcome in _REPORTED and message.finished_at > message.sent_at:
            bucket = bucket_of((message.finished_at - message.sent_at).total_seconds())
        if outcome != Outcome.DELIVERED:
            code = code_of(message.error_code, carrier_code)
        self._add(message, message.sent_at, status, outcome, code, bucket)

    def refused(self, message: Message, status_name: str, at: datetime) -> None:
        """Its carrier has answered a submit with this SMPP status."""
        self._add(message, at, None, Outcome.REFUSED, code_of(status_name))

    def converted(self, message: Message, outcome: Outcome, at: datetime, times: int = 1) -> None:
        """What its sender says came of it; `outcome`: CONVERTED or NOT_CONVERTED."""
        self._add(message, at, None, outcome, times=times)

    def save(self) -> None:
        self._tally.save()

    def _add(
        self,
        message: Message,
        at: datetime,
        status: MessageStatus | None,
        outcome: Outcome | None = None,
        code: str = "",
        bucket: int = NO_BUCKET,
        times: int = 1,
    ) -> None:
        is_paid = bool(status) and (outcome or status == MessageStatus.SUBMITTED_NO_RECEIPT)
        key = Key(
            at.replace(second=0, microsecond=0),
            message.organization_id,
            message.credential_id or "",
            message.carrier_id or "",
            message.country,
            type_of_sender(message.sender or message.wanted_sender),
            status.value if status else "",
            outcome.value if outcome and message.carrier_id else "",
            code,
            bucket,
            message.price_currency if is_paid else "",
        )
        if not status:
            self._tally.add(key, times)
            return
        amount = (message.price_amount or NOTHING) * times if is_paid else NOTHING
        self._tally.add(key, times, message.segments * times, amount)


@functools.lru_cache(maxsize=4096)
def type_of_sender(sender: str) -> str:
    """Of a sender that was checked when it came; "" for none."""
    if not sender:
        return ""
    if sender.startswith("+"):
        return SenderType.LONG_CODE.value
    return SenderType.SHORT_CODE.value if sender.isdecimal() else SenderType.ALPHANUMERIC.value
