"""Operators sign in at a provider of OpenID Connect that runs here; its claims give the roles."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from authlib.integrations.django_client.apps import DjangoOAuth2App
from django.test import Client
from oidc_provider_mock import User as Claimed
from oidc_provider_mock import run_server_in_thread

from orbit.accounts.models import AuditEvent, User
from orbit.api import throttling
from tests.factories import make_user
from tests.orbit.counters import Counters

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of the provider
]

START, DONE, HOME = "/admin/console/sign-in/", "/admin/console/sign-in/done/", "/admin/"
ADA = {"email": "ada@example.com", "email_verified": True, "groups": ["sms-admins", "others"]}
PEOPLE = {
    "ada": ADA,
    "root": {**ADA, "email": "root@example.com", "groups": "sms-root"},
    "stranger": {**ADA, "email": "stranger@example.com", "groups": ["others"]},
    "unsure": {**ADA, "email": "unsure@example.com", "email_verified": False},
    "nameless": {"groups": ["sms-admins"]},
}


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    people = [Claimed(sub=sub, claims=claims) for sub, claims in PEOPLE.items()]
    with run_server_in_thread(user_claims=people, require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def sign_in(issuer: str, settings) -> Callable[..., Client]:
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID = issuer, "orbit"
    settings.OIDC_CLIENT_SECRET = "a-secret-of-the-client"
    settings.OIDC_ROLES = {"sms-admins": "Admin", "sms-root": "Superuser", "others": "Nobody"}

    def go(sub: str, client: Client | None = None) -> Client:
        client = client or Client()
        client.answer = client.get(back_from(client, sub))
        return client

    return go


def back_from(client: Client, sub: str) -> str:
    """Sign in at the provider; the path and query with which it sends the browser back."""
    there = client.get(START)["Location"]
    answer = requests.post(there, data={"sub": sub}, allow_redirects=False, timeout=10)
    back = urlsplit(answer.headers["Location"])
    assert back.path == DONE
    return f"{back.path}?{back.query}"


def failures() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action="session.login_failed"))


def test_the_sign_in_page_leads_there(sign_in, settings):
    assert START in Client().get("/admin/login/").text
    settings.OIDC_ISSUER = ""
    assert START not in Client().get("/admin/login/").text


def test_a_new_operator_gets_the_roles_of_the_claim(sign_in):
    client = sign_in("ada")

    assert client.get(HOME).status_code == 200
    ada = User.objects.get(email="ada@example.com")
    assert [group.name for group in ada.groups.all()] == ["Admin"]
    assert (ada.is_staff, ada.is_superuser, ada.has_usable_password()) == (True, False, False)
    actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"user.created", "session.login"} <= actions


def test_what_the_claim_no_longer_gives_is_lost(sign_in):
    make_user("ada@example.com", is_staff=True, is_superuser=True)

    sign_in("ada")

    assert not User.objects.get(email="ada@example.com").is_superuser
    assert AuditEvent.objects.get(action="user.changed").changes == ["is_superuser", "groups"]


def test_a_superuser_is_one_by_the_claim(sign_in):
    sign_in("root")
    assert User.objects.get(email="root@example.com").is_superuser


@pytest.mark.parametrize("sub", ["stranger", "unsure", "nameless"])
def test_who_has_no_role_or_no_verified_address_stays_outside(sign_in, sub):
    client = sign_in(sub)

    assert client.get(HOME).status_code == 302
    assert not User.objects.exists()
    assert len(failures()) == 1


def test_who_has_lost_all_roles_keeps_none_here(sign_in):
    """Else the password, or a session that is open, would go on with them."""
    there = sign_in("ada")
    make_user("stranger@example.com", is_staff=True, is_superuser=True)
    sign_in("stranger")

    gone = User.objects.get(email="stranger@example.com")
    assert (gone.is_staff, gone.is_superuser) == (False, False)
    changed = AuditEvent.objects.get(action="user.changed", target="stranger@example.com")
    assert changed.changes == ["is_staff", "is_superuser"]
    assert there.get(HOME).status_code == 200, "others go on"


def test_an_account_that_is_switched_off_stays_off(sign_in):
    make_user("ada@example.com", is_active=False)
    assert sign_in("ada").get(HOME).status_code == 302


def test_a_sign_in_of_another_browser_is_refused(sign_in):
    thief, victim = Client(), Client()
    back = back_from(thief, "ada")

    victim.get(back)

    assert victim.get(HOME).status_code == 302
    assert len(failures()) == 1


def test_a_code_is_good_once(sign_in):
    client = Client()
    back = back_from(client, "ada")
    client.get(back)
    client.post("/admin/logout/")

    client.get(back)

    assert client.get(HOME).status_code == 302


@pytest.mark.parametrize("query", [{}, {"error": "access_denied"}, {"code": "x", "state": "%00"}])
def test_nonsense_from_the_provider_is_refused(sign_in, query):
    client = Client()
    assert client.get(f"{DONE}?{urlencode(query)}").status_code == 302
    assert client.get(HOME).status_code == 302


def test_a_second_factor_is_the_providers_affair(sign_in, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    assert sign_in("ada").get(HOME).status_code == 200


def test_a_provider_that_is_down_is_said(settings):
    settings.OIDC_ISSUER = "http://127.0.0.1:9"
    answer = Client().get(START, follow=True)
    assert "reached" in answer.text


def test_strangers_begin_only_so_many(sign_in, issuer, settings, monkeypatch):
    """Each asks the provider, and keeps a session."""
    monkeypatch.setattr(throttling, "_spend", Counters().ask)
    settings.LOGIN_RATE_LIMIT = "2/300"

    went = [Client().get(START)["Location"] for _ in range(3)]

    assert [there.startswith(issuer) for there in went] == [True, True, False]


def test_without_a_provider_there_is_no_such_page(settings):
    settings.OIDC_ISSUER = ""
    assert [Client().get(path).status_code for path in (START, DONE)] == [404, 404]


def sign_off(client: Client) -> str:
    return client.post("/admin/logout/").text


def test_who_signs_off_is_led_to_the_provider_to_sign_off_there(sign_in, issuer):
    client = sign_in("ada")
    token = client.session["single_sign_on"]

    page = html.unescape(sign_off(client))

    (there,) = set(re.findall(r'(?:url=|href=")(http[^"]+end_session[^"]+)"', page))
    asked = parse_qs(urlsplit(there).query)
    assert there.startswith(f"{issuer}/")
    assert asked["id_token_hint"] == [token]
    assert asked["post_logout_redirect_uri"] == ["http://testserver/admin/login/"]
    assert asked["client_id"] == ["orbit"]
    assert client.get(HOME).status_code == 302


def test_who_signed_in_with_a_password_is_led_nowhere(sign_in, db):
    person = make_user("bob@example.com", is_staff=True)
    client = Client()
    client.force_login(person)
    assert "end_session" not in sign_off(client)


def test_signing_off_here_does_not_wait_for_a_provider_that_is_down(sign_in, settings):
    client = sign_in("ada")
    settings.OIDC_ISSUER = "http://127.0.0.1:9"
    assert "refresh" not in sign_off(client)
    assert client.get(HOME).status_code == 302


def test_a_provider_without_an_address_for_it_is_left_alone(sign_in, monkeypatch):
    client = sign_in("ada")
    known = DjangoOAuth2App.load_server_metadata

    def without(app):
        return {k: v for k, v in known(app).items() if k != "end_session_endpoint"}

    monkeypatch.setattr(DjangoOAuth2App, "load_server_metadata", without)
    assert "refresh" not in sign_off(client)
    assert client.get(HOME).status_code == 302
