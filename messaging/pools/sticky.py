"""Sticky senders in the database: the member of a destination, read and written in bulk.

With ENCRYPT_MESSAGES rows have digests instead of destinations: nobody has to read them again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from messaging.pools.engine.choice import Pool
from messaging.pools.models import StickySender
from orbit.db import sealing

_DESTINATION = StickySender._meta.get_field("destination")
StickyKey = tuple[str, str]
"""`(pool id, destination)`."""


@dataclass(frozen=True, slots=True)
class StickyMapping:
    """The member that a destination gets. `instead_of`: the one that it had when it was read."""

    pool: Pool
    destination: str
    member_id: str
    instead_of: str | None = None

    @property
    def key(self) -> StickyKey:
        return self.pool.id, self.destination


# One statement for all, in the order of the unique index: two workers with the same destinations
# wait for each other and do not deadlock. A row that is not expired and has another member than the
# one that was read is left alone and is not returned.
_KEEP = """
INSERT INTO {table} AS kept (pool_id, destination, member_id, expires_at)
SELECT value ->> 0, value ->> 1, value ->> 2, {expires} FROM {rows} WHERE true ORDER BY 1, 2
ON CONFLICT (pool_id, destination)
DO UPDATE SET member_id = excluded.member_id, expires_at = excluded.expires_at
WHERE kept.expires_at <= %s OR kept.member_id = excluded.member_id
OR kept.pool_id || ' ' || kept.destination || ' ' || kept.member_id IN (SELECT {seen})
RETURNING pool_id, destination, member_id
"""
_SQL = {
    "postgresql": {
        "rows": "json_array_elements(%s::json) AS new(value)",
        "expires": "(value ->> 3)::timestamptz",
        "seen": "json_array_elements_text(%s::json)",
    },
    "sqlite": {
        "rows": "json_each(%s) AS new",
        "expires": "value ->> 3",
        "seen": "value FROM json_each(%s)",
    },
}


def stored_members(wishes: Iterable[tuple[Pool, str]]) -> dict[StickyKey, str]:
    """`{key: member id}` of the mappings that are not expired, in one query; of sticky pools
    only."""
    keys = {(pool.id, destination) for pool, destination in wishes if pool.sticky}
    if not keys:
        return {}
    rows = StickySender.objects.filter(
        pool__in={pool_id for pool_id, _ in keys},
        destination__in={destination for _, destination in keys},
        expires_at__gt=timezone.now(),
    ).values_list("pool_id", "destination", "member_id")
    meant = {form: to for _, to in keys for form in sealing.spellings(to)}
    # The present form (sealed or clear) comes last and so wins: the other form is older.
    found = sorted(rows, key=lambda row: row[1] == _DESTINATION.to_store(meant[row[1]]))
    named = {(pool, meant[form]): member for pool, form, member in found}
    return {key: member for key, member in named.items() if key in keys}


def store_members(mappings: Sequence[StickyMapping]) -> dict[StickyKey, str]:
    """Store the member of each destination, and return the members that they have now.

    Each key occurs once. Compare-and-set with `instead_of`: of two workers at once the second gets
    the first one's member.
    """
    if not mappings:
        return {}
    found = _write(mappings, timezone.now())
    if lost := [each for each in mappings if each.key not in found]:
        found |= stored_members((each.pool, each.destination) for each in lost)
        # The mapping was deleted, or its time ran out just now.
        found |= {each.key: each.member_id for each in lost if each.key not in found}
    return found


def _write(mappings: Sequence[StickyMapping], now: datetime) -> dict[StickyKey, str]:
    forms = [_DESTINATION.to_store(each.destination) for each in mappings]
    meant = dict(zip(forms, (each.destination for each in mappings), strict=True))
    each_form = list(zip(mappings, forms, strict=True))
    rows = [
        (each.pool.id, form, each.member_id, _moment(now, each.pool)) for each, form in each_form
    ]
    seen = [f"{each.pool.id} {form} {each.instead_of}" for each, form in each_form]
    statement = _KEEP.format(table=StickySender._meta.db_table, **_SQL[connection.vendor])
    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(rows), _stored(now), json.dumps(seen)])
        return {(pool, meant[form]): member for pool, form, member in cursor.fetchall()}


def _moment(now: datetime, pool: Pool) -> str:
    return str(_stored(now + timedelta(days=pool.sticky_ttl_days)))


def _stored(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)
