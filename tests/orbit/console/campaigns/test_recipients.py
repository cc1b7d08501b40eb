"""The console's page of a campaign's recipients."""

from __future__ import annotations

import pytest

from messaging.campaigns.models import Campaign, Recipient
from messaging.pools.models import SenderPool
from orbit.console import roles
from orbit.console.campaigns import recipients
from tests.factories import make_organization
from tests.orbit.console.campaigns.test_admin import page_of
from tests.orbit.console.conftest import last_event

NUMBERS = [f"+3363998000{n}" for n in range(3)]
SECRET = "her name"


@pytest.fixture
def draft(db) -> Campaign:
    organization = make_organization()
    campaign = Campaign.objects.create(
        organization=organization,
        name="Sale",
        body="Hi {{name}}, {code}",
        sender_pool=SenderPool.objects.create(organization=organization, name="Shop"),
        recipients_total=3,
        common_variables=["name"],
    )
    for place, to in enumerate(NUMBERS):
        value = "" if place == 1 else SECRET
        Recipient.objects.create(
            campaign=campaign, position=place, line=place + 2, to=to, variables={"name": value}
        )
    return campaign


def address(campaign: Campaign, name: str = "") -> str:
    return f"/admin/console/campaigns/{campaign.pk}/recipients/{name}"


def left(campaign: Campaign) -> list[str]:
    return list(campaign.recipients.order_by("to").values_list("to", flat=True))


def test_they_are_listed_without_what_is_personal(operator, draft):
    assert address(draft) in operator.get(page_of(draft)).text
    text = operator.get(address(draft)).text
    assert all(to in text for to in NUMBERS)
    assert SECRET not in text
    found = operator.get(f"{address(draft)}?q={NUMBERS[1][1:]}").text
    assert [to for to in NUMBERS if f"<td>{to}</td>" in found] == [NUMBERS[1]]
    assert operator.get(f"{address(draft)}?q=%00&p=nonsense").status_code == 200


def test_warnings_stand_beside_the_start(operator, draft):
    text = operator.get(page_of(draft)).text
    assert "{code} stands in single braces" in text
    assert "is empty for 1 of 3 recipients" in text
    Campaign.objects.filter(pk=draft.pk).update(status="sending")
    assert "single braces" not in operator.get(page_of(draft)).text


def test_one_is_removed_and_the_audit_says_so(operator, draft):
    answer = operator.post(address(draft, "remove/"), {"to": NUMBERS[0]}, follow=True)
    assert f"{NUMBERS[0]} is removed" in answer.text
    assert left(draft) == NUMBERS[1:]
    event = last_event()
    assert (event.action, event.actor_type) == ("campaign.recipients_removed", "operator")
    assert operator.post(address(draft, "remove/"), {"to": "x\0"}, follow=True).status_code == 200
    assert left(draft) == NUMBERS[1:]


def test_all_are_removed(operator, draft):
    operator.post(address(draft, "remove-all/"))
    assert left(draft) == []


def test_only_of_a_draft(operator, draft):
    Campaign.objects.filter(pk=draft.pk).update(status="sending")
    assert "Remove" not in operator.get(address(draft)).text
    answer = operator.post(address(draft, "remove-all/"), follow=True)
    assert "can be changed or deleted" in answer.text
    assert left(draft) == NUMBERS


def test_read_only_operators_remove_nothing(sign_in, draft):
    client = sign_in(roles.READ_ONLY)
    assert "Remove" not in client.get(address(draft)).text
    for name in ("remove/", "remove-all/"):
        assert client.post(address(draft, name), {"to": NUMBERS[0]}).status_code == 403
        assert last_event().outcome == "refused"
    assert left(draft) == NUMBERS


def test_pages_go_by_position_and_know_how_many_there_are(operator, draft, monkeypatch):
    monkeypatch.setattr(recipients, "PER_PAGE", 2)
    texts = [operator.get(f"{address(draft)}?p={number}").text for number in (1, 2, 9)]
    shown = [[to for to in NUMBERS if f"<td>{to}</td>" in text] for text in texts]
    assert shown == [NUMBERS[:2], NUMBERS[2:], NUMBERS[2:]]  # the last page for one beyond it
    assert all("3 recipients" in text for text in texts)


def test_pages_of_a_search_go_on_behind_the_last_position(operator, draft, monkeypatch):
    monkeypatch.setattr(recipients, "PER_PAGE", 2)
    first = operator.get(f"{address(draft)}?q=3363998")
    assert "3 recipients" in first.text
    assert f"?{first.context['shown'].next}".replace("&", "&amp;") in first.text

    second = operator.get(f"{address(draft)}?{first.context['shown'].next}")
    assert [row.to for row, _ in second.context["rows"]] == NUMBERS[2:]
    assert (second.context["shown"].previous, second.context["shown"].next) == ("q=3363998", "")
    assert operator.get(f"{address(draft)}?q=3363998&after=nonsense").status_code == 200
