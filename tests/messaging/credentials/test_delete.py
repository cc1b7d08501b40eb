from __future__ import annotations

from messaging.credentials.models import CredentialStatus
from tests.messaging.credentials.conftest import Api, audit_rows, set_status, stored


def test_it_is_gone_from_reads_and_stays_for_the_gateway(api, pushes):
    credential_id = api.add()
    set_status(credential_id, sync_state="synced")
    with pushes() as pushed:
        answer = api.delete(f"/{credential_id}")

    assert answer.status_code == 204
    assert answer.content == b""
    assert pushed == [api.organization.id]
    assert api.get(f"/{credential_id}").status_code == 404
    row = stored(credential_id)
    assert row.deleted_at is not None
    assert row.version == 2
    assert CredentialStatus.objects.get(credential=row).sync_state == "pending"
    assert audit_rows()[-1].action == "credential.deleted"


def test_a_second_time_it_is_not_found(api):
    credential_id = api.add()
    api.delete(f"/{credential_id}")
    assert api.delete(f"/{credential_id}").status_code == 404
    assert len(audit_rows("credential.deleted")) == 1


def test_one_that_a_carrier_uses_stays(api, used_by_carrier, pushes):
    credential_id = api.add()
    ids = [used_by_carrier(credential_id) for _ in range(2)]
    with pushes() as pushed:
        answer = api.delete(f"/{credential_id}")

    assert answer.status_code == 409
    error = answer.json()["error"]
    assert error["code"] == "CREDENTIAL_IN_USE"
    assert error["details"] == {"carrier_ids": ids}
    assert api.get(f"/{credential_id}").status_code == 200
    assert pushed == []
    assert audit_rows("credential.deleted") == []


def test_with_an_old_etag_it_stays(api):
    credential_id = api.add()
    old = api.get(f"/{credential_id}")["ETag"]
    api.patch(f"/{credential_id}", {"port": 2776})
    assert api.delete(f"/{credential_id}", If_Match=old).status_code == 412
    assert stored(credential_id).deleted_at is None


def test_a_reader_may_not(organization, api):
    credential_id = api.add()
    reader = Api(organization, scopes=["credentials:read"])
    assert reader.delete(f"/{credential_id}").status_code == 403
    assert stored(credential_id).deleted_at is None
