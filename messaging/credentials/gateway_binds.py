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
    """A bind that the gateway is about to be given. `address`: where it goes; `bound`: how many of
    its organisation are up at that host."""

    credential: Credential
    address: str
    bound: int = 0


@dataclass(frozen=True)
class Admission:
    """`held`: why the gateway may not try it yet, by the credential's id."""

    held: Mapping[str, TooManyRefused]
    _rows: Sequence[BindAttempt] = field(default=())

    def count(self, *, but: Collection[str] = ()) -> None:
        """Count those that are let through: call it before the gateway has them. `but`: ids of
        credentials that it does not get yet."""
        rows = [row for row in self._rows if row.credential_id not in but]
        BindAttempt.objects.bulk_create(rows)


def admit(binds: Sequence[GatewayBind]) -> Admission:
    """Judge binds, one after another, by the limits; counts nothing yet.

    One that was counted for the same state of its credential is let through: the gateway gets it
    again because something failed on the way.
    """
    unproven = [each for each in binds if not is_proven(each.credential)]
    if not unproven:
        return Admission({})
    counted = _counted([each.credential for each in unproven])
    rows = [
        (each, _row(each))
        for each in unproven
        if (each.credential.pk, each.credential.gateway_version) not in counted
    ]
    recent = Recent([row for _, row in rows])
    held, admitted = {}, []
    for bind, row in rows:
        if refusal := recent.refusal(row, bound=bind.bound):
            held[bind.credential.pk] = refusal
        else:
            recent.add(row)
            admitted.append(row)
    return Admission(held, admitted)


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
    """The carriers have taken their binds: none of them was a guess. Two statements for all of
    equal version, as most are after a cold start."""
    ids: dict[int, list[str]] = defaultdict(list)
    for each in credentials:
        if not is_proven(each):
            ids[each.bind_version].append(each.pk)
    for version, own in ids.items():
        current = Credential.objects.filter(pk__in=own, bind_version=version)
        current.update(proven_version=version)
        BindAttempt.objects.filter(credential_id__in=own, bind_version=version).delete()


def refused(credential: Credential, *, address: str, is_first: bool) -> None:
    """The carrier has refused it. `is_first`: it is the first refusal of this version, which counts
    also if no bind was awaited; those that follow are tries of ours, ever farther apart."""
    if is_proven(credential):
        return
    awaited = _of_version(credential).exclude(awaited_version=None)
    if not awaited.update(awaited_version=None) and is_first:
        new_row(
            credential.bind_caller,
            credential,
            address=address,
            bind_version=credential.bind_version,
        ).save(force_insert=True)


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
    )


def _counted(credentials: Sequence[Credential]) -> set[tuple[str, int]]:
    """Ids and gateway versions for which there is an attempt already."""
    rows = BindAttempt.objects.filter(credential_id__in=[each.pk for each in credentials])
    rows = rows.exclude(awaited_version=None)
    return set(rows.values_list("credential_id", "awaited_version"))
