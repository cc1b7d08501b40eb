"""Sender pools in the table of roles and scopes, cell by cell."""

from __future__ import annotations

import pytest

from tests.messaging.carriers.test_rights import READERS, WRITERS, assert_may
from tests.messaging.pools.conftest import A, Api

PREVIEW = "/preview?destination=%2B33639980001"
READ, WRITE = "sender_pools:read", "sender_pools:write"


@pytest.mark.parametrize("role", sorted(READERS))
def test_what_a_role_may_do(api, organization, role):
    pool_id = api.add(A)
    caller = Api(organization, role=role)
    reads, writes = role in READERS, role in WRITERS

    assert_may(caller.get(), reads, 200, READ)
    assert_may(caller.get(f"/{pool_id}"), reads, 200, READ)
    assert_may(caller.get(f"/{pool_id}{PREVIEW}"), reads, 200, READ)
    assert_may(caller.post("", {"name": "New"}), writes, 201, WRITE)
    assert_may(caller.patch(f"/{pool_id}", {"sticky": True}), writes, 200, WRITE)
    assert_may(caller.delete(f"/{pool_id}"), writes, 204, WRITE)


@pytest.mark.parametrize("scope", ["carriers:read", "carriers:write", "messages:write"])
def test_other_scopes_open_nothing_here(api, organization, scope):
    pool_id = api.add()
    caller = Api(organization, scopes=[scope])
    assert_may(caller.get(), False, 200, READ)
    assert_may(caller.get(f"/{pool_id}{PREVIEW}"), False, 200, READ)
    assert_may(caller.patch(f"/{pool_id}", {}), False, 200, WRITE)


def test_writing_does_not_mean_reading(api, organization):
    pool_id = api.add()
    writer = Api(organization, scopes=[WRITE])
    assert_may(writer.get(f"/{pool_id}{PREVIEW}"), False, 200, READ)
    assert_may(writer.patch(f"/{pool_id}", {"sticky": True}), True, 200, WRITE)
