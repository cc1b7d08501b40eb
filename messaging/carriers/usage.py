"""Who names a carrier. The nouns that build on this one say so through here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from messaging.carriers.models import Carrier

Ids = Mapping[str, list[str]]
"""Ids of those that name a carrier, by its id; one that nobody names may be missing."""

LookUp = Callable[[Sequence[str]], Ids]


class User(StrEnum):
    """What may name a carrier; the value is the key of its ids in errors."""

    SENDER_POOL = "sender_pool_ids"
    CAMPAIGN = "campaign_ids"  # live ones: not finished, not cancelled


_look_ups: dict[User, LookUp] = {}


def implement(user: User, look_up: LookUp) -> None:
    """Register who knows the pools, or the live campaigns, once, when the apps are ready.

    `look_up` answers for many carriers with one query.
    """
    _look_ups[user] = look_up


def pools_of(carrier_ids: Sequence[str]) -> Ids:
    """The sender pools of many carriers, in one query."""
    look_up = _look_ups.get(User.SENDER_POOL)
    return look_up(carrier_ids) if look_up else {}


def in_use_by(carrier: Carrier) -> dict[str, list[str]]:
    """Ids of all that name this carrier, by kind; empty if nothing does."""
    found = {user: look_up([carrier.id]).get(carrier.id) for user, look_up in _look_ups.items()}
    return {user.value: list(ids) for user, ids in found.items() if ids}
