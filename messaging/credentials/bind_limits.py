"""How many refused binds people may cause: guesses at passwords, and what carriers ban us for.

All tenants share our address, so one who guesses can get all of them banned. Counted in the
database, not in Redis: while Redis is away nobody may guess. Nothing here runs inside the caller's
transaction but `check`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from messaging.credentials.bind_attempts import BindAttempt
from messaging.credentials.models import Credential
from orbit.accounts.actors import Actor
from orbit.api import throttling
from orbit.api.errors import ApiError
from orbit.api.throttling import Rate


class TooManyRefused(Exception):
    """No bind may be tried before `wait` seconds have passed; the text says whose limit it is."""

    def __init__(self, rate: Rate, wait: int, whose: str) -> None:
        self.rate, self.wait = rate, wait
        super().__init__(
            f"{rate.limit} binds {whose} were refused or not proven within {rate.seconds} s; "
            "no further one is tried for now."
        )

    def as_api_error(self) -> ApiError:
        """429 RATE_LIMIT_EXCEEDED with Retry-After."""
        return throttling.exceeded(self.rate, self.wait, str(self))


class Attempt:
    """One bind that is about to be tried. `counts`: whether it is counted when it has ended."""

    def __init__(self, row: BindAttempt) -> None:
        self._row = row
        self.counts = False

    def at(self, address: str) -> None:
        """Call it with the address before the bind is sent there. Raises TooManyRefused."""
        self._row.address = address
        self._row.save(update_fields=["address"])
        _check(self._row)


@contextmanager
def attempt(*, caller: str, credential: Credential) -> Iterator[Attempt]:
    """Count a bind as refused while the block runs, and afterwards if it says so.

    Many at once can't pass the limit together, since each is a row before any of them counts. If
    the process is killed meanwhile, the row stays. Raises TooManyRefused.
    """
    row = _row(caller, credential)
    row.save(force_insert=True)
    made = Attempt(row)
    try:
        _check(row)
        yield made
    finally:
        if not made.counts:
            row.delete()


def check(*, caller: str, credential: Credential) -> None:
    """Raise TooManyRefused if `attempt` would now; counts nothing."""
    _check(_row(caller, credential))


def caller_of(by: Actor) -> str:
    """The name by which a caller is counted."""
    return f"{by.type}:{by.id}"[:100]


def _row(caller: str, credential: Credential) -> BindAttempt:
    return BindAttempt(
        organization_id=credential.organization_id,
        credential_id=credential.pk,
        caller=caller,
        host=credential.host,
        system_id=credential.system_id,
    )


def _check(row: BindAttempt) -> None:
    place = Q(host=row.host)
    if row.address:
        place |= Q(address=row.address)
    account = Q(credential_id=row.credential_id) | (place & Q(system_id=row.system_id))
    caller = Q(organization_id=row.organization_id)
    if row.caller:
        caller |= Q(caller=row.caller)
    for setting, whose, counted in (
        (settings.REFUSED_BINDS_OF_CREDENTIAL, "of this carrier account", account),
        (settings.REFUSED_BINDS_OF_CALLER, "of yours", caller),
        (settings.REFUSED_BINDS_OF_HOST, "at this carrier's host", place),
    ):
        rate = Rate.parse(setting)
        wait = _seconds_to_wait(rate, row, counted)
        if wait:
            raise TooManyRefused(rate, wait, whose)


def _seconds_to_wait(rate: Rate, row: BindAttempt, counted: Q) -> int:
    """Seconds until one less is counted than the limit; 0 if that is so now."""
    now, window = timezone.now(), timedelta(seconds=rate.seconds)
    others = BindAttempt.objects.filter(counted, at__gt=now - window).exclude(pk=row.pk)
    times = others.order_by("-at").values_list("at", flat=True)[rate.limit - 1 : rate.limit]
    return max((max(1, math.ceil((at + window - now).total_seconds())) for at in times), default=0)
