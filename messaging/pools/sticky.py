"""Which member a destination has, in the database: read and written for many at once."""

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

Place = tuple[str, str]
"""Id of a pool, and a destination."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """A destination is to have this member. `instead_of`: the one that it was seen to have."""

    pool: Pool
    destination: str
    member_id: str
    instead_of: str | None = None

    @property
    def place(self) -> Place:
        return self.pool.id, self.destination


# One statement for all, in the order of their unique index: two workers with the same destinations
# wait for each other, and do not lock each other out. A row that has another member than the one
# that was seen, for longer than now, is left alone and is not returned.
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


def kept(wishes: Iterable[tuple[Pool, str]]) -> dict[Place, str]:
    """Ids of the members that these destinations have, in one query; one whose time is over, or
    whose pool is not sticky, has none."""
    places = {(pool.id, destination) for pool, destination in wishes if pool.sticky}
    if not places:
        return {}
    rows = StickySender.objects.filter(
        pool__in={pool_id for pool_id, _ in places},
        destination__in={destination for _, destination in places},
        expires_at__gt=timezone.now(),
    ).values_list("pool_id", "destination", "member_id")
    return {(pool, to): member for pool, to, member in rows if (pool, to) in places}


def keep(mappings: Sequence[Mapping]) -> dict[Place, str]:
    """Give each destination its member from now on, if it has the one that was seen (None: none);
    return the members that they have now. A place is there once.

    Compare-and-set: of two who do so at once the second gets the first one's member.
    """
    if not mappings:
        return {}
    found = _write(mappings, timezone.now())
    if lost := [each for each in mappings if each.place not in found]:
        found |= kept((each.pool, each.destination) for each in lost)
        # The mapping was deleted, or its time ran out just now.
        found |= {each.place: each.member_id for each in lost if each.place not in found}
    return found


def _write(mappings: Sequence[Mapping], now: datetime) -> dict[Place, str]:
    rows = [(*each.place, each.member_id, _moment(now, each.pool)) for each in mappings]
    seen = [f"{each.pool.id} {each.destination} {each.instead_of}" for each in mappings]
    statement = _KEEP.format(table=StickySender._meta.db_table, **_SQL[connection.vendor])
    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(rows), _stored(now), json.dumps(seen)])
        return {(pool, to): member for pool, to, member in cursor.fetchall()}


def _moment(now: datetime, pool: Pool) -> str:
    return str(_stored(now + timedelta(days=pool.sticky_ttl_days)))


def _stored(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)
