"""Replace the members of a pool as a list; a sender that stays keeps its row and its state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from messaging.pools.models import PoolMember, SenderPool

_WRITTEN = ("weight", "countries", "enabled", "position")  # the sender identifies a member

Wanted = Sequence[Mapping[str, Any]]
"""Members as validated by MemberSerializer, in their order."""


def is_changed(pool: SenderPool, wanted: Wanted) -> bool:
    """Whether the list differs from the stored one, in a member or in the order."""
    stored = [(member.sender, *_values(member)) for member in pool.members.all()]
    return stored != [(row.sender, *_values(row)) for row in _rows(pool, wanted)]


def replace_members(pool: SenderPool, wanted: Wanted) -> None:
    """Store the list. The caller holds the pool's lock."""
    stored = {member.sender: member for member in PoolMember.objects.filter(pool=pool)}
    added, changed = [], []
    for row in _rows(pool, wanted):
        member = stored.pop(row.sender, None)
        if member is None:
            added.append(row)
        elif _values(member) != _values(row):
            for name in _WRITTEN:
                setattr(member, name, getattr(row, name))
            changed.append(member)
    PoolMember.objects.filter(pk__in=[member.pk for member in stored.values()]).delete()
    PoolMember.objects.bulk_update(changed, _WRITTEN)
    PoolMember.objects.bulk_create(added)


def _rows(pool: SenderPool, wanted: Wanted) -> list[PoolMember]:
    return [
        PoolMember(pool=pool, position=position, **fields) for position, fields in enumerate(wanted)
    ]


def _values(member: PoolMember) -> tuple:
    return tuple(getattr(member, name) for name in _WRITTEN)
