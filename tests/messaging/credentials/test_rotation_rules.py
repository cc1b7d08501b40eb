"""Rotations that are refused, are not tried, or lose to another write."""

from __future__ import annotations

import re

import pytest

from messaging.credentials import passwords, rotation, services
from tests.messaging.credentials.conftest import audit_rows, data, set_status, stored


@pytest.fixture
def credential_id(at_carrier: str) -> str:
    return at_carrier


def in_use(credential_id: str) -> str:
    return stored(credential_id).password


class TestOneBindOnly:
    """`max_binds: 1` with a live bind: a trial may disturb traffic."""

    @pytest.fixture
    def live(self, api, credential_id) -> str:
        api.patch(f"/{credential_id}", {"max_binds": 1})
        set_status(credential_id, bind_state="bound")
        return credential_id

    @pytest.mark.parametrize("state", ["bound", "binding"])
    def test_it_is_not_tried_without_force(self, api, carrier, live, state):
        set_status(live, bind_state=state)
        verification = data(api.rotate(live, password="newone"))["verification"]
        assert verification["result"] == "inconclusive"
        assert "force" in verification["reason"]
        assert carrier.bind_attempts == 0
        assert in_use(live) == "newone"

    def test_with_force_it_is(self, api, carrier, live):
        assert api.rotate(live, password="wrong1", force=True).status_code == 422
        assert carrier.bind_attempts == 1
        assert in_use(live) == "secret"

    @pytest.mark.parametrize("state", ["unbound", "disabled", "unknown"])
    def test_without_a_live_bind_it_is_tried(self, api, carrier, live, state):
        set_status(live, bind_state=state)
        assert api.rotate(live, password="wrong1").status_code == 422

    def test_with_more_binds_allowed_it_is_tried(self, api, carrier, live):
        api.patch(f"/{live}", {"max_binds": 2})
        assert api.rotate(live, password="wrong1").status_code == 422


class TestHostPolicy:
    def test_the_name_is_judged_again_and_never_connected_to(
        self, api, smsc, carrier, resolver, settings
    ):
        resolver["smpp.carrier.example"] = ["127.0.0.1"]
        made = api.add(host="smpp.carrier.example", port=smsc.port)
        settings.SMPP_ALLOWED_NETWORKS = []
        verification = data(api.rotate(made, password="newone"))["verification"]
        assert verification["result"] == "inconclusive"
        assert "not allowed" in verification["reason"]
        assert smsc.connections == 0

    def test_a_name_that_does_not_resolve_is_inconclusive(self, api, resolver):
        made = api.add(host="gone.example")
        verification = data(api.rotate(made, password="newone"))["verification"]
        assert verification["result"] == "inconclusive"
        assert "gone.example" in verification["reason"]


class TestWhatCannotBeTogether:
    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"password": "newone", "activate": True}, "activate"),
            ({"password": "newone", "discard": True}, "discard"),
            ({"activate": True, "discard": True}, "discard"),
            ({"verify": True}, "verify"),
            ({"verify": False}, "verify"),
            ({"force": True}, "force"),
            ({"discard": True, "verify": False}, "verify"),
            ({"discard": True, "force": True}, "force"),
            ({"password": "12345678901234567"}, "password"),
            ({"password": ""}, "password"),
            ({"password": None}, "password"),
            ({"activate": "yes"}, "activate"),
            ({"stage": True}, "stage"),
        ],
    )
    def test_it_is_refused_with_the_field_named(self, api, carrier, credential_id, body, field):
        answer = api.post(f"/{credential_id}/rotate", body)
        assert answer.status_code == 422
        error = answer.json()["error"]
        assert error["code"] == "VALIDATION_ERROR"
        assert error["details"]["field"] == field
        assert stored(credential_id).version == 1
        assert carrier.bind_attempts == 0

    @pytest.mark.parametrize("body", [[], "x", 1, None])
    def test_what_is_no_object_is_refused(self, api, credential_id, body):
        path = f"/{credential_id}/rotate"
        answer = api.post(path, body) if body is not None else api.call("POST", path, [None])
        assert answer.status_code == 422
        assert stored(credential_id).staged_password is None

    def test_false_is_as_if_it_were_left_out(self, api, carrier, credential_id):
        answer = api.rotate(credential_id, password="secret", activate=False, discard=False)
        assert data(answer)["verification"]["result"] == "bound"


class TestMeanwhile:
    """Another request writes the row while the carrier is asked."""

    @pytest.fixture
    def during_the_trial(self, monkeypatch):
        def run(action):
            asked = rotation.verify

            def verify(*args, **options):
                answer = asked(*args, **options)
                action()
                return answer

            monkeypatch.setattr(rotation, "verify", verify)

        return run

    @pytest.mark.parametrize("body", [{"password": "newone"}, {"activate": True}])
    def test_another_write_wins_and_this_one_changes_nothing(
        self, api, carrier, credential_id, during_the_trial, pushes, body
    ):
        data(api.rotate(credential_id))
        staged = stored(credential_id).staged_password
        carrier.password = body.get("password", staged)
        during_the_trial(lambda: services.compare_and_set(stored(credential_id), window=7))
        with pushes() as pushed:
            answer = api.post(f"/{credential_id}/rotate", body)

        assert answer.status_code == 409
        assert answer.json()["error"]["code"] == "INVALID_STATE"
        row = stored(credential_id)
        assert (row.password, row.staged_password, row.window) == ("secret", staged, 7)
        assert pushed == []
        assert [r.outcome for r in audit_rows("credential.rotated")] == ["ok"]

    def test_a_deletion_wins(self, api, carrier, credential_id, during_the_trial):
        during_the_trial(lambda: api.delete(f"/{credential_id}"))
        assert api.rotate(credential_id, password="secret").status_code == 404

    def test_an_old_etag_is_refused_before_the_carrier_is_asked(self, api, carrier, credential_id):
        old = api.get(f"/{credential_id}")["ETag"]
        api.patch(f"/{credential_id}", {"name": "N"})
        path = f"/{credential_id}/rotate"
        assert api.post(path, {"password": "newone"}, If_Match=old).status_code == 412
        assert carrier.bind_attempts == 0

    def test_what_the_gateway_observes_meanwhile_does_not_matter(
        self, api, carrier, credential_id, during_the_trial
    ):
        during_the_trial(lambda: set_status(credential_id, bind_state="unbound"))
        assert data(api.rotate(credential_id, password="secret"))


class TestGenerated:
    def test_they_are_eight_letters_and_digits_and_differ(self):
        made = {passwords.generate() for _ in range(500)}
        assert len(made) == 500
        assert all(re.fullmatch(r"[A-Za-z0-9]{8}", password) for password in made)

    def test_none_starts_with_none(self, monkeypatch):
        letters = iter("NoNe1234" + "abcd1234")
        monkeypatch.setattr(passwords.secrets, "choice", lambda alphabet: next(letters))
        assert passwords.generate() == "abcd1234"

    @pytest.mark.parametrize(
        ("one", "other", "equal"), [("a", "a", True), ("a", "b", False), ("\ud800", "a", False)]
    )
    def test_passwords_are_compared_whatever_was_sent(self, one, other, equal):
        assert passwords.same(one, other) is equal
