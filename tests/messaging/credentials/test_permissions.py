"""Which callers may change where a stored password is sent."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from messaging.credentials.permissions import MAX_WRONG
from tests.messaging.credentials.conftest import Api, audit_rows, stored

CHANGES = {
    "host": "127.0.0.9",
    "port": 2776,
    "backups": [{"host": "127.0.0.8", "port": 2775}],
    "tls": True,
}


@pytest.fixture
def credential_id(api) -> str:
    return api.add(password="right1")


def assert_forbidden(answer, field: str) -> None:
    assert answer.status_code == 403, answer.content
    error = answer.json()["error"]
    assert error["code"] == "INSUFFICIENT_PERMISSIONS"
    assert error["details"]["field"] == field
    assert error["details"]["required"] == "credentials:reveal"


def wrong(writer: Api, credential_id: str, password: str = "wrong1"):
    return writer.patch(f"/{credential_id}", {"port": 2776, "current_password": password})


@pytest.mark.parametrize(("field", "value"), CHANGES.items())
def test_without_the_right_nothing_moves_and_the_field_is_named(
    writer, credential_id, pushes, field, value
):
    with pushes() as pushed:
        answer = writer.patch(f"/{credential_id}", {field: value, "window": 3})

    assert_forbidden(answer, field)
    row = stored(credential_id)
    assert (row.host, row.port, row.tls, row.window) == ("127.0.0.1", 2775, False, 10)
    assert row.version == 1
    assert pushed == []
    audited = audit_rows()[-1]
    assert (audited.action, audited.outcome) == ("credential.updated", "refused")
    assert (audited.target, audited.changes) == (credential_id, [field])


@pytest.mark.parametrize(("field", "value"), CHANGES.items())
def test_the_stored_password_as_proof_is_enough(writer, credential_id, field, value):
    answer = writer.patch(f"/{credential_id}", {field: value, "current_password": "right1"})
    assert answer.status_code == 200
    assert answer.json()["data"][field] == value


def test_the_right_to_reveal_needs_no_proof(api, credential_id):
    assert (
        api.patch(f"/{credential_id}", CHANGES | {"current_password": "wrong"}).status_code == 200
    )


def test_a_developer_has_no_such_right(organization, credential_id):
    developer = Api(organization, role="developer")
    assert_forbidden(developer.patch(f"/{credential_id}", {"port": 2776}), "port")


def test_a_wrong_proof_is_refused_audited_and_echoed_nowhere(writer, credential_id):
    answer = wrong(writer, credential_id, "hunter22")

    assert_forbidden(answer, "port")
    assert "current_password" in [e["field"] for e in answer.json()["error"]["details"]["errors"]]
    assert b"hunter22" not in answer.content
    audited = audit_rows()[-1]
    assert (audited.outcome, audited.detail) == ("refused", "wrong current_password")
    assert stored(credential_id).port == 2775


@pytest.mark.parametrize("guess", ["", "right", "right1 ", "RIGHT1", "rïght1", None, 1, "x" * 100])
def test_nothing_else_than_the_password_is_a_proof(writer, credential_id, guess):
    answer = wrong(writer, credential_id, guess)
    assert answer.status_code in (403, 422)
    assert stored(credential_id).port == 2775


def test_the_same_values_again_are_no_move(writer, credential_id):
    same = {"host": "::ffff:127.0.0.1", "port": 2775, "tls": False, "window": 2}
    assert writer.patch(f"/{credential_id}", same).status_code == 200
    assert stored(credential_id).window == 2


def test_other_fields_need_no_right_and_compare_no_proof(writer, credential_id):
    for _ in range(MAX_WRONG + 1):
        answer = writer.patch(f"/{credential_id}", {"name": "N", "current_password": "wrong"})
        assert answer.status_code == 200


class TestGuessing:
    @pytest.fixture
    def guessed(self, writer, credential_id) -> None:
        for _ in range(MAX_WRONG):
            assert wrong(writer, credential_id).status_code == 403

    def test_after_five_wrong_ones_even_the_right_one_is_not_compared(
        self, writer, credential_id, guessed
    ):
        answer = wrong(writer, credential_id, "right1")

        assert answer.status_code == 429
        error = answer.json()["error"]
        assert error["code"] == "RATE_LIMIT_EXCEEDED"
        assert error["details"]["limit"] == 5
        assert error["details"]["window"] == "900s"
        assert 890 < error["details"]["retry_after"] <= 900
        assert answer["Retry-After"] == str(error["details"]["retry_after"])
        assert stored(credential_id).port == 2775
        assert audit_rows()[-1].detail == "too many wrong passwords"

    def test_another_key_of_the_organisation_has_no_further_guesses(
        self, organization, credential_id, guessed
    ):
        another = Api(organization, scopes=["credentials:write"])
        assert wrong(another, credential_id).status_code == 429

    def test_other_credentials_are_not_concerned(self, api, writer, guessed):
        other = api.add(system_id="other", password="right1")
        answer = writer.patch(f"/{other}", {"port": 2779, "current_password": "right1"})
        assert answer.status_code == 200

    def test_who_may_reveal_goes_on(self, api, credential_id, guessed):
        assert api.patch(f"/{credential_id}", {"port": 2776}).status_code == 200

    def test_refusals_do_not_lengthen_the_wait(self, writer, credential_id, guessed):
        now = timezone.now()
        with time_machine.travel(now + timedelta(minutes=14)):
            assert wrong(writer, credential_id, "right1").status_code == 429
        with time_machine.travel(now + timedelta(minutes=15, seconds=1)):
            assert wrong(writer, credential_id, "right1").status_code == 200

    def test_moves_without_any_proof_are_no_guesses(self, writer, credential_id):
        for _ in range(MAX_WRONG + 1):
            writer.patch(f"/{credential_id}", {"port": 2776})
        assert wrong(writer, credential_id, "right1").status_code == 200


class TestDetours:
    """Ways around the rule, each closed."""

    def test_a_staged_password_does_not_move_with_the_proof_of_the_old_one(
        self, writer, api, credential_id
    ):
        writer.rotate(credential_id)
        answer = wrong(writer, credential_id, "right1")
        assert_forbidden(answer, "port")
        assert "staged" in answer.json()["error"]["message"]
        assert api.patch(f"/{credential_id}", {"port": 2776}).status_code == 200

    def test_nor_does_one_that_was_activated(self, writer, credential_id):
        writer.rotate(credential_id)
        writer.rotate(credential_id, activate=True, verify=False)
        assert_forbidden(wrong(writer, credential_id, "right1"), "port")

    def test_a_switch_to_a_known_password_drops_what_was_staged(self, writer, credential_id):
        writer.rotate(credential_id)
        writer.rotate(credential_id, password="mine1", verify=False)
        assert stored(credential_id).staged_password is None
        assert wrong(writer, credential_id, "mine1").status_code == 200
        assert writer.rotate(credential_id, activate=True).status_code == 409
