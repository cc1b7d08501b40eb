"""Campaigns in the console: how far they are, and the buttons that move them."""

from __future__ import annotations

import pytest
from django.contrib.admin.utils import quote

from messaging.campaigns.models import Campaign
from orbit.console import roles
from tests.orbit.console.conftest import last_event

ACTS = ["start", "pause", "resume", "cancel"]


pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def _traffic(build_once) -> None:
    build_once(60)


def of(status: str) -> Campaign:
    return Campaign.objects.filter(status=status).first()


def page_of(campaign: Campaign) -> str:
    return f"/admin/messaging/campaign/{quote(campaign.pk)}/change/"


def act(campaign: Campaign, name: str) -> str:
    return f"/admin/console/campaigns/{campaign.pk}/{name}/"


@pytest.mark.parametrize(
    ("before", "name", "after", "action"),
    [
        ("sending", "pause", "paused", "campaign.paused"),
        ("paused", "resume", "sending", "campaign.resumed"),
        ("sending", "cancel", "cancelled", "campaign.cancelled"),
    ],
)
def test_a_button_moves_it_and_the_audit_says_who(operator, before, name, after, action):
    campaign = of(before)
    assert act(campaign, name) in operator.get(page_of(campaign)).text
    answer = operator.post(act(campaign, name), follow=True)
    campaign.refresh_from_db()
    assert campaign.status == after
    assert f"{campaign.name} is {after}." in answer.text
    event = last_event()
    assert (event.action, event.target, event.actor_type) == (action, campaign.pk, "operator")


def test_cancelling_says_first_what_it_does(operator):
    campaign = of("paused")
    text = operator.get(act(campaign, "cancel")).text
    assert "4,100 of 12,400 recipients have no message yet" in text
    campaign.refresh_from_db()
    assert campaign.status == "paused"


def test_an_action_that_the_state_forbids_says_so_and_changes_nothing(operator):
    campaign = of("completed")
    answer = operator.post(act(campaign, "resume"), follow=True)
    assert "this one is completed" in answer.text
    assert (
        "Only a campaign that is draft" in operator.post(act(campaign, "start"), follow=True).text
    )
    assert not [name for name in ACTS if act(campaign, name) in answer.text]


def test_a_draft_without_recipients_does_not_start(operator):
    campaign = of("draft")
    Campaign.objects.filter(pk=campaign.pk).update(recipients_total=0)
    assert "no recipients" in operator.post(act(campaign, "start"), follow=True).text


@pytest.mark.parametrize("name", ACTS)
def test_read_only_operators_press_no_button(sign_in, name):
    client, campaign = sign_in(roles.READ_ONLY), of("sending")
    assert client.post(act(campaign, name)).status_code == 403
    assert last_event().outcome == "refused"
    assert act(campaign, name) not in client.get(page_of(campaign)).text
    campaign.refresh_from_db()
    assert campaign.status == "sending"


@pytest.mark.parametrize("name", ["start", "pause", "resume"])
def test_a_get_starts_no_action(operator, name):
    assert operator.get(act(of("sending"), name)).status_code == 405


def test_its_numbers_lead_to_the_messages_that_they_count(operator):
    campaign = of("sending")
    context = operator.get(page_of(campaign)).context
    assert context["messageless"] == 7_300
    assert len(context["parts"]) > 2
    for part in context["parts"]:
        assert operator.get(part["url"]).context["cl"].result_count == part["count"]


def test_forgotten_messages_count_and_are_in_no_list(operator):
    campaign = of("completed")
    Campaign.objects.filter(pk=campaign.pk).update(forgotten={"delivered": 12_000})
    assert "12,000 of these messages are so old" in operator.get(page_of(campaign)).text


@pytest.mark.parametrize("status", ["sending", "draft"])
def test_one_that_goes_on_refreshes_itself(operator, status):
    campaign = of(status)
    fragment = operator.get(f"/admin/console/campaigns/{campaign.pk}/").text
    assert f'hx-get="/admin/console/campaigns/{campaign.pk}/"' in fragment
    assert "<html" not in fragment


def test_one_that_is_over_does_so_until_all_its_messages_are(operator):
    campaign = of("cancelled")
    page = f"/admin/console/campaigns/{campaign.pk}/"
    campaign.messages.update(status="sent", finished_at=None)
    assert "hx-get" in operator.get(page).text
    campaign.messages.update(status="delivered", finished_at=campaign.finished_at)
    assert "hx-get" not in operator.get(page).text
