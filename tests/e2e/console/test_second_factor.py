"""An authenticator app set up and asked for in a browser."""

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


def give_password(page: Page) -> None:
    page.goto("/admin/accounts/user/")
    page.fill("#id_username", Authenticator.objects.get().user.email)
    page.fill("#id_password", PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/second-factor/**")


def give_code(page: Page, said: str) -> None:
    page.fill("#id_code", said)
    page.get_by_role("button", name="Go on").click()


def test_it_is_set_up_and_asked_for(site, sign_in, open_page):
    page: Page = sign_in()
    page.goto("/admin/console/second-factor/set-up/")
    page.get_by_role("link", name="Set up an app").click()
    expect(page.locator("svg path").first).to_be_attached()
    page.fill("#id_own_password", PASSWORD)
    page.fill("#id_code", code(later=0))
    page.get_by_role("button", name="Use it").click()
    recovery_code = page.locator(".oc-codes").inner_text().split()[0]

    other = open_page()
    give_password(other)
    give_code(other, code(later=1))
    other.wait_for_url("/admin/accounts/user/")

    # Neither a wrong code opens it, nor the address of a page typed in its place.
    third = open_page()
    give_password(third)
    give_code(third, "nonsense")
    expect(third.get_by_text("The code is wrong")).to_be_visible()
    third.goto("/admin/")
    third.wait_for_url("**/second-factor/**")
    give_code(third, recovery_code)
    third.wait_for_url("/admin/")
