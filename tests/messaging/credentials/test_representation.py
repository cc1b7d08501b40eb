from __future__ import annotations

from datetime import UTC, datetime

from messaging.credentials.models import CredentialStatus
from messaging.credentials.representation import represent
from messaging.credentials.selectors import find
from tests.messaging.credentials.conftest import set_status
from tests.openapi import check_answer

MOMENT = datetime(2026, 3, 8, 12, 0, 0, 999_999, tzinfo=UTC)
SESSIONS = [
    {
        "bind_type": "receiver",
        "host": "smpp2.example.com",
        "port": 2775,
        "state": "bound",
        "since": "2026-03-08T12:00:00Z",
        "error": None,
    }
]


def test_what_the_gateway_was_seen_to_do(api):
    credential_id = api.add(bind_type="transmitter_receiver", binds=2)
    set_status(
        credential_id,
        gateway_id="gw_1",
        sync_state="error",
        sync_error="the host is private now",
        synced_at=MOMENT,
        bind_state="unbound",
        bind_since=MOMENT,
        bind_error="wrong password",
        observed_at=MOMENT,
        bound=1,
        sessions=SESSIONS,
    )
    data = api.get(f"/{credential_id}").json()["data"]
    assert data["sync"] == {
        "state": "error",
        "error": "the host is private now",
        "synced_at": "2026-03-08T12:00:00Z",
        "gateway_id": "gw_1",
    }
    assert data["bind"] == {
        "state": "unbound",
        "since": "2026-03-08T12:00:00Z",
        "observed_at": "2026-03-08T12:00:00Z",
        "error": "wrong password",
        "bound": 1,
        "of": 4,
        "sessions": SESSIONS,
    }


def test_one_that_nobody_has_looked_at_is_pending_and_unknown(api):
    credential_id = api.add()
    CredentialStatus.objects.all().delete()
    data = api.get(f"/{credential_id}").json()["data"]
    assert (data["sync"]["state"], data["bind"]["state"]) == ("pending", "unknown")


def test_carriers_are_their_ids(api, used_by_carrier):
    credential_id = api.add()
    ids = [used_by_carrier(credential_id) for _ in range(2)]
    assert api.get(f"/{credential_id}").json()["data"]["carriers"] == ids


def test_openapi_describes_what_is_answered(api):
    credential = find(organization=api.organization, credential_id=api.add())
    check_answer("Credential", represent(credential))
