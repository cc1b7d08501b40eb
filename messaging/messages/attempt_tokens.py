"""Tokens of attempts: by them a gateway names the attempt that it answers.

A gateway with a lane gets a plain token (`msg_….N`). A stock Jasmin reports at an address that ends
in the DLR token: the same, signed and so unguessable. Both carry the message's id and the attempt,
so that a report is understood even if the gateway's answer was lost. `SECRET_KEY_FALLBACKS` keeps
addresses good when SECRET_KEY is changed.
"""

from __future__ import annotations

from typing import NamedTuple

from django.core.signing import BadSignature, Signer

PREFIX = "msg_"


class Attempt(NamedTuple):
    """`number` counts from 1."""

    message_id: str
    number: int


def token_of(attempt: Attempt) -> str:
    """`msg_….N`."""
    return f"{attempt.message_id}.{attempt.number}"


def attempt_of_token(token: str) -> Attempt | None:
    """The attempt of a token; None if it is none of a message."""
    message_id, _, number = token.partition(".")
    if not message_id.startswith(PREFIX) or not number.isascii() or not number.isdigit():
        return None
    return Attempt(message_id, int(number))


def dlr_token_of(attempt: Attempt) -> str:
    """`msg_….N.SIGNATURE`, of characters that need no escape in a URL."""
    return _signer().sign(token_of(attempt))


def attempt_of_dlr_token(token: str) -> Attempt | None:
    """The attempt of a DLR token; None if this site has not signed it."""
    try:
        message_id, number = _signer().unsign(token).split(".")
    except (BadSignature, ValueError):
        return None
    return Attempt(message_id, int(number))


def _signer() -> Signer:
    """Addresses that were given out are signed with this salt: it stays."""
    return Signer(sep=".", salt="messaging.messages.reports")
