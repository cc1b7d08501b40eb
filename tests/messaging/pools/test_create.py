from __future__ import annotations

import re

import pytest

from messaging.pools.models import SenderPool
from messaging.pools.validators import MAX_MEMBERS
from tests.messaging.callers import data
from tests.messaging.pools.conftest import URL, A, Api, audit_rows, stored


def test_the_defaults_are_the_documented_ones(api):
    answer = api.post("", {"name": "Support"})

    assert answer.status_code == 201
    pool = answer.json()["data"]
    for name in ("created_at", "updated_at"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", pool.pop(name))
    assert pool == {
        "id": pool["id"],
        "name": "Support",
        "strategy": "round_robin",
        "sticky": False,
        "sticky_ttl_days": 15,
        "geo_match": False,
        "carrier_ids": [],
        "members": [],
    }
    assert re.fullmatch(r"pool_[0-9a-f]{32}", pool["id"])
    assert answer["Location"] == f"{URL}/{pool['id']}"
    assert api.get(f"/{pool['id']}")["ETag"] == answer["ETag"]


def test_a_member_needs_its_sender_only(api):
    [member] = api.members(api.add("ACME")).values()
    assert re.fullmatch(r"mem_[0-9a-f]{32}", member.pop("id"))
    assert member == {
        "sender": "ACME",
        "type": "alphanumeric",
        "weight": 1,
        "countries": [],
        "enabled": True,
    }


def test_every_field_is_kept_as_it_was_sent(api, carriers):
    wanted = {
        "name": "Support «FR» 📶",
        "strategy": "weighted",
        "sticky": True,
        "sticky_ttl_days": 365,
        "geo_match": True,
        "carrier_ids": [carriers.add(), carriers.add()],
        "members": [
            {"sender": "Zulu", "type": "alphanumeric", "weight": 100, "countries": ["FR", "BE"],
             "enabled": False},
            {"sender": "+14155550100", "type": "long_code", "weight": 1, "countries": [],
             "enabled": True},
            {"sender": "36179", "type": "short_code", "weight": 2, "countries": ["FR"],
             "enabled": True},
        ],
    }  # fmt: skip
    answer = api.post("", wanted)

    assert answer.status_code == 201
    pool = answer.json()["data"]
    assert data(api.get(f"/{pool['id']}")) == pool
    for member in pool["members"]:
        del member["id"]
    assert {name: pool[name] for name in wanted} == wanted


@pytest.mark.parametrize(
    ("sender", "kind"),
    [
        ("+33639980001", "long_code"),
        ("+14155552671", "long_code"),
        ("123", "short_code"),
        ("12345678", "short_code"),
        ("A", "alphanumeric"),
        ("My Shop-1_2", "alphanumeric"),
        ("1234567890a", "alphanumeric"),
    ],
)
def test_the_type_is_what_the_sender_is(api, sender, kind):
    pool_id = api.add({"sender": sender, "countries": ["FR"]})
    assert api.members(pool_id)[sender]["type"] == kind


def test_carriers_are_named_oldest_first(api, carriers):
    first, second = carriers.add(), carriers.add()
    pool_id = api.add(carrier_ids=[second, first])
    assert data(api.get(f"/{pool_id}"))["carrier_ids"] == [first, second]


def test_the_same_sender_may_be_in_several_pools(api):
    assert api.add("ACME") != api.add("ACME")


def test_a_pool_may_have_a_thousand_members(api):
    pool_id = api.add(*(f"Shop {number}" for number in range(MAX_MEMBERS)))
    assert stored(pool_id).members.count() == MAX_MEMBERS


def test_every_pool_has_a_seed_of_its_own(api):
    assert stored(api.add()).seed != stored(api.add()).seed


def test_a_new_pool_is_audited_and_the_gateway_is_left_alone(api, pushes):
    with pushes() as pushed:
        pool_id = api.add(A, sticky=True)

    assert pushed == []
    [row] = audit_rows()
    assert (row.action, row.target, row.outcome) == ("sender_pool.created", pool_id, "ok")
    assert row.changes == ["name", "sticky", "members"]
    assert row.actor_id == api.new_key.key.id


def test_a_reader_may_not_add(organization):
    reader = Api(organization, scopes=["sender_pools:read", "carriers:write"])
    assert reader.post("", {"name": "Support"}).status_code == 403
    assert SenderPool.objects.count() == 0


def test_the_same_idempotency_key_adds_one(api):
    body = {"name": "Support", "members": [{"sender": A}]}
    first = api.post("", body, Idempotency_Key="one")
    again = api.post("", body, Idempotency_Key="one")
    assert again.status_code == 201
    assert again["Idempotency-Replayed"] == "true"
    assert again.json()["data"] == first.json()["data"]
    assert len(audit_rows()) == 1
