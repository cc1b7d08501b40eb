"""From rows to what the choice works on, kept for as long as nobody writes the pool."""

from __future__ import annotations

import threading
from collections import OrderedDict

from messaging.numbers import SenderType
from messaging.pools.engine.choice import Pool
from messaging.pools.engine.values import Member, Strategy
from messaging.pools.models import SenderPool

_MAX_POOLS = 256  # in a process; the one that was used longest ago goes first
_kept: OrderedDict[tuple, Pool] = OrderedDict()
_lock = threading.Lock()


def roster(pool: SenderPool) -> Pool:
    """The pool as it was when `pool` was read.

    It is kept by version and time of writing: every write grows the version, and a version whose
    transaction was rolled back has another time than the one that takes its number.
    """
    key = (pool.pk, pool.version, pool.updated_at)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    found = _read(pool)
    with _lock:
        _kept[key] = found
        if len(_kept) > _MAX_POOLS:
            _kept.popitem(last=False)
    return found


def _read(pool: SenderPool) -> Pool:
    return Pool(
        id=pool.pk,
        strategy=Strategy(pool.strategy),
        sticky=pool.sticky,
        geo_match=pool.geo_match,
        seed=pool.seed,
        members=tuple(
            Member(
                id=member.pk,
                sender=member.sender,
                type=SenderType(member.type),
                weight=member.weight,
                countries=tuple(member.countries),
                enabled=member.enabled,
            )
            for member in pool.members.all()
        ),
    )
