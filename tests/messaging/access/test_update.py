from __future__ import annotations

import pytest

from messaging.access import services
from messaging.access.models import Access
from messaging.access.selectors import lock
from orbit.accounts.actors import SYSTEM
from orbit.api.errors import ApiError
from tests.messaging.access.conftest import Api, audit_rows, stored
from tests.messaging.callers import data, refusal

CHANGES = {"enabled": True, "max_bindings": 100, "throughput": 1000}


@pytest.mark.parametrize(("field", "value"), CHANGES.items())
def test_every_field_can_be_changed(api, organization, pushes, field, value):
    api.get()
    Access.objects.update(sync_state="error", sync_error="no such group")
    with pushes() as pushed:
        answer = data(api.change(**{field: value}))

    assert answer[field] == value
    assert answer["sync"] == {"state": "pending", "error": None, "synced_at": None}
    assert data(api.get()) == answer
    assert pushed == [organization.id]
    [row] = audit_rows()
    assert (row.action, row.target, row.outcome) == ("access.updated", organization.id, "ok")
    assert row.changes == [field]
    assert row.actor_id == api.new_key.key.id
    assert stored(organization).version == 2


def test_the_first_request_may_be_a_change(api, organization, pushes):
    with pushes() as pushed:
        assert data(api.change(enabled=True))["enabled"] is True
    assert pushed == [organization.id]
    assert stored(organization).enabled is True


def test_null_lifts_the_ceiling(api):
    assert data(api.change(throughput=7))["throughput"] == 7
    assert data(api.change(throughput=None))["throughput"] is None


@pytest.mark.parametrize("fields", [{}, {"enabled": False, "max_bindings": 2, "throughput": None}])
def test_a_patch_that_changes_nothing_is_an_audit_row_and_no_more(
    api, organization, pushes, fields
):
    before = api.get()
    Access.objects.update(sync_state="synced")
    with pushes() as pushed:
        answer = api.change(**fields)

    assert answer["ETag"] == before["ETag"]
    assert data(answer)["sync"]["state"] == "synced"
    assert pushed == []
    assert stored(organization).version == 1
    assert [row.changes for row in audit_rows()] == [[]]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("enabled", "true"),
        ("enabled", None),
        ("enabled", 1),
        ("max_bindings", 0),
        ("max_bindings", 101),
        ("max_bindings", "2"),
        ("max_bindings", 2.5),
        ("max_bindings", True),
        ("max_bindings", None),
        ("throughput", 0),
        ("throughput", 1001),
        ("throughput", "50"),
        ("throughput", False),
        ("password", "hunter22"),
        ("system_id", "acme"),
        ("host", "127.0.0.1"),
        ("tls", True),
    ],
)
def test_a_bad_or_unknown_field_is_named(api, organization, pushes, field, value):
    api.get()
    with pushes() as pushed:
        answer = api.change(**{"enabled": True, "max_bindings": 9} | {field: value})
    error = refusal(answer, 422, "VALIDATION_ERROR")
    assert error["details"]["field"] == field
    assert pushed == []
    assert (stored(organization).version, stored(organization).max_bindings) == (1, 2)


def test_an_old_etag_changes_nothing(api, organization):
    old = api.get()["ETag"]
    new = api.patch("", {"max_bindings": 3}, If_Match=old)
    assert new.status_code == 200
    refusal(api.patch("", {"max_bindings": 4}, If_Match=old), 412, "PRECONDITION_FAILED")
    refusal(api.rotate(If_Match=old), 412, "PRECONDITION_FAILED")
    assert (stored(organization).max_bindings, stored(organization).version) == (3, 2)
    assert api.patch("", {"max_bindings": 4}, If_Match=new["ETag"]).status_code == 200


def test_a_first_etag_holds_for_the_first_change(api):
    etag = api.get()["ETag"]
    assert api.patch("", {"enabled": True}, If_Match=etag).status_code == 200


def test_the_same_idempotency_key_changes_it_once(api):
    first = api.patch("", {"enabled": True}, Idempotency_Key="one")
    api.change(enabled=False)
    again = api.patch("", {"enabled": True}, Idempotency_Key="one")
    assert again["Idempotency-Replayed"] == "true"
    assert again.content == first.content
    assert data(api.get())["enabled"] is False


def test_a_write_over_a_newer_row_is_refused(organization):
    mine, theirs = lock(organization), lock(organization)
    services.update(by=SYSTEM, access=theirs, fields={"max_bindings": 7})
    with pytest.raises(ApiError) as refused:
        services.update(by=SYSTEM, access=mine, fields={"max_bindings": 8})
    assert refused.value.code == "INVALID_STATE"
    assert stored(organization).max_bindings == 7


@pytest.mark.parametrize("role", ["owner", "admin", "developer", "viewer", "billing"])
def test_what_a_role_may_do(organization, role):
    caller = Api(organization, role=role)
    writes = role in {"owner", "admin", "developer"}
    assert caller.get().status_code == 200
    assert caller.change(enabled=True).status_code == (200 if writes else 403)
    assert caller.rotate().status_code == (200 if writes else 403)
    assert caller.reveal().status_code == (200 if role in {"owner", "admin"} else 403)
    assert stored(organization).enabled is writes


@pytest.mark.parametrize(
    ("scope", "statuses"),
    [
        ("credentials:read", (200, 403, 403, 403)),
        ("credentials:write", (403, 200, 200, 403)),
        ("credentials:reveal", (403, 403, 403, 200)),
        ("carriers:write", (403, 403, 403, 403)),
        ("carriers:read", (403, 403, 403, 403)),
    ],
)
def test_what_a_scope_opens(organization, scope, statuses):
    caller = Api(organization, scopes=[scope])
    answers = (caller.get(), caller.change(enabled=True), caller.rotate(), caller.reveal())
    assert tuple(answer.status_code for answer in answers) == statuses
