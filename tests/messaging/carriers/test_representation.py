from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from messaging.access.models import Access
from messaging.carriers.representation import represent
from messaging.carriers.selectors import find
from messaging.credentials.models import Credential, CredentialStatus
from messaging.money import as_text
from tests.messaging.callers import data
from tests.messaging.carriers.conftest import make_credential
from tests.openapi import check_answer

MOMENT = datetime(2026, 3, 8, 12, 0, 0, 999_999, tzinfo=UTC)


def routes(api, carrier_id: str) -> list[tuple]:
    found = data(api.get(f"/{carrier_id}"))["routes"]
    return [(each["country"], each["position"], each["of"]) for each in found]


def test_the_credential_is_shown_with_its_bind(api, organization):
    credential = make_credential(organization, name="Account")
    CredentialStatus.objects.create(
        credential=credential,
        bind_state="unbound",
        bind_since=MOMENT,
        bind_error="wrong password",
        observed_at=MOMENT,
    )
    carrier_id = api.add(credential_id=credential.id)
    assert data(api.get(f"/{carrier_id}"))["credential"] == {
        "id": credential.id,
        "name": "Account",
        "bind": {
            "state": "unbound",
            "since": "2026-03-08T12:00:00Z",
            "observed_at": "2026-03-08T12:00:00Z",
            "error": "wrong password",
            "bound": 0,
            "of": 1,
        },
    }


def test_sync_is_the_credentials_and_its_place_behind_the_access(api, organization):
    credential = make_credential(organization)
    status = CredentialStatus.objects.create(credential=credential, sync_state="synced")
    carrier_id, other = api.add(credential_id=credential.id), api.add()
    assert sync(api, carrier_id) == {"state": "synced", "error": None}

    Access.objects.create(
        organization=organization,
        password="acce55pw",
        password_set_at=MOMENT,
        sync_state="error",
        carrier_errors={carrier_id: "FR through Orange FR: refused"},
    )
    told = {"state": "error", "error": "FR through Orange FR: refused"}
    assert sync(api, carrier_id) == told
    assert sync(api, other) == {"state": "pending", "error": None}
    listed = {each["id"]: each["sync"] for each in data(api.get(""))}
    assert (listed[carrier_id], listed[other]["state"]) == (told, "pending")

    status.sync_state, status.sync_error = "error", "no such name"
    status.save()
    assert sync(api, carrier_id) == {"state": "error", "error": "no such name"}


def sync(api, carrier_id: str) -> dict:
    return data(api.get(f"/{carrier_id}"))["sync"]


def test_sender_pools_are_their_ids(api, used_by):
    carrier_id, other = api.add(), api.add()
    ids = [used_by(carrier_id), used_by(carrier_id)]
    assert data(api.get(f"/{carrier_id}"))["sender_pools"] == ids
    assert data(api.get(f"/{other}"))["sender_pools"] == []


def test_routes_are_the_places_that_it_holds_now(api):
    second = api.add(countries=["FR", "BE"], fallback_order=2)
    anywhere = api.add(countries=["*"])
    first = api.add(countries=["FR"])

    assert routes(api, first) == [("FR", 1, 3)]
    assert routes(api, second) == [("BE", 1, 2), ("FR", 2, 3)]
    assert routes(api, anywhere) == [("BE", 2, 2), ("FR", 3, 3), ("*", 1, 1)]

    api.patch(f"/{first}", {"enabled": False})
    assert routes(api, first) == []
    assert routes(api, second) == [("BE", 1, 2), ("FR", 1, 2)]


def test_a_disabled_credential_holds_no_place(api, organization):
    carrier_id = api.add()
    Credential.objects.filter(organization=organization).update(enabled=False)
    assert routes(api, carrier_id) == []


def test_a_write_answers_with_the_new_places(api):
    first, second = api.add(), api.add()
    assert routes(api, second) == [("FR", 2, 2)]
    answer = data(api.patch(f"/{second}", {"quality": 51}))
    assert answer["routes"] == [{"country": "FR", "position": 1, "of": 2}]
    assert routes(api, first) == [("FR", 2, 2)]


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0", "0"), ("0.00000", "0"), ("1E+3", "1000"), ("0.00001", "0.00001"), ("2.50", "2.5")],
)
def test_money_as_text(amount, text):
    assert as_text(Decimal(amount)) == text


def test_openapi_describes_what_is_answered(api, organization):
    check_answer("Carrier", represent(find(organization=organization, carrier_id=api.add())))
