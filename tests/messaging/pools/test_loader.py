"""A loaded pool is cached until it is written."""

from __future__ import annotations

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from messaging.pools import loader
from messaging.pools.models import SenderPool
from tests.messaging.pools.conftest import A, B, members, roster


def senders(api, pool_id: str) -> list[str]:
    return [member.sender for member in roster(pool_id).members]


def test_a_pool_that_nobody_writes_is_read_once(api):
    pool_id = api.add(A, B)
    first = roster(pool_id)
    with CaptureQueriesContext(connection) as queries:
        assert roster(pool_id) is first
    assert len(queries) == 1, "its version"


def test_pools_that_were_written_are_read_together(api):
    ids = [api.add(A, B) for _ in range(5)]
    with CaptureQueriesContext(connection) as queries:
        found = loader.load_pools(SenderPool.objects.all())
    assert list(found) == ids, "oldest first"
    assert len(queries) == 4


def test_every_write_is_seen(api):
    pool_id = api.add(A)
    assert senders(api, pool_id) == [A]
    for wanted in ([A, B], [B, A], [B]):
        api.patch(f"/{pool_id}", {"members": members(*wanted)})
        assert senders(api, pool_id) == wanted
    api.patch(f"/{pool_id}", {"sticky": True})
    assert roster(pool_id).sticky


def test_what_was_rolled_back_is_not_taken_for_what_came_after(api):
    pool_id = api.add(A)
    with transaction.atomic():
        api.patch(f"/{pool_id}", {"members": members(B)})
        assert senders(api, pool_id) == [B]
        transaction.set_rollback(True)
    assert senders(api, pool_id) == [A]
    api.patch(f"/{pool_id}", {"members": members(A, B)})
    assert senders(api, pool_id) == [A, B]


def test_no_more_are_kept_than_are_of_use(api, monkeypatch):
    monkeypatch.setattr(loader, "_MAX_POOLS", 2)
    monkeypatch.setattr(loader, "_kept", type(loader._kept)())
    ids = [api.add(A) for _ in range(3)]
    for pool_id in (*ids[:2], ids[0], ids[2]):
        roster(pool_id)
    assert {key[0] for key in loader._kept} == {ids[0], ids[2]}
