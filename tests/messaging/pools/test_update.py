from __future__ import annotations

import pytest

from messaging import optimistic_locking
from messaging.pools import services, sticky
from messaging.pools.models import SenderPool, StickySender
from orbit.accounts.actors import SYSTEM
from orbit.api.errors import ApiError
from tests.messaging.callers import data, refusal
from tests.messaging.pools.conftest import (
    FRANCE,
    A,
    Api,
    B,
    C,
    audit_rows,
    members,
    read,
    roster,
    stored,
    take_sender,
)

CHANGES = {
    "name": "Another",
    "strategy": "least_recently_used",
    "sticky": True,
    "sticky_ttl_days": 3,
    "geo_match": True,
}


@pytest.fixture
def pool_id(api) -> str:
    return api.add(A, B)


@pytest.mark.parametrize(("field", "value"), CHANGES.items())
def test_every_field_can_be_changed(api, pool_id, field, value):
    answer = data(api.patch(f"/{pool_id}", {field: value}))

    assert answer[field] == value
    assert data(api.get(f"/{pool_id}")) == answer
    row = audit_rows()[-1]
    assert (row.action, row.changes, row.outcome) == ("sender_pool.updated", [field], "ok")
    assert stored(pool_id).version == 2


def test_carriers_are_replaced(api, carriers, pool_id):
    first, second, third = (carriers.add() for _ in range(3))
    for wanted in ([first, second], [third, second], []):
        answer = data(api.patch(f"/{pool_id}", {"carrier_ids": wanted}))
        assert answer["carrier_ids"] == sorted(wanted)
        assert data(api.get(f"/{pool_id}")) == answer
    assert audit_rows()[-1].changes == ["carrier_ids"]


class TestMembers:
    def test_the_list_is_replaced_and_who_stays_keeps_its_id(self, api, pool_id):
        before = api.members(pool_id)
        wanted = [{"sender": C}, {"sender": B, "weight": 7, "countries": ["FR"], "enabled": False}]
        answer = data(api.patch(f"/{pool_id}", {"members": wanted}))

        new, kept = answer["members"]
        assert new["sender"] == C
        assert kept == before[B] | wanted[1]
        assert new["id"] not in {member["id"] for member in before.values()}
        assert data(api.get(f"/{pool_id}")) == answer

    def test_what_is_left_out_is_the_default_again(self, api):
        pool_id = api.add({"sender": A, "weight": 5, "countries": ["FR"], "enabled": False})
        api.patch(f"/{pool_id}", {"members": members(A)})
        member = api.members(pool_id)[A]
        assert (member["weight"], member["countries"], member["enabled"]) == (1, [], True)

    def test_another_order_is_a_change(self, api, pool_id):
        before = api.get(f"/{pool_id}")["ETag"]
        answer = api.patch(f"/{pool_id}", {"members": members(B, A)})
        assert [member["sender"] for member in data(answer)["members"]] == [B, A]
        assert answer["ETag"] != before
        assert audit_rows()[-1].changes == ["members"]

    def test_all_may_go(self, api, pool_id):
        assert data(api.patch(f"/{pool_id}", {"members": []}))["members"] == []

    def test_destinations_stay_with_who_stays_and_leave_who_goes(self, api):
        pool_id = api.add(A, B, sticky=True)
        pool = roster(pool_id)
        destinations = ["+33639980001", "+33639980002"]
        first, second = (take_sender(pool, each).member for each in destinations)
        api.patch(f"/{pool_id}", {"members": members(C, second.sender)})

        changed = roster(pool_id)
        assert sticky.stored_members((changed, each) for each in destinations) == {
            (pool_id, destinations[1]): second.id
        }
        assert StickySender.objects.count() == 1
        assert first.sender not in api.members(pool_id)

    def test_the_same_list_is_no_change(self, api, pool_id):
        answer = api.patch(f"/{pool_id}", {"members": members(A, B)})
        assert answer.status_code == 200
        assert stored(pool_id).version == 1
        assert audit_rows()[-1].changes == []


def test_a_patch_that_changes_nothing_is_an_audit_row_and_no_more(api, carriers):
    pool_id = api.add(A, {"sender": B, "weight": 3}, carrier_ids=[carriers.add()])
    before = api.get(f"/{pool_id}")
    same = before.json()["data"]
    for name in ("id", "created_at", "updated_at"):
        del same[name]
    for member in same["members"]:
        del member["id"]
    answer = api.patch(f"/{pool_id}", same)

    assert data(answer) == data(api.get(f"/{pool_id}"))
    assert answer["ETag"] == before["ETag"]
    assert stored(pool_id).version == 1
    assert audit_rows("sender_pool.updated")[0].changes == []


def test_an_empty_patch_is_fine(api, pool_id):
    assert api.patch(f"/{pool_id}", {}).status_code == 200


def test_the_audit_lists_changed_fields_in_the_documents_order(api, pool_id):
    api.patch(f"/{pool_id}", {"members": [], "geo_match": False, "sticky": True, "name": "N"})
    assert audit_rows()[-1].changes == ["name", "sticky", "members"]


def test_a_reader_may_not(organization, pool_id):
    reader = Api(organization, scopes=["sender_pools:read"])
    assert reader.patch(f"/{pool_id}", {"sticky": True}).status_code == 403
    assert stored(pool_id).sticky is False


class TestPreconditions:
    def test_an_old_etag_changes_nothing(self, api, pool_id):
        old = api.get(f"/{pool_id}")["ETag"]
        new = api.patch(f"/{pool_id}", {"members": members(A)}, If_Match=old)
        assert new.status_code == 200
        answer = api.patch(f"/{pool_id}", {"members": members(B)}, If_Match=old)
        refusal(answer, 412, "PRECONDITION_FAILED")
        assert list(api.members(pool_id)) == [A]
        again = api.patch(f"/{pool_id}", {"members": members(B)}, If_Match=new["ETag"])
        assert again.status_code == 200

    def test_choices_leave_the_etag_alone(self, api):
        pool_id = api.add(A, B, sticky=True)
        before = api.get(f"/{pool_id}")
        take_sender(roster(pool_id), FRANCE)
        api.preview(pool_id)
        after = api.get(f"/{pool_id}")
        assert (after["ETag"], after.json()["data"]) == (before["ETag"], before.json()["data"])


def test_a_write_over_a_newer_row_is_refused(api, pool_id):
    mine, theirs = read(api, pool_id), read(api, pool_id)
    optimistic_locking.compare_and_set(theirs, {"name": "Theirs"}, among=SenderPool.objects.all())
    for fields in ({"name": "Mine"}, {"members": []}):
        with pytest.raises(ApiError) as refused:
            services.update(by=SYSTEM, pool=mine, fields=fields)
        assert refused.value.code == "INVALID_STATE"
        assert "this sender pool" in refused.value.message
    assert list(api.members(pool_id)) == [A, B]
