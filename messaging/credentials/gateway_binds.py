"""Binds that people cause by what the gateway is given: counted until the carrier has taken them.

A credential that is made, changed or switched on reaches the carrier's login by the gateway's own
bind, with whatever password it has: a guess like a rotation's. So each is an attempt from before
the gateway has it, and one too many is held back. The password of a version that the carrier has
once taken (`proven_version`) is no guess; a connection that is lost is not counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.utils import timezone

from messaging.credentials.bind_attempts import BindAttempt
from messaging.credentials.bind_limits import Recent, TooManyRefused, new_row
from messaging.credentials.models import Credential


@dataclass(frozen=True)
class GatewayBind:
    """The binds of a credential that the gateway is about to be given. `address`: where they go;
    `bound`: how many of its organisation are up at that host; `beside`: when the newest of those
    that they replace began, by the gateway's clock (None: none is up, or it is not known)."""

    credential: Credential
    address: str
    bound: int = 0
    beside: float | None = None


@dataclass(frozen=True)
class Admission:
    """`held`: why the gateway may not try it yet, by the credential's id."""

    held: Mapping[str, TooManyRefused]
    _rows: Sequence[BindAttempt] = field(default=())
    _again: Sequence[GatewayBind] = field(default=())  # counted before

    def count(self, *, but: Collection[str] = ()) -> None:
        """Count those that are let through: call it before the gateway has them. `but`: ids of
        credentials that it does not get yet."""
        rows = [row for row in self._rows if row.credential_id not in but]
        BindAttempt.objects.bulk_create(rows)
        for bind in self._again:
            if bind.beside is not None and bind.credential.pk not in but:
                awaited = _of_version(bind.credential).exclude(awaited_version=None)
                awaited.update(beside=bind.beside)


def admit(binds: Sequence[GatewayBind]) -> Admission:
    """Judge binds, one after another, by the limits; counts nothing yet.

    One that was counted for the same state of its credential is let through: the gateway gets it
    again because something failed on the way.
    """
    unproven = [each for each in binds if not is_proven(each.credential)]
    if not unproven:
        return Admission({})
    counted = _counted([each.credential for each in unproven])
    rows, again = [], []
    for each in unproven:
        if (each.credential.pk, each.credential.gateway_version) in counted:
            again.append(each)
        else:
            rows.append((each, _row(each)))
    recent = Recent([row for _, row in rows])
    held, admitted = {}, []
    for bind, row in rows:
        if refusal := recent.refusal(row, bound=bind.bound):
            held[bind.credential.pk] = refusal
        else:
            recent.add(row)
            admitted.append(row)
    return Admission(held, admitted, again)


def is_proven(credential: Credential) -> bool:
    """Whether a carrier has taken this bind once."""
    return credential.proven_version == credential.bind_version


def given(credential: Credential, *, attempt_id: int | None) -> None:
    """What was counted already is about to reach the gateway, and is not counted again there."""
    if attempt_id is not None:
        BindAttempt.objects.filter(pk=attempt_id).update(
            bind_version=credential.bind_version, awaited_version=credential.gateway_version
        )


def taken(credentials: Collection[Credential]) -> None:
    """The carriers have taken their binds: none of them was a guess. Three statements for all of
    equal version, as most are after a cold start.

    What a backup has refused stays counted: whoever has taken it at another host may be anybody.
    """
    hosts: dict[int, dict[str, str]] = defaultdict(dict)
    for each in credentials:
        if not is_proven(each):
            hosts[each.bind_version][each.pk] = each.host
    for version, own in hosts.items():
        current = Credential.objects.filter(pk__in=own, bind_version=version)
        current.update(proven_version=version)
        rows = BindAttempt.objects.filter(credential_id__in=own, bind_version=version)
        found = rows.values_list("pk", "credential_id", "host")
        over = [pk for pk, credential_id, host in found if host == own[credential_id]]
        BindAttempt.objects.filter(pk__in=over).delete()


def seen_up(bound_since: Mapping[Credential, float | None]) -> None:
    """They are bound. `bound_since`: when the newest bind of each began, by the gateway's clock.

    Where a bind is made beside earlier ones, only one that is newer than those is it.
    """
    unproven = {each.pk: each for each in bound_since if not is_proven(each)}
    attempts = BindAttempt.objects.filter(credential_id__in=unproven, beside__isnull=False)
    waiting = {
        credential_id
        for credential_id, version, beside in attempts.values_list(
            "credential_id", "bind_version", "beside"
        )
        if version == unproven[credential_id].bind_version
        and (bound_since[unproven[credential_id]] or 0.0) <= beside
    }
    taken([each for pk, each in unproven.items() if pk not in waiting])


def refused(credential: Credential, *, host: str, address: str, is_first: bool) -> None:
    """The carrier has refused it at this host, its own or a backup. `is_first`: it is the first
    refusal of this version, which counts also if no bind was awaited; those that follow are tries
    of ours, ever farther apart."""
    if is_proven(credential):
        return
    awaited = _of_version(credential).exclude(awaited_version=None)
    place = {"host": host, "address": address}
    if not awaited.update(awaited_version=None, **place) and is_first:
        _count_refused(credential, **place)


def refused_at_backup(credential: Credential, *, host: str, address: str) -> None:
    """A backup has refused it. Counted once a version, also where the credential's own host has
    taken it: that one may be anybody's."""
    if not _of_version(credential).filter(host=host).exists():
        _count_refused(credential, host=host, address=address)


def _count_refused(credential: Credential, *, host: str, address: str) -> None:
    row = new_row(
        credential.bind_caller, credential, address=address, bind_version=credential.bind_version
    )
    row.host = host
    row.save(force_insert=True)


def unreached(credential: Credential) -> None:
    """No carrier was there to refuse it."""
    if not is_proven(credential):
        _of_version(credential).exclude(awaited_version=None).delete()


def _of_version(credential: Credential) -> QuerySet[BindAttempt]:
    return BindAttempt.objects.filter(
        credential_id=credential.pk, bind_version=credential.bind_version
    )


def _row(bind: GatewayBind) -> BindAttempt:
    credential = bind.credential
    return new_row(
        credential.bind_caller,
        credential,
        address=bind.address,
        at=timezone.now(),
        bind_version=credential.bind_version,
        awaited_version=credential.gateway_version,
        beside=bind.beside,
    )


def _counted(credentials: Sequence[Credential]) -> set[tuple[str, int]]:
    """Ids and gateway versions for which there is an attempt already."""
    rows = BindAttempt.objects.filter(credential_id__in=[each.pk for each in credentials])
    rows = rows.exclude(awaited_version=None)
    return set(rows.values_list("credential_id", "awaited_version"))
