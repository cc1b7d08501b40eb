"""Operators sign in and off by OpenID Connect in a browser, at a provider that is a process."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from playwright.sync_api import Page, expect

from orbit.accounts.models import AuditEvent, User
from orbit.dev.stack import Stack
from orbit.dev.stack.processes import poll
from tests.e2e.console.conftest import PATIENCE
from tests.fixtures.site import READY, Site, environment

pytestmark = pytest.mark.stack

expect.set_options(timeout=PATIENCE)
DONE = "/admin/console/sign-in/done/"
STYLES = "https://cdn.jsdelivr.net/"  # of the provider's pages
GROUPS = {"ada": ["sms-admins", "others"], "stranger": ["others"]}


@pytest.fixture(scope="module")
def issuer(stack: Stack) -> Iterator[str]:
    port = stack.reserve_port()
    url = f"http://127.0.0.1:{port}"
    claims = [
        {"sub": sub, "email": f"{sub}@example.com", "email_verified": True, "groups": groups}
        for sub, groups in GROUPS.items()
    ]
    argv = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce"]
    argv += [f"--user-claims={json.dumps(each)}" for each in claims]
    env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    provider = stack.spawn("provider", argv, env=env)
    assert poll(lambda: answers(url), timeout=READY), "the provider does not answer"
    yield url
    provider.kill()


@pytest.fixture(scope="module")
def operators_site(django_db_setup: None, stack: Stack, issuer: str) -> Iterator[Site]:
    """Another gunicorn on the tests' database, with single sign-on."""
    settings = {
        "OIDC_ISSUER": issuer,
        "OIDC_CLIENT_ID": "orbit",
        "OIDC_CLIENT_SECRET": "a-secret-of-the-client",
        "OIDC_ROLES": "sms-admins=Admin",
    }
    site = Site(stack, "site-sso", environment(stack, "site-sso") | settings)
    site.start_web()
    yield site
    site.stop()


@pytest.fixture
def open_there(site, operators_site: Site, issuer: str, open_page) -> Callable[[], Page]:
    def make() -> Page:
        page = open_page(base_url=operators_site.base_url, besides=[issuer, STYLES])
        page.route(f"{STYLES}**", lambda route: route.fulfill(content_type="text/css", body=""))
        return page

    return make


def answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/.well-known/openid-configuration", timeout=5).ok
    except requests.ConnectionError:
        return False


def go_there(page: Page) -> dict[str, list[str]]:
    """To the provider's sign-in; what the site has asked it for."""
    page.goto("/admin/login/")
    page.get_by_role("link", name="Single sign-on").click()
    page.wait_for_url("**/oauth2/authorize**")
    return parse_qs(urlsplit(page.url).query)


def be(page: Page, sub: str) -> None:
    page.get_by_role("button", name=sub, exact=True).click()


def failures() -> int:
    return AuditEvent.objects.filter(action="session.login_failed").count()


def is_outside(page: Page) -> bool:
    page.goto("/admin/")
    return page.locator("#id_username").is_visible()


def test_the_claim_gives_the_role(open_there):
    page = open_there()
    asked = go_there(page)
    assert asked["code_challenge_method"] == ["S256"]
    be(page, "ada")
    page.wait_for_selector("#nav-sidebar", state="attached")

    expect(page.locator("#nav-sidebar")).to_contain_text("Approvals")  # which Admins alone see
    ada = User.objects.get(email="ada@example.com")
    assert [group.name for group in ada.groups.all()] == ["Admin"]


def test_who_has_no_role_stays_outside(open_there):
    page = open_there()
    go_there(page)
    be(page, "stranger")

    expect(page.get_by_text("gives you no role")).to_be_visible()
    assert is_outside(page)
    assert not User.objects.exists()
    assert failures() == 1


def test_a_way_back_is_good_once_and_in_its_own_browser(open_there):
    thief, owner = open_there(), open_there()
    ways_back: list[str] = []
    owner.on("request", lambda sent: ways_back.append(sent.url) if DONE in sent.url else None)
    go_there(owner)
    be(owner, "ada")
    owner.wait_for_selector("#nav-sidebar", state="attached")

    thief.goto(ways_back[0])
    expect(thief.get_by_text("did not work")).to_be_visible()
    assert is_outside(thief)

    owner.context.clear_cookies()
    owner.goto(ways_back[0])
    expect(owner.get_by_text("did not work")).to_be_visible()
    assert is_outside(owner)
    assert failures() == 2


def test_a_code_of_another_sign_in_is_refused_by_its_nonce(open_there):
    """The state is the browser's own, and the code is right: another one's."""
    thief, victim = open_there(), open_there()
    go_there(thief)
    # Not in the browser, which would hand the code in.
    answer = requests.post(thief.url, data={"sub": "ada"}, allow_redirects=False, timeout=30)
    code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
    state = go_there(victim)["state"][0]

    victim.goto(f"{DONE}?{urlencode({'code': code, 'state': state})}")

    expect(victim.get_by_text("did not work")).to_be_visible()
    assert is_outside(victim)
    assert not User.objects.exists()


def test_who_signs_off_signs_off_at_the_provider_too(open_there, issuer):
    page = open_there()
    go_there(page)
    be(page, "ada")
    page.wait_for_selector("#nav-sidebar", state="attached")

    page.locator("#logout-form").first.evaluate("form => form.submit()")

    page.wait_for_url(f"{issuer}/oauth2/end_session**")
    asked = parse_qs(urlsplit(page.url).query)
    assert asked["client_id"] == ["orbit"]
    assert len(asked["id_token_hint"][0].split(".")) == 3
    page.get_by_role("button", name="End session").click()
    page.wait_for_url("/admin/login/**")
    assert is_outside(page)
    assert AuditEvent.objects.filter(action="session.logout").count() == 1
