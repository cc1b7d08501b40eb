"""Retry or end a message that no carrier has taken in an attempt.

After a temporary refusal the message is retried at the same carrier, with the same sender and
price; after `TRIES` refusals it goes to the next carrier. The pauses double.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from messaging.messages.models import Message, MessageStatus
from messaging.messages.transitions import Transitions
from messaging.smpp.protocol.command_status import Status

TRIES = 3  # at one carrier that refuses temporarily, then the next carrier is tried
LONGEST_PAUSE = 30  # seconds; the first one is 1


def refused(
    transitions: Transitions,
    message: Message,
    status: Status,
    *,
    part: str = "",
    at: datetime | None = None,
) -> None:
    """The carrier has refused every submit of the message.

    `part`: which part was refused ("part 2 of 3: "), "" for a message of one part.
    """
    code = status.name[:40]  # a stock Jasmin may report any text
    transitions.count_refusal(message, code, at)
    why = f"{part}The carrier answered {status.name}: {status.meaning}"
    if not status.is_temporary:
        transitions.end(message, MessageStatus.FAILED, code=code, why=why, at=at)
        return
    pause, until = _pause(message)
    message.refusals += 1
    if message.refusals < TRIES:
        transitions.wait(message, until, why, f"again in {pause} s")
        return
    passed_over = [
        each for each in message.passed_over.split(",") if each not in ("", message.carrier_id)
    ]
    message.passed_over = ",".join([*passed_over, message.carrier_id or ""])
    message.refusals = 0
    transitions.choose_again(message, until, why, f"the next carrier in {pause} s")


def not_sent(transitions: Transitions, message: Message, why: str = "") -> None:
    """The gateway gave up without writing anything of the message to a carrier."""
    said = "The gateway could not give it to the carrier"
    _, until = _pause(message)
    transitions.choose_again(message, until, f"{said}: {why}" if why else said)


def _pause(message: Message) -> tuple[int, datetime]:
    """The pause before the next attempt in seconds (doubled after each), and when it ends."""
    pause = min(LONGEST_PAUSE, 2 ** min(max(0, message.attempt - 1), 5))
    return pause, timezone.now() + timedelta(seconds=pause)
