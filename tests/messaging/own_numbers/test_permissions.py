"""Who may read and write numbers."""

from __future__ import annotations

import pytest

from orbit.ids import new_id
from tests.messaging.callers import data, refusal
from tests.messaging.own_numbers.conftest import Api

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.mark.parametrize(
    ("method", "body"),
    [("GET", None), ("PATCH", {"route": "both"}), ("PATCH", {"x": 1}), ("DELETE", None)],
)
def test_of_another_organisation_it_is_as_if_there_were_none(api, stranger, method, body):
    made = api.add()

    theirs = stranger.call(method, f"/{made['id']}", body)
    nobodys = stranger.call(method, f"/{new_id('num')}", body)

    assert refusal(theirs, 404, "NOT_FOUND") == refusal(nobodys, 404, "NOT_FOUND")
    assert data(api.get(f"/{made['id']}")) == made
    assert stranger.get().json()["data"] == []
    refusal(stranger.try_to_add(credential_id=made["credential_id"]), 422, "VALIDATION_ERROR")


@pytest.mark.parametrize("role", ["owner", "admin", "developer", "viewer", "billing"])
def test_roles(api, organization, role):
    made, caller = api.add(), Api(organization, role=role)
    writes = role in ("owner", "admin", "developer")

    assert caller.get().status_code == caller.get(f"/{made['id']}").status_code == 200
    assert caller.try_to_add().status_code == (201 if writes else 403)
    assert caller.patch(f"/{made['id']}", {"route": "both"}).status_code == (200 if writes else 403)
    assert caller.delete(f"/{made['id']}").status_code == (204 if writes else 403)


def test_scopes(api, organization):
    made = api.add()
    other = Api(organization, scopes=["messages:write", "credentials:write"])
    assert other.get().status_code == other.get(f"/{made['id']}").status_code == 403
    assert other.try_to_add().status_code == 403
    reader = Api(organization, scopes=["numbers:read"])
    assert (reader.get().status_code, reader.try_to_add().status_code) == (200, 403)
