"""How many refused binds people may cause: they are guesses at passwords, and carriers ban for
them.

All organisations bind from our address, so one that guesses can get all of them banned. The counts
are rows of the database: Redis may lose its counts, and guessing would be free again. Only `check`
runs in the caller's transaction. `gateway_binds` counts the binds that the gateway makes.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from messaging.credentials.bind_attempts import BindAttempt
from messaging.credentials.models import Credential
from orbit.accounts.actors import Actor
from orbit.api import throttling
from orbit.api.errors import ApiError
from orbit.api.throttling import Rate

SETTINGS = ("REFUSED_BINDS_OF_CREDENTIAL", "REFUSED_BINDS_OF_CALLER", "REFUSED_BINDS_OF_HOST")
_WHOSE = ("of this carrier account", "of yours", "at this carrier's host")
# For each setting: which keys of a row it counts by (`_keys`), and whether it counts binds of other
# organisations too.
_KINDS = (("credential", "account"), ("organization", "caller"), ("place",))
_SHARED = (True, False, True)
SOON = 30  # seconds to wait while answers to other binds are awaited


class TooManyRefused(Exception):
    """No bind may be tried before `wait` seconds have passed; the text says whose limit it is.

    `is_waiting`: the limit is reached only because other binds have no answer yet.
    """

    def __init__(self, rate: Rate, wait: int, whose: str, *, is_waiting: bool = False) -> None:
        self.rate, self.wait, self.is_waiting = rate, wait, is_waiting
        super().__init__(
            f"{rate.limit} binds {whose} were refused or not proven within {rate.seconds} s; "
            "no further one is tried for now."
        )

    def as_api_error(self) -> ApiError:
        """429 RATE_LIMIT_EXCEEDED with Retry-After."""
        return throttling.exceeded(self.rate, self.wait, str(self))


class Attempt:
    """A bind that is about to be tried. Set `counts` if it has to stay counted after the block."""

    def __init__(self, row: BindAttempt) -> None:
        self._row = row
        self.counts = False

    @property
    def row_id(self) -> int | None:
        """Id of the row that stays; None if it does not stay."""
        return self._row.pk if self.counts else None

    def at(self, address: str) -> None:
        """Call it with the address before the bind is sent there. Raises TooManyRefused."""
        self._row.address = address
        self._row.save(update_fields=["address"])
        _check(self._row)


@contextmanager
def attempt(*, caller: str, credential: Credential) -> Iterator[Attempt]:
    """Count a bind as refused while the block runs, and afterwards if `counts` was set.

    The row is written before the limit is checked, so that concurrent attempts can't pass it
    together. If the process is killed meanwhile, the row stays. Raises TooManyRefused.
    """
    row = new_row(caller, credential)
    row.save(force_insert=True)
    made = Attempt(row)
    try:
        _check(row)
        yield made
    finally:
        if not made.counts:
            row.delete()


def check(*, caller: str, credential: Credential) -> None:
    """Raise TooManyRefused if `attempt` would; nothing is counted."""
    _check(new_row(caller, credential))


def caller_of(by: Actor) -> str:
    """The name by which a caller is counted; "" for the system itself."""
    return f"{by.type}:{by.id}"[:100] if by.id else ""


def new_row(caller: str, credential: Credential, **fields: object) -> BindAttempt:
    """An unsaved row."""
    return BindAttempt(
        organization_id=credential.organization_id,
        credential_id=credential.pk,
        caller=caller,
        host=credential.host,
        system_id=credential.system_id,
        **fields,
    )


class Recent:
    """The attempts that the limits count for these rows, saved or not."""

    def __init__(self, rows: Collection[BindAttempt]) -> None:
        self._now = timezone.now()
        self._found: dict[tuple[str, ...], list[BindAttempt]] = defaultdict(list)
        for each in _counted_for(rows, self._now):
            self.add(each)

    def add(self, row: BindAttempt) -> None:
        """Count one more."""
        for key in _keys(row):
            self._found[key].append(row)

    def refusal(self, row: BindAttempt, *, bound: int = 0) -> TooManyRefused | None:
        """Why this bind may not be tried now, by the first limit that it exceeds; None if it may.

        - The limits of an account and of a host count the binds of all organisations. They hold
          back only callers with a refused bind there of their own, until that one is no longer
          counted.
        - Binds without an answer count like refused ones. A customer with many credentials would
          have to wait for each few, so at a host as many more may be under way as the organisation
          has up there (`bound`). The limit of one account has no such allowance.
        """
        for name, whose, kinds, is_shared in zip(SETTINGS, _WHOSE, _KINDS, _SHARED, strict=True):
            rate = Rate.parse(getattr(settings, name))
            counted = self._counted(row, kinds, rate)
            awaited = [each for each in counted if each.is_awaited(self._now)]
            refused = [each for each in counted if not each.is_awaited(self._now)]
            let_through = 0 if "account" in kinds else bound
            if len(refused) + max(0, len(awaited) - let_through) < rate.limit:
                continue
            own = [each for each in counted if _is_of_same_people(each, row)]
            if is_shared and not own:
                continue
            ends = _ends(refused, rate)[rate.limit - 1 :][:1]
            if is_shared:
                ends += _ends([each for each in own if not each.is_awaited(self._now)], rate)[:1]
            is_waiting = len(refused) < rate.limit or (is_shared and len(ends) < 2)
            seconds = [SOON] if is_waiting else [(end - self._now).total_seconds() for end in ends]
            wait = max(1, math.ceil(min(seconds)))
            return TooManyRefused(rate, wait, whose, is_waiting=is_waiting)
        return None

    def _counted(self, row: BindAttempt, kinds: Sequence[str], rate: Rate) -> list[BindAttempt]:
        """Attempts within the rate's seconds; [] if there can't be as many as its limit."""
        lists = [self._found[key] for key in _keys(row) if key[0] in kinds and key in self._found]
        if sum(map(len, lists)) < rate.limit:
            return []
        since = self._now - timedelta(seconds=rate.seconds)
        found = {id(each): each for some in lists for each in some if each.at > since}
        return list(found.values())


def _check(row: BindAttempt) -> None:
    if refusal := Recent([row]).refusal(row):
        raise refusal


def _counted_for(rows: Collection[BindAttempt], now: datetime) -> Iterator[BindAttempt]:
    longest = max(Rate.parse(getattr(settings, name)).seconds for name in SETTINGS)
    places = {place for row in rows for place in _places(row)}
    counted = Q(host__in=places) | Q(address__in=places)
    counted |= Q(organization_id__in={row.organization_id for row in rows})
    counted |= Q(caller__in={row.caller for row in rows} - {""})
    found = BindAttempt.objects.filter(counted, at__gt=now - timedelta(seconds=longest))
    return found.exclude(pk__in=[row.pk for row in rows if row.pk]).iterator()


def _places(row: BindAttempt) -> Iterator[str]:
    yield row.host
    if row.address:
        yield row.address


def _keys(row: BindAttempt) -> Iterator[tuple[str, ...]]:
    """The keys by which a row is counted. The port is not part of an account: carriers run several
    ports for the same accounts."""
    yield "credential", row.credential_id
    yield "organization", row.organization_id
    if row.caller:
        yield "caller", row.caller
    for place in _places(row):
        yield "place", place
        yield "account", place, row.system_id


def _is_of_same_people(one: BindAttempt, other: BindAttempt) -> bool:
    if one.organization_id == other.organization_id:
        return True
    return bool(one.caller) and one.caller == other.caller


def _ends(rows: Sequence[BindAttempt], rate: Rate) -> list[datetime]:
    """When these attempts stop counting, the latest first."""
    window = timedelta(seconds=rate.seconds)
    return sorted((each.at + window for each in rows), reverse=True)
