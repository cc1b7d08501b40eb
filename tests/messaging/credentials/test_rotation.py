"""Rotations; where the carrier is asked, it is the simulator over a real socket."""

from __future__ import annotations

import json
import re

import pytest

from messaging.credentials import passwords, rotation, writes
from messaging.credentials.models import CredentialStatus
from messaging.smpp.simulator import SimulatorThread
from tests.messaging.credentials.conftest import Api, audit_rows, set_status, stored


@pytest.fixture
def carrier(smsc: SimulatorThread):
    """The carrier's side of the account; its password is `secret` until a test changes it."""
    return smsc.add_system("acme", "secret")


@pytest.fixture
def credential_id(api: Api, smsc: SimulatorThread, carrier) -> str:
    made = api.add(port=smsc.port)
    set_status(made, sync_state="synced")
    return made


def data(answer) -> dict:
    assert answer.status_code == 200, answer.content
    return answer.json()["data"]


def in_use(credential_id: str) -> str:
    return stored(credential_id).password


class TestSwitch:
    def test_a_password_that_the_carrier_takes_is_switched_to(
        self, api, carrier, credential_id, pushes
    ):
        carrier.password = "newone"
        with pushes() as pushed:
            answer = data(api.rotate(credential_id, password="newone"))

        assert answer["verification"] == {"result": "bound", "reason": ""}
        assert answer["sync"]["state"] == "pending"
        assert answer["password"]["revealable"] is True
        assert in_use(credential_id) == "newone"
        assert pushed == [api.organization.id]
        assert carrier.binds_accepted == 1
        row = audit_rows()[-1]
        assert (row.action, row.outcome, row.changes) == ("credential.rotated", "ok", ["password"])
        assert row.detail == "switch, verification: bound"

    def test_a_refused_bind_changes_nothing(self, api, carrier, credential_id, pushes):
        before = api.get(f"/{credential_id}")
        api.reveal(credential_id)
        with pushes() as pushed:
            answer = api.rotate(credential_id, password="wrong1")

        assert answer.status_code == 422
        error = answer.json()["error"]
        assert error["code"] == "BIND_VERIFICATION_FAILED"
        status = error["details"]["smpp_status"]
        assert (status["value"], status["name"]) == (14, "ESME_RINVPASWD")
        assert status["meaning"]
        assert status["hint"]
        assert b"wrong1" not in answer.content
        assert in_use(credential_id) == "secret"
        assert api.get(f"/{credential_id}")["ETag"] == before["ETag"]
        assert api.reveal(credential_id).status_code == 410
        assert CredentialStatus.objects.get(credential=credential_id).sync_state == "synced"
        assert pushed == []
        [row] = audit_rows("credential.rotated")
        assert (row.outcome, row.changes) == ("failed", [])
        assert "ESME_RINVPASWD" in row.detail

    def test_a_refusal_is_replayed_without_a_second_bind(self, api, carrier, credential_id):
        body = {"password": "wrong1"}
        path = f"/{credential_id}/rotate"
        first = api.post(path, body, Idempotency_Key="once")
        again = api.post(path, body, Idempotency_Key="once")
        assert again["Idempotency-Replayed"] == "true"
        assert again.json() == first.json()
        assert carrier.bind_attempts == 1

    def test_already_bound_is_inconclusive_and_switched(self, api, carrier, credential_id):
        carrier.faults = ["bind-fail:ESME_RALYBND"]
        answer = data(api.rotate(credential_id, password="newone"))
        verification = answer["verification"]
        assert verification["result"] == "inconclusive"
        assert verification["smpp_status"]["name"] == "ESME_RALYBND"
        assert verification["reason"]
        assert in_use(credential_id) == "newone"

    def test_an_unreachable_carrier_is_inconclusive_and_switched(self, api, smsc, credential_id):
        smsc.stop()
        verification = data(api.rotate(credential_id, password="newone"))["verification"]
        assert verification["result"] == "inconclusive"
        assert "refused" in verification["reason"]
        assert "smpp_status" not in verification
        assert in_use(credential_id) == "newone"

    def test_verify_false_asks_nobody(self, api, carrier, credential_id):
        answer = data(api.rotate(credential_id, password="newone", verify=False))
        assert answer["verification"]["result"] == "skipped"
        assert carrier.bind_attempts == 0
        assert in_use(credential_id) == "newone"

    def test_the_password_in_use_is_verified_and_changes_nothing(
        self, api, carrier, credential_id, pushes
    ):
        before = api.get(f"/{credential_id}")
        with pushes() as pushed:
            answer = data(api.rotate(credential_id, password="secret"))
        assert answer.pop("verification")["result"] == "bound"
        assert answer == before.json()["data"]
        assert stored(credential_id).version == 1
        assert pushed == []
        assert audit_rows()[-1].changes == []

    def test_the_password_in_use_refused_by_the_carrier_is_said(self, api, carrier, credential_id):
        carrier.password = "changed"
        assert api.rotate(credential_id, password="secret").status_code == 422

    def test_the_bind_is_the_credentials_own(self, api, smsc):
        smsc.add_system("acme", "newone")
        account = {"tls": True, "bind_type": "transmitter", "system_type": "VMA"}
        range_ = {"bind_ton": 1, "bind_npi": 8, "address_range": "^33"}
        made = api.add(port=smsc.tls_port, **account, **range_)
        assert data(api.rotate(made, password="newone"))["verification"]["result"] == "bound"
        lines = [json.loads(line) for line in smsc.journal]
        [bind] = [line for line in lines if line.get("command") == "bind_transmitter"]
        wanted = {"system_type": "VMA", "addr_ton": 1, "addr_npi": 8, "address_range": "^33"}
        assert bind["fields"].items() >= wanted.items()

    def test_a_writer_may_rotate(self, writer, carrier, credential_id):
        assert data(writer.rotate(credential_id, password="secret"))

    def test_a_reader_may_not(self, organization, carrier, credential_id):
        reader = Api(organization, scopes=["credentials:read", "credentials:reveal"])
        assert reader.rotate(credential_id, password="newone").status_code == 403
        assert carrier.bind_attempts == 0


class TestStaging:
    def test_an_empty_body_stages_a_strong_one_and_traffic_keeps_the_old(
        self, api, carrier, credential_id, pushes
    ):
        with pushes() as pushed:
            answer = data(api.rotate(credential_id))

        row = stored(credential_id)
        assert re.fullmatch(r"[A-Za-z0-9]{8}", row.staged_password)
        assert row.password == "secret"
        assert "verification" not in answer
        assert answer["password"]["staged_at"] is not None
        assert answer["password"]["revealable"] is True
        assert answer["sync"]["state"] == "synced"
        assert pushed == []
        assert carrier.bind_attempts == 0
        audited = audit_rows()[-1]
        assert (audited.changes, audited.detail) == (["staged_password"], "stage")

    def test_no_body_at_all_is_the_same(self, api, credential_id):
        assert data(api.post(f"/{credential_id}/rotate"))["password"]["staged_at"] is not None

    def test_staging_again_replaces_what_was_staged(self, api, credential_id):
        data(api.rotate(credential_id))
        first = stored(credential_id).staged_password
        data(api.rotate(credential_id))
        assert stored(credential_id).staged_password != first

    def test_activate_tries_the_staged_one_then_switches(self, api, carrier, credential_id, pushes):
        data(api.rotate(credential_id))
        carrier.password = staged = stored(credential_id).staged_password
        with pushes() as pushed:
            answer = data(api.rotate(credential_id, activate=True))

        assert answer["verification"]["result"] == "bound"
        assert answer["password"]["staged_at"] is None
        row = stored(credential_id)
        assert (row.password, row.staged_password) == (staged, None)
        assert pushed == [api.organization.id]
        assert audit_rows()[-1].changes == ["password", "staged_password"]

    def test_activate_before_the_carrier_knows_it_changes_nothing(
        self, api, carrier, credential_id
    ):
        data(api.rotate(credential_id))
        answer = api.rotate(credential_id, activate=True)
        assert answer.status_code == 422
        assert answer.json()["error"]["code"] == "BIND_VERIFICATION_FAILED"
        row = stored(credential_id)
        assert row.password == "secret"
        assert row.staged_password is not None

    def test_activate_can_be_forced(self, api, carrier, credential_id):
        data(api.rotate(credential_id))
        staged = stored(credential_id).staged_password
        answer = data(api.rotate(credential_id, activate=True, verify=False))
        assert answer["verification"]["result"] == "skipped"
        assert in_use(credential_id) == staged
        assert carrier.bind_attempts == 0

    def test_discard_drops_it(self, api, carrier, credential_id, pushes):
        data(api.rotate(credential_id))
        with pushes() as pushed:
            answer = data(api.rotate(credential_id, discard=True))
        assert answer["password"]["staged_at"] is None
        row = stored(credential_id)
        assert (row.password, row.staged_password) == ("secret", None)
        assert pushed == []
        assert audit_rows()[-1].detail == "discard"

    @pytest.mark.parametrize("verb", ["activate", "discard"])
    def test_without_a_staged_one_there_is_nothing_to_do(self, api, carrier, credential_id, verb):
        answer = api.rotate(credential_id, **{verb: True})
        assert answer.status_code == 409
        assert answer.json()["error"]["code"] == "INVALID_STATE"
        assert carrier.bind_attempts == 0


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
            ({"password": "123456789"}, "password"),
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
    """Somebody writes the row while the carrier is asked."""

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
        during_the_trial(lambda: writes.compare_and_set(stored(credential_id), window=7))
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
