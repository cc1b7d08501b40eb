"""Messages, campaigns and webhooks in a browser, with what goes on behind them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from messaging.campaigns.models import Campaign, Recipient
from messaging.messages.models import Message
from messaging.webhooks.models import Delivery
from orbit.accounts.models import AuditEvent
from tests.e2e.console.conftest import PATIENCE
from tests.orbit.console.scenery import build
from tests.orbit.console.traffic import TEXT

pytestmark = pytest.mark.stack

expect.set_options(timeout=PATIENCE)


@pytest.fixture(autouse=True)
def _traffic(site, db) -> None:
    build(60)


def click(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


def audited(target: str) -> list[str]:
    events = AuditEvent.objects.filter(target=target, actor_type="operator")
    return list(events.order_by("seq").values_list("action", flat=True))


@pytest.mark.parametrize("width", [1280, 400])
def test_a_message_is_found_and_its_text_read_once_asked_for(sign_in, width):
    wanted = Message.objects.filter(status="undelivered").last()
    page = sign_in(width=width)
    page.goto("/admin/messaging/message/")
    page.fill("#searchbar", wanted.to)
    page.press("#searchbar", "Enter")
    row = page.locator("#result_list tbody tr")
    expect(row).to_have_count(1)
    row.locator("a[href*='/message/']").first.click()
    expect(page.locator("[data-live=status]")).to_have_text("undelivered")
    expect(page.locator(".oc-timeline")).to_contain_text("could not be delivered")
    assert TEXT not in page.content()

    click(page, "Show the text")
    expect(page.locator("#text")).to_contain_text(TEXT)
    assert audited(wanted.pk) == ["message.text_read"]


def test_messages_are_filtered_by_an_organisation_that_is_typed(sign_in):
    page = sign_in()
    page.goto("/admin/messaging/message/")
    page.get_by_text("Filters").first.click()
    chooser = page.locator("select[name='organization__id__exact'] + .select2")
    chooser.click()
    page.locator(".select2-search__field").last.fill("blue")
    page.locator(".select2-results__option", has_text="Blue Bank").click()
    page.get_by_role("button", name="Apply").first.click()
    page.wait_for_url("**organization__id__exact=org_**")
    expect(page.locator("#result_list")).to_contain_text("Blue Bank")
    expect(page.locator("#result_list")).not_to_contain_text("Acme Travel")


def test_a_campaign_is_paused_resumed_and_cancelled_and_moves_without_reloading(sign_in):
    campaign = Campaign.objects.filter(status="sending").first()
    # Nobody is to get a message: nothing moves it but the buttons.
    Campaign.objects.filter(pk=campaign.pk).update(recipients_total=campaign.fed + 1)
    assert not Recipient.objects.exists()
    page = sign_in()
    page.get_by_role("link", name="Campaigns").click()
    page.get_by_role("link", name=campaign.name, exact=True).click()
    state = page.locator("[data-live=state]")
    click(page, "Pause")
    expect(state).to_have_text("paused")
    click(page, "Resume")
    expect(state).to_have_text("sending")

    page.evaluate("window.notReloaded = true")
    campaign.messages.update(status="sent", finished_at=None)
    expect(page.locator(".oc-states a")).to_have_count(1)
    assert page.evaluate("window.notReloaded")

    page.get_by_role("link", name="Cancel…").click()
    expect(page.locator(".oc-note")).to_contain_text("ends for good")
    click(page, "Cancel the campaign")
    expect(state).to_have_text("cancelled")
    assert audited(campaign.pk) == ["campaign.paused", "campaign.resumed", "campaign.cancelled"]


@pytest.mark.parametrize("width", [1280, 400])
def test_a_dead_delivery_is_sent_again(sign_in, width):
    old = Delivery.objects.filter(status="dead").first()
    page = sign_in(width=width)
    page.goto(f"/admin/messaging/webhook/{old.webhook_id.replace('_', '_5F')}/change/?status=dead")
    page.locator(f"[data-delivery={old.pk}]").get_by_role("button", name="Redeliver").click()
    new = Delivery.objects.filter(webhook=old.webhook_id, event=old.event_id).first()
    expect(page.locator(f"[data-delivery={new.pk}]")).to_be_visible()
    assert new.pk != old.pk
    assert audited(old.webhook_id) == ["webhook.redelivered"]


def test_a_number_on_home_leads_to_its_messages(sign_in):
    page = sign_in()
    traffic = page.locator("[data-part=traffic]")
    expect(traffic.locator("svg").first).to_be_visible()
    number = traffic.locator(".oc-legend a", has_text=" delivered").first
    count = int(number.inner_text().split()[0])
    number.click()
    expect(page.locator("#result_list tbody tr")).to_have_count(count)
