"""An operator's day, on the real thing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from orbit.accounts.models import AuditEvent
from orbit.dev.stack.ports import Ports
from reconciler.gateway_client import gateway_console
from reconciler.jcli import groups
from tests.e2e.api import Api
from tests.e2e.console.conftest import PATIENCE
from tests.factories import PASSWORD

pytestmark = pytest.mark.stack

expect.set_options(timeout=PATIENCE)
AT_CARRIER = "s3cr;t#"
CARRIERS = "/v1/messaging/smpp/carriers"
POOLS = "/v1/messaging/sender-pools"
ACCESS = "/v1/messaging/smpp/access"
FIRST, SECOND = "+33700000001", "+33700000002"


@pytest.fixture
def misdirected(api: Api, gateway, smsc) -> dict:
    """A credential of an account that the carrier has, at a port where nobody listens."""
    smsc.add_system("acme", AT_CARRIER)
    ports = Ports()
    credential = api.add(port=ports.reserve(), password=AT_CARRIER, name="Orange FR")
    carrier = {"name": "Orange", "credential_id": credential["id"], "countries": ["FR"]}
    assert api.post(CARRIERS, carrier).status == 201
    yield credential
    ports.close()


def bind(page: Page):
    return page.locator("[data-live=bind]")


def click(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


def test_a_bind_that_is_down_is_found_understood_and_repaired(sign_in, misdirected, smsc):
    page = sign_in()
    page.get_by_role("link", name="1 unbound", exact=True).click()
    page.get_by_role("link", name="Orange FR").click()
    expect(bind(page)).to_contain_text("refused")

    page.get_by_role("link", name="Change", exact=True).click()
    page.fill("[name=port]", str(smsc.port))
    click(page, "Save")
    click(page, "Push now")
    page.evaluate("window.notReloaded = true")
    expect(bind(page)).to_contain_text("bound for")
    history = page.locator(".oc-card", has_text="Bind history").locator("tbody tr")
    expect(history.first).to_contain_text("bound")
    # It may have been seen while it was binding, too.
    expect(history.filter(has_text="refused").first).to_be_visible()
    assert page.evaluate("window.notReloaded")

    click(page, "Compare now")
    expect(page.locator("#compare")).to_contain_text("Jasmin has everything as wanted")
    events = AuditEvent.objects.filter(target=misdirected["id"], actor_type="operator")
    assert [event.action for event in events.order_by("seq")] == [
        "credential.updated",
        "credential.pushed",
    ]


def test_a_test_is_sent_and_its_trace_read(sign_in, misdirected, smsc, api):
    moved = api.patch(f"/v1/messaging/smpp/credentials/{misdirected['id']}", {"port": smsc.port})
    assert moved.status == 200
    page = sign_in()
    page.get_by_role("link", name="Carriers").click()
    page.get_by_role("link", name="Orange", exact=True).click()
    page.fill("[name=to]", "+33612345678")
    page.fill("[name=from]", "ACME")
    page.select_option("[name=via]", "direct")
    click(page, "Send a test")

    expect(page.locator("[data-live=status]")).to_have_text("delivered")
    for step in ("resolve", "connect", "bind", "submit", "receipt", "unbind"):
        expect(page.locator(".oc-timeline")).to_contain_text(step)
    page.locator("summary", has_text="submit_sm_resp").click()
    expect(page.locator("details[open] .oc-hex")).to_be_visible()
    assert AT_CARRIER not in page.content()

    page.get_by_role("link", name="Route explorer").click()
    page.fill("[name=organization]", misdirected_organization(api))
    page.fill("[name=destination]", "+33612345678")
    click(page, "Explain")
    expect(page.locator("#content")).to_contain_text("lists FR")


def misdirected_organization(api: Api) -> str:
    return api.get("/v1/me").data["organization"]["id"]


def test_an_unsafe_plan_is_refused_and_then_forced(sign_in, misdirected, gateway):
    with gateway_console.connect(gateway) as console:
        for number in range(12):
            console.run(groups.add(f"obstray{number:02}"))
    page = sign_in()
    page.get_by_role("link", name="Reconcile").click()
    answer = page.locator(f"#answer-{gateway.pk}")

    click(page, "Plan now")
    expect(answer).to_contain_text("Nothing was changed")
    expect(answer).to_contain_text("obstray11")
    click(page, "Apply")
    expect(answer).to_contain_text("12 of 13 groups would be deleted")

    page.locator("summary", has_text="Apply although unsafe").click()
    click(page, "Apply although unsafe")
    expect(answer).to_contain_text("type the gateway's name")
    page.fill("[name=confirm]", gateway.name)
    click(page, "Apply although unsafe")
    expect(answer).to_contain_text("changes applied")
    with gateway_console.connect(gateway) as console:
        (listed,) = console.ask(groups.LIST)
    assert not [row for row in listed if "obstray" in row]

    page.get_by_role("link", name="Home").click()
    times = page.locator("[data-part=passes]")
    expect(times).to_contain_text("2 passes")
    times.get_by_role("link", name="did something").first.click()
    expect(page.locator("#result_list")).to_contain_text("unsafe")


def test_a_sender_is_previewed_and_a_pool_changed(sign_in, misdirected, api):
    carrier_id = api.get(CARRIERS).data[0]["id"]
    pool = {"name": "Support", "carrier_ids": [carrier_id], "members": [{"sender": FIRST}]}
    assert api.post(POOLS, pool).status == 201
    page = sign_in()
    page.get_by_role("link", name="Sender pools").click()
    page.get_by_role("link", name="Support").click()
    preview = page.locator("#preview")

    page.fill("[name=destination]", "+33612345678")
    click(page, "Try")
    expect(preview).to_contain_text(f"{FIRST} long_code, chosen by strategy")
    expect(preview).to_contain_text("No carrier for it is bound now")

    row = page.locator("#members tr")
    expect(row).to_have_count(3)
    click(page, "One more row")
    expect(row).to_have_count(4)
    row.nth(3).get_by_label("Sender").fill(SECOND)
    row.nth(0).get_by_label("Enabled").uncheck()
    click(page, "Save")
    expect(page.get_by_text("Support is saved")).to_be_visible()

    page.fill("[name=destination]", "+33612345678")
    click(page, "Try")
    expect(preview.locator("strong")).to_have_text(SECOND)
    expect(preview.locator("tr", has_text=FIRST)).to_contain_text("disabled")
    members = api.get(POOLS).data[0]["members"]
    assert [(each["sender"], each["enabled"]) for each in members] == [
        (FIRST, False),
        (SECOND, True),
    ]


def test_a_platform_bind_is_switched_on_and_its_password_rotated(sign_in, misdirected, api):
    assert api.get(ACCESS).status == 200
    page = sign_in()
    page.get_by_role("link", name="Platform binds").click()
    page.locator("#result_list tbody a").first.click()
    click(page, "Switch on")
    expect(page.locator("[data-live=sync]")).to_contain_text("Jasmin has it as wanted")

    before = api.get(ACCESS).data["password"]
    page.get_by_role("link", name="Rotate").click()
    expect(page.locator("#content")).to_contain_text("drops what is bound with the old one")
    assert api.get(ACCESS).data["password"] == before
    click(page, "Rotate the password")
    expect(page.get_by_text("The password is replaced")).to_be_visible()
    expect(page.locator("[data-live=sync]")).to_contain_text("Jasmin has it as wanted")
    audited = AuditEvent.objects.filter(action__startswith="access.", actor_type="operator")
    assert list(audited.order_by("seq").values_list("action", flat=True)) == [
        "access.updated",
        "access.rotated",
    ]


def test_a_password_is_revealed_once(sign_in, misdirected):
    page = sign_in()
    page.goto(f"/admin/messaging/credential/{misdirected['id']}/change/")
    page.get_by_role("link", name="Reveal").click()
    assert AT_CARRIER not in page.content()
    page.fill("[name=own_password]", PASSWORD)
    click(page, "Reveal once")
    expect(page.locator(".oc-secret")).to_have_text(AT_CARRIER)

    page.get_by_role("link", name="Back").click()
    page.get_by_role("link", name="Reveal").click()
    page.fill("[name=own_password]", PASSWORD)
    click(page, "Reveal once")
    expect(page.locator("#content")).to_contain_text("is not shown again")
    assert AT_CARRIER not in page.content()
