"""What customers write, in a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from messaging.inbound.models import InboundMessage
from messaging.opt_out_texts.models import NearMiss
from messaging.opt_outs.models import OptOut
from orbit.accounts.models import AuditEvent
from tests.e2e.console.conftest import PATIENCE
from tests.orbit.console.scenery import build
from tests.orbit.console.traffic import SAID

pytestmark = pytest.mark.stack

expect.set_options(timeout=PATIENCE)


@pytest.fixture(autouse=True)
def _traffic(site, db) -> None:
    build(60)


def audited(target: str) -> list[str]:
    events = AuditEvent.objects.filter(target=target, actor_type="operator")
    return list(events.order_by("seq").values_list("action", flat=True))


@pytest.mark.parametrize("width", [1280, 400])
def test_a_conversation_is_found_and_its_texts_read_once_asked_for(sign_in, width):
    wanted = InboundMessage.objects.filter(complete=True).first()
    page = sign_in(width=width)
    page.goto("/admin/console/conversations/")
    page.get_by_label("Number", exact=True).fill(wanted.sender)
    page.get_by_label("Number", exact=True).press("Enter")
    page.get_by_role("link", name=wanted.sender).click()
    expect(page.locator(".oc-theirs").first).to_be_visible()
    expect(page.locator(".oc-ours").first).to_be_visible()
    assert SAID not in page.content()
    page.get_by_role("button", name="Show the texts").click()
    expect(page.locator(".oc-theirs .oc-body").first).to_contain_text(SAID)
    anchor = page.url.rstrip("/").rpartition("/")[2]
    assert audited(anchor) == ["conversation.texts_read"]


@pytest.mark.parametrize("width", [1280, 400])
def test_a_file_of_opt_outs_is_looked_at_and_then_imported(sign_in, width, tmp_path: Path):
    organization = OptOut.objects.first().organization
    before = OptOut.objects.count()
    file = tmp_path / "people.csv"
    file.write_text("number,reason\n+33799000001,by letter\nnobody,\n")
    page = sign_in(width=width)
    page.goto(f"/admin/console/organizations/{organization.pk}/opt-outs/")
    page.set_input_files("[name=file]", str(file))
    page.get_by_role("button", name="See what it would do").click()
    expect(page.locator("#imported")).to_contain_text("Nothing is written yet")
    expect(page.locator("#imported table")).to_contain_text("3")
    assert OptOut.objects.count() == before
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator("#imported")).to_contain_text("The file added 1 number")
    assert OptOut.objects.count() == before + 1


def test_a_near_miss_is_read_in_its_place_and_decided_on(sign_in):
    miss = NearMiss.objects.first()
    page = sign_in()
    page.goto("/admin/")
    page.get_by_role("link", name="for a person").last.click()
    row = page.locator("#near tbody tr").first
    row.get_by_role("button", name="Read it").click()
    expect(page.locator("#near .oc-body")).to_contain_text(SAID)
    page.locator("#near tbody tr").first.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_text("the sender gets messages as before")).to_be_visible()
    miss.refresh_from_db()
    assert miss.decision == "dismiss"
    assert audited(miss.pk) == ["message.text_read", "near_miss.decided"]
