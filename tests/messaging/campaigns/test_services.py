"""Making, changing and deleting drafts."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.utils import timezone

from messaging.campaigns import services, transitions
from messaging.campaigns.models import Campaign, Recipient
from orbit.accounts.actors import SYSTEM
from orbit.api.errors import ApiError
from tests.messaging.callers import data, refusal
from tests.messaging.campaigns.conftest import (
    AMERICA,
    FRANCE,
    audit_rows,
    numbers,
    stored,
)
from tests.messaging.pools.conftest import Api as Pools

GERMANY = "+4915123456789"


def recipients(campaign_id: str) -> list[tuple[str, dict]]:
    rows = Recipient.objects.filter(campaign=campaign_id).order_by("position")
    assert list(rows.values_list("position", flat=True)) == list(range(len(rows)))
    return list(rows.values_list("to", "variables"))


def test_what_is_sent_and_what_is_answered(api, clock):
    answer = api.make(
        {"to": FRANCE, "variables": {"name": "Émile"}},
        body="Hi {{name}}",
        channel="sms",
        throughput=20,
        scheduled_at="2026-03-08T14:30:00.7+01:00",
    )
    assert answer.status_code == 201
    campaign = answer.json()["data"]
    assert answer["Location"] == f"/v1/campaigns/{campaign['id']}"
    assert campaign == {
        "id": campaign["id"],
        "name": "Sale",
        "channel": "sms",
        "body": "Hi {{name}}",
        "sender_pool_id": api.pool_id,
        "scheduled_at": "2026-03-08T13:30:00Z",
        "throughput": 20,
        "status": "draft",
        "progress": dict.fromkeys(campaign["progress"], 0) | {"total": 1, "queued": 1},
        "opted_out": 0,
        "warnings": [],
        "created_at": "2026-03-08T12:00:00Z",
        "updated_at": "2026-03-08T12:00:00Z",
        "started_at": None,
        "finished_at": None,
    }
    read = api.get(f"/{campaign['id']}")
    assert (data(read), read["ETag"]) == (campaign, answer["ETag"])
    (row,) = audit_rows("campaign.created")
    assert row.target == campaign["id"]


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"name": None}, "VALIDATION_ERROR", "name"),
        ({"name": "none"}, "VALIDATION_ERROR", "name"),
        ({"channel": "whatsapp"}, "VALIDATION_ERROR", "channel"),
        ({"body": ""}, "VALIDATION_ERROR", "body"),
        ({"body": "Hi {{name"}, "VALIDATION_ERROR", "body"),
        ({"body": "x" * 1531 + "{{a}}"}, "VALIDATION_ERROR", "body"),
        ({"body": "{{a}}" * 2001}, "VALIDATION_ERROR", "body"),
        ({"sender_pool_id": "pool_1"}, "VALIDATION_ERROR", "sender_pool_id"),
        ({"sender_pool_id": "pool_" + "0" * 32}, "VALIDATION_ERROR", "sender_pool_id"),
        ({"recipients": {}}, "VALIDATION_ERROR", "recipients"),
        ({"recipients": [7]}, "VALIDATION_ERROR", "recipients[0]"),
        ({"recipients": [{}]}, "MISSING_REQUIRED_FIELD", "recipients[0].to"),
        ({"recipients": [{"to": 7}]}, "VALIDATION_ERROR", "recipients[0].to"),
        ({"recipients": [{"to": "7"}]}, "INVALID_PHONE_NUMBER", "recipients[0].to"),
        ({"recipients": [{"to": FRANCE, "at": 1}]}, "VALIDATION_ERROR", "recipients[0].at"),
        ({"scheduled_at": "2020-01-01T00:00:00Z"}, "VALIDATION_ERROR", "scheduled_at"),
        ({"scheduled_at": "2099-01-01T00:00:00"}, "VALIDATION_ERROR", "scheduled_at"),
        ({"scheduled_at": "2099-01-01"}, "VALIDATION_ERROR", "scheduled_at"),
        ({"scheduled_at": "9999-12-31T23:59:59-10:00"}, "VALIDATION_ERROR", "scheduled_at"),
        ({"throughput": 0}, "VALIDATION_ERROR", "throughput"),
        ({"throughput": 1001}, "VALIDATION_ERROR", "throughput"),
        ({"status": "sending"}, "VALIDATION_ERROR", "status"),
    ],
)
def test_what_is_refused(api, fields, code, field):
    error = refusal(api.make(**fields), 422, code)
    assert error["details"]["field"] == field
    assert error["details"]["expected"]
    assert (Campaign.objects.count(), Recipient.objects.count()) == (0, 0)


def test_what_is_needed(api):
    for name in ("name", "body", "sender_pool_id"):
        body = {"name": "Sale", "body": "Hello", "sender_pool_id": "pool_1"}
        del body[name]
        error = refusal(api.post("", body), 422, "MISSING_REQUIRED_FIELD")
        assert error["details"]["field"] == name


def test_another_organisation_s_pool_is_none(api, stranger):
    stranger.make()
    error = refusal(api.make(sender_pool_id=stranger.pool_id), 422, "VALIDATION_ERROR")
    assert error["details"]["field"] == "sender_pool_id"


class TestRecipients:
    def test_each_bad_one_is_named_and_nothing_is_made(self, api):
        bad = [
            {"to": FRANCE, "variables": {"name": "A"}},
            {"to": "0639980001", "variables": {"name": "B"}},
            {"to": AMERICA, "variables": {"nom": "C"}},
            {"to": FRANCE, "variables": {"name": "D"}},
            {"to": GERMANY, "variables": {"name": 7}},
        ]
        error = refusal(api.make(*bad, body="Hi {{name}}"), 422, "INVALID_PHONE_NUMBER")
        assert error["details"]["field"] == "recipients[1].to"
        assert error["details"]["value"] == "0639980001"
        assert [each["field"] for each in error["details"]["errors"]] == [
            "recipients[1].to",
            "recipients[2].variables.name",
            "recipients[3].to",
            "recipients[4].variables.name",
        ]
        assert "on line 1" in error["details"]["errors"][2]["message"]
        assert Campaign.objects.count() == 0

    @pytest.mark.parametrize(
        "variables",
        [
            [],
            {"": "x"},
            {"{a}": "x"},
            {" a": "x"},
            {"a": None},
            {"a": "x" * 1531},
            {f"v{number}": "x" for number in range(51)},
        ],
    )
    def test_variables_are_texts_by_name(self, api, variables):
        answer = api.make({"to": FRANCE, "variables": variables})
        field = refusal(answer, 422, "VALIDATION_ERROR")["details"]["field"]
        assert field.startswith("recipients[0].variables")

    def test_more_than_the_most_are_too_many(self, api, monkeypatch):
        monkeypatch.setattr("messaging.campaigns.serializers.MAX_RECIPIENTS", 3)
        refusal(api.make(*numbers(4)), 422, "VALIDATION_ERROR")
        assert api.make(*numbers(3)).status_code == 201

    def test_more_of_them_are_added_by_json(self, api):
        campaign_id = api.add(FRANCE)
        before = api.get(f"/{campaign_id}")["ETag"]
        body = {"recipients": [{"to": FRANCE}, {"to": AMERICA}, "x", {"to": AMERICA}]}
        answer = api.post(f"/{campaign_id}/recipients", body)
        assert data(answer) == {
            "accepted": 1,
            "rejected": [
                {
                    "line": 1,
                    "field": "to",
                    "message": "This number is there already, before this list.",
                },
                {"line": 3, "field": "(row)", "message": "Must be an object."},
                {
                    "line": 4,
                    "field": "to",
                    "message": "This number is there already, on line 2.",
                },
            ],
            "rejected_total": 3,
            "warnings": [],
        }
        assert [to for to, _ in recipients(campaign_id)] == [FRANCE, AMERICA]
        assert answer["ETag"] == api.get(f"/{campaign_id}")["ETag"] != before
        (row,) = audit_rows("campaign.recipients_added")
        assert row.detail == "1 accepted, 3 rejected"

    def test_the_body_needs_its_list(self, api):
        campaign_id = api.add()
        for body in (None, {}):
            answer = api.post(f"/{campaign_id}/recipients", body)
            error = refusal(answer, 422, "MISSING_REQUIRED_FIELD")
            assert error["details"]["field"] == "recipients"


class TestChanging:
    def test_what_is_sent_and_nothing_else(self, api):
        campaign_id = api.add(FRANCE, throughput=5)
        old = api.get(f"/{campaign_id}")["ETag"]
        answer = api.patch(f"/{campaign_id}", {"throughput": None, "name": "New"})
        assert data(answer)["throughput"] is None
        assert (data(answer)["name"], data(answer)["body"]) == ("New", "Hello")
        assert answer["ETag"] != old
        assert audit_rows("campaign.updated")[0].changes == ["name", "throughput"]
        refusal(api.patch(f"/{campaign_id}", {}, If_Match=old), 412, "PRECONDITION_FAILED")

    def test_the_same_again_changes_nothing(self, api):
        campaign_id = api.add(FRANCE)
        old = api.get(f"/{campaign_id}")["ETag"]
        assert api.patch(f"/{campaign_id}", {"name": "Sale", "channel": "sms"})["ETag"] == old

    def test_another_pool_is_held_and_the_old_one_free(self, api):
        campaign_id = api.add(FRANCE)
        pools, old = Pools(api.organization), api.pool_id
        new = pools.add("+33700000002")
        api.patch(f"/{campaign_id}", {"sender_pool_id": new})
        refusal(pools.delete(f"/{new}"), 409, "SENDER_POOL_IN_USE")
        assert pools.delete(f"/{old}").status_code == 204

    def test_recipients_replace_the_list(self, api):
        campaign_id = api.add({"to": FRANCE, "variables": {"a": "1"}}, AMERICA)
        body = {"recipients": [{"to": AMERICA, "variables": {"a": "2"}}], "body": "{{a}}"}
        answer = api.patch(f"/{campaign_id}", body)
        assert data(answer)["progress"]["total"] == 1
        assert recipients(campaign_id) == [(AMERICA, {"a": "2"})]
        assert api.act(campaign_id, "start")["status"] == "sending"

    def test_with_a_bad_one_nothing_changes(self, api):
        campaign_id = api.add(FRANCE)
        body = {"name": "New", "recipients": [{"to": AMERICA}, {"to": "x"}]}
        refusal(api.patch(f"/{campaign_id}", body), 422, "INVALID_PHONE_NUMBER")
        assert stored(campaign_id).name == "Sale"
        assert recipients(campaign_id) == [(FRANCE, {})]

    def test_an_empty_list_removes_all_recipients(self, api):
        campaign_id = api.add({"to": FRANCE, "variables": {"a": "1"}})
        assert data(api.patch(f"/{campaign_id}", {"recipients": []}))["progress"]["total"] == 0
        assert stored(campaign_id).common_variables is None


def test_a_deleted_draft_is_gone_with_its_recipients(api):
    campaign_id = api.add(*numbers(3))
    assert api.delete(f"/{campaign_id}").status_code == 204
    assert api.get(f"/{campaign_id}").status_code == 404
    assert Recipient.objects.count() == 0
    assert audit_rows()[-1].action == "campaign.deleted"


def test_a_draft_that_was_changed_meanwhile_is_not_deleted(api):
    campaign = stored(api.add(FRANCE))
    Campaign.objects.update(version=campaign.version + 1)

    with pytest.raises(ApiError) as refused, transaction.atomic():
        services.delete(by=SYSTEM, campaign=campaign)
    assert refused.value.code == "INVALID_STATE"
    assert Campaign.objects.exists()


def test_one_that_another_request_has_ended_is_not_paused(api):
    campaign = stored(api.started(FRANCE))
    Campaign.objects.update(status="cancelled", finished_at=timezone.now())

    with pytest.raises(ApiError) as refused, transaction.atomic():
        transitions.pause(campaign)
    assert refused.value.code == "INVALID_STATE"
    assert stored(campaign.pk).status == "cancelled"
