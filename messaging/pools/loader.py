"""Load pools from their rows into the engine's `Pool`, cached until a pool is written."""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet

from messaging.numbers import SenderType
from messaging.pools.engine.choice import Pool
from messaging.pools.engine.values import Member, Strategy
from messaging.pools.models import PoolCarrier, PoolMember, SenderPool

_MAX_POOLS = 1024  # in a process; the least recently used is dropped
_kept: OrderedDict[Version, Pool] = OrderedDict()
_lock = threading.Lock()

Version = tuple[str, int, datetime]
"""`(id, version, updated_at)` of a pool. A write raises the version; if it is rolled back, the next
write has the same version and another time."""


def load_pools(pools: QuerySet[SenderPool]) -> dict[str, Pool]:
    """`{id: pool}`, oldest first, in one query; in four if a pool is not cached in its version."""
    versions = list(pools.order_by("pk").values_list("pk", "version", "updated_at"))
    with _lock:
        found = {version: _kept[version] for version in versions if version in _kept}
        for version in found:
            _kept.move_to_end(version)
    if missing := [version for version in versions if version not in found]:
        found |= _read(missing)
    return {version[0]: found[version] for version in versions if version in found}


def _read(versions: Collection[Version]) -> dict[Version, Pool]:
    by_id = {version[0]: version for version in versions}
    members, carriers = defaultdict(list), defaultdict(list)
    rows = PoolMember.objects.filter(pool__in=by_id).order_by("position", "id")
    for pool_id, *fields in rows.values_list(
        "pool_id", "id", "sender", "type", "weight", "countries", "enabled"
    ):
        members[pool_id].append(_member(*fields))
    attachments = PoolCarrier.objects.filter(pool__in=by_id).order_by("carrier_id")
    for pool_id, carrier_id in attachments.values_list("pool_id", "carrier_id"):
        carriers[pool_id].append(carrier_id)
    pools = SenderPool.objects.filter(pk__in=by_id).values(
        "id", "strategy", "sticky", "sticky_ttl_days", "geo_match", "seed"
    )
    read = {}
    for fields in pools:
        key = fields["id"]
        fields["strategy"] = Strategy(fields["strategy"])
        read[by_id[key]] = Pool(
            members=tuple(members[key]), carrier_ids=tuple(carriers[key]), **fields
        )
    with _lock:
        _kept.update(read)
        while len(_kept) > _MAX_POOLS:
            _kept.popitem(last=False)
    return read


def _member(
    id_: str, sender: str, type_: str, weight: int, countries: list[str], enabled: bool
) -> Member:
    return Member(id_, sender, SenderType(type_), weight, tuple(countries), enabled)
