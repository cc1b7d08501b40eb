"""Rotations; where the carrier is asked, it is the simulator over a real socket."""

from __future__ import annotations

import json
import re

import pytest

from messaging.credentials.models import CredentialStatus
from tests.messaging.credentials.conftest import Api, audit_rows, data, stored


@pytest.fixture
def credential_id(at_carrier: str) -> str:
    return at_carrier


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
        account = {
            "tls": True,
            "tls_ca": smsc.certificate,
            "bind_type": "transmitter",
            "system_type": "VMA",
        }
        range_ = {"bind_ton": 1, "bind_npi": 8, "address_range": "^33"}
        made = api.add(port=smsc.tls_port, **account, **range_)
        verification = data(api.rotate(made, password="newone"))["verification"]
        assert verification == {"result": "bound", "reason": "", "tls_verified": True}
        lines = [json.loads(line) for line in smsc.log_lines]
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
