"""The search box in a browser: its key, its use on a phone; and the zone of times."""

from __future__ import annotations

import pytest

from messaging.credentials.models import Credential
from tests.factories import make_organization

pytestmark = pytest.mark.stack

BOX = "[data-search]"


def test_the_key_leads_to_the_box_and_an_id_to_its_page(site, sign_in):
    organization = make_organization("Acme Travel")
    page = sign_in()
    page.goto("/admin/messaging/message/")

    page.keyboard.press("/")
    page.keyboard.type(f" {organization.pk} ")
    page.keyboard.press("Enter")

    page.wait_for_url("**/admin/accounts/organization/**")
    assert page.get_by_role("heading", name="Acme Travel").count()
    page.keyboard.press("/")
    page.keyboard.type("0/9")  # what is typed into the box is no shortcut
    assert page.input_value(BOX) == "0/9"


def test_on_a_phone_it_is_as_wide_as_the_page_and_what_it_finds_fits(site, sign_in):
    organization = make_organization("Acme Travel")
    Credential.objects.create(
        organization=organization, name="Orange FR", host="smpp.example.net", system_id="acme",
        password="s3cr3t!!", password_set_at=organization.created_at,
    )  # fmt: skip
    page = sign_in(width=400, height=800, timezone_id="Asia/Kolkata")
    box = page.locator(BOX).bounding_box()
    assert box and box["width"] > 300 and box["y"] < 150

    page.fill(BOX, "smpp.example")
    page.press(BOX, "Enter")

    page.get_by_role("link", name="Orange FR").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


def test_times_are_in_the_zone_of_the_browser(site, sign_in):
    make_organization("Acme Travel")
    page = sign_in(timezone_id="Asia/Kolkata")  # the page that tells the site the zone
    page.goto("/admin/accounts/organization/")
    shown = page.locator("time.oc-time small").first
    shown.wait_for()
    assert (shown.text_content() or "").endswith("UTC")
