"""A carrier is created while its credential is deleted: one of the two is refused."""

from __future__ import annotations

import pytest

from messaging.carriers.models import Carrier
from messaging.credentials.models import Credential
from tests.factories import make_organization
from tests.messaging.at_once import at_once, statuses
from tests.messaging.callers import Caller
from tests.messaging.carriers.conftest import Api, audit_rows, make_credential, stored

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]
ROUNDS = 5


class Credentials(Caller):
    url = "/v1/messaging/smpp/credentials"


@pytest.fixture
def organization(transactional_db):
    """Real commits: the other threads have to see them."""
    return make_organization()


def test_a_deleted_credential_has_no_carrier(api: Api):
    credentials = Credentials(api.organization)
    for _ in range(ROUNDS):
        credential = make_credential(api.organization)
        body = {"name": "New", "credential_id": credential.id, "countries": ["FR"]}
        calls = [
            lambda body=body: api.post("", body),
            lambda path=f"/{credential.id}": credentials.delete(path),
        ]
        made, gone = at_once(2, lambda number, calls=calls: calls[number]())

        outcome = (made.status_code, gone.status_code)
        assert outcome in {(201, 409), (422, 204)}
        credential.refresh_from_db()
        is_used = Carrier.objects.filter(credential=credential).exists()
        assert (credential.deleted_at is None) == is_used == (outcome == (201, 409))


def test_a_receiver_has_no_carrier(api: Api):
    credentials = Credentials(api.organization)
    for _ in range(ROUNDS):
        old, credential = make_credential(api.organization), make_credential(api.organization)
        carrier_id = api.add(credential_id=old.id)
        calls = [
            lambda path=f"/{carrier_id}", new=credential.id: api.patch(
                path, {"credential_id": new}
            ),
            lambda path=f"/{credential.id}": credentials.patch(path, {"bind_type": "receiver"}),
        ]
        moved, received = at_once(2, lambda number, calls=calls: calls[number]())

        outcome = (moved.status_code, received.status_code)
        assert outcome in {(200, 409), (422, 200)}
        credential.refresh_from_db()
        is_used = Carrier.objects.filter(credential=credential).exists()
        assert (credential.bind_type != "receiver") == is_used == (outcome == (200, 409))


def test_many_carriers_at_once_on_one_credential_are_all_made(api: Api):
    credential = make_credential(api.organization)
    body = {"name": "New", "credential_id": credential.id, "countries": ["FR"]}
    answers = at_once(6, lambda number: api.post("", body))
    assert statuses(answers) == {201: 6}
    assert len(audit_rows("carrier.created")) == 6
    assert Credential.objects.get().version == 1


def test_patches_of_different_fields_at_once_all_count(api: Api):
    carrier_id = api.add()
    fields = [{"quality": 3}, {"fallback_order": 7}, {"name": "N"}, {"billing_rate": "1"}]
    answers = at_once(4, lambda number: api.patch(f"/{carrier_id}", fields[number]))

    assert statuses(answers) == {200: 4}
    row = stored(carrier_id)
    assert (row.quality, row.fallback_order, row.name, row.billing_rate) == (3, 7, "N", 1)
    assert row.version == 5


def test_one_of_two_deletions_finds_it(api: Api):
    carrier_id = api.add()
    answers = at_once(2, lambda number: api.delete(f"/{carrier_id}"))
    assert statuses(answers) == {204: 1, 404: 1}
    assert len(audit_rows("carrier.deleted")) == 1
