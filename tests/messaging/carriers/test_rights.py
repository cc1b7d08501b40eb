"""Carriers in the table of roles and scopes, cell by cell."""

from __future__ import annotations

import pytest

from tests.messaging.callers import refusal
from tests.messaging.carriers.conftest import Api, Routes, make_credential

READERS = {"owner", "admin", "developer", "viewer", "billing"}
WRITERS = {"owner", "admin", "developer"}
DESTINATION = "?destination=%2B33639980001"


def assert_may(answer, allowed: bool, status: int, scope: str) -> None:
    if allowed:
        assert answer.status_code == status, answer.content
    else:
        error = refusal(answer, 403, "INSUFFICIENT_PERMISSIONS")
        assert error["details"] == {"required": scope}


@pytest.mark.parametrize("role", sorted(READERS))
def test_what_a_role_may_do(api, organization, role):
    carrier_id = api.add()
    caller = Api(organization, role=role)
    body = {
        "name": "New",
        "credential_id": make_credential(organization).id,
        "countries": ["FR"],
    }
    reads, writes = role in READERS, role in WRITERS

    assert_may(caller.get(), reads, 200, "carriers:read")
    assert_may(caller.get(f"/{carrier_id}"), reads, 200, "carriers:read")
    routes = Routes(organization, role=role)
    assert_may(routes.get(DESTINATION), reads, 200, "carriers:read")
    assert_may(caller.post("", body), writes, 201, "carriers:write")
    assert_may(caller.patch(f"/{carrier_id}", {"quality": 1}), writes, 200, "carriers:write")
    assert_may(caller.delete(f"/{carrier_id}"), writes, 204, "carriers:write")


@pytest.mark.parametrize("scope", ["carriers:test", "credentials:write", "credentials:read"])
def test_other_scopes_open_nothing_here(api, organization, scope):
    carrier_id = api.add()
    caller = Api(organization, scopes=[scope])
    assert_may(caller.get(), False, 200, "carriers:read")
    assert_may(caller.get(f"/{carrier_id}"), False, 200, "carriers:read")
    assert_may(caller.patch(f"/{carrier_id}", {}), False, 200, "carriers:write")


def test_writing_does_not_mean_reading(api, organization):
    carrier_id = api.add()
    writer = Api(organization, scopes=["carriers:write"])
    assert_may(writer.get(f"/{carrier_id}"), False, 200, "carriers:read")
    assert_may(writer.patch(f"/{carrier_id}", {"quality": 1}), True, 200, "carriers:write")
