"""A passkey signs in without a password, in the place of both factors."""

from __future__ import annotations

import pytest

from orbit.accounts.models import AuditEvent, BrowserSession, LoginAddress, Passkey
from orbit.accounts.second_factor import relying_party
from tests.orbit.console.second_factor.authenticator import (
    FLAG,
    HOME,
    LOGIN,
    SET_UP,
    SIGN_IN,
    Browser,
)

pytestmark = pytest.mark.django_db


def test_it_opens_the_console_and_is_audited(person, phone):
    BrowserSession.objects.all().delete()
    LoginAddress.objects.all().delete()
    browser = Browser(authenticator=phone)

    assert browser.sign_in(next="/admin/accounts/user/")["Location"] == "/admin/accounts/user/"

    assert browser.is_inside()
    assert BrowserSession.objects.get().user == person
    assert LoginAddress.objects.get().user == person
    event = AuditEvent.objects.filter(action="session.login").order_by("-seq").first()
    assert (event.target, event.detail) == (person.email, "console, passkey Phone")


def test_no_stranger_is_the_next_page(phone):
    assert Browser(authenticator=phone).sign_in(next="//evil.example/")["Location"] == HOME


def test_the_options_name_nobody(phone):
    options = Browser().options(SIGN_IN)
    assert options.get("allowCredentials", []) == []
    assert (options["rpId"], options["userVerification"]) == ("sms.example.com", "required")


def test_without_a_pin_or_a_finger_it_is_a_second_factor_only(person, phone):
    phone.flags = FLAG.UP
    stranger = Browser(authenticator=phone)
    assert stranger.sign_in()["Location"].startswith(LOGIN)
    assert not stranger.is_inside()

    browser = Browser(person, phone)
    browser.prove()
    assert browser.is_inside()


def test_an_answer_signs_in_once(phone):
    browser, thief = Browser(authenticator=phone), Browser()
    answer = phone.get(browser.options(SIGN_IN))
    thief.cookies["passkey_challenge"] = browser.cookies["passkey_challenge"].value
    browser.send(SIGN_IN, answer)
    assert browser.is_inside()

    Passkey.objects.update(sign_count=0)
    thief.send(SIGN_IN, answer)
    assert not thief.is_inside()


@pytest.mark.parametrize("change", ["is_active", "is_staff", "password"])
def test_who_may_not_come_in_does_not(person, phone, change):
    if change == "password":
        person.set_unusable_password()  # the provider of single sign-on decides
    else:
        setattr(person, change, False)
    person.save()
    browser = Browser(authenticator=phone)
    browser.sign_in()
    assert not browser.is_inside()
    assert AuditEvent.objects.filter(action="session.login_failed").count() == 1


def test_a_passkey_that_was_removed_is_not_known(phone):
    Passkey.objects.all().delete()
    browser = Browser(authenticator=phone)
    assert "may have been removed" in browser.get(browser.sign_in()["Location"]).text


def test_who_has_no_password_here_gets_no_passkey(person):
    browser = Browser(person)
    person.set_unusable_password()
    person.save()
    browser.force_login(person)
    assert "provider that signs you in" in browser.get(SET_UP).text
    assert "error" in browser.options(f"{SET_UP}passkeys/", name="Phone", own_password="x")


@pytest.mark.parametrize(
    ("site", "name", "origin"),
    [
        ("https://sms.example.com", "sms.example.com", "https://sms.example.com"),
        ("https://SMS.example.com:443/", "sms.example.com", "https://sms.example.com"),
        ("https://sms.example.com:8443/x", "sms.example.com", "https://sms.example.com:8443"),
        ("https://smß.example", "xn--sm-hia.example", "https://xn--sm-hia.example"),
        ("http://localhost:8000", "localhost", "http://localhost:8000"),
        ("http://sms.example.com", "", "http://sms.example.com"),
        ("https://\u2603.example", "", "https://\u2603.example"),  # no name that IDNA has
        ("https://192.0.2.1", "", "https://192.0.2.1"),
        ("http://127.0.0.1:8000", "", "http://127.0.0.1:8000"),
    ],
)
def test_name_and_origin_are_those_of_the_site(settings, site, name, origin):
    settings.SITE_URL = site
    assert (relying_party.name(), relying_party.origin()) == (name, origin)


def test_a_site_without_a_name_offers_none(person, settings):
    assert "Sign in with a passkey" in Browser().get(LOGIN).text
    browser = Browser(person)
    settings.SITE_URL = "http://127.0.0.1:8000"
    assert "Sign in with a passkey" not in Browser().get(LOGIN).text
    assert "need a SITE_URL" in browser.get(SET_UP).text
    assert "error" in browser.options(SIGN_IN)
