from __future__ import annotations

import pytest

from orbit.accounts.audit import services as audit
from tests.messaging.credentials.conftest import Api, audit_rows, stored


@pytest.fixture
def credential_id(api) -> str:
    return api.add(password="s3cr3t")


def assert_spent(answer) -> None:
    assert answer.status_code == 410
    assert answer.json()["error"]["code"] == "SECRET_ALREADY_REVEALED"


def test_it_is_given_once_and_not_to_be_cached(api, credential_id):
    answer = api.reveal(credential_id)

    assert answer.status_code == 200
    data = answer.json()["data"]
    assert data["password"] == "s3cr3t"
    assert data["staged"] is False
    assert answer["Cache-Control"] == "no-store"
    password = api.get(f"/{credential_id}").json()["data"]["password"]
    assert password["revealable"] is False
    assert password["revealed_at"] == data["revealed_at"]
    assert_spent(api.reveal(credential_id))
    assert_spent(api.reveal(credential_id))


def test_each_try_is_an_audit_row(api, credential_id):
    for _ in range(3):
        api.reveal(credential_id)
    rows = audit_rows("credential.revealed")
    assert [row.outcome for row in rows] == ["ok", "refused", "refused"]
    assert {row.target for row in rows} == {credential_id}
    assert [row.detail for row in rows] == [
        "current password",
        "revealed before",
        "revealed before",
    ]


@pytest.mark.parametrize("role", ["developer", "viewer", "billing"])
def test_without_the_right_it_is_refused_and_audited(organization, credential_id, role):
    answer = Api(organization, role=role).reveal(credential_id)

    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "INSUFFICIENT_PERMISSIONS"
    [row] = audit_rows("credential.revealed")
    assert (row.outcome, row.target) == ("refused", credential_id)
    assert stored(credential_id).password_revealed_at is None


@pytest.mark.parametrize(("method", "status"), [("HEAD", 405), ("OPTIONS", 204), ("POST", 405)])
def test_other_methods_do_not_spend_it(api, credential_id, method, status):
    answer = api.call(method, f"/{credential_id}/reveal")
    assert answer.status_code == status
    assert b"s3cr3t" not in answer.content
    assert audit_rows("credential.revealed") == []
    assert api.reveal(credential_id).status_code == 200


def test_no_audit_row_no_password(api, credential_id, monkeypatch):
    def broken(**row):
        raise RuntimeError("the audit is full")

    with monkeypatch.context() as patch:
        patch.setattr(audit, "record", broken)
        answer = api.reveal(credential_id)
    assert answer.status_code == 500
    assert b"s3cr3t" not in answer.content
    assert stored(credential_id).password_revealed_at is None
    assert api.reveal(credential_id).status_code == 200


def test_a_switch_arms_it_again(api, credential_id):
    api.reveal(credential_id)
    api.rotate(credential_id, password="newone", verify=False)
    assert api.get(f"/{credential_id}").json()["data"]["password"]["revealable"] is True
    assert api.reveal(credential_id).json()["data"]["password"] == "newone"
    assert_spent(api.reveal(credential_id))


def test_a_switch_to_the_same_password_does_not(api, credential_id):
    api.reveal(credential_id)
    assert api.rotate(credential_id, password="s3cr3t", verify=False).status_code == 200
    assert_spent(api.reveal(credential_id))


def test_the_staged_one_comes_first_then_the_current_one(api, credential_id):
    api.rotate(credential_id)
    staged = api.reveal(credential_id).json()["data"]
    current = api.reveal(credential_id).json()["data"]
    assert staged["staged"] is True
    assert staged["password"] == stored(credential_id).staged_password
    assert (current["staged"], current["password"]) == (False, "s3cr3t")
    assert_spent(api.reveal(credential_id))


def test_a_staged_one_that_was_shown_is_not_shown_again_once_active(api, credential_id):
    api.rotate(credential_id)
    api.reveal(credential_id)
    api.rotate(credential_id, activate=True, verify=False)
    assert_spent(api.reveal(credential_id))


def test_one_that_was_activated_unseen_can_be_shown(api, credential_id):
    api.reveal(credential_id)
    api.rotate(credential_id)
    api.rotate(credential_id, activate=True, verify=False)
    assert api.reveal(credential_id).json()["data"]["password"] == stored(credential_id).password


def test_a_new_staged_one_can_be_shown_although_the_one_before_was(api, credential_id):
    api.rotate(credential_id)
    first = api.reveal(credential_id).json()["data"]["password"]
    api.rotate(credential_id)
    second = api.reveal(credential_id).json()["data"]["password"]
    assert first != second


def test_a_deleted_one_is_not_shown(api, credential_id):
    api.delete(f"/{credential_id}")
    assert api.reveal(credential_id).status_code == 404


def test_a_reveal_touches_neither_version_nor_etag(api, credential_id):
    before = api.get(f"/{credential_id}")["ETag"]
    api.reveal(credential_id)
    assert stored(credential_id).version == 1
    assert api.get(f"/{credential_id}")["ETag"] == before
