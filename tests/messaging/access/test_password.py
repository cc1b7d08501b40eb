"""Reveal and rotate the access's password: generated, and revealed once."""

from __future__ import annotations

import re

import pytest

from messaging.access.models import Access
from orbit.accounts.audit import services as audit
from orbit.operations.reencryption import columns
from tests.messaging.access.conftest import Api, audit_rows, stored
from tests.messaging.callers import data, refusal


class TestReveal:
    def test_it_is_given_once_and_not_to_be_cached(self, api, organization):
        answer = api.reveal()

        assert answer["Cache-Control"] == "no-store"
        shown = data(answer)
        assert set(shown) == {"password", "revealed_at"}
        assert shown["password"] == stored(organization).password
        password = data(api.get())["password"]
        assert password["revealable"] is False
        assert password["revealed_at"] == shown["revealed_at"]
        for _ in range(2):
            refusal(api.reveal(), 410, "SECRET_ALREADY_REVEALED")

    def test_each_try_is_an_audit_row(self, api, organization):
        api.reveal()
        api.reveal()
        rows = audit_rows("access.revealed")
        assert [(row.outcome, row.target) for row in rows] == [
            ("ok", organization.id),
            ("refused", organization.id),
        ]
        assert [row.detail for row in rows] == ["", "revealed before"]

    @pytest.mark.parametrize("role", ["developer", "viewer", "billing"])
    def test_without_the_right_it_is_refused_and_audited(self, organization, role):
        answer = Api(organization, role=role).reveal()
        refusal(answer, 403, "INSUFFICIENT_PERMISSIONS")
        [row] = audit_rows("access.revealed")
        assert (row.outcome, row.target) == ("refused", organization.id)

    @pytest.mark.parametrize(("method", "status"), [("HEAD", 405), ("OPTIONS", 204), ("POST", 405)])
    def test_other_methods_do_not_spend_it(self, api, method, status):
        assert api.call(method, "/reveal").status_code == status
        assert audit_rows() == []
        assert api.reveal().status_code == 200

    def test_no_audit_row_no_password(self, api, organization, monkeypatch):
        def broken(**row):
            raise RuntimeError("the audit is full")

        api.get()
        with monkeypatch.context() as patch:
            patch.setattr(audit, "record", broken)
            answer = api.reveal()
        assert answer.status_code == 500
        assert stored(organization).password.encode() not in answer.content
        assert stored(organization).password_revealed_at is None
        assert api.reveal().status_code == 200

    def test_it_touches_neither_version_nor_etag(self, api, organization, pushes):
        before = api.get()["ETag"]
        with pushes() as pushed:
            api.reveal()
        assert pushed == []
        assert stored(organization).version == 1
        assert api.get()["ETag"] == before

    def test_another_organisations_is_out_of_reach(self, api, stranger):
        mine, theirs = data(api.reveal())["password"], data(stranger.reveal())["password"]
        assert mine == stored(api.organization).password
        assert theirs == stored(stranger.organization).password


class TestRotate:
    def test_a_new_one_takes_effect_at_once(self, api, organization, pushes):
        old = api.get()
        before = stored(organization).password
        Access.objects.update(sync_state="synced")
        with pushes() as pushed:
            answer = api.rotate()

        after = stored(organization)
        assert re.fullmatch(r"[A-Za-z0-9]{8}", after.password)
        assert after.password != before
        assert after.version == 2
        assert data(answer)["sync"]["state"] == "pending"
        assert data(answer) == data(api.get())
        assert answer["ETag"] != old["ETag"]
        assert after.password.encode() not in answer.content
        assert pushed == [organization.id]
        [row] = audit_rows()
        assert (row.action, row.target, row.changes) == (
            "access.rotated",
            organization.id,
            ["password"],
        )

    def test_it_arms_the_reveal_again(self, api, organization):
        first = data(api.reveal())["password"]
        assert data(api.rotate())["password"]["revealable"] is True
        second = data(api.reveal())["password"]
        assert (second == stored(organization).password, second == first) == (True, False)
        refusal(api.reveal(), 410, "SECRET_ALREADY_REVEALED")

    def test_it_leaves_the_rest_alone(self, api, organization):
        api.change(enabled=True, max_bindings=5, throughput=10)
        api.rotate()
        row = stored(organization)
        assert (row.enabled, row.max_bindings, row.throughput) == (True, 5, 10)

    @pytest.mark.parametrize("body", [{"password": "hunter22"}, {"activate": True}, {"x": 1}])
    def test_it_takes_no_fields(self, api, organization, body):
        api.get()
        before = stored(organization).password
        error = refusal(api.post("/rotate", body), 422, "VALIDATION_ERROR")
        assert "hunter22" not in str(error)
        assert stored(organization).password == before

    def test_the_same_idempotency_key_rotates_once(self, api, organization):
        api.rotate(Idempotency_Key="one")
        password = stored(organization).password
        assert api.rotate(Idempotency_Key="one")["Idempotency-Replayed"] == "true"
        assert stored(organization).password == password


def test_no_answer_but_the_reveal_holds_the_password(api, organization, caplog):
    api.get()
    secret = stored(organization).password
    answers = [api.get(), api.change(enabled=True), api.change(enabled="x"), api.call("PUT")]
    assert all(secret.encode() not in answer.content for answer in answers)
    assert secret not in caplog.text
    assert secret not in str(stored(organization))
    assert secret not in str([row.__dict__ for row in audit_rows()])


def test_it_is_encrypted_anew_with_the_other_secrets():
    assert (Access, Access._meta.get_field("password")) in list(columns())
