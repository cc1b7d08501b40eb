"""Limits on trying passwords: an address is locked for a while, an account is slowed down.

- An address that has tried `LOGIN_RATE_LIMIT` times is refused until the window ends. IPv6 counts
  by /64, which one customer has.
- An account tried as often from unknown addresses is then let through only at the limit's rate.
  Addresses from which its owner signed in before are counted apart, so that strangers' guesses
  never lock the owner out.
"""

from __future__ import annotations

import hashlib
import math
import unicodedata
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from orbit.accounts.models import LoginAddress, User
from orbit.api import throttling
from orbit.api.client_ip import client_address, network_of
from orbit.api.throttling import Rate
from orbit.cache import Bucket


def count(request: Any, *, email: str, user: User | None) -> None:
    """Count a login for its address and its account; raises RATE_LIMIT_EXCEEDED.

    `user`: the account of this e-mail address, None if there is none. The address is counted first:
    a locked address does not slow down anybody's account.
    """
    count_address(request)
    network = network_of(client_address(request))
    account = _account(user, email)
    if user is not None and _is_known(user, network):
        account += f" from {network}"
    _slow_down(account)


def count_address(request: Any) -> None:
    """Count an attempt for its address alone; raises RATE_LIMIT_EXCEEDED."""
    network = network_of(client_address(request))
    throttling.take("login", f"address:{network}", _rate()).check()


def count_own(user: User) -> None:
    """Count a signed-in person's try at their own password; raises RATE_LIMIT_EXCEEDED.

    Counted apart from logins, so that strangers can't hinder people who are signed in.
    """
    _slow_down(f"own:{user.pk}")


def count_code(request: Any) -> None:
    """Count a try at the second factor after a right password; raises RATE_LIMIT_EXCEEDED.

    Known addresses are counted apart, so that a thief of the password can't lock the owner out.
    """
    network = network_of(client_address(request))
    known = f" from {network}" if _is_known(request.user, network) else ""
    _slow_down(f"code:{request.user.pk}{known}")


def remember(user: User, address: str) -> None:
    """The person has signed in from `address`."""
    known = LoginAddress(user=user, network=network_of(address), at=timezone.now())
    LoginAddress.objects.bulk_create(
        [known], update_conflicts=True, unique_fields=["user", "network"], update_fields=["at"]
    )


def _account(user: User | None, email: str) -> str:
    """The same name for all spellings that the database treats as the same account."""
    if user is not None:
        return f"user:{user.pk}"
    return f"email:{unicodedata.normalize('NFKC', email).casefold()}"


def _is_known(user: User, network: str) -> bool:
    oldest = timezone.now() - timedelta(days=settings.LOGIN_ADDRESS_DAYS)
    return LoginAddress.objects.filter(user=user, network=network, at__gt=oldest).exists()


def _slow_down(account: str) -> None:
    rate = _rate()
    name = hashlib.sha256(account.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    key = f"login:{rate.limit}:{rate.seconds}:{name}"
    bucket = Bucket(key, rate.limit, rate.seconds, units=1, most=1)
    spent = throttling.spend(bucket)
    if not spent.taken:
        wait = max(1, math.ceil((spent.missing + bucket.each - bucket.burst) / 1e6))
        raise throttling.exceeded(rate, wait, "Rate limit exceeded.")


def _rate() -> Rate:
    return Rate.parse(settings.LOGIN_RATE_LIMIT)
