"""Credentials show their carriers, and are not deleted while they have some."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging.carriers.models import Carrier
from tests.messaging.callers import Caller, data, refusal
from tests.messaging.carriers.conftest import make_credential, stored


class Credentials(Caller):
    url = "/v1/messaging/smpp/credentials"


@pytest.fixture
def credentials(organization) -> Credentials:
    return Credentials(organization)


def test_a_credential_names_its_carriers_oldest_first(api, credentials, credential):
    ids = [api.add(credential_id=credential.id) for _ in range(2)]
    api.add()
    assert data(credentials.get(f"/{credential.id}"))["carriers"] == ids
    rows = {row["id"]: row["carriers"] for row in data(credentials.get())}
    assert rows[credential.id] == ids


def test_it_stays_while_a_carrier_sends_through_it(api, credentials, credential):
    carrier_id = api.add(credential_id=credential.id)
    deleted = credentials.delete(f"/{credential.id}")
    received = credentials.patch(f"/{credential.id}", {"bind_type": "receiver"})
    for answer in (deleted, received):
        error = refusal(answer, 409, "CREDENTIAL_IN_USE")
        assert error["details"] == {"carrier_ids": [carrier_id]}

    assert api.delete(f"/{carrier_id}").status_code == 204
    assert credentials.delete(f"/{credential.id}").status_code == 204


def test_it_is_free_when_the_carrier_has_another(api, organization, credentials, credential):
    carrier_id = api.add(credential_id=credential.id)
    other = make_credential(organization)
    api.patch(f"/{carrier_id}", {"credential_id": other.id})
    assert data(credentials.get(f"/{credential.id}"))["carriers"] == []
    assert credentials.delete(f"/{credential.id}").status_code == 204
    assert credentials.delete(f"/{other.id}").status_code == 409
    assert stored(carrier_id).credential_id == other.id


def test_carriers_of_all_credentials_come_in_one_query(api, organization, credentials):
    for _ in range(3):
        credential = make_credential(organization)
        api.add(credential_id=credential.id)
    with CaptureQueriesContext(connection) as queries:
        rows = data(credentials.get())
    assert all(row["carriers"] for row in rows)
    assert sum('JOIN "messaging_carrier"' in query["sql"] for query in queries) == 1


def test_an_organisation_goes_with_its_carriers(api, organization):
    """The credential is held by its carriers, and yet goes with everything else."""
    api.add()
    organization.members.all().delete()
    organization.delete()
    assert Carrier.objects.count() == 0
