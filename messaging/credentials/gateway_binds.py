"""Limits on the binds that the gateway makes because people have added or changed a credential.

Adding, changing or enabling a credential makes the gateway bind with whatever password it has: a
guess, like a rotation. So an attempt is counted before the gateway gets the credential, and the
credential is held back if that would exceed a limit. A version that the carrier has accepted once
(`proven_version`) is no guess, and a lost connection is not counted.
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
    """The bind of a credential that the gateway is about to get.

    `address`: where it goes; `bound`: how many binds of the organisation are up at that host;
    `beside`: when the newest of the binds that it replaces began, by the gateway's clock (None:
    none is up, or that is unknown).
    """

    credential: Credential
    address: str
    bound: int = 0
    beside: float | None = None


@dataclass(frozen=True)
class Admission:
    """Which credentials the gateway may get. `held`: why not yet, by the credential's id."""

    held: Mapping[str, TooManyRefused]
    _rows: Sequence[BindAttempt] = field(default=())
    _again: Sequence[GatewayBind] = field(default=())  # counted by an earlier pass

    def count(self, *, but: Collection[str] = ()) -> None:
        """Count the admitted binds. Call it before the gateway gets them. `but`: ids of credentials
        that the gateway does not get yet."""
        rows = [row for row in self._rows if row.credential_id not in but]
        BindAttempt.objects.bulk_create(rows)
        for bind in self._again:
            if bind.beside is not None and bind.credential.pk not in but:
                awaited = _of_version(bind.credential).exclude(awaited_version=None)
                awaited.update(beside=bind.beside)


def admit(binds: Sequence[GatewayBind]) -> Admission:
    """Check binds against the limits, one after another. Counts nothing: `Admission.count` does.

    A bind already counted for the same `gateway_version` is admitted: the gateway gets it again
    because an earlier pass failed on the way.
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
    """Whether a carrier has accepted the present version once."""
    return credential.proven_version == credential.bind_version


def given(credential: Credential, *, attempt_id: int | None) -> None:
    """Mark an attempt that a rotation has counted as the gateway's, which then does not count it
    again."""
    if attempt_id is not None:
        BindAttempt.objects.filter(pk=attempt_id).update(
            bind_version=credential.bind_version, awaited_version=credential.gateway_version
        )


def taken(credentials: Collection[Credential]) -> None:
    """Record that carriers have accepted these credentials' binds: none of them was a guess.

    Three statements for all credentials of equal version, as most are after a cold start. Refusals
    by backup hosts stay counted: the host that has accepted the bind may be a listener of the
    customer's.
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
    """Record that these credentials are bound. `bound_since`: when the newest bind of each began,
    by the gateway's clock.

    A bind made beside earlier ones is proven only by a bind that is newer than those.
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
    """Record that the carrier has refused the bind at this host, the credential's own or a backup.

    `is_first`: this version's first refusal; it counts even if no bind was awaited. Later refusals
    are retries of ours at growing intervals, and do not count.
    """
    if is_proven(credential):
        return
    awaited = _of_version(credential).exclude(awaited_version=None)
    place = {"host": host, "address": address}
    if not awaited.update(awaited_version=None, **place) and is_first:
        _count_refused(credential, **place)


def refused_at_backup(credential: Credential, *, host: str, address: str) -> None:
    """Record a refusal by a backup host: once per version, even if the credential's own host has
    accepted the bind, since that host may be a listener of the customer's."""
    if not _of_version(credential).filter(host=host).exists():
        _count_refused(credential, host=host, address=address)


def _count_refused(credential: Credential, *, host: str, address: str) -> None:
    row = new_row(
        credential.bind_caller, credential, address=address, bind_version=credential.bind_version
    )
    row.host = host
    row.save(force_insert=True)


def unreached(credential: Credential) -> None:
    """Stop counting the bind: no carrier was reached."""
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
    """`(credential id, gateway_version)` of binds that are counted and not answered yet."""
    rows = BindAttempt.objects.filter(credential_id__in=[each.pk for each in credentials])
    rows = rows.exclude(awaited_version=None)
    return set(rows.values_list("credential_id", "awaited_version"))
