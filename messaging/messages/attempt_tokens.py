"""Names of attempts, as gateways get them.

A gateway with a lane is told a name (`msg_….N`): only it and we talk of it. A stock Jasmin reports
at an address, whose end is the same name, signed and so unguessable. Either carries the message's
id and the attempt, so that a report settles what a lost answer left open. `SECRET_KEY_FALLBACKS`
keeps addresses good when SECRET_KEY is changed.
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


def name_of(attempt: Attempt) -> str:
    """`msg_….N`."""
    return f"{attempt.message_id}.{attempt.number}"


def named(name: str) -> Attempt | None:
    """The attempt of a name; None if it names none."""
    message_id, _, number = name.partition(".")
    if not message_id.startswith(PREFIX) or not number.isascii() or not number.isdigit():
        return None
    return Attempt(message_id, int(number))


def token_of(attempt: Attempt) -> str:
    """`msg_….N.SIGNATURE`, of characters that need no escape in a URL."""
    return _signer.sign(name_of(attempt))


def attempt_of(token: str) -> Attempt | None:
    """What the token was made for; None if nobody here made it."""
    try:
        message_id, number = _signer.unsign(token).split(".")
    except (BadSignature, ValueError):
        return None
    return Attempt(message_id, int(number))
