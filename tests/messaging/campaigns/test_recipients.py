"""Recipients of a draft can be listed and removed."""

from __future__ import annotations

import pytest

from messaging.campaigns.models import Campaign, Recipient
from messaging.campaigns.scheduler import sweep
from tests.messaging.callers import data, refusal
from tests.messaging.campaigns.conftest import (
    AMERICA,
    FRANCE,
    audit_rows,
    messages,
    numbers,
    stored,
)


def listed(api, campaign_id: str, query: str = "") -> list[str]:
    return [each["to"] for each in data(api.get(f"/{campaign_id}/recipients{query}"))]


def positions(campaign_id: str) -> list[int]:
    rows = Recipient.objects.filter(campaign=campaign_id).order_by("position")
    return list(rows.values_list("position", flat=True))


def test_they_are_listed_newest_first_in_pages(api):
    campaign_id = api.add({"to": FRANCE, "variables": {"name": "Ada"}}, AMERICA)
    answer = api.get(f"/{campaign_id}/recipients?limit=1")
    assert data(answer) == [{"to": AMERICA, "variables": {}, "line": 2}]
    page = answer.json()["meta"]["pagination"]
    assert (page["total"], page["has_more"]) == (2, True)
    assert data(api.get(f"/{campaign_id}/recipients?cursor={page['cursor']}")) == [
        {"to": FRANCE, "variables": {"name": "Ada"}, "line": 1}
    ]
    assert listed(api, campaign_id, f"?to=%2B{FRANCE[1:]}") == [FRANCE]
    assert listed(api, campaign_id, f"?to={numbers(1)[0]}") == []


@pytest.mark.parametrize("place", [0, 1, 3])
def test_one_is_removed_and_the_others_get_their_message(api, place):
    four = numbers(4)
    campaign_id = api.add(*four)
    before = stored(campaign_id).version
    assert api.delete(f"/{campaign_id}/recipients/{four[place]}").status_code == 204
    left = [each for each in four if each != four[place]]
    assert sorted(listed(api, campaign_id)) == left
    assert positions(campaign_id) == [0, 1, 2]
    assert stored(campaign_id).version > before
    api.act(campaign_id, "start")
    sweep()
    assert sorted(each.to for each in messages(campaign_id)) == left
    assert audit_rows("campaign.recipients_removed")[0].detail == "1 removed"


def test_one_that_was_removed_can_be_added_again(api):
    campaign_id = api.add(FRANCE, AMERICA)
    api.delete(f"/{campaign_id}/recipients/%2B{FRANCE[1:]}")
    assert data(api.upload(campaign_id, f"to\n{FRANCE}\n"))["accepted"] == 1
    assert positions(campaign_id) == [0, 1]


def test_all_are_removed(api):
    campaign_id = api.add(FRANCE, AMERICA)
    assert api.delete(f"/{campaign_id}/recipients").status_code == 204
    assert (listed(api, campaign_id), stored(campaign_id).recipients_total) == ([], 0)
    assert stored(campaign_id).common_variables is None
    refusal(api.post(f"/{campaign_id}/start"), 409, "INVALID_STATE")
    assert audit_rows("campaign.recipients_removed")[0].detail == "2 removed"


@pytest.mark.parametrize("to", [AMERICA, "hello", "%00", "1" * 300])
def test_one_that_is_not_there_is_not_found(api, to):
    campaign_id = api.add(FRANCE)
    refusal(api.delete(f"/{campaign_id}/recipients/{to}"), 404, "NOT_FOUND")
    assert listed(api, campaign_id) == [FRANCE]


def test_after_the_start_they_are_listed_and_stay(api):
    campaign_id = api.started(FRANCE)
    assert listed(api, campaign_id) == [FRANCE]
    for path in ("", f"/{FRANCE}"):
        refusal(api.delete(f"/{campaign_id}/recipients{path}"), 409, "INVALID_STATE")


def test_an_unknown_parameter_removes_nothing(api):
    campaign_id = api.add(FRANCE, AMERICA)
    refusal(api.delete(f"/{campaign_id}/recipients?to={FRANCE}"), 422, "VALIDATION_ERROR")
    assert len(listed(api, campaign_id)) == 2


def test_an_old_version_removes_nothing(api):
    campaign_id = api.add(FRANCE)
    for path in ("", f"/{FRANCE}"):
        answer = api.delete(f"/{campaign_id}/recipients{path}", **{"If-Match": '"old"'})
        refusal(answer, 412, "PRECONDITION_FAILED")
    assert listed(api, campaign_id) == [FRANCE]


def test_others_see_and_remove_nothing(api, stranger):
    campaign_id = api.add(FRANCE)
    refusal(stranger.get(f"/{campaign_id}/recipients"), 404, "NOT_FOUND")
    for path in ("", f"/{FRANCE}"):
        refusal(stranger.delete(f"/{campaign_id}/recipients{path}"), 404, "NOT_FOUND")
    assert listed(api, campaign_id) == [FRANCE]


def test_their_bytes_are_counted_for_the_quota(api):
    first = {"to": FRANCE, "variables": {"name": "Zoë"}}
    campaign_id = api.add(first, AMERICA)
    of_first = len(f"{FRANCE}nameZoë".encode())
    assert stored(campaign_id).recipients_bytes == of_first + len(AMERICA)

    api.delete(f"/{campaign_id}/recipients/{FRANCE}")
    assert stored(campaign_id).recipients_bytes == len(AMERICA)
    api.delete(f"/{campaign_id}/recipients")
    assert stored(campaign_id).recipients_bytes == 0


def test_one_is_removed_from_a_campaign_whose_bytes_were_estimated(api):
    campaign_id = api.add(FRANCE, AMERICA)
    Campaign.objects.update(recipients_bytes=1)

    assert api.delete(f"/{campaign_id}/recipients/{FRANCE}").status_code == 204
    assert stored(campaign_id).recipients_bytes == 0


def test_without_its_last_recipient_a_draft_is_as_new(api):
    campaign_id = api.add(FRANCE)
    Campaign.objects.update(recipients_bytes=1000)

    assert api.delete(f"/{campaign_id}/recipients/{FRANCE}").status_code == 204
    row = stored(campaign_id)
    assert (row.recipients_total, row.recipients_bytes, row.common_variables) == (0, 0, None)
