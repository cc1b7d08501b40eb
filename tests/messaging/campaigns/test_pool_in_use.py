"""A pool, and the carriers that it is attached to, stay while a campaign that is not finished names
it."""

from __future__ import annotations

import pytest

from tests.messaging.callers import data, refusal
from tests.messaging.campaigns.conftest import FRANCE, leave
from tests.messaging.carriers.conftest import Api as Carriers
from tests.messaging.pools.conftest import Api as Pools


@pytest.fixture
def pools(organization) -> Pools:
    return Pools(organization)


@pytest.mark.parametrize("actions", [[], ["start"], ["start", "pause"]])
def test_a_pool_stays_while_it_is_needed(api, pools, actions):
    campaign_id = api.add(FRANCE)
    for action in actions:
        api.act(campaign_id, action)
    error = refusal(pools.delete(f"/{api.pool_id}"), 409, "SENDER_POOL_IN_USE")
    assert error["details"] == {"campaign_ids": [campaign_id]}


def test_a_pool_is_free_when_its_campaigns_are_over(api, pools, later):
    gone, cancelled, completed = api.add(FRANCE), api.started(FRANCE), api.started(FRANCE)
    api.delete(f"/{gone}")
    api.act(cancelled, "cancel")
    later()
    leave(completed)
    later()
    assert pools.delete(f"/{api.pool_id}").status_code == 204
    assert data(api.get(f"/{completed}"))["sender_pool_id"] == api.pool_id
    assert data(api.get(f"/{completed}/messages"))[0]["sender_pool_id"] == api.pool_id


def test_a_carrier_names_the_campaigns_whose_pool_it_serves(api, pools, organization):
    carriers = Carriers(organization)
    carrier_id, other = carriers.add(), carriers.add()
    api.pool_id = pools.add("+33700000001", carrier_ids=[carrier_id])
    first, second = api.add(FRANCE), api.started(FRANCE)
    error = refusal(carriers.delete(f"/{carrier_id}"), 409, "CARRIER_IN_USE")
    assert error["details"] == {
        "sender_pool_ids": [api.pool_id],
        "campaign_ids": [first, second],
    }
    assert carriers.delete(f"/{other}").status_code == 204
