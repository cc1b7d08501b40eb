"""Passkeys in a browser, with an authenticator that Chrome's own protocol makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from orbit.accounts.models import Passkey
from tests.e2e.console.conftest import PATIENCE
from tests.e2e.console.test_every_page import unseen
from tests.factories import PASSWORD

pytestmark = pytest.mark.stack

expect.set_options(timeout=PATIENCE)
OWN, ASKED_FOR = "/admin/console/second-factor/set-up/", "/admin/accounts/user/"


@dataclass
class Device:
    """An authenticator with a screen lock, of one page of the browser."""

    protocol: CDPSession
    id: str

    @classmethod
    def beside(cls, page: Page) -> Device:
        protocol = page.context.new_cdp_session(page)
        protocol.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        made = protocol.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        return cls(protocol, made["authenticatorId"])

    def send(self, command: str, **arguments: Any) -> dict[str, Any]:
        return self.protocol.send(f"WebAuthn.{command}", {"authenticatorId": self.id, **arguments})

    def credential(self) -> dict[str, Any]:
        (only,) = self.send("getCredentials")["credentials"]
        return only


@pytest.fixture
def page(site, sign_in) -> Page:
    """Signed in by password, at the address that SITE_URL names."""
    return sign_in(base_url=site.named_url)


def add(page: Page, name: str) -> None:
    page.goto(OWN)
    page.fill("#id_name", name)
    page.fill("#id_own_password", PASSWORD)
    page.get_by_role("button", name="Add a passkey").click()


def leave(page: Page) -> None:
    page.context.clear_cookies()
    page.goto(ASKED_FOR)


def sign_in_without_password(page: Page) -> None:
    page.get_by_role("button", name="Sign in with a passkey").click()


def fault(page: Page):
    return page.get_by_role("alert").first


def test_a_passkey_is_added_and_proves_the_second_factor(page):
    Device.beside(page)
    add(page, "Laptop")
    expect(page.locator(".oc-codes")).to_be_visible()
    page.goto(OWN)
    expect(page.locator(".oc-table")).to_contain_text("Laptop")
    assert unseen(page) == []

    leave(page)
    page.fill("#id_username", Passkey.objects.get().user.email)
    page.fill("#id_password", PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/second-factor/**")
    assert unseen(page) == []
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(ASKED_FOR)


def test_a_passkey_signs_in_without_a_password_until_it_is_removed(page):
    Device.beside(page)
    add(page, "Laptop")
    expect(page.locator(".oc-codes")).to_be_visible()

    leave(page)
    assert unseen(page) == []
    sign_in_without_password(page)
    page.wait_for_url(ASKED_FOR)

    page.goto(OWN)
    page.get_by_role("link", name="Remove").click()
    page.fill("#id_own_password", PASSWORD)
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("The passkey Laptop is removed")).to_be_visible()
    leave(page)
    sign_in_without_password(page)
    expect(page.get_by_text("This passkey is not known here")).to_be_visible()


def test_without_its_screen_lock_it_signs_nobody_in(page):
    device = Device.beside(page)
    add(page, "Laptop")
    expect(page.locator(".oc-codes")).to_be_visible()
    leave(page)
    device.send("setUserVerified", isUserVerified=False)

    sign_in_without_password(page)

    expect(fault(page)).to_contain_text("cancelled")
    page.goto("/admin/")
    expect(page.locator("#id_username")).to_be_visible()


def test_a_copy_of_a_passkey_switches_it_off(page):
    device = Device.beside(page)
    add(page, "Laptop")
    expect(page.locator(".oc-codes")).to_be_visible()
    copy = device.credential()
    leave(page)
    sign_in_without_password(page)
    page.wait_for_url(ASKED_FOR)

    device.send("removeCredential", credentialId=copy["credentialId"])
    device.send("addCredential", credential=copy)
    leave(page)
    sign_in_without_password(page)

    expect(page.get_by_text("there may be a copy")).to_be_visible()
    assert Passkey.objects.get().copied_at is not None


def test_a_wrong_password_leaves_nothing_on_the_device(page):
    device = Device.beside(page)
    page.goto(OWN)
    page.fill("#id_name", "Laptop")
    page.fill("#id_own_password", "wrong")
    # The answer is a 400, which the browser's console would show, and the test refuses.
    page.route("**/passkeys/options/", lambda route: _as_200(route))
    page.get_by_role("button", name="Add a passkey").click()

    expect(fault(page)).to_contain_text("not your password")
    assert device.send("getCredentials")["credentials"] == []


def _as_200(route) -> None:
    answer = route.fetch()
    route.fulfill(status=200, content_type="application/json", body=answer.text())


def test_at_another_address_it_says_where_they_work(site, sign_in):
    page = sign_in()  # at an IP address
    add(page, "Laptop")
    expect(fault(page)).to_contain_text(site.named_url)
