"""Challenges that a passkey signs: random, for one person and purpose, valid for a short while.

A challenge travels in a signed cookie, so that strangers who ask for one leave nothing in the
database. `passkeys` makes sure that it is used once.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from django.conf import settings
from django.core import signing
from django.utils import timezone

Purpose = Literal["add", "prove", "sign in"]

_BYTES = 32
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


class ChallengeRefused(Exception):
    """The challenge is forged, expired, or for another purpose or person."""


@dataclass(frozen=True)
class Challenge:
    """A challenge. `user_id`: the person's; None for a sign-in, when the person is not known
    yet."""

    purpose: Purpose
    user_id: int | None
    value: bytes
    made_at: datetime

    @classmethod
    def new(cls, purpose: Purpose, user_id: int | None) -> Challenge:
        return cls(purpose, user_id, secrets.token_bytes(_BYTES), timezone.now())

    def signed(self) -> str:
        made_at = (self.made_at - _EPOCH) // _MICROSECOND
        value = base64.b64encode(self.value).decode()
        return signing.dumps([self.user_id, value, made_at], salt=_salt(self.purpose))

    @classmethod
    def read(cls, text: str, purpose: Purpose, user_id: int | None) -> Challenge:
        """The challenge in a text from `signed`, for this purpose and person. Raises
        ChallengeRefused."""
        try:
            owner, value, made_at = signing.loads(text, salt=_salt(purpose))
        except signing.BadSignature:
            raise ChallengeRefused from None
        challenge = cls(purpose, owner, base64.b64decode(value), _EPOCH + made_at * _MICROSECOND)
        if owner != user_id or timezone.now() - challenge.made_at > lifetime():
            raise ChallengeRefused
        return challenge


def lifetime() -> timedelta:
    return timedelta(seconds=settings.PASSKEY_CHALLENGE_SECONDS)


def _salt(purpose: Purpose) -> str:
    return f"orbit.accounts.second_factor.passkey {purpose}"
