from __future__ import annotations

import pytest
from django.utils import timezone

from messaging.campaigns.models import Campaign
from messaging.pools import services
from messaging.pools.models import PoolCarrier, PoolMember, SenderPool, StickySender
from orbit.accounts.actors import SYSTEM
from orbit.api.errors import ApiError
from tests.messaging.callers import data, refusal
from tests.messaging.pools.conftest import (
    FRANCE,
    A,
    Api,
    B,
    audit_rows,
    read,
    roster,
    stored,
    take_sender,
)


def test_it_is_gone_with_all_that_is_its_own(api, carriers):
    carrier_id = carriers.add()
    pool_id = api.add(A, B, sticky=True, carrier_ids=[carrier_id])
    take_sender(roster(pool_id), FRANCE)
    answer = api.delete(f"/{pool_id}")

    assert (answer.status_code, answer.content) == (204, b"")
    assert api.get(f"/{pool_id}").status_code == 404
    for model in (SenderPool, PoolMember, PoolCarrier, StickySender):
        assert model.objects.count() == 0
    row = audit_rows()[-1]
    assert (row.action, row.target, row.outcome) == ("sender_pool.deleted", pool_id, "ok")
    assert carriers.get(f"/{carrier_id}").status_code == 200


def test_a_second_time_it_is_not_found(api):
    pool_id = api.add()
    api.delete(f"/{pool_id}")
    assert api.delete(f"/{pool_id}").status_code == 404
    assert len(audit_rows("sender_pool.deleted")) == 1


def test_one_that_a_campaign_names_stays(api, organization):
    pool_id, other = api.add(), api.add()

    def campaign(**fields) -> str:
        about = {"name": "Spring", "body": "hello", "sender_pool_id": pool_id}
        return Campaign.objects.create(organization=organization, **about, **fields).pk

    ids = [campaign(), campaign(status="sending")]
    campaign(status="cancelled", finished_at=timezone.now())

    error = refusal(api.delete(f"/{pool_id}"), 409, "SENDER_POOL_IN_USE")
    assert error["details"] == {"campaign_ids": ids}
    assert ", ".join(ids) in error["message"]
    assert stored(pool_id)
    assert audit_rows("sender_pool.deleted") == []
    assert api.delete(f"/{other}").status_code == 204


def test_with_an_old_etag_it_stays(api):
    pool_id = api.add()
    old = api.get(f"/{pool_id}")["ETag"]
    api.patch(f"/{pool_id}", {"sticky": True})
    refusal(api.delete(f"/{pool_id}", If_Match=old), 412, "PRECONDITION_FAILED")
    assert stored(pool_id)


def test_one_that_somebody_wrote_since_stays(api):
    pool_id = api.add()
    mine = read(api, pool_id)
    api.patch(f"/{pool_id}", {"sticky": True})
    with pytest.raises(ApiError) as refused:
        services.delete(by=SYSTEM, pool=mine)
    assert refused.value.code == "INVALID_STATE"
    assert stored(pool_id)


def test_a_reader_may_not(organization, api):
    pool_id = api.add()
    reader = Api(organization, scopes=["sender_pools:read"])
    assert reader.delete(f"/{pool_id}").status_code == 403
    assert stored(pool_id)


class TestCarriers:
    def test_a_carrier_names_its_pools_oldest_first(self, api, carriers):
        carrier_id, other = carriers.add(), carriers.add()
        ids = [api.add(carrier_ids=[carrier_id]) for _ in range(2)]
        api.add()
        assert data(carriers.get(f"/{carrier_id}"))["sender_pools"] == ids
        assert data(carriers.get(f"/{other}"))["sender_pools"] == []
        rows = {row["id"]: row["sender_pools"] for row in data(carriers.get())}
        assert rows == {carrier_id: ids, other: []}

    def test_a_carrier_stays_while_a_pool_names_it(self, api, carriers):
        carrier_id = carriers.add()
        pool_id = api.add(carrier_ids=[carrier_id])
        error = refusal(carriers.delete(f"/{carrier_id}"), 409, "CARRIER_IN_USE")
        assert error["details"] == {"sender_pool_ids": [pool_id]}

        api.patch(f"/{pool_id}", {"carrier_ids": []})
        assert carriers.delete(f"/{carrier_id}").status_code == 204

    def test_a_carrier_is_free_when_the_pool_is_gone(self, api, carriers):
        carrier_id = carriers.add()
        pool_id = api.add(carrier_ids=[carrier_id])
        api.delete(f"/{pool_id}")
        assert carriers.delete(f"/{carrier_id}").status_code == 204

    def test_an_organisation_goes_with_its_pools(self, api, carriers, organization):
        """The carrier is held by its pools, and yet goes with everything else."""
        api.add(A, carrier_ids=[carriers.add()])
        organization.members.all().delete()
        organization.delete()
        assert SenderPool.objects.count() == 0
