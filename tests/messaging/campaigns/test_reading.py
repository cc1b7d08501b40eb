"""Reading campaigns, and who may."""

from __future__ import annotations

from messaging.campaigns.models import Campaign, Recipient
from tests.messaging.callers import data, refusal
from tests.messaging.campaigns.conftest import (
    FRANCE,
    Api,
    numbers,
    stored,
)


class TestList:
    def test_newest_first_with_filters_and_two_queries_for_all(
        self, api, later, django_assert_max_num_queries
    ):
        ids = [api.add(FRANCE, name=name) for name in ("Sale", "Winter sale", "Hello")]
        api.act(ids[0], "start")
        later()
        rows = data(api.get())
        assert [row["id"] for row in rows] == ids[::-1]
        assert rows == [data(api.get(f"/{each}")) for each in ids[::-1]]
        for query, found in (
            ("status=sending", ids[:1]),
            ("q=sale", ids[1::-1]),
            (f"sender_pool_id={api.pool_id}", ids[::-1]),
            ("sender_pool_id=x", []),
        ):
            assert [row["id"] for row in data(api.get(f"?{query}"))] == found, query
        with django_assert_max_num_queries(8):
            api.get("?limit=100")

    def test_a_campaign_s_messages(self, api, later):
        campaign_id, other = api.started(*numbers(3)), api.started(FRANCE)
        later()
        rows = data(api.get(f"/{campaign_id}/messages"))
        assert [row["to"] for row in rows] == numbers(3)[::-1]
        assert {row["campaign_id"] for row in rows} == {campaign_id}
        to = FRANCE.replace("+", "%2B")
        assert len(data(api.get(f"/{other}/messages?to={to}&status=queued"))) == 1
        refusal(api.get(f"/{other}/messages?campaign_id={other}"), 422, "VALIDATION_ERROR")

    def test_the_list_of_messages_knows_campaigns(self, api, later):
        campaign_id = api.started(*numbers(3))
        api.started(FRANCE)
        later()
        caller = Api(api.organization)
        caller.url = "/v1/messages"
        assert len(data(caller.get())) == 4
        assert len(data(caller.get(f"?campaign_id={campaign_id}"))) == 3
        assert data(caller.get("?campaign_id=cmp_1")) == []


def test_another_organisation_finds_nothing(api, stranger):
    campaign_id = api.add(FRANCE)
    missing = stranger.get("/cmp_" + "0" * 32)
    for answer in (
        stranger.get(f"/{campaign_id}"),
        stranger.patch(f"/{campaign_id}", {"name": "Mine"}),
        stranger.delete(f"/{campaign_id}"),
        stranger.get(f"/{campaign_id}/messages"),
        stranger.post(f"/{campaign_id}/recipients", {"recipients": []}),
        stranger.upload(campaign_id, "to\n"),
        *(stranger.post(f"/{campaign_id}/{each}") for each in ("start", "pause", "cancel")),
        api.get("/cmp_%00"),
    ):
        assert refusal(answer, 404, "NOT_FOUND") == missing.json()["error"]
    assert data(stranger.get()) == []
    assert stored(campaign_id).status == "draft"


def test_a_reader_only_reads(api, organization):
    campaign_id = api.add(FRANCE)
    reader = Api(organization, scopes=["campaigns:read"])
    assert data(reader.get())[0]["id"] == campaign_id
    assert data(reader.get(f"/{campaign_id}/messages")) == []
    for answer in (
        reader.post("", {}),
        reader.patch(f"/{campaign_id}", {}),
        reader.delete(f"/{campaign_id}"),
        reader.post(f"/{campaign_id}/start"),
        reader.upload(campaign_id, "to\n"),
    ):
        assert answer.status_code == 403
    assert Api(organization, scopes=["messages:write"]).get().status_code == 403


def test_an_organisation_goes_with_its_campaigns(api, later, organization):
    api.started(*numbers(3))
    later()
    organization.members.all().delete()
    organization.delete()
    assert (Campaign.objects.count(), Recipient.objects.count()) == (0, 0)
