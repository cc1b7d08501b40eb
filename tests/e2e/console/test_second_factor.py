"""A second factor set up and asked for in a browser."""

from __future__ import annotations

import base64

import pytest
from django_otp.oath import TOTP
from playwright.sync_api import Page, expect

from orbit.accounts.models import Authenticator
from tests.e2e.console.conftest import PATIENCE
from tests.factories import PASSWORD

pytestmark = pytest.mark.stack

expect.set_options(timeout=PATIENCE)


def code(*, later: int) -> str:
    row = Authenticator.objects.get()
    return f"{TOTP(base64.b32decode(row.secret), drift=later).token():06}"


def test_it_is_set_up_and_asked_for(site, sign_in, open_page):
    page: Page = sign_in()
    page.goto("/admin/console/second-factor/set-up/")
    expect(page.locator("svg path").first).to_be_attached()
    page.fill("#id_own_password", PASSWORD)
    page.fill("#id_code", code(later=0))
    page.get_by_role("button", name="Use it").click()
    expect(page.locator(".oc-codes")).to_be_visible()

    person = Authenticator.objects.get().user
    other = open_page()
    other.goto("/admin/accounts/user/")
    other.fill("#id_username", person.email)
    other.fill("#id_password", PASSWORD)
    other.get_by_role("button", name="Log in").click()
    other.wait_for_url("**/second-factor/**")
    other.fill("#id_code", code(later=1))
    other.get_by_role("button", name="Go on").click()
    other.wait_for_url("**/admin/accounts/user/")
