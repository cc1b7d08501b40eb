"""Keeps the gateways' copies of opted-out numbers equal to the lists here.

Each list has a version, which changes with it and which its copies have too. A pass compares those
of its organisations before it changes anything else, so that no platform can bind before its
organisation's list is there. In between the receiver looks every second (`Copy.turn`), and brings
over what is new. From time to time a pass compares whole lists, whatever their versions say.
"""

from __future__ import annotations

import base64
import logging
import zlib
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from messaging.numbers import calling_code
from messaging.opt_outs import export, scopes
from messaging.opt_outs.recent import recent
from orbit.accounts.models import Organization
from reconciler import opt_out_digests
from reconciler.gateway_client.operator_client import GatewayAway, OperatorClient, OptOutLists
from reconciler.models import Gateway

WHOLE_EVERY = 60  # passes, after which each list was compared as a whole once

logger = logging.getLogger(__name__)


def equalize(
    gateway: Gateway, organizations: Sequence[Organization], *, turn: int, whole: bool
) -> dict[str, str]:
    """Make the copies of these organisations equal; `whole`: they are all of the gateway. Return
    the ids of those whose copy is not, and why."""
    wanted = {each.gateway_key: each for each in organizations if each.opt_outs}
    if not wanted:
        return {}
    client = OperatorClient(gateway)
    faults = {}
    try:
        there = client.opt_out_lists(None if whole else list(wanted))
        for user, organization in wanted.items():
            kept = there.by_user.get(user)
            is_turn = (zlib.crc32(user.encode()) - turn) % WHOLE_EVERY == 0
            if kept is None or kept.version != organization.opt_outs or is_turn:
                version, digests = _whole(there.key, organization)
                same = kept is not None and kept.version == version
                if not same or kept.checksum != opt_out_digests.checksum(digests):
                    # Not taken: the receiver was faster, and the next pass compares again.
                    _replace(client, there, user, version, digests)
        for user in there.by_user.keys() - wanted.keys() if whole else ():
            if there.by_user[user].count:  # it has moved away
                _replace(client, there, user, 1, array("Q"))
    except GatewayAway as error:
        logger.warning("opted-out numbers of %s: %s", gateway, error)
        why = "its opted-out numbers could not be brought over: the gateway does not answer"
        faults = {each.pk: why for each in wanted.values()}
    finally:
        client.close()
    return faults


@dataclass
class _Known:
    """What a copy has: `recent` are ids of the entries that were made shortly before `at`."""

    version: int
    count: int
    recent: frozenset[str]
    at: datetime


@dataclass
class Copy:
    """The copies on one gateway, as the receiver left them."""

    gateway: Gateway
    _key: bytes | None = field(default=None, repr=False)
    _versions: dict[str, int] = field(default_factory=dict)  # by user
    _known: dict[str, _Known] = field(default_factory=dict)

    def turn(self, client: OperatorClient) -> None:
        """Bring over what has changed. Raises GatewayAway, DatabaseError."""
        here = Q(placement__gateway=self.gateway) | Q(placement__leaving=self.gateway)
        rows = Organization.objects.filter(here, opt_outs__gt=0).order_by()
        versions = dict(rows.values_list("gateway_key", "opt_outs"))
        changed = [user for user, version in versions.items() if self._version(user) != version]
        if not changed:
            return
        try:
            if self._key is None:
                self._read(client)
                changed = [user for user in changed if self._version(user) != versions[user]]
            for organization in rows.filter(gateway_key__in=changed).only("pk", "gateway_key"):
                self._bring(client, organization.gateway_key, organization)
        except GatewayAway:
            self._key = None  # it may have another store when it is back
            self._versions.clear()
            self._known.clear()
            raise

    def _version(self, user: str) -> int | None:
        return self._versions.get(user)

    def _read(self, client: OperatorClient) -> None:
        there = client.opt_out_lists()
        self._key = there.key
        self._versions = {user: each.version for user, each in there.by_user.items()}
        self._known.clear()

    def _bring(self, client: OperatorClient, user: str, organization: Organization) -> None:
        """Bring new entries over; the whole list where entries were removed, or many are new."""
        if self._key is None:
            raise GatewayAway("its key is not known")
        before = self._known.get(user)
        now = timezone.now()
        news = recent(organization.pk, since=before.at if before else now)
        entries = news.entries or {}
        new = {pk: entry for pk, entry in entries.items() if not before or pk not in before.recent}
        only_added = (
            before is not None
            and news.entries is not None
            and before.version == self._version(user)
            and news.count == before.count + len(new)
        )
        if only_added:
            digests = opt_out_digests.packed(_digests(self._key, user, new.values()))
            version = news.version
        else:
            version, digests = _whole(self._key, organization)
        if not client.change_opt_outs(
            self._key,
            user,
            self._version(user),
            version,
            add=_encoded(digests),
            whole=not only_added,
        ):
            raise GatewayAway("another process has changed a list there")
        self._versions[user] = version
        self._known[user] = _Known(version, news.count, frozenset(entries), now)


def _whole(key: bytes, organization: Organization) -> tuple[int, array[int]]:
    version, entries = export.entries(organization.pk)
    user = organization.gateway_key
    return version, opt_out_digests.packed(_digests(key, user, entries))


def _digests(key: bytes, user: str, entries: Iterable[tuple[str, str]]) -> Iterable[int]:
    """Digests of the numbers that are closed to the access bind. It has no pools, so entries of a
    pool do not count."""
    for number, scope in entries:
        if not scopes.is_pool(scope):
            sender = "" if scope == scopes.ORGANIZATION else scope
            yield from opt_out_digests.of_opt_out(key, user, number, calling_code(number), sender)


def _replace(
    client: OperatorClient, there: OptOutLists, user: str, version: int, digests: array[int]
) -> None:
    kept = there.by_user.get(user)
    since = None if kept is None else kept.version
    client.change_opt_outs(there.key, user, since, version, add=_encoded(digests), whole=True)


def _encoded(digests: array[int]) -> str:
    return base64.b64encode(opt_out_digests.to_octets(digests)).decode()
