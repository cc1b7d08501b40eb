from __future__ import annotations

import pytest
from django.utils import timezone

from messaging.campaigns.models import Campaign
from messaging.carrier_tests.models import CarrierTest
from messaging.carriers import services
from messaging.carriers.models import Carrier
from orbit.accounts.actors import SYSTEM
from orbit.api.errors import ApiError
from tests.messaging.callers import refusal
from tests.messaging.carriers.conftest import Api, audit_rows, stored


def test_it_is_gone_with_its_tests_and_the_gateway_is_told(api, credential, pushes):
    carrier_id = api.add(credential_id=credential.id)
    CarrierTest.objects.create(
        carrier_id=carrier_id,
        credential=credential,
        via="direct",
        to="+33639980001",
        sender="ACME",
        body="Hello",
    )
    with pushes() as pushed:
        answer = api.delete(f"/{carrier_id}")

    assert (answer.status_code, answer.content) == (204, b"")
    assert pushed == [api.organization.id]
    assert api.get(f"/{carrier_id}").status_code == 404
    assert Carrier.objects.count() == CarrierTest.objects.count() == 0
    row = audit_rows()[-1]
    assert (row.action, row.target, row.outcome) == ("carrier.deleted", carrier_id, "ok")
    credential.refresh_from_db()
    assert credential.deleted_at is None


def test_a_second_time_it_is_not_found(api):
    carrier_id = api.add()
    api.delete(f"/{carrier_id}")
    assert api.delete(f"/{carrier_id}").status_code == 404
    assert len(audit_rows("carrier.deleted")) == 1


def test_one_that_pools_name_stays(api, used_by, pushes):
    carrier_id = api.add()
    ids = [used_by(carrier_id), used_by(carrier_id)]
    with pushes() as pushed:
        answer = api.delete(f"/{carrier_id}")

    error = refusal(answer, 409, "CARRIER_IN_USE")
    assert error["details"] == {"sender_pool_ids": ids}
    assert all(each in error["message"] for each in ids)
    assert api.get(f"/{carrier_id}").status_code == 200
    assert pushed == []
    assert audit_rows("carrier.deleted") == []


def test_live_campaigns_of_its_pools_are_named_too(api, used_by):
    carrier_id = api.add()
    campaign_id, over = (used_by(carrier_id, campaign=True) for _ in range(2))
    Campaign.objects.filter(pk=over).update(status="completed", finished_at=timezone.now())
    error = refusal(api.delete(f"/{carrier_id}"), 409, "CARRIER_IN_USE")
    assert error["details"]["campaign_ids"] == [campaign_id]
    assert campaign_id in error["message"]


def test_others_that_are_named_do_not_hold_it(api, used_by):
    carrier_id, other = api.add(), api.add()
    used_by(other, campaign=True)
    assert api.delete(f"/{carrier_id}").status_code == 204


def test_with_an_old_etag_it_stays(api):
    carrier_id = api.add()
    old = api.get(f"/{carrier_id}")["ETag"]
    api.patch(f"/{carrier_id}", {"quality": 51})
    refusal(api.delete(f"/{carrier_id}", If_Match=old), 412, "PRECONDITION_FAILED")
    assert stored(carrier_id)


def test_one_that_somebody_wrote_since_stays(api):
    carrier_id = api.add()
    mine = stored(carrier_id)
    api.patch(f"/{carrier_id}", {"quality": 51})
    with pytest.raises(ApiError) as refused:
        services.delete(by=SYSTEM, carrier=mine)
    assert refused.value.code == "INVALID_STATE"
    assert stored(carrier_id)


def test_a_reader_may_not(organization, api):
    carrier_id = api.add()
    reader = Api(organization, scopes=["carriers:read", "carriers:test"])
    assert reader.delete(f"/{carrier_id}").status_code == 403
    assert stored(carrier_id)
