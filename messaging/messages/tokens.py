"""The end of the address at which the gateway reports on one attempt: signed, so unguessable.

It carries the message's id and the attempt, so that a report settles what a lost answer left open.
`SECRET_KEY_FALLBACKS` keeps addresses good when SECRET_KEY is changed.
"""

from __future__ import annotations

from typing import NamedTuple

from django.core.signing import BadSignature, Signer

PREFIX = "msg_"
_signer = Signer(sep=".", salt="messaging.messages.reports")


class Attempt(NamedTuple):
    """`number` counts from 1."""

    message_id: str
    number: int


def token_of(attempt: Attempt) -> str:
    """`msg_….N.SIGNATURE`, of characters that need no escape in a URL."""
    return _signer.sign(f"{attempt.message_id}.{attempt.number}")


def attempt_of(token: str) -> Attempt | None:
    """What the token was made for; None if nobody here made it."""
    try:
        message_id, number = _signer.unsign(token).split(".")
    except (BadSignature, ValueError):
        return None
    return Attempt(message_id, int(number))
