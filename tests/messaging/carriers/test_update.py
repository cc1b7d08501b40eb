from __future__ import annotations

from decimal import Decimal

import pytest

from messaging import optimistic_locking
from messaging.carriers.models import Carrier
from messaging.credentials.models import CredentialStatus
from orbit.api.errors import ApiError
from tests.messaging.callers import data, refusal
from tests.messaging.carriers.conftest import Api, audit_rows, make_credential, stored

ROUTING = {
    "countries": ["US", "CA"],
    "quality": 0,
    "fallback_order": 2,
    "billing_rate": "0.5",
    "enabled": False,
}
OURS_ALONE = {"name": "Another", "currency": "EUR"}


@pytest.fixture
def carrier_id(api) -> str:
    return api.add()


@pytest.mark.parametrize(("field", "value"), (ROUTING | OURS_ALONE).items())
def test_every_field_can_be_changed(api, carrier_id, field, value):
    answer = data(api.patch(f"/{carrier_id}", {field: value}))

    assert answer[field] == value
    assert data(api.get(f"/{carrier_id}")) == answer
    row = audit_rows()[-1]
    assert (row.action, row.changes, row.outcome) == ("carrier.updated", [field], "ok")
    assert stored(carrier_id).version == 2


def test_another_credential_can_be_given(api, organization, carrier_id, pushes):
    other = make_credential(organization, name="The other", bind_state="binding")
    with pushes() as pushed:
        answer = data(api.patch(f"/{carrier_id}", {"credential_id": other.id}))

    assert answer["credential_id"] == other.id
    assert (answer["credential"]["id"], answer["credential"]["name"]) == (other.id, "The other")
    assert answer["credential"]["bind"]["state"] == "binding"
    assert data(api.get(f"/{carrier_id}")) == answer
    assert pushed == [organization.id]
    assert audit_rows()[-1].changes == ["credential_id"]


@pytest.mark.parametrize(("field", "value"), ROUTING.items())
def test_the_gateway_is_told_what_moves_messages(api, carrier_id, pushes, field, value):
    with pushes() as pushed:
        api.patch(f"/{carrier_id}", {field: value})
    assert pushed == [api.organization.id]


@pytest.mark.parametrize(("field", "value"), OURS_ALONE.items())
def test_name_and_currency_do_not_touch_the_gateway(api, carrier_id, pushes, field, value):
    with pushes() as pushed:
        api.patch(f"/{carrier_id}", {field: value})
    assert pushed == []


def test_a_patch_that_changes_nothing_is_an_audit_row_and_no_more(api, carrier_id, pushes):
    before = api.get(f"/{carrier_id}")
    names = ("credential_id", *ROUTING, *OURS_ALONE)
    same = {name: before.json()["data"][name] for name in names} | {"billing_rate": "0.000"}
    with pushes() as pushed:
        answer = api.patch(f"/{carrier_id}", same)

    assert data(answer) == before.json()["data"]
    assert answer["ETag"] == before["ETag"]
    assert pushed == []
    assert stored(carrier_id).version == 1
    assert audit_rows("carrier.updated")[0].changes == []


def test_an_empty_patch_is_fine(api, carrier_id):
    assert api.patch(f"/{carrier_id}", {}).status_code == 200


def test_the_audit_lists_changed_fields_in_the_documents_order(api, carrier_id):
    api.patch(f"/{carrier_id}", {"enabled": False, "currency": "EUR", "quality": 50, "name": "N"})
    assert audit_rows()[-1].changes == ["name", "currency", "enabled"]


def test_a_credential_that_was_made_a_receiver_behind_our_back_is_no_reason_to_refuse(
    api, organization, carrier_id
):
    """Only a change of the credential asks for it."""
    organization.credentials.update(bind_type="receiver")
    assert api.patch(f"/{carrier_id}", {"quality": 1}).status_code == 200


def test_a_reader_may_not(organization, carrier_id):
    reader = Api(organization, scopes=["carriers:read", "carriers:test"])
    assert reader.patch(f"/{carrier_id}", {"quality": 1}).status_code == 403
    assert stored(carrier_id).quality == 50


class TestPreconditions:
    def test_an_old_etag_changes_nothing(self, api, carrier_id):
        old = api.get(f"/{carrier_id}")["ETag"]
        new = api.patch(f"/{carrier_id}", {"quality": 51}, If_Match=old)
        assert new.status_code == 200
        answer = api.patch(f"/{carrier_id}", {"quality": 52}, If_Match=old)
        refusal(answer, 412, "PRECONDITION_FAILED")
        assert stored(carrier_id).quality == 51
        assert api.patch(f"/{carrier_id}", {"quality": 52}, If_Match=new["ETag"]).status_code == 200

    def test_binds_and_other_carriers_leave_the_etag_alone(self, api, carrier_id):
        before = api.get(f"/{carrier_id}")
        CredentialStatus.objects.create(
            credential=stored(carrier_id).credential, bind_state="bound"
        )
        api.add(fallback_order=1, quality=100)
        after = api.get(f"/{carrier_id}")
        assert after["ETag"] == before["ETag"]
        assert after.json()["data"] != before.json()["data"]


def test_a_write_over_a_newer_row_is_refused(api, carrier_id):
    mine, theirs = stored(carrier_id), stored(carrier_id)
    optimistic_locking.compare_and_set(
        theirs, {"billing_rate": Decimal(7)}, among=Carrier.objects.all()
    )
    with pytest.raises(ApiError) as refused:
        optimistic_locking.compare_and_set(
            mine, {"billing_rate": Decimal(8)}, among=Carrier.objects.all()
        )
    assert refused.value.code == "INVALID_STATE"
    assert "this carrier" in refused.value.message
    assert stored(carrier_id).billing_rate == 7
