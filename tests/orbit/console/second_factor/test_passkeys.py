"""Passkeys as a second factor: added, asked for, removed; and what is refused."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from fido2 import cbor
from fido2.utils import websafe_encode

from orbit.accounts.models import AuditEvent, Passkey, RecoveryCode, User
from tests.factories import PASSWORD, make_user
from tests.orbit.console.second_factor.authenticator import (
    ADD,
    FLAG,
    HOME,
    PROVE,
    SET_UP,
    SIGN_IN,
    Authenticator,
    Browser,
)

pytestmark = pytest.mark.django_db
ASK = "/admin/console/second-factor/"
CODE = re.compile(r"\b[A-Z2-7]{16}\b")


def outcomes(action: str) -> list[str]:
    return [event.outcome for event in AuditEvent.objects.filter(action=action).order_by("seq")]


def log_in(person: User, **body: str):
    body = {"email": person.email, "password": PASSWORD} | body
    return Client().post("/v1/auth/login", body, content_type="application/json")


def test_it_is_added_under_a_name_and_opens_the_console(person):
    browser = Browser(person)
    assert len(CODE.findall(browser.add("Work phone").text)) == 10
    assert browser.is_inside()
    assert "Work phone" in browser.get(SET_UP).text
    added = AuditEvent.objects.get(action="user.passkey_added")
    assert (added.target, added.detail) == (person.email, "Work phone")

    later = Browser(person, browser.authenticator)
    assert later.get(HOME)["Location"].startswith(f"{ASK}?next=")
    assert "Use a passkey" in later.get(ASK).text
    assert later.prove(next="/admin/accounts/user/")["Location"] == "/admin/accounts/user/"
    assert later.is_inside()
    assert outcomes("session.second_factor") == ["ok"]


def test_several_are_listed_each_with_a_name_of_its_own(person, phone):
    browser = Browser(person, phone)
    browser.prove()
    browser.authenticator = Authenticator()
    browser.add("Key on my ring")

    page = browser.get(SET_UP).text
    assert "Phone" in page
    assert "Key on my ring" in page
    assert Browser(person, browser.authenticator).prove()["Location"] == HOME


def test_the_own_password_comes_before_anything_is_made(person):
    answer = Browser(person).post(f"{ADD}options/", {"name": "Phone", "own_password": "wrong"})
    assert (answer.status_code, answer.json()) == (400, {"error": "This is not your password."})
    assert "passkey_challenge" not in answer.cookies


def test_the_same_authenticator_is_not_asked_for_a_second_key(person, phone):
    browser = Browser(person, phone)
    browser.prove()
    options = browser.options(ADD, name="Again", own_password=PASSWORD)
    named = [each["id"] for each in options["excludeCredentials"]]
    assert named == [websafe_encode(phone.credential_id)]


def test_a_key_that_somebody_has_is_not_taken_for_another(person, phone):
    other = Browser(make_user("bob@example.com", is_staff=True), phone)
    other.add()
    assert "is here already" in other.get(SET_UP).text
    assert Passkey.objects.get().user == person


def test_an_algorithm_that_nobody_can_check_is_refused(person):
    browser = Browser(person)
    browser.authenticator.algorithm = -65535  # RSA with SHA-1
    browser.add()
    assert not Passkey.objects.exists()


def test_a_person_has_no_more_than_allowed(person, phone, settings):
    settings.PASSKEYS_PER_PERSON = 1
    browser = Browser(person, phone)
    browser.prove()
    answer = browser.options(ADD, name="Second", own_password=PASSWORD)
    assert "no more are allowed" in answer["error"]


def test_an_answer_is_good_once(person, phone):
    browser = Browser(person, phone)
    answer = phone.get(browser.options(PROVE))
    cookie = browser.cookies["passkey_challenge"].value
    phone_of_thief = Browser(person)
    phone_of_thief.cookies["passkey_challenge"] = cookie

    assert browser.send(PROVE, answer)["Location"] == HOME
    Passkey.objects.update(sign_count=0)  # as if it did not count
    phone_of_thief.send(PROVE, answer)
    assert not phone_of_thief.is_inside()


def test_an_answer_that_comes_late_is_refused(person, phone, settings):
    browser = Browser(person, phone)
    answer = phone.get(browser.options(PROVE))
    late = timezone.now() + timedelta(seconds=settings.PASSKEY_CHALLENGE_SECONDS + 1)
    with time_machine.travel(late, tick=False):
        browser.send(PROVE, answer)
        assert not browser.is_inside()


def test_a_challenge_is_one_browsers_and_for_one_purpose(person, phone):
    browser, other = Browser(person, phone), Browser(person, phone)
    answer = phone.get(browser.options(PROVE))
    other.send(PROVE, answer)
    assert not other.is_inside()

    # A sign-in's has no person: it is not taken for that of one who has given their password.
    stranger = Browser()
    answer = phone.get(stranger.options(SIGN_IN))
    other.cookies["passkey_challenge"] = stranger.cookies["passkey_challenge"].value
    other.send(PROVE, answer)
    assert not other.is_inside()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("origin", "https://sms.example.com"),  # without the port
        ("origin", "https://evil.example"),
        ("rp_id", "example.com"),
        ("flags", FLAG.UV),  # nobody was there
        ("user_handle", websafe_encode(b"999999")),
    ],
)
def test_what_was_signed_for_somebody_else_is_refused(person, phone, name, value):
    setattr(phone, name, value)
    browser = Browser(person, phone)
    browser.prove()
    assert not browser.is_inside()
    assert outcomes("session.second_factor") == ["refused"]


def test_a_passkey_of_another_person_proves_nothing(person, phone):
    bob = make_user("bob@example.com", is_staff=True)
    Browser(bob).add()
    thief = Browser(bob, phone)
    thief.prove()
    assert not thief.is_inside()


def test_a_signature_of_another_key_is_refused(person, phone):
    forged = Authenticator()
    forged.credential_id, forged.user_handle = phone.credential_id, phone.user_handle
    browser = Browser(person, forged)
    browser.prove()
    assert not browser.is_inside()
    assert Passkey.objects.get().copied_at is None


def test_a_counter_that_goes_back_switches_the_passkey_off(person, phone):
    first = Browser(person, phone)
    first.prove()
    assert first.is_inside()
    phone.counter -= 1  # a copy, that has not seen this

    copy = Browser(person, phone)
    copy.prove()
    assert not copy.is_inside()
    assert not first.is_inside()  # nor is the password alone enough now
    phone.counter += 100
    again = Browser(person, phone)
    again.prove()
    assert not again.is_inside()
    assert "may be a copy" in AuditEvent.objects.filter(outcome="refused").first().detail


def test_an_authenticator_that_does_not_count_goes_on(person):
    browser = Browser(person, Authenticator(step=0))
    browser.add()
    for _ in range(2):
        later = Browser(person, browser.authenticator)
        later.prove()
        assert later.is_inside()


def test_it_is_removed_with_the_own_password(person, phone):
    browser = Browser(person, phone)
    browser.prove()
    page = f"{ADD}{Passkey.objects.get().pk}/remove/"
    assert browser.get(page).status_code == 200
    browser.post(page, {"own_password": "wrong"})
    assert Passkey.objects.exists()

    browser.post(page, {"own_password": PASSWORD})

    assert not Passkey.objects.exists()
    assert not RecoveryCode.left(person).exists()  # it was the last second factor
    assert AuditEvent.objects.get(action="user.passkey_removed").detail == "Phone"
    assert Browser(person).is_inside()


def test_nobody_removes_that_of_another(person, phone):
    other = Browser(make_user("bob@example.com", is_staff=True, is_superuser=True))
    page = f"{ADD}{Passkey.objects.get().pk}/remove/"
    assert other.post(page, {"own_password": PASSWORD}).status_code == 404
    assert Passkey.objects.exists()


def test_it_is_enough_where_a_second_factor_is_required(person, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    browser = Browser(person)
    assert browser.get(HOME)["Location"].startswith(f"{SET_UP}?next=")
    browser.add()
    assert browser.is_inside()


def test_a_recovery_code_stands_for_it_in_console_and_api(person):
    codes = CODE.findall(Browser(person).add().text)
    assert log_in(person).status_code == 401
    assert log_in(person, code=codes[0]).status_code == 200

    browser = Browser(person)
    assert "Recovery code" in browser.get(ASK).text
    assert browser.post(ASK, {"code": codes[0]}).status_code == 200  # it is used up
    assert browser.post(ASK, {"code": codes[1]}).status_code == 302
    assert browser.is_inside()


def test_new_recovery_codes_replace_those_that_are_left(person):
    browser = Browser(person)
    old = CODE.findall(browser.add().text)
    renew = f"{SET_UP}codes/"
    assert browser.post(renew, {"own_password": "wrong"}).status_code == 302
    new = CODE.findall(browser.post(renew, {"own_password": PASSWORD}).text)

    assert (len(new), RecoveryCode.left(person).count()) == (10, 10)
    assert log_in(person, code=old[0]).status_code == 401
    assert log_in(person, code=new[0]).status_code == 200


def test_who_lost_everything_gets_it_taken_away_by_a_command(person, phone):
    call_command("remove_second_factor", person.email)
    assert Browser(person).is_inside()


@pytest.mark.parametrize("path", [ADD, PROVE, SIGN_IN])
@pytest.mark.parametrize(
    "answer",
    [
        "",
        "[]",
        "{}",
        "[" * 5000,
        '{"id": 1, "rawId": 1}',
        '{"rawId": "\\u0000", "id": "\\ud800"}',
        json.dumps({"rawId": "AAAA", "id": "AAAA", "type": "public-key", "response": {}}),
        "x" * 40_000,
    ],
)
def test_nonsense_is_refused(person, path, answer):
    browser = Browser(person)
    browser.options(path, name="Phone", own_password=PASSWORD)
    got = browser.post(path, {"name": "Phone", "answer": answer})
    assert got.status_code == 302
    assert not Passkey.objects.exists()


def test_hostile_cbor_is_refused(person, phone):
    browser = Browser(person, phone)
    answer = phone.get(browser.options(PROVE))
    nested = b"\x81" * 5000 + cbor.encode(0)
    data = bytes(32) + bytes([FLAG.UP | FLAG.ED]) + bytes(4) + nested
    answer["response"]["authenticatorData"] = websafe_encode(data)
    assert browser.send(PROVE, answer).status_code == 302
    assert not browser.is_inside()


def test_a_passkey_without_a_name_is_not_begun(person):
    browser = Browser(person)
    assert "error" in browser.options(ADD, name=" ", own_password=PASSWORD)
    assert "passkey_challenge" not in browser.cookies
